import { afterEach, describe, expect, it } from 'vitest';
import { newUid } from '../../../src/ids.ts';
import { retainTasks } from '../../../src/task/retention/kind.ts';
import type { Kind } from '../../../src/work/kind.ts';
import { nameOf } from '../../support/gateway.ts';
import { KINDS } from '../arbitrary.ts';
import { type Known, useWorld } from '../world.ts';
import { written } from '../writes.ts';
import {
  type Aged,
  daysAgo,
  eventsAfter,
  lastSeq,
  left,
  meanwhile,
  plantAged,
  retained,
  step,
  worked,
} from './room.ts';

const world = useWorld();
const organizationId = () => world().organization.id;
const setting = (taskRetentionDays: number | null) =>
  world().prisma.organization.update({ where: { id: organizationId() }, data: { taskRetentionDays } });
const retain = async (rows: readonly Aged[]) => {
  const tasks = await plantAged(world(), rows);
  await retained(world());
  return left(world(), tasks);
};

afterEach(async () => {
  await setting(30);
  for (const organization of [world().organization, world().other.organization]) {
    const where = { organizationId: organization.id };
    await world().prisma.taskEmail.deleteMany({ where });
    await world().prisma.task.deleteMany({ where });
    await world().prisma.activity.deleteMany({ where });
  }
});

describe('retention deletes', () => {
  it('complete tasks of every kind but LEAD, thirty days after their completion [CLOSE-04]', async () => {
    const gone = await retain(KINDS.map((kind) => ({ kind, completed: 30.001 })));
    expect(KINDS.filter((_, index) => gone[index])).toEqual(['LEAD']);
    expect(await retain(KINDS.map((kind) => ({ kind, completed: 29.999 })))).toEqual(KINDS.map(() => true));
  });

  it('nothing that is open, however old it is', async () => {
    expect(await retain(KINDS.map((kind) => ({ kind })))).toEqual(KINDS.map(() => true));
  });

  it('what has been in the bin for ninety days, of every kind, complete or not', async () => {
    const old = KINDS.flatMap((kind): Aged[] => [
      { kind, deleted: 90.001 },
      { kind: 'LEAD', completed: 200, deleted: 90.001 },
    ]);
    expect(new Set(await retain(old))).toEqual(new Set([false]));
    const young = KINDS.flatMap((kind): Aged[] => [
      { kind, deleted: 89.999 },
      { kind, completed: 1, deleted: 40 },
    ]);
    expect(new Set(await retain(young))).toEqual(new Set([true]));
  });

  it('what is in the bin and complete by whichever comes first', async () => {
    expect(
      await retain([
        { completed: 31, deleted: 1 },
        { completed: 95, deleted: 91 },
      ]),
    ).toEqual([false, false]);
  });

  it('after as many days as the organization says, and never when it says none', async () => {
    const rows = [
      { completed: 10.001 },
      { completed: 9.999 },
      { completed: 5_000 },
      { completed: 40_000, deleted: 91 },
    ];
    await setting(10);
    expect(await retain(rows)).toEqual([false, true, false, false]);
    await setting(null);
    expect(await retain(rows)).toEqual([true, true, true, false]);
    await setting(36_500);
    expect(await retain(rows.slice(0, 3))).toEqual([true, true, true]);
  });

  it('no row of a queue: those go with their queue', async () => {
    const rows: Aged[] = [
      { isQueueRow: true, completed: 100 },
      { isQueueRow: true, deleted: 100 },
    ];
    expect(await retain(rows.map((row) => ({ ...row, kind: 'LEAD' })))).toEqual([true, true]);
  });

  it('nothing of another organization', async () => {
    const theirs = await plantAged(world(), [{ completed: 100 }], world().other.organization);
    expect(await retain([{ completed: 100 }])).toEqual([false]);
    expect(await left(world(), theirs, world().other.organization.id)).toEqual([true]);
  });

  it('with a task what it has gathered, and nothing else of it', async () => {
    const activity = await activityOf();
    const [gone, stays] = await plantAged(world(), [
      { kind: 'INCOMING_EMAIL', completed: 40, activityId: activity },
      {},
    ]);
    const other = await activityOf();
    await world().prisma.taskEmail.createMany({
      data: [
        { organizationId: organizationId(), taskId: (gone as Known).id, activityId: activity },
        { organizationId: organizationId(), taskId: (stays as Known).id, activityId: other },
      ],
    });
    await retained(world());
    const where = { organizationId: organizationId() };
    expect((await world().prisma.taskEmail.findMany({ where })).map(({ taskId }) => taskId)).toEqual([stays?.id]);
    expect(await world().prisma.activity.count({ where })).toBe(2);
  });

  it('with a task what it waited for, and that others waited for it', async () => {
    const [gone, stays, other] = (await plantAged(world(), [{ completed: 40 }, {}, {}])) as [Known, Known, Known];
    const edge = (task: Known, blocker: Known) => ({
      organizationId: organizationId(),
      taskId: task.id,
      blockerId: blocker.id,
    });
    await world().prisma.taskBlocker.createMany({ data: [edge(gone, stays), edge(stays, gone), edge(stays, other)] });
    await retained(world());
    const where = { organizationId: organizationId() };
    expect(await world().prisma.taskBlocker.findMany({ where })).toEqual([edge(stays, other)]);
    await world().prisma.taskBlocker.deleteMany({ where });
  });

  it('all that refers to a task by a foreign key: who adds another one says here what becomes of it', async () => {
    const rows = await world().prisma.$queryRawUnsafe<{ name: string }[]>(
      `/* test.keys */ SELECT conrelid::regclass::text AS name FROM pg_constraint WHERE contype = 'f' AND confrelid = 'task'::regclass`,
    );
    // The log and notifications name tasks without a foreign key, and outlive them.
    expect(rows.map(({ name }) => name).toSorted()).toEqual([
      ...['comment', 'reminder', 'task_blocker', 'task_blocker', 'task_email', 'task_watcher'],
    ]);
  });
});

const activityOf = async () => {
  const at = daysAgo(50);
  const { assistantId: creatorId } = world().organization;
  const times = { activityTimestamp: at, createdAt: at, updatedAt: at };
  const data = { organizationId: organizationId(), creatorId, uid: newUid(), duration: 0, location: 'Email', ...times };
  return (await world().prisma.activity.create({ data, select: { id: true } })).id;
};

describe('the log tells', () => {
  it('of each task that it is gone, and as what it was: by the assistant, with no image after', async () => {
    const [task] = await plantAged(world(), [{ completed: 31 }]);
    const before = await lastSeq(world());
    const row = await world().prisma.task.findFirstOrThrow({ where: { organizationId: organizationId() } });
    await retained(world());
    const [event, ...others] = await eventsAfter(world(), before);
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      kind: 'TASK_DELETED',
      subjectType: 'TASK',
      subjectId: task?.id,
      subjectUid: task?.uid,
      actorId: world().organization.assistantId,
      actorKind: 'SYSTEM',
      imageBefore: { uid: task?.uid, status: 'COMPLETED', deleted_at: null },
      imageAfter: null,
    });
    const expiresAt = new Date((row.completedAt as Date).getTime() + 30 * 86_400_000).toISOString();
    expect(event?.changes).toEqual([
      { field: 'id', from: task?.key, to: null },
      { field: 'expiresAt', from: expiresAt, to: null },
    ]);
  });

  it('nobody else: no notification is made, and none is deleted', async () => {
    const { prisma, admin } = world();
    const where = { organizationId: organizationId() };
    const [task] = await plantAged(world(), [{ completed: 31, assigneeId: await world().idOf(admin) }]);
    const told = { ...where, taskId: task?.id as bigint, taskUid: task?.uid as string, kind: 'TASK_ASSIGNED' as const };
    const userId = await world().idOf(admin);
    const seq = await lastSeq(world());
    await prisma.notification.create({
      data: { ...told, userId, seq, actorId: world().organization.assistantId, createdAt: daysAgo(40) },
    });
    await retained(world());
    expect(await prisma.notification.count({ where })).toBe(1);
    const asked = await world().gateway.ask(
      admin,
      '{ notifications { nodes { kind taskId task { id } } } tasks(filter: { _type: { any: true } }) { totalCount } }',
    );
    expect(asked).toEqual({
      notifications: { nodes: [{ kind: 'TASK_ASSIGNED', taskId: task?.key, task: null }] },
      tasks: { totalCount: 0 },
    });
    const lookups = `{ task(id: "${task?.key}") { id } node(id: "${task?.key}") { id } nodes(ids: ["${task?.key}"]) { id } }`;
    expect(await world().gateway.ask(admin, lookups)).toEqual({ task: null, node: null, nodes: [null] });
  });

  it('and keeps what it told before', async () => {
    const { gateway, admin } = world();
    const account = await world().record('ACCOUNT');
    const create = `mutation { createTask(input: { title: "x", accountId: "${account.key}" }) { task { id } } }`;
    const { createTask } = await gateway.ask<{ createTask: { task: { id: string } } }, object>(admin, create);
    const before = (await lastSeq(world())) - 1n;
    const uid = createTask.task.id.slice('task_'.length);
    const where = { organizationId_uid: { organizationId: organizationId(), uid } };
    await world().prisma.task.update({ where, data: { deletedAt: daysAgo(91), isActive: false } });
    await retained(world());
    const kinds = (await eventsAfter(world(), before)).map(({ kind }) => kind);
    expect(kinds).toEqual(['TASK_CREATED', 'TASK_DELETED']);
  });

  it('nothing when nothing is done: no event is written', async () => {
    await plantAged(world(), [{ completed: 1 }]);
    const before = await written(world());
    expect(await retained(world())).toBe(1);
    expect(await written(world())).toEqual(before);
  });
});

describe('what changes in the moment between being found and being locked', () => {
  const one = async (row: Aged) => {
    const tasks = await plantAged(world(), [row, { completed: 50 }]);
    return { tasks, values: [organizationId(), tasks[0]?.id] };
  };
  const UPDATE = (set: string) => `UPDATE task SET ${set} WHERE organization_id = $1 AND id = $2`;

  it('stays when it was reopened', async () => {
    const { tasks, values } = await one({ completed: 50 });
    const reopened = UPDATE(`status = 'PENDING', completed_at = NULL, completed_by_id = NULL`);
    const before = await lastSeq(world());
    await meanwhile(world(), [reopened], values, () => retained(world()));
    expect(await left(world(), tasks)).toEqual([true, false]);
    expect(await eventsAfter(world(), before)).toHaveLength(1);
  });

  it('stays when it was restored', async () => {
    const { tasks, values } = await one({ kind: 'LEAD', deleted: 100 });
    await meanwhile(world(), [UPDATE('deleted_at = NULL, is_active = true')], values, () => retained(world()));
    expect(await left(world(), tasks)).toEqual([true, false]);
  });

  it('goes as it is by then: with an e-mail that it gathered, and told as it was', async () => {
    const { tasks, values } = await one({ kind: 'INCOMING_EMAIL', completed: 50 });
    const gathered = 'INSERT INTO task_email (organization_id, task_id, activity_id) VALUES ($1, $2, $3)';
    const before = await lastSeq(world());
    await meanwhile(world(), [UPDATE(`title = 'Other'`), gathered], [...values, await activityOf()], () =>
      retained(world()),
    );
    expect(await left(world(), tasks)).toEqual([false, false]);
    expect((await eventsAfter(world(), before))[0]).toMatchObject({ imageBefore: { title: 'Other' } });
  });
});

describe('what is much', () => {
  const many = () =>
    plantAged(
      world(),
      Array.from({ length: 2_500 }, (_, n) => (n % 2 ? { completed: 60 } : { deleted: 100 })),
    );

  it('goes a thousand a transaction, each by as many statements, without a gap in the log', async () => {
    await many();
    const before = await lastSeq(world());
    const { gateway } = world();
    gateway.statements.length = 0;
    // The last of them is for activities and records.
    expect(await retained(world())).toBe(4);
    const sent = gateway.statements.map(({ text }) => nameOf(text));
    const batch = [
      ...['organization.assistant', 'BEGIN', 'retention.terms', 'retention.tasks', 'retention.lock'],
      ...['retention.deleteEmails', 'blocker.forget', 'retention.deleteTasks', 'event.append', 'COMMIT'],
    ];
    expect(sent.slice(0, 2 * batch.length)).toEqual([...batch, ...batch]);
    const events = await eventsAfter(world(), before);
    expect(events.map(({ seq }) => Number(seq - before))).toEqual(Array.from({ length: 2_500 }, (_, n) => n + 1));
    expect(new Set(events.map(({ subjectId }) => subjectId)).size).toBe(2_500);
    expect(await world().prisma.task.count({ where: { organizationId: organizationId() } })).toBe(0);
  });

  it('goes on where a transaction fails, each task told once', async () => {
    await many();
    const before = await lastSeq(world());
    const kept = { payload: {} };
    expect(await step(world(), kept)).toBe(0);
    await world().prisma.$executeRawUnsafe(
      `ALTER TABLE event ADD CONSTRAINT test_killed CHECK (seq <= ${before + 1_500n}) NOT VALID`,
    );
    await expect(step(world(), kept)).rejects.toThrow();
    await world().prisma.$executeRawUnsafe('ALTER TABLE event DROP CONSTRAINT test_killed');
    expect(await world().prisma.task.count({ where: { organizationId: organizationId() } })).toBe(1_500);
    await retained(world());
    const events = await eventsAfter(world(), before);
    expect(new Set(events.map(({ subjectId }) => subjectId)).size).toBe(2_500);
    expect(events).toHaveLength(2_500);
  });

  it('goes once, however many are at it at the same time', async () => {
    await many();
    const before = await lastSeq(world());
    await Promise.all([retained(world()), retained(world())]);
    const events = await eventsAfter(world(), before);
    expect(new Set(events.map(({ subjectId }) => subjectId)).size).toBe(2_500);
    expect(events).toHaveLength(2_500);
  });
});

it('begins anew where what it kept is not to be read', async () => {
  for (const payload of [{}, { stage: 'TASK' }, { stage: 'ELSE', after: '0' }, { stage: 'ACCOUNT', after: '-1' }]) {
    const tasks = await plantAged(world(), [{ completed: 60 }]);
    await step(world(), { payload });
    expect(await left(world(), tasks)).toEqual([false]);
  }
});

describe('a worker', () => {
  it('does it once a day, beside another; and one that has lost its lease keeps nothing of what it did', async () => {
    const tasks = await plantAged(world(), [{ completed: 60 }, { completed: 1 }]);
    const before = await lastSeq(world());
    let robbed = 0;
    // Whoever comes first loses it to the other in the midst of it.
    const robbing: Kind = {
      ...retainTasks,
      run: async (runtime, job) => {
        robbed += 1;
        const where = { organizationId: job.organizationId, kind: 'task.retention' };
        if (robbed === 1) {
          await world().prisma.job.updateMany({ where, data: { lease: null, leasedUntil: null } });
          await world().prisma.organizationWork.updateMany({
            where: { organizationId: job.organizationId },
            data: { nextDueAt: new Date() },
          });
        }
        return retainTasks.run(runtime, job);
      },
    };
    await worked(world(), [robbing, robbing]);
    // Tasks twice, and then activities and records.
    expect(robbed).toBe(3);
    expect(await left(world(), tasks)).toEqual([false, true]);
    expect(await eventsAfter(world(), before)).toHaveLength(1);
  });

  it('finds it planned in every organization, from some time of its first day on', async () => {
    const { id } = await world().gateway.organization('New');
    const jobs = await world().prisma.job.findMany({ where: { organizationId: id, kind: 'task.retention' } });
    expect(jobs).toMatchObject([{ key: '', state: 'SCHEDULED' }]);
    const inMs = (jobs[0]?.dueAt.getTime() ?? 0) - Date.now();
    expect(inMs).toBeGreaterThan(-5_000);
    expect(inMs).toBeLessThanOrEqual(86_400_000);
  });
});
