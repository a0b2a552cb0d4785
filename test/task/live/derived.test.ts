import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decodeCursor } from '../../../src/event/cursor.ts';
import { encodeId } from '../../../src/ids.ts';
import { retained } from '../retention/room.ts';
import { useWorld } from '../world.ts';
import { granted, writesOf } from '../writes.ts';
import { type Asked, type Change, follow, read } from './room.ts';

// What a list is told of tasks that nobody wrote to by themselves: what derives, what is carried along, many at once.

const NOON = '2026-03-11T12:00:00Z';
const clock = { now: new Date(NOON) };
const world = useWorld({ now: () => clock.now });
let accountId: string;
beforeAll(async () => {
  accountId = (await world().record('ACCOUNT', { name: 'Acme' })).key;
});

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  const where = { organizationId: world().organization.id };
  await world().prisma.taskBlocker.deleteMany({ where });
  await world().clear();
  clock.now = new Date(NOON);
});
const following = async (asked: Asked = {}, who = world().admin) => {
  const list = await follow(world(), who, asked);
  open.push(list);
  return list;
};
const writes = () => writesOf(world(), world().admin);
const create = async (title: string, more: object = {}) =>
  (granted(await writes().create({ title, accountId, ...more })) as { id: string }).id;

interface Outcome {
  readonly errors: readonly unknown[];
  readonly [what: string]: unknown;
}
/** Any mutation, which must be granted. */
async function ask(mutation: string, input: object, gives = ''): Promise<{ id: string }> {
  const text = `mutation ($input: ${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!) {
    done: ${mutation}(input: $input) { ${gives && `${gives} { id }`} errors { code path message } }
  }`;
  const { done } = await world().gateway.ask<{ done: Outcome }, object>(world().admin, text, { input });
  expect(done.errors).toEqual([]);
  return (done[gives] ?? { id: '' }) as { id: string };
}
const named = ({ change, taskId, event }: Change) => [change, taskId, event?.kind ?? null];

describe('what nobody wrote to the task itself', () => {
  it('tells of a blocker, and of its completion', async () => {
    const [id, blockerId] = [await create('Waits'), await create('First')];
    const [blocked, all] = [
      await following({ filter: { isBlocked: true } }),
      await following({ filter: { id: { eq: id } } }),
    ];
    await ask('addBlocker', { id, blockerId });
    await writes().complete(blockerId);
    for (const changes of [
      ['ENTERED', 'LEFT'],
      ['UPDATED', 'UPDATED'],
    ]) {
      const list = changes[0] === 'ENTERED' ? blocked : all;
      const told = [await list.next(), await list.next()];
      expect(told.map(({ change, taskId }) => [change, taskId])).toEqual(changes.map((change) => [change, id]));
    }
  });

  it('tells of the account that a contact’s task gains and loses', async () => {
    const contact = await world().record('CONTACT');
    const id = await create('Of a contact', { accountId: null, linkedRecordId: contact.key });
    const list = await following({ filter: { accountId: { eq: accountId } } });
    await ask('updateContact', { id: contact.key, patch: { accountId, lastName: 'Known' } });
    await ask('updateContact', { id: contact.key, patch: { accountId: null } });
    const told = [await list.next(), await list.next()];
    expect(told.map(({ change, taskId }) => [change, taskId])).toEqual([
      ['ENTERED', id],
      ['LEFT', id],
    ]);
  });

  it('tells of every task that a deleted account takes, and brings back', async () => {
    const gone = await world().record('ACCOUNT');
    const ids = [await create('One', { accountId: gone.key }), await create('Two', { accountId: gone.key })];
    const list = await following();
    for (const [mutation, change] of [
      ['deleteAccount', 'LEFT'],
      ['restoreAccount', 'ENTERED'],
    ] as const) {
      await ask(mutation, { id: gone.key });
      const told = [await list.next(), await list.next()];
      expect(told.map((each) => [each.change, each.taskId])).toEqual(ids.map((id) => [change, id]));
    }
  });

  it('tells of tasks in the bin whose stage is deleted for good', async () => {
    const stages = ['In', 'Out'].map((name, n) => ({ name, color: '#123456', isDefault: n === 0 }));
    const { id: pipelineId } = await ask('createPipeline', { name: 'Board', stages }, 'pipeline');
    const { pipelines } = await world().gateway.ask<{ pipelines: { id: string; stages: { id: string }[] }[] }, object>(
      world().admin,
      '{ pipelines { id stages { id } } }',
    );
    const stageId = pipelines.find(({ id }) => id === pipelineId)?.stages[1]?.id as string;
    const id = await create('Binned', { stageId });
    await writes().remove(id);
    const asked: Asked[] = [
      { filter: { stageId: { eq: stageId }, deleted: 'ONLY' } },
      { filter: { stageId: { notIn: [stageId] }, deleted: 'ONLY' } },
      { filter: { pipelineId: { isNull: false }, deleted: 'ONLY' } },
    ];
    const kept = [];
    for (const each of asked)
      kept.push({ ids: new Set((await read(world(), world().admin, each)).ids), list: await following(each) });
    await ask('deleteStage', { id: stageId });
    const last = await create('Last');
    await writes().remove(last);
    for (const [index, each] of asked.entries()) {
      const { ids, list } = kept[index] as (typeof kept)[number];
      const wanted = (await read(world(), world().admin, each)).ids.toSorted();
      for (let tries = 0; tries < 4 && [...ids].sort().join() !== wanted.join(); tries += 1) {
        const { change, taskId } = await list.next();
        if (change === 'LEFT') ids.delete(taskId);
        else ids.add(taskId);
      }
      expect([...ids].sort(), JSON.stringify(each)).toEqual(wanted);
    }
  });
});

it('a task that retention takes for good leaves a list of the bin, also for who was away', async () => {
  const filter = { deleted: 'ONLY' } as const;
  const id = await create('Thrown away');
  const { logCursor } = await read(world(), world().admin, { filter });
  await writes().remove(id);
  const list = await following({ filter });
  clock.now = new Date('2026-07-01T12:00:00Z');
  await retained(world());
  expect(await list.next()).toMatchObject({ change: 'LEFT', taskId: id, task: null, event: { kind: 'TASK_DELETED' } });
  const away = await following({ filter, after: logCursor });
  const told = [await away.next(), await away.next()];
  expect(told.map(named)).toEqual([
    ['ENTERED', id, 'TASK_DELETED'],
    ['LEFT', id, 'TASK_DELETED'],
  ]);
});

describe('a filter that names a private activity of others', () => {
  it('names nothing: whoever may not see it is told nothing of what came out of it', async () => {
    const input = {
      ...{ accountId, activityTimestamp: NOON, duration: 5, location: 'Here', visibility: 'PRIVATE' },
    };
    const activity = await ask('createActivity', input, 'activity');
    const filter = { activityId: { eq: activity.id } };
    const [theirs, mine] = [await following({ filter }, world().member), await following({ filter })];
    const not = { activityId: { notIn: [activity.id] } };
    const rest = await following({ filter: not }, world().member);
    const id = await create('Secret', { activityId: activity.id });
    expect(named(await mine.next())).toEqual(['ENTERED', id, 'TASK_CREATED']);
    expect(named(await rest.next())).toEqual(['ENTERED', id, 'TASK_CREATED']);
    expect((await read(world(), world().member, { filter: not })).ids).toEqual([id]);
    // Nothing at all came of the first: it is told of nothing, and ends in order.
    expect((await read(world(), world().member, { filter })).ids).toEqual([]);
    const quiet = theirs.message().catch((error: Error) => error);
    await theirs.close();
    expect(await quiet).toBeInstanceOf(Error);
  });
});

describe('the order', () => {
  it('is that of the log, one change a task and transaction, whoever writes at the same time', async () => {
    const list = await following();
    const ids = await Promise.all(Array.from({ length: 6 }, (_, n) => create(`Task ${n}`)));
    await Promise.all(
      ids.map((id, n) =>
        writes().update(id, { title: `Renamed ${n}`, tags: ['x'], assigneeId: world().member.userId }),
      ),
    );
    await ask('bulkUpdateTasks', { filter: { tag: { eq: 'x' } }, set: { isComplete: true, assigneeId: null } });
    const told: Change[] = [];
    while (told.length < 18) told.push(await list.next());
    const places = told.map(({ cursor }) => decodeCursor(cursor)?.seq as bigint);
    expect(places).toEqual(places.toSorted((a, b) => Number(a - b)));
    expect(new Set(places).size).toBe(18);
    // Each place is that of an event on that task that holds images: the last of its transaction.
    const where = { organizationId: world().organization.id, seq: { in: places } };
    const events = await world().prisma.event.findMany({ where, orderBy: { seq: 'asc' } });
    expect(events.map(({ subjectUid }) => encodeId('Task', subjectUid))).toEqual(told.map(({ taskId }) => taskId));
    expect(
      told
        .slice(12)
        .map(({ taskId }) => taskId)
        .toSorted(),
    ).toEqual(ids.toSorted());
  });
});
