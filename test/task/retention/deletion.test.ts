import { afterEach, describe, expect, it } from 'vitest';
import { newUid } from '../../../src/ids.ts';
import { KINDS } from '../arbitrary.ts';
import { type Known, useWorld } from '../world.ts';
import { written } from '../writes.ts';
import { type Aged, activityOf, clearAged, daysAgo, eventsAfter, lastSeq, left, plantAged, retained } from './room.ts';

const world = useWorld();
const organizationId = () => world().organization.id;
const setting = (taskRetentionDays: number | null) =>
  world().prisma.organization.update({ where: { id: organizationId() }, data: { taskRetentionDays } });
const retain = async (rows: readonly Aged[]) => {
  const tasks = await plantAged(world(), rows);
  await retained(world());
  return left(world(), tasks);
};

afterEach(() => clearAged(world()));

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
    const activity = await activityOf(world());
    const [gone, stays] = await plantAged(world(), [
      { kind: 'INCOMING_EMAIL', completed: 40, activityId: activity },
      {},
    ]);
    const other = await activityOf(world());
    await world().prisma.taskEmail.createMany({
      data: [
        { organizationId: organizationId(), taskId: (gone as Known).id, activityId: activity },
        { organizationId: organizationId(), taskId: (stays as Known).id, activityId: other },
      ],
    });
    const { assistantId: userId } = world().organization;
    const { comment: comments, taskWatcher: watchers, reminder: reminders } = world().prisma;
    for (const { id: taskId } of [gone as Known, stays as Known]) {
      const of = { organizationId: organizationId(), taskId };
      await comments.create({ data: { ...of, uid: newUid(), authorId: userId, body: 'x', createdAt: new Date() } });
      await watchers.create({ data: { ...of, userId, isWatching: true } });
      await reminders.create({ data: { ...of, uid: newUid(), before: 'P1D' } });
    }
    await retained(world());
    const where = { organizationId: organizationId() };
    expect((await comments.findMany({ where })).map(({ taskId }) => taskId)).toEqual([stays?.id]);
    expect((await reminders.findMany({ where })).map(({ taskId }) => taskId)).toEqual([stays?.id]);
    expect((await watchers.findMany({ where })).map(({ taskId }) => taskId)).toEqual([stays?.id]);
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
    const OWN = ['comment', 'reminder', 'task_blocker', 'task_blocker', 'task_email', 'task_watcher'];
    expect(rows.map(({ name }) => name).toSorted()).toEqual(OWN);
  });
});

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
