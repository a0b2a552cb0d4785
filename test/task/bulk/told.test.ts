import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { logCursor, openOffice, signIn, subscribe } from '../../notification/office.ts';
import { type KnownPipeline, plantPipeline } from '../../pipeline/board.ts';
import type { Caller } from '../../support/gateway.ts';
import { type Known, useWorld } from '../world.ts';
import { bulkOf, changed, putInto } from './asked.ts';

// What the log, the notifications and the subscriptions tell of a bulk update.

const world = useWorld();
let account: Known;
let board: KnownPipeline;
let max: bigint;

beforeAll(async () => {
  account = await world().record('ACCOUNT');
  board = await plantPipeline(world());
  max = await world().idOf(world().member);
});
beforeEach(async () => {
  await world().clear();
  const where = { organizationId: world().organization.id };
  await world().prisma.notification.deleteMany({ where });
  await world().prisma.membership.updateMany({ where, data: { mutedKinds: [] } });
});

const ofAccount = () => ({ accountId: { eq: account.key } });
const bulk = (input: Parameters<ReturnType<typeof bulkOf>['update']>[0], by: Caller = world().admin) =>
  bulkOf(world(), by).update(input);

/** What was appended after a place in the log. */
async function eventsAfter(seq: bigint) {
  const { prisma, organization } = world();
  return prisma.event.findMany({
    where: { organizationId: organization.id, seq: { gt: seq } },
    orderBy: { seq: 'asc' },
  });
}
const lastSeq = async () =>
  (await world().prisma.organizationLog.findUniqueOrThrow({ where: { organizationId: world().organization.id } }))
    .lastSeq;
const told = async () => {
  const where = { organizationId: world().organization.id };
  return world().prisma.notification.findMany({ where, orderBy: [{ seq: 'asc' }, { userId: 'asc' }] });
};

describe('the log', () => {
  it('has each task’s events together, in their order, the last with the row before and after', async () => {
    const tasks = await world().tasks([
      { accountId: account.id, day: '2026-03-02' },
      { accountId: account.id, day: '2026-03-01' },
      { accountId: account.id, day: '2026-03-03', assigneeId: max },
    ]);
    const ids = tasks.map(({ id }) => id) as [bigint, bigint, bigint];
    await putInto(world(), board.stages[1], ids.slice(0, 1));
    const from = await lastSeq();
    const set = { assigneeId: world().member.userId, date: '2026-03-03', isComplete: true };
    changed(await bulk({ filter: ofAccount(), set }));
    const events = await eventsAfter(from);
    const COMMON = ['TASK_UPDATED', 'TASK_ASSIGNED', 'TASK_COMPLETED'];
    expect(events.map(({ kind, subjectId }) => [kind, subjectId])).toEqual([
      ...COMMON.map((kind) => [kind, ids[1]]),
      ...[...COMMON, 'TASK_STAGE_CHANGED'].map((kind) => [kind, ids[0]]),
      ['TASK_COMPLETED', ids[2]],
    ]);
    const images = events.filter(({ imageBefore, imageAfter }) => imageBefore !== null || imageAfter !== null);
    expect(images.map(({ kind }) => kind)).toEqual(['TASK_COMPLETED', 'TASK_STAGE_CHANGED', 'TASK_COMPLETED']);
    expect(images[1]?.imageBefore).toMatchObject({
      id: Number(ids[0]),
      status: 'PENDING',
      version: 1,
      due_on: '2026-03-02',
    });
    expect(images[1]?.imageAfter).toMatchObject({
      id: Number(ids[0]),
      status: 'COMPLETED',
      version: 2,
      due_on: '2026-03-03',
    });
    expect(events[0]?.changes).toEqual([{ field: 'date', from: '2026-03-01', to: '2026-03-03' }]);
    // One instant for all: the log's, the tasks' own, and that of their completion.
    const rows = await world().prisma.task.findMany({ where: { organizationId: world().organization.id } });
    const instants = [
      ...events.map(({ at }) => at),
      ...rows.flatMap((row) => [row.updatedAt, row.completedAt as Date]),
    ];
    expect(new Set(instants.map((at) => at.getTime())).size).toBe(1);
    expect(rows.map(({ timelineAt, completedAt }) => timelineAt.getTime() - (completedAt?.getTime() ?? 0))).toEqual([
      0, 0, 0,
    ]);
  });
});

it('a task that a fast clock has dated keeps its instant, and gives it to no other', async () => {
  const { prisma, organization } = world();
  const [ahead, other] = (await world().tasks([{ accountId: account.id }, { accountId: account.id }])) as [
    Known,
    Known,
  ];
  const fast = new Date(Date.now() + 3_600_000);
  await prisma.task.updateMany({ where: { organizationId: organization.id, id: ahead.id }, data: { updatedAt: fast } });
  const from = await lastSeq();
  changed(await bulk({ filter: ofAccount(), set: { isComplete: true } }));
  const instants = new Set((await eventsAfter(from)).map(({ at }) => at.getTime()));
  const rows = await prisma.task.findMany({ where: { organizationId: organization.id } });
  const updatedAt = (id: bigint) => rows.find((row) => row.id === id)?.updatedAt.getTime() as number;
  expect(updatedAt(ahead.id)).toBe(fast.getTime());
  expect(updatedAt(other.id)).toBeLessThan(fast.getTime());
  // What happened did so at one instant, which is the other's too.
  expect(new Set([...instants, ...rows.map(({ completedAt }) => completedAt?.getTime())])).toEqual(
    new Set([updatedAt(other.id)]),
  );
});

describe('notifications', () => {
  it('are one a newly assigned task, all with the batch’s id', async () => {
    const tasks = await world().tasks([
      { accountId: account.id },
      { accountId: account.id, assigneeId: max },
      { accountId: account.id },
    ]);
    const { batchId } = await bulk({ filter: ofAccount(), set: { assigneeId: world().member.userId } });
    expect(batchId).not.toBeNull();
    expect((await told()).map(({ userId, kind, taskId, batchId }) => ({ userId, kind, taskId, batchId }))).toEqual(
      [tasks[0], tasks[2]].map((task) => ({ userId: max, kind: 'TASK_ASSIGNED', taskId: task?.id, batchId })),
    );
  });

  it('tell an assignee of completion; whoever is assigned with it learns of that alone', async () => {
    const tasks = await world().tasks([{ accountId: account.id, assigneeId: max }, { accountId: account.id }]);
    const { batchId } = await bulk({
      filter: ofAccount(),
      set: { assigneeId: world().member.userId, isComplete: true },
    });
    expect((await told()).map(({ kind, taskId, batchId }) => [kind, taskId, batchId])).toEqual([
      ['TASK_COMPLETED', tasks[0]?.id, batchId],
      ['TASK_ASSIGNED', tasks[1]?.id, batchId],
    ]);
  });

  it('are none for oneself, none with notify: false, none of a muted kind', async () => {
    await world().tasks([{ accountId: account.id }, { accountId: account.id, assigneeId: max }]);
    const filter = ofAccount();
    const { member, admin, prisma, organization } = world();
    changed(await bulk({ filter, set: { assigneeId: member.userId, isComplete: true } }, member));
    changed(await bulk({ filter, set: { assigneeId: null, isComplete: false } }));
    changed(await bulk({ filter, set: { assigneeId: member.userId }, notify: false }));
    changed(await bulk({ filter, set: { isComplete: true }, notify: false }));
    changed(await bulk({ filter, set: { assigneeId: null, isComplete: false } }));
    const where = { organizationId: organization.id, userId: max };
    await prisma.membership.updateMany({ where, data: { mutedKinds: ['TASK_ASSIGNED'] } });
    changed(await bulk({ filter, set: { assigneeId: member.userId } }));
    expect(await told()).toEqual([]);
    changed(await bulk({ filter, set: { isComplete: true } }, admin));
    expect((await told()).map(({ kind }) => kind)).toEqual(['TASK_COMPLETED', 'TASK_COMPLETED']);
  });
});

it('taskAssigned delivers each of them, in the log’s order, with the batch’s id', async () => {
  const gateway = world().gateway;
  const office = await openOffice(gateway);
  const titles = Array.from({ length: 120 }, (_, n) => `Task ${String(n).padStart(3, '0')}`);
  await Promise.all(titles.map((title) => office.create({ title, date: '2026-03-01' })));
  const socket = await signIn(gateway.url, office.member);
  try {
    const subscription = subscribe(socket, await logCursor(gateway, office.member));
    const { bulkUpdateTasks } = await gateway.ask<
      { bulkUpdateTasks: { batchId: string; tasks: { id: string }[] } },
      object
    >(
      office.admin,
      `mutation ($input: BulkUpdateTasksInput!) { bulkUpdateTasks(input: $input) { batchId tasks(first: 1000) { id } } }`,
      { input: { filter: { isOpen: true }, set: { assigneeId: office.member.userId } } },
    );
    const delivered = [];
    for (const _ of titles) delivered.push(await subscription.next());
    expect(delivered.map(({ taskId }) => taskId)).toEqual(bulkUpdateTasks.tasks.map(({ id }) => id));
    expect(new Set(delivered.map(({ notification }) => notification.batchId))).toEqual(
      new Set([bulkUpdateTasks.batchId]),
    );
  } finally {
    await socket.close();
  }
}, 20_000);
