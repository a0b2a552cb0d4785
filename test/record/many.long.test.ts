import { beforeEach, describe, expect, it } from 'vitest';
import { newUid } from '../../src/ids.ts';
import { carryOutDeletion } from '../../src/record/deletion/kind.ts';
import { relinkRecord } from '../../src/record/relink/kind.ts';
import { jobSource } from '../../src/work/job/jobs.ts';
import type { Job, Kind } from '../../src/work/kind.ts';
import { Worker, type WorkerOptions } from '../../src/work/worker.ts';
import { type Known, useWorld } from '../task/world.ts';
import { granted, plantActivity, recordsOf, told } from './room.ts';

// More belongs to a record than one transaction takes: 1,000 rows at once, the rest by a job.

const world = useWorld();
const records = () => recordsOf(world(), world().admin);
const where = () => ({ organizationId: world().organization.id });

/** Works until there is nothing left to do, and then stops. */
async function workedOff(
  kinds: readonly Kind[] = [carryOutDeletion, relinkRecord],
  options: Partial<WorkerOptions> = {},
) {
  const { runtime } = world().gateway.app;
  const worker = new Worker(runtime, [jobSource(runtime, kinds)], { pollMs: 50, ...options });
  worker.start();
  try {
    await expect.poll(jobs, { timeout: 15_000, interval: 20 }).toEqual([]);
  } finally {
    await worker.stop(0);
  }
}
const jobs = () =>
  world().prisma.job.findMany({ where: { ...where(), kind: { startsWith: 'record.' } }, orderBy: { id: 'asc' } });

/** So many tasks of a record, by SQL. */
const plantTasks = (count: number, type: string, links: string) =>
  world().prisma.$executeRawUnsafe(
    `INSERT INTO task (organization_id, uid, title, creator_id, timeline_at, created_at, updated_at, due_on, linked_type,
       account_id, contact_id, lead_id, opportunity_id)
     SELECT $1, lpad(nextval('task_id_seq')::text, 26, 'X'), 'T', $2, now(), now(), now(),
       CASE WHEN n % 2 = 0 THEN date '2026-01-01' END, '${type}'::record_type, ${links}
     FROM generate_series(1, $3::int) n`,
    world().organization.id,
    world().organization.assistantId,
    count,
  );

/** How many tasks there are of each standing. */
async function standing() {
  const rows = await world().prisma.task.groupBy({
    by: ['deletionId'],
    where: where(),
    _count: { _all: true },
    orderBy: { deletionId: 'asc' },
  });
  return rows.map(({ deletionId, _count }) => [deletionId === null ? 'there' : 'gone', _count._all]);
}

let account: Known;
let contact: Known;
beforeEach(async () => {
  await world().prisma.job.deleteMany({ where: { ...where(), kind: { startsWith: 'record.' } } });
  await world().prisma.task.deleteMany({ where: where() });
  await world().prisma.activity.deleteMany({ where: where() });
  account = await world().record('ACCOUNT');
  contact = await world().record('CONTACT', { accountId: account.id });
  await world().prisma.contact.updateMany({ where: where(), data: { firstName: 'Ada' } });
});

/** 1,200 tasks of an account and 1,100 of its contact. */
async function plant() {
  await plantTasks(1_200, 'ACCOUNT', `${account.id}, NULL, NULL, NULL`);
  await plantTasks(1_100, 'CONTACT', `${account.id}, ${contact.id}, NULL, NULL`);
  await plantActivity(world(), 'ACCOUNT', { accountId: account.id });
}
const remove = async () => granted(await records().remove('ACCOUNT', account.key));
const restore = async () => granted(await records().restore('ACCOUNT', account.key));
const kinds = (events: Awaited<ReturnType<typeof told>>) =>
  Object.fromEntries([...Map.groupBy(events, ({ kind }) => kind)].map(([kind, all]) => [kind, all.length]));

/** A kind that does `before` ahead of its attempts, the first of which is 1. */
const interrupted = (before: (job: Job, attempt: number) => Promise<void> | void): Kind => {
  let attempts = 0;
  return {
    ...carryOutDeletion,
    run: async (runtime, job) => {
      attempts += 1;
      await before(job, attempts);
      return carryOutDeletion.run(runtime, job);
    },
  };
};

describe('an account of 2,300 tasks', () => {
  it('is deleted at once, and its tasks 1,000 a transaction, by whoever deleted it', async () => {
    await plant();
    const events = await told(world(), async () => {
      expect(await remove()).toMatchObject({ deletedAt: expect.any(String) });
      expect(await standing()).toEqual([
        ['gone', 998],
        ['there', 1_302],
      ]);
      expect(await jobs()).toMatchObject([{ kind: 'record.deletion', key: account.uid }]);
      await workedOff();
    });
    expect(await standing()).toEqual([['gone', 2_300]]);
    expect(kinds(events)).toEqual({ RECORD_DELETED: 2, TASK_DELETED: 2_300, ACTIVITY_DELETED: 1 });
    expect(new Set(events.map(({ actorId }) => actorId))).toEqual(new Set([await world().idOf(world().admin)]));
    const whole = await world().prisma.task.groupBy({ by: ['deletedAt', 'isActive'], where: where() });
    expect(whole).toEqual([{ deletedAt: expect.any(Date), isActive: false }]);
  });

  it('comes back whole', async () => {
    await plant();
    await remove();
    await workedOff();
    const events = await told(world(), async () => {
      await restore();
      expect(await standing()).toEqual([
        ['gone', 1_302],
        ['there', 998],
      ]);
      await workedOff();
    });
    expect(await standing()).toEqual([['there', 2_300]]);
    expect(kinds(events)).toEqual({ RECORD_RESTORED: 2, TASK_RESTORED: 2_300, ACTIVITY_RESTORED: 1 });
  });

  it('comes back whole when it is restored while it is still being deleted', async () => {
    await plant();
    await remove();
    await workedOff([
      interrupted(async (_job, attempt) => {
        if (attempt === 2) await restore();
      }),
    ]);
    expect(await standing()).toEqual([['there', 2_300]]);
  });

  it('is gone when it is deleted again while it is still being restored, and then comes back whole', async () => {
    await plant();
    await remove();
    await workedOff();
    await restore();
    await workedOff([
      interrupted(async (_job, attempt) => {
        if (attempt === 1) await remove();
      }),
    ]);
    expect(await standing()).toEqual([['gone', 2_300]]);
    await restore();
    await workedOff();
    expect(await standing()).toEqual([['there', 2_300]]);
  });

  it('ends right however often it goes in and out before anything is carried out', async () => {
    await plant();
    for (let round = 0; round < 2; round += 1) {
      await remove();
      await restore();
    }
    await remove();
    await workedOff();
    expect(await standing()).toEqual([['gone', 2_300]]);
    for (let round = 0; round < 2; round += 1) {
      await restore();
      await remove();
    }
    await restore();
    await workedOff();
    expect(await standing()).toEqual([['there', 2_300]]);
  });

  it('brings a contact’s tasks back with the contact that was deleted by hand meanwhile', async () => {
    await plant();
    await remove();
    await workedOff();
    await restore();
    expect(granted(await records().remove('CONTACT', contact.key)).deletedAt).not.toBeNull();
    await workedOff();
    const ofContact = { ...where(), linkedType: 'CONTACT' } as const;
    expect(await world().prisma.task.count({ where: { ...ofContact, isActive: true } })).toBe(0);
    expect(await world().prisma.task.count({ where: { ...where(), linkedType: 'ACCOUNT', isActive: true } })).toBe(
      1_200,
    );
    await records().restore('CONTACT', contact.key);
    await workedOff();
    expect(await standing()).toEqual([['there', 2_300]]);
  });

  it('leaves to the bin what was deleted by hand before', async () => {
    await plant();
    const [first] = await world().prisma.task.findMany({ where: where(), take: 1 });
    await world().gateway.ask(
      world().admin,
      `mutation { deleteTask(input: { id: "task_${first?.uid}" }) { errors { message } } }`,
    );
    await remove();
    await workedOff();
    await restore();
    await workedOff();
    expect(await standing()).toEqual([
      ['gone', 1],
      ['there', 2_299],
    ]);
  });

  it('loses nothing and does nothing twice when a worker has lost its lease before it writes', async () => {
    await plant();
    const events = await told(world(), async () => {
      await remove();
      await workedOff(
        [
          interrupted(async (_job, attempt) => {
            if (attempt > 2) return;
            await world().prisma.$executeRawUnsafe(
              'UPDATE job SET lease = gen_random_uuid(), leased_until = now() WHERE lease IS NOT NULL',
            );
          }),
        ],
        { leaseMs: 500 },
      );
    });
    expect(await standing()).toEqual([['gone', 2_300]]);
    expect(kinds(events)).toEqual({ RECORD_DELETED: 2, TASK_DELETED: 2_300, ACTIVITY_DELETED: 1 });
  });
});

describe('a contact of 1,500 tasks', () => {
  it('takes them along to another account, each with its event, and again elsewhere meanwhile', async () => {
    const [other, third] = [await world().record('ACCOUNT'), await world().record('ACCOUNT')];
    await plantTasks(1_500, 'CONTACT', `${account.id}, ${contact.id}, NULL, NULL`);
    const move = async (to: Known) => granted(await records().update('CONTACT', contact.key, { accountId: to.key }));
    const of = async () => {
      const rows = await world().prisma.task.groupBy({ by: ['accountId'], where: where(), _count: { _all: true } });
      return new Map(rows.map(({ accountId, _count }) => [accountId, _count._all]));
    };
    const events = await told(world(), async () => {
      await move(other);
      expect(await of()).toEqual(
        new Map([
          [account.id, 500],
          [other.id, 1_000],
        ]),
      );
      await move(third);
      await workedOff();
    });
    expect(await of()).toEqual(new Map([[third.id, 1_500]]));
    const updates = events.filter(({ kind }) => kind === 'TASK_UPDATED');
    for (const { imageBefore, imageAfter, changes } of updates) {
      expect(changes).toMatchObject([{ field: 'accountId' }]);
      expect(imageAfter).toEqual({ ...imageBefore, account_id: imageAfter?.['account_id'] });
    }
    expect(updates.length).toBeGreaterThanOrEqual(2_000);
  });
});

describe('an opportunity of 1,100 activities', () => {
  it('gives all of them its lead, though one was waited for and is its own no more', async () => {
    const [lead, deal] = [await world().record('LEAD'), await world().record('OPPORTUNITY', { accountId: account.id })];
    const at = new Date('2026-01-01T00:00:00Z');
    await world().prisma.activity.createMany({
      data: Array.from({ length: 1_100 }, (_, minutes) => ({
        ...{ ...where(), uid: newUid(), creatorId: world().organization.assistantId, linkedType: 'OPPORTUNITY' },
        ...{
          accountId: account.id,
          opportunityId: deal.id,
          createdAt: at,
          updatedAt: at,
          duration: 5,
          location: 'Phone',
        },
        activityTimestamp: new Date(at.getTime() + minutes * 60_000),
      })),
    });
    const [first] = await world().prisma.activity.findMany({ where: where(), orderBy: { id: 'asc' }, take: 1 });
    const waiting = () =>
      world().prisma.$queryRawUnsafe<unknown[]>(
        `/* test.waiting */ SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
    let moved: Promise<unknown> | undefined;
    await world().prisma.$transaction(async (tx) => {
      await tx.activity.update({
        where: { organizationId_id: { ...where(), id: first?.id as bigint } },
        data: { linkedType: null, opportunityId: null },
      });
      moved = records().update('OPPORTUNITY', deal.key, { leadId: lead.key });
      await expect.poll(waiting, { timeout: 5_000 }).not.toEqual([]);
    });
    await moved;
    expect(await jobs()).toMatchObject([{ kind: 'record.relink' }]);
    await workedOff();
    expect(await world().prisma.activity.count({ where: { ...where(), leadId: lead.id } })).toBe(1_099);
  });
});

// Last in this file: the gateway's own worker would take the others' jobs.
describe('a lead of 1,100 tasks', () => {
  it('is converted at once, and its tasks gain the account 1,000 a transaction, each with its event', async () => {
    const lead = granted(await records().create('LEAD'));
    const { id: leadId } = await world().prisma.lead.findFirstOrThrow({
      where: { ...where(), uid: lead.id.split('_')[1] as string },
    });
    await plantTasks(1_100, 'LEAD', `NULL, NULL, ${leadId}, NULL`);
    const events = await told(world(), async () => {
      await world().gateway.ask(
        world().admin,
        'mutation ($id: ID!) { convertLead(input: { id: $id }) { errors { code } } }',
        { id: lead.id },
      );
      expect(await world().prisma.task.count({ where: { ...where(), accountId: null } })).toBe(100);
      await workedOff();
    });
    expect(kinds(events)).toEqual({ RECORD_CREATED: 2, RECORD_UPDATED: 1, TASK_UPDATED: 1_100 });
    const { convertedAccountId: accountId } = await world().prisma.lead.findFirstOrThrow({
      where: { ...where(), id: leadId },
    });
    expect(await world().prisma.task.count({ where: { ...where(), accountId } })).toBe(1_100);
  });
});

describe('a lead from which 1,100 opportunities came', () => {
  it('is converted at once, and they and their tasks come to the account 1,000 rows a transaction', async () => {
    const lead = granted(await records().create('LEAD'));
    const { id: leadId } = await world().prisma.lead.findFirstOrThrow({
      where: { ...where(), uid: lead.id.split('_')[1] as string },
    });
    await world().prisma.$executeRawUnsafe(
      `INSERT INTO opportunity (organization_id, uid, name, lead_id, creator_id, created_at, updated_at)
       SELECT $1, lpad('D' || n, 26, '0'), 'Deal', $2, $3, now(), now() FROM generate_series(1, 1100) n`,
      where().organizationId,
      leadId,
      world().organization.assistantId,
    );
    const ofLead = { ...where(), leadId };
    const { id: dealId } = await world().prisma.opportunity.findFirstOrThrow({
      where: ofLead,
      orderBy: { id: 'desc' },
    });
    await plantTasks(1_100, 'OPPORTUNITY', `NULL, NULL, ${leadId}, ${dealId}`);
    const events = await told(world(), async () => {
      const convert = 'mutation ($id: ID!) { convertLead(input: { id: $id }) { errors { code } } }';
      await world().gateway.ask(world().admin, convert, { id: lead.id });
      expect(await world().prisma.opportunity.count({ where: { ...ofLead, accountId: null } })).toBe(100);
      await workedOff();
    });
    expect(kinds(events)).toEqual({ RECORD_CREATED: 2, RECORD_UPDATED: 1_101, TASK_UPDATED: 1_100 });
    const { convertedAccountId: accountId, convertedContactId: contactId } = await world().prisma.lead.findFirstOrThrow(
      { where: { ...where(), id: leadId } },
    );
    const there = { ...ofLead, accountId };
    expect(await world().prisma.opportunity.count({ where: { ...there, contactId, version: 2 } })).toBe(1_100);
    expect(await world().prisma.task.count({ where: there })).toBe(1_100);
  });
});

it('is worked off by the gateway itself', async () => {
  await plantTasks(1_100, 'CONTACT', `${account.id}, ${contact.id}, NULL, NULL`);
  await records().update('CONTACT', contact.key, { accountId: null });
  await records().remove('CONTACT', contact.key);
  expect(await jobs()).toMatchObject([{ kind: 'record.relink' }, { kind: 'record.deletion' }]);
  world().gateway.app.work();
  await expect.poll(jobs, { timeout: 15_000 }).toEqual([]);
  expect(await standing()).toEqual([['gone', 1_100]]);
  expect(await world().prisma.task.count({ where: { ...where(), accountId: null } })).toBe(1_100);
});
