import pg from 'pg';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeDueTasks } from '../../../src/opportunity/due/kind.ts';
import { OPPORTUNITY_DUE, untilNextRun } from '../../../src/opportunity/due/rules.ts';
import { makeDue } from '../../../src/opportunity/due/service.ts';
import type { Runtime } from '../../../src/runtime.ts';
import { jobSource } from '../../../src/work/job/jobs.ts';
import type { Kind } from '../../../src/work/kind.ts';
import { schedule } from '../../../src/work/service.ts';
import { Worker } from '../../../src/work/worker.ts';
import { told as logged } from '../../record/room.ts';
import { granted, writesOf } from '../../task/writes.ts';
import { useDeals, ZONE } from './deals.ts';

const { clock, reset, world, records, tasks, day, deal, change, told, morning } = useDeals();
const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop(0)));
  reset();
});
const runtime = (): Runtime => world().gateway.app.runtime;
const organizationId = () => world().organization.id;

/** So many open opportunities of one owner that are due today, put there by SQL. */
async function plant(count: number, of = world().organization): Promise<void> {
  const ownerId = of.id === organizationId() ? await world().idOf(world().member) : null;
  await world().prisma.$executeRawUnsafe(
    `INSERT INTO opportunity (organization_id, uid, name, owner_id, close_date, creator_id, created_at, updated_at)
     SELECT $1::bigint, lpad($1::bigint::text || 'O' || n || 'T' || clock_timestamp()::text, 26, '0'), 'Deal ' || n, $2::bigint,
       $3::date, $4::bigint, now(), now() FROM generate_series(1, $5::int) n`,
    of.id,
    ownerId,
    day(0),
    of.assistantId,
    count,
  );
}
const forget = async () => {
  await world().clear();
  await world().prisma.opportunity.deleteMany({ where: { organizationId: organizationId() } });
};
/** How many tasks there are of how many opportunities, and how many of these are remembered. */
async function made(of = organizationId()) {
  const where = { organizationId: of };
  const found = await world().prisma.task.findMany({ where: { ...where, kind: 'OPPORTUNITY_DUE' } });
  const remembered = await world().prisma.opportunity.count({ where: { ...where, dueTaskFor: new Date(day(0)) } });
  return [found.length, new Set(found.map(({ opportunityId }) => opportunityId)).size, remembered];
}

const work = (kind: Kind): Worker => {
  const worker = new Worker(runtime(), [jobSource(runtime(), [kind])], { pollMs: 50 });
  workers.push(worker);
  worker.start();
  return worker;
};
const dueNow = () =>
  runtime().db.transaction(organizationId(), async (tx) =>
    schedule(runtime(), tx, { kind: OPPORTUNITY_DUE, due: { inMs: 0 } }),
  );
const job = async (of = organizationId()) => {
  const [row] = await world().prisma.$queryRawUnsafe<{ inMs: number; attempts: number; lease: string | null }[]>(
    `SELECT (EXTRACT(epoch FROM due_at - now()) * 1000)::float8 AS "inMs", attempts, lease FROM job
     WHERE organization_id = $1 AND kind = 'opportunity.due' AND key = ''`,
    of,
  );
  return row;
};
const waits = () => expect.poll(async () => (await job())?.inMs, { timeout: 10_000 }).toBeGreaterThan(60_000);

/** A morning that has to wait for what somebody changes of a row. */
async function behind(change: string, id: string): Promise<void> {
  const person = new pg.Client({ connectionString: world().gateway.database.url });
  await person.connect();
  try {
    await person.query('BEGIN');
    await person.query(change, [id.split('_')[1]]);
    const done = morning();
    const waiting = `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(async () => (await person.query(waiting)).rows[0].count).toBe(1);
    await person.query('COMMIT');
    await done;
  } finally {
    await person.end();
  }
}

/** So many tasks that are open again although their opportunities are to close today, having been done for another day. */
async function plantReopened(count: number): Promise<void> {
  await plant(count);
  await morning();
  const { prisma } = world();
  const where = { organizationId: organizationId() };
  await prisma.task.updateMany({ where, data: { dueOn: new Date(day(-1)) } });
  await prisma.opportunity.updateMany({ where, data: { dueTaskFor: null } });
}

beforeAll(forget);
afterEach(forget);

describe('the daily job', () => {
  it('makes the task of what closes today or was to close, and of nothing else [CLOSE-22]', async () => {
    const today = await deal({ closeDate: day(1) });
    const late = await deal({ closeDate: day(1) });
    const later = await deal({ closeDate: day(2) });
    const won = await deal({ closeDate: day(1), status: 'WON' });
    const binned = await deal({ closeDate: day(1) });
    await records().remove('OPPORTUNITY', binned);
    await deal({});
    clock.now = new Date('2026-03-11T05:00:00Z');
    const events = await logged(world(), () => morning());
    expect(events.map(({ kind, actorId }) => [kind, actorId])).toEqual(
      [0, 1].map(() => ['TASK_CREATED', world().organization.assistantId]),
    );
    const all = [today, late, later, won, binned];
    expect(await Promise.all(all.map(told))).toEqual([['PENDING 2026-03-11'], ['PENDING 2026-03-11'], [], [], []]);
    clock.now = new Date('2026-03-14T05:00:00Z');
    await morning();
    expect(await told(later)).toEqual(['PENDING 2026-03-12']);
    await records().restore('OPPORTUNITY', binned);
    await morning();
    expect(await told(binned)).toEqual(['PENDING 2026-03-11']);
  });

  it('tells the assignee, as the assistant', async () => {
    await deal({ closeDate: day(1), ownerId: world().member.userId });
    clock.now = new Date('2026-03-11T05:00:00Z');
    await morning();
    const where = { organizationId: organizationId(), userId: await world().idOf(world().member) };
    const notification = await world().prisma.notification.findFirst({ where, orderBy: { seq: 'desc' } });
    expect(notification).toMatchObject({ kind: 'TASK_ASSIGNED', actorId: world().organization.assistantId });
    expect(notification?.createdAt).toEqual(clock.now);
  });

  it('makes none again of what was completed, deleted, cancelled or dated otherwise', async () => {
    const writes = writesOf(world(), world().admin);
    const ids = await Promise.all([1, 2, 3, 4].map(() => deal({ closeDate: day(0) })));
    const [completed, removed, redated] = (await Promise.all(ids.map((id) => tasks(id)))).map(([task]) => task?.id);
    await writes.complete(completed as string);
    await writes.remove(removed as string);
    granted(await writes.update(redated as string, { date: '2027-01-01' }));
    for (const at of ['2026-03-11T05:00:00Z', '2026-03-12T05:00:00Z']) {
      clock.now = new Date(at);
      await morning();
    }
    expect(await Promise.all(ids.map(told))).toEqual([
      ['COMPLETED 2026-03-10'],
      [],
      ['PENDING 2027-01-01'],
      ['PENDING 2026-03-10'],
    ]);
  });

  it('moves an old one that someone has opened again, where its close date comes', async () => {
    const writes = writesOf(world(), world().admin);
    const id = await deal({ closeDate: day(0) });
    const [task] = await tasks(id);
    await writes.complete(task?.id as string);
    await change(id, { closeDate: day(1) });
    granted(await writes.update(task?.id as string, { isComplete: false }));
    clock.now = new Date('2026-03-11T05:00:00Z');
    await morning();
    await morning();
    expect(await told(id)).toEqual(['PENDING 2026-03-11']);
  });

  it('moves one that someone opens again at the same moment', async () => {
    const writes = writesOf(world(), world().admin);
    const id = await deal({ closeDate: day(0) });
    const [task] = await tasks(id);
    await writes.complete(task?.id as string);
    await change(id, { closeDate: day(1) });
    clock.now = new Date('2026-03-11T05:00:00Z');
    // It waits for the person, whose task it has not seen.
    const open = `UPDATE task SET status = 'PENDING', completed_at = NULL, completed_by_id = NULL WHERE uid = $1`;
    await behind(open, task?.id as string);
    expect(await told(id)).toEqual(['PENDING 2026-03-11']);
  });

  it('makes none of what is won while it waits for it', async () => {
    const id = await deal({ closeDate: day(1) });
    clock.now = new Date('2026-03-11T05:00:00Z');
    await behind(`UPDATE opportunity SET status = 'WON' WHERE uid = $1`, id);
    expect(await told(id)).toEqual([]);
  });

  it('is due next at 06:00 in the organization’s zone as it is by then', async () => {
    const where = { id: organizationId() };
    for (const [zone, now, hours] of [
      [ZONE, '2026-03-10T05:00:00Z', 24],
      // To the morning after the clocks were put forward, or back.
      [ZONE, '2026-03-28T05:00:00Z', 23],
      [ZONE, '2026-10-24T04:00:00Z', 25],
      ['America/St_Johns', '2026-03-07T09:30:00Z', 23],
      ['America/St_Johns', '2026-10-31T08:30:00Z', 25],
      ['Pacific/Kiritimati', '2026-03-10T05:00:00Z', 11],
    ] as const) {
      await world().prisma.organization.update({ where, data: { timeZone: zone } });
      clock.now = new Date(now);
      await dueNow();
      const worker = work(makeDueTasks);
      await waits();
      await worker.stop();
      const { inMs, attempts } = (await job()) as { inMs: number; attempts: number };
      expect(Math.abs(inMs - hours * 3_600_000), `${zone} ${now}`).toBeLessThan(10_000);
      expect(attempts).toBe(0);
    }
    await world().prisma.organization.update({ where, data: { timeZone: ZONE } });
  });

  it.each([
    ['Pacific/Kiritimati', '2026-03-09T16:00:00Z', '2026-03-10'],
    ['America/St_Johns', '2026-03-10T08:30:00Z', '2026-03-10'],
  ])('at 06:00 in %s makes what closes on that day there', async (zone, six, closeDate) => {
    const { gateway } = world();
    clock.now = new Date('2026-03-05T12:00:00Z');
    const organization = await gateway.organization('Elsewhere', zone);
    const planned = (await job(organization.id))?.inMs as number;
    expect(Math.abs(planned - untilNextRun(clock.now.getTime(), zone))).toBeLessThan(10_000);
    const ada = await gateway.member(organization, { email: `ada@${organization.id}.example` });
    const mutation = `mutation ($input: CreateOpportunityInput!) { createOpportunity(input: $input) { errors { code } } }`;
    for (const day of [closeDate, '2026-03-11'])
      await gateway.ask(ada, mutation, { input: { name: day, closeDate: day } });
    clock.now = new Date(six);
    expect(await makeDue(runtime(), organization.id, async (_tx, inMs) => inMs)).toBe(86_400_000);
    const query = '{ tasks(filter: { _type: { any: true } }) { nodes { date _type } } }';
    expect(await gateway.ask(ada, query)).toEqual({
      tasks: { nodes: [{ date: closeDate, _type: 'OPPORTUNITY_DUE' }] },
    });
  });
});

describe('many at once', () => {
  it('are made a batch a transaction, by as many statements however many there are', async () => {
    await plant(1_000);
    const sent = await world().gateway.statementsOf(() => morning());
    expect(await made()).toEqual([1_000, 1_000, 1_000]);
    expect(sent.filter((name) => name === 'event.append')).toHaveLength(2);
    const few = await (async () => {
      await forget();
      await plant(2);
      return world().gateway.statementsOf(() => morning());
    })();
    expect(few).toEqual([
      'organization.assistant',
      'BEGIN',
      'organization.timeZone',
      'opportunity.due',
      'opportunity.holdDue',
      'task.openDue',
      'organization.members',
      'organization.assistant',
      'INSERT task',
      'opportunity.remember',
      'event.append',
      'COMMIT',
    ]);
    expect(sent).toEqual([...few, ...few]);
  });

  it.each([1, 300])('are moved by as many statements, where %d of them have been opened again', async (count) => {
    await plantReopened(count);
    const sent = await world().gateway.statementsOf(() => morning());
    expect(sent.slice(sent.indexOf('task.openDue'))).toEqual([
      'task.openDue',
      'task.names',
      'organization.assistant',
      'task.writeAll',
      'opportunity.remember',
      'reminder.standing',
      'event.append',
      'COMMIT',
    ]);
    expect(await made()).toEqual([count, count, count]);
    const where = { organizationId: organizationId(), dueOn: new Date(day(0)), version: 2 };
    expect(await world().prisma.task.count({ where })).toBe(count);
  });

  it('are made once, though two make them at the same time', async () => {
    await plant(60);
    await Promise.all([morning(7), morning(7), morning(60)]);
    expect(await made()).toEqual([60, 60, 60]);
  });

  it('are made once by two workers', async () => {
    await plant(60);
    const small: Kind = {
      ...makeDueTasks,
      run: (runtime, job) => makeDue(runtime, job.organizationId, (tx, inMs) => job.again(tx, { inMs }, {}), 9),
    };
    await dueNow();
    work(small);
    work(small);
    await waits();
    expect(await made()).toEqual([60, 60, 60]);
  });

  it('are made once, though the worker dies before a batch is committed', async () => {
    await plant(30);
    let batches = 0;
    const dying: Kind = {
      ...makeDueTasks,
      run: (runtime, job) =>
        makeDue(
          runtime,
          job.organizationId,
          async (tx, inMs) => {
            const settled = await job.again(tx, { inMs }, {});
            batches += 1;
            if (batches === 2) throw new Error('killed');
            return settled;
          },
          10,
        ),
    };
    await dueNow();
    work(dying);
    await expect.poll(async () => [batches, (await job())?.lease]).toEqual([2, null]);
    expect(await made()).toEqual([10, 10, 10]);
    // Tried again before its time.
    await dueNow();
    await waits();
    expect(await made()).toEqual([30, 30, 30]);
    expect(batches).toBe(4);
  });

  it('of another organization are left alone', async () => {
    await plant(3, world().other.organization);
    await morning();
    expect(await made(world().other.organization.id)).toEqual([0, 0, 0]);
    await makeDue(runtime(), world().other.organization.id, async () => null);
    expect((await made(world().other.organization.id)).slice(0, 2)).toEqual([3, 3]);
  });

  it('are made beside the edits of people, and each once', async () => {
    await plant(40);
    const rows = await world().prisma.opportunity.findMany({ where: { organizationId: organizationId() } });
    const edits = rows
      .slice(0, 20)
      .map(({ uid }, n) => change(`opp_${uid}`, n % 2 ? { name: 'x' } : { closeDate: day(-1) }));
    await Promise.all([...edits, morning(8)]);
    await morning();
    expect((await made()).slice(0, 2)).toEqual([40, 40]);
  });
});

// The last one: from here on the gateway's own worker runs.
it('is among what a gateway works off', async () => {
  const id = await deal({ closeDate: day(1) });
  clock.now = new Date('2026-03-11T05:00:00Z');
  await dueNow();
  world().gateway.app.work();
  await expect.poll(() => told(id)).toEqual(['PENDING 2026-03-11']);
});
