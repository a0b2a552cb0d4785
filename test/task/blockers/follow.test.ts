import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commit } from '../../../src/event/log.ts';
import { uidOf } from '../../../src/ids.ts';
import { BLOCKER_RECOUNT, followBlockers } from '../../../src/task/blockers/follow.ts';
import { recountBlocked } from '../../../src/task/blockers/kind.ts';
import { jobSource } from '../../../src/work/job/jobs.ts';
import { Settled } from '../../../src/work/outcome.ts';
import { Worker } from '../../../src/work/worker.ts';
import type { NotificationKind } from '../../generated/graphql.ts';
import { boardOf, plantPipeline } from '../../pipeline/board.ts';
import { recordsOf } from '../../record/room.ts';
import { nameOf } from '../../support/gateway.ts';
import { bulkOf } from '../bulk/asked.ts';
import { meanwhile } from '../retention/room.ts';
import { type Known, useWorld } from '../world.ts';
import { granted, writesOf } from '../writes.ts';
import { type Blockers, blockersOf } from './asked.ts';

// What becomes of those who wait when something becomes of what they wait for.

const world = useWorld();
let admin: Blockers;
let member: Blockers;
let ada: bigint;
let max: bigint;
let [a, b, c, d] = ['', '', '', ''];
let account: Known;

beforeAll(async () => {
  admin = blockersOf(world(), world().admin);
  member = blockersOf(world(), world().member);
  [ada, max] = [await world().idOf(world().admin), await world().idOf(world().member)];
});

beforeEach(async () => {
  const where = { organizationId: world().organization.id };
  await world().prisma.taskBlocker.deleteMany({ where });
  await world().prisma.notification.deleteMany({ where });
  await world().clear();
  account = await world().record('ACCOUNT');
  // Of one record, so that it can be deleted; `d` beside it.
  const linked = { accountId: account.id, assigneeId: max };
  const made = await world().tasks([linked, linked, linked, { assigneeId: max }]);
  [a, b, c, d] = made.map(({ key }) => key) as [string, string, string, string];
});

const writes = () => writesOf(world(), world().admin);
const told = async () => (await member.told()).map(({ kind, taskId }) => [kind, taskId]);
const unblocked = (...ids: string[]) => ids.map((id): [NotificationKind, string] => ['TASK_UNBLOCKED', id]);
const changesOf = async (id: string) => (await admin.history(id)).map(({ kind, changes }) => [kind, changes]);
const row = async (id: string) => {
  const where = { organizationId: world().organization.id, uid: uidOf('Task', id) as string };
  return world().prisma.task.findFirstOrThrow({ where });
};

describe('a task is blocked until its last blocker', () => {
  it('is completed, which its assignee is told, and the log, and no version [THENA-T28] [THENA-T31]', async () => {
    await admin.added(d, a, b);
    const before = await admin.read(d);
    granted(await writes().complete(a));
    expect(await admin.read(d)).toEqual(before);
    expect(await told()).toEqual([['TASK_COMPLETED', a]]);
    granted(await writes().complete(b));
    const { version, updatedAt, isBlocked } = await admin.read(d);
    expect({ version, updatedAt, isBlocked }).toEqual({
      ...{ version: before.version, updatedAt: before.updatedAt, isBlocked: false },
    });
    expect((await changesOf(d))[0]).toEqual(['TASK_UPDATED', [{ field: 'isBlocked', from: true, to: false }]]);
    expect((await admin.history(d))[0]?.actor.id).toBe(world().admin.userId);
    expect((await told()).slice(0, 1)).toEqual(unblocked(d));
    expect(await admin.listed(true)).toEqual([]);
    // Each time it was a single thing.
    expect((await member.told()).map(({ batchId }) => batchId)).toEqual([null, null, null]);
  });

  it('is cancelled or deleted, of which nobody is told, or is no blocker any more', async () => {
    await admin.added(d, a, b, c);
    granted(await writes().update(a, { status: 'CANCELLED' }));
    granted(await writes().remove(b));
    expect(await admin.isBlocked(d)).toEqual([true]);
    granted(await admin.remove(d, c));
    expect(await admin.isBlocked(d)).toEqual([false]);
    await admin.added(d, c);
    granted(await writes().remove(c));
    expect(await admin.isBlocked(d)).toEqual([false]);
    expect(await told()).toEqual([]);
  });

  it('and again when one is opened or restored', async () => {
    await admin.added(d, a, b);
    granted(await writes().complete(a));
    granted(await writes().remove(b));
    const { reopen, restore } = boardOf(world(), world().admin);
    granted(await reopen(a));
    expect((await changesOf(d))[0]).toEqual(['TASK_UPDATED', [{ field: 'isBlocked', from: false, to: true }]]);
    granted(await writes().complete(a));
    granted(await restore(b));
    expect(await admin.isBlocked(d)).toEqual([true]);
    granted(await writes().update(b, { status: 'CANCELLED' }));
    granted(await writes().update(b, { status: 'ON_HOLD' }));
    expect(await admin.isBlocked(d)).toEqual([true]);
  });

  it('goes through the doors of a pipeline', async () => {
    const pipeline = await plantPipeline(world());
    const { update, move } = boardOf(world(), world().admin);
    await admin.added(d, a);
    granted(await update(a, { pipelineId: pipeline.id }));
    granted(await move(a, pipeline.stages[1]));
    expect(await admin.isBlocked(d)).toEqual([true]);
    granted(await move(a, pipeline.stages[3]));
    expect(await admin.isBlocked(d)).toEqual([false]);
    granted(await move(a, pipeline.stages[0]));
    expect(await admin.isBlocked(d)).toEqual([true]);
  });

  it('goes with its record, and comes back with it', async () => {
    await admin.added(d, a, b);
    await admin.added(c, a);
    const records = recordsOf(world(), world().admin);
    await records.remove('ACCOUNT', account.key);
    expect(await admin.isBlocked(d, c)).toEqual([false, false]);
    // What is in the bin is told of too, beside what else became of it.
    expect((await changesOf(c))[0]?.[0]).toBe('TASK_DELETED');
    expect((await changesOf(c))[1]).toEqual(['TASK_UPDATED', [{ field: 'isBlocked', from: true, to: false }]]);
    await records.restore('ACCOUNT', account.key);
    expect(await admin.isBlocked(d, c)).toEqual([true, true]);
  });

  it('and completing it completes nobody who waits', async () => {
    await admin.added(b, a);
    await admin.added(c, b);
    granted(await writes().complete(a));
    expect(await admin.isBlocked(b, c)).toEqual([false, true]);
  });
});

describe('of the end of its waiting hears', () => {
  it('not whoever ended it, nor anyone where nobody is assigned, or the task is done with', async () => {
    const [own, nobodys, done, binned] = (
      await world().tasks([{ assigneeId: ada }, {}, { assigneeId: max, status: 'COMPLETED' }, { assigneeId: max }])
    ).map(({ key }) => key) as [string, string, string, string];
    for (const id of [own, nobodys, done, binned, d]) await admin.added(id, a);
    granted(await writes().remove(binned));
    granted(await writes().complete(a));
    expect((await told()).toSorted()).toEqual([['TASK_COMPLETED', a], ...unblocked(d)]);
    expect(await admin.told()).toEqual([]);
    expect(await admin.isBlocked(own, nobodys, done, d)).toEqual([false, false, false, false]);
    expect((await row(binned)).openBlockers).toBe(0);
  });

  it('nobody who has muted that', async () => {
    await admin.added(d, a);
    const where = { organizationId_userId: { organizationId: world().organization.id, userId: max } };
    const mute = (mutedKinds: NotificationKind[]) => world().prisma.membership.update({ where, data: { mutedKinds } });
    await mute(['TASK_UNBLOCKED']);
    granted(await writes().complete(a));
    await mute([]);
    expect(await told()).toEqual([['TASK_COMPLETED', a]]);
    expect(await admin.isBlocked(d)).toEqual([false]);
  });

  it('everyone at once when many are completed at once, tied together, those aside that are completed with them', async () => {
    const [e] = (await world().tasks([{ assigneeId: max }])).map(({ key }) => key) as [string];
    await admin.added(b, a);
    await admin.added(d, a, b);
    await admin.added(e, b);
    const filter = { id: { in: [a, b] } };
    const bulk = await bulkOf(world(), world().admin).update({ filter, set: { isComplete: true } });
    expect(bulk.updatedCount).toBe(2);
    const all = await member.told();
    const those = all.filter(({ kind }) => kind === 'TASK_UNBLOCKED');
    expect(those.map(({ taskId }) => taskId).toSorted()).toEqual([d, e].toSorted());
    expect(new Set(all.map(({ batchId }) => batchId))).toEqual(new Set([bulk.batchId]));
    // In the order of kinds, and all of it beside one another.
    expect((await changesOf(b)).slice(0, 2)).toEqual([
      ['TASK_COMPLETED', expect.anything()],
      ['TASK_UPDATED', [{ field: 'isBlocked', from: true, to: false }]],
    ]);
  });
});

describe('what is told of one completion is tied together', () => {
  const batches = async () => new Set((await member.told()).map(({ kind, batchId }) => `${kind} ${batchId}`));

  it('where several are not blocked any more: they and what was completed', async () => {
    for (const id of [c, d]) await admin.added(id, a);
    granted(await writes().complete(a));
    const [{ batchId } = { batchId: null }] = await member.told();
    expect(batchId).toMatch(/^[0-9A-Z]{26}$/);
    expect(await batches()).toEqual(new Set([`TASK_UNBLOCKED ${batchId}`, `TASK_COMPLETED ${batchId}`]));
    expect((await told()).toSorted()).toEqual([['TASK_COMPLETED', a], ...unblocked(c, d)].toSorted());
  });

  it('and not where one is, and others are blocked still', async () => {
    for (const id of [c, d]) await admin.added(id, a);
    await admin.added(c, b);
    granted(await writes().complete(a));
    expect((await told()).toSorted()).toEqual([['TASK_COMPLETED', a], ...unblocked(d)].toSorted());
    expect(await batches()).toEqual(new Set(['TASK_UNBLOCKED null', 'TASK_COMPLETED null']));
  });
});

describe('whoever waits costs', () => {
  const sentBy = async (work: () => Promise<unknown>) => {
    const { statements } = world().gateway;
    statements.length = 0;
    await work();
    return statements.map(({ text }) => nameOf(text)).filter((name) => name.startsWith('blocker.'));
  };

  it('nothing where no task turns, a statement where nobody waits, three where many do', async () => {
    expect(await sentBy(() => writes().update(a, { title: 'x', status: 'ON_HOLD', priority: 'HIGH' }))).toEqual([]);
    expect(await sentBy(() => writes().complete(a))).toEqual(['blocker.dependants']);
    const three = ['blocker.dependants', 'blocker.holdFree', 'blocker.recount'];
    await admin.added(c, b);
    await admin.added(d, b);
    expect(await sentBy(() => writes().complete(b))).toEqual(three);
    await admin.added(d, c);
    const filter = { id: { in: [a, b, c] } };
    const set = { isComplete: false };
    expect(await sentBy(() => bulkOf(world(), world().admin).update({ filter, set }))).toEqual(three);
    expect(await admin.isBlocked(a, b, c, d)).toEqual([false, false, true, true]);
  });
});

describe('where more wait than one transaction takes', () => {
  it('a job goes on with the rest, batch by batch, and does nothing twice', async () => {
    const { prisma, organization, gateway } = world();
    const { id: organizationId } = organization;
    const { runtime } = gateway.app;
    const waiting = await world().tasks(Array.from({ length: 7 }, () => ({ assigneeId: max })));
    for (const { key } of waiting) await admin.added(key, a);
    const blocked = () => admin.isBlocked(...waiting.map(({ key }) => key));
    const { id, uid } = await row(a);
    const subject = { type: 'TASK', id, uid } as const;
    const changes = [{ field: 'status', from: 'PENDING', to: 'COMPLETED' }];
    const actor = { organizationId, userId: ada, kind: 'USER' } as const;
    await commit({ ...runtime, consequences: [followBlockers(runtime, 3)] }, actor, new Date(), async (tx) => {
      const data = { status: 'COMPLETED', completedAt: new Date(), completedById: ada } as const;
      await tx.prisma.task.update({ where: { organizationId_id: { organizationId, id } }, data });
      return { ok: true, value: null, events: [{ kind: 'TASK_COMPLETED', subject, changes }] };
    });
    expect(await blocked()).toEqual([false, false, false, true, true, true, true]);

    const job = await prisma.job.findFirstOrThrow({ where: { organizationId, kind: BLOCKER_RECOUNT } });
    const kept: { payload: unknown; isDone: boolean } = { payload: job.payload, isDone: false };
    const run = () =>
      recountBlocked(3).run(runtime, {
        ...{ organizationId, key: job.key, payload: kept.payload, attempt: 1, signal: new AbortController().signal },
        done: async () => {
          kept.isDone = true;
          return new Settled(null);
        },
        again: async (_tx, _due, payload) => {
          kept.payload = payload;
          return new Settled(null);
        },
      });
    await run();
    expect({ blocked: await blocked(), isDone: kept.isDone }).toEqual({
      ...{ blocked: [false, false, false, false, false, false, true], isDone: false },
    });
    await run();
    expect({ blocked: await blocked(), isDone: kept.isDone }).toEqual({
      blocked: waiting.map(() => false),
      isDone: true,
    });
    kept.payload = job.payload;
    await run();
    const all = await member.told();
    expect(all.map(({ kind, taskId }) => [kind, taskId]).toSorted()).toEqual(
      unblocked(...waiting.map(({ key }) => key)).toSorted(),
    );
    expect(new Set(all.map(({ batchId, actor }) => `${batchId} ${actor.id}`)).size).toBe(1);
    await prisma.job.deleteMany({ where: { organizationId, kind: BLOCKER_RECOUNT } });
  });
});

/** Has a worker count what a write left to it, since somebody else was writing to it at that moment. */
async function workedOff() {
  const { runtime } = world().gateway.app;
  const where = { organizationId: world().organization.id, kind: BLOCKER_RECOUNT };
  if ((await world().prisma.job.count({ where })) === 0) return;
  const worker = new Worker(runtime, [jobSource(runtime, [recountBlocked()])], { pollMs: 50 });
  worker.start();
  try {
    await expect.poll(() => world().prisma.job.count({ where }), { timeout: 10_000, interval: 10 }).toBe(0);
  } finally {
    await worker.stop(0);
  }
}

describe('at the same time', () => {
  it('two who would close a circle together: one of them is refused', async () => {
    await admin.added(b, a);
    await admin.added(d, c);
    for (let round = 0; round < 5; round += 1) {
      // They share no task: nothing but the lock on all blockers has one wait for the other.
      const answers = await Promise.all([admin.add(a, d), member.add(c, b)]);
      expect(answers.flatMap(({ errors }) => errors.map(({ code }) => code))).toEqual(['INVALID']);
      await Promise.all([admin.remove(a, d), admin.remove(c, b)]);
    }
  });

  it('one who adds a blocker waits for whoever adds another, and sees it', async () => {
    await admin.added(b, a);
    await admin.added(d, c);
    const [waiting, blocker] = [await row(c), await row(b)];
    const answer = await meanwhile(
      world(),
      [
        `SELECT pg_advisory_xact_lock(hashtextextended('task.blockers', $1::bigint))`,
        'INSERT INTO task_blocker (organization_id, task_id, blocker_id) VALUES ($1, $2, $3)',
      ],
      [world().organization.id, waiting.id, blocker.id],
      () => admin.add(a, d),
    );
    expect((answer as Awaited<ReturnType<Blockers['add']>>).errors.map(({ message }) => message)).toEqual([
      `Blockers cannot go round in a circle: ${[d, c, b, a].join(', which is blocked by ')}.`,
    ]);
  });

  it('two who complete a blocker each: the later one tells that it was the last', async () => {
    for (let round = 0; round < 5; round += 1) {
      await world().prisma.notification.deleteMany({ where: { organizationId: world().organization.id } });
      await admin.added(d, a, b);
      await Promise.all([writes().complete(a), writes().complete(b)]);
      await workedOff();
      expect(await admin.isBlocked(d)).toEqual([false]);
      expect((await told()).filter(([kind]) => kind === 'TASK_UNBLOCKED')).toEqual(unblocked(d));
      const { reopen } = boardOf(world(), world().admin);
      await Promise.all([reopen(a), reopen(b)]);
      await workedOff();
      expect(await admin.isBlocked(d)).toEqual([true]);
    }
  });

  it('whoever completes a task waits for nobody who writes to one that waits for it: a worker counts that then', async () => {
    await admin.added(d, a);
    const { prisma, organization } = world();
    await prisma.$transaction(async (tx) => {
      const hold = '/* test.hold */ SELECT 1 FROM task WHERE organization_id = $1 AND uid = $2 FOR NO KEY UPDATE';
      await tx.$queryRawUnsafe(hold, organization.id, uidOf('Task', d));
      granted(await writes().complete(a));
    });
    expect(await admin.isBlocked(d)).toEqual([true]);
    await workedOff();
    expect(await admin.isBlocked(d)).toEqual([false]);
    expect((await told()).filter(([kind]) => kind === 'TASK_UNBLOCKED')).toEqual(unblocked(d));
    expect((await member.told()).map(({ batchId }) => batchId)).toEqual([null, null]);
  });

  it('and that is counted in the end, however often it has failed', async () => {
    await admin.added(d, a);
    const { prisma, organization, gateway } = world();
    const where = { organizationId: organization.id };
    await prisma.$transaction(async (tx) => {
      const hold = '/* test.hold */ SELECT 1 FROM task WHERE organization_id = $1 AND uid = $2 FOR NO KEY UPDATE';
      await tx.$queryRawUnsafe(hold, organization.id, uidOf('Task', d));
      granted(await writes().complete(a));
    });
    const job = { ...where, kind: BLOCKER_RECOUNT };
    await prisma.job.updateMany({ where: job, data: { attempts: 4 } });
    const broken = { ...gateway.app.runtime, consequences: [() => Promise.reject(new Error('on purpose'))] };
    const worker = new Worker(broken, [jobSource(broken, [recountBlocked()])], { pollMs: 50 });
    worker.start();
    const failed = () => prisma.job.findMany({ where: job, select: { state: true, attempts: true, errorCode: true } });
    await expect.poll(failed).toEqual([{ state: 'SCHEDULED', attempts: 5, errorCode: 'INTERNAL' }]);
    await worker.stop(0);
    expect(await admin.isBlocked(d)).toEqual([true]);
    // The next attempt's time has come.
    await prisma.job.updateMany({ where: job, data: { dueAt: new Date(0) } });
    await prisma.organizationWork.updateMany({ where, data: { nextDueAt: new Date(0) } });
    await workedOff();
    expect(await admin.isBlocked(d)).toEqual([false]);
  });

  it('one who completes a task as it becomes a blocker: it does not block for good', async () => {
    const { reopen } = boardOf(world(), world().admin);
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([writes().complete(a), member.add(d, a)]);
      await workedOff();
      expect(await admin.isBlocked(d)).toEqual([false]);
      await Promise.all([reopen(a), member.remove(d, a)]);
      await workedOff();
      expect(await admin.isBlocked(d)).toEqual([false]);
    }
  });

  it('those who complete one another’s neighbours: all of it is done', async () => {
    // a blocks b, b blocks c: whoever has a and c wants b, whoever has b wants c.
    await admin.added(b, a);
    await admin.added(c, b);
    const bulk = (caller: typeof admin, ids: string[], isComplete: boolean) =>
      bulkOf(world(), caller === admin ? world().admin : world().member).update({
        filter: { id: { in: ids } },
        set: { isComplete },
      });
    for (const isComplete of [true, false]) {
      const done = await Promise.all([bulk(admin, [a, c], isComplete), bulk(member, [b], isComplete)]);
      expect(done.flatMap(({ errors }) => errors)).toEqual([]);
      await workedOff();
      expect(await admin.isBlocked(a, b, c)).toEqual([false, !isComplete, !isComplete]);
    }
  });
});
