import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decodeCursor } from '../../../src/event/cursor.ts';
import { encodeId } from '../../../src/ids.ts';
import { Gateway } from '../../support/gateway.ts';
import { retained } from '../retention/room.ts';
import { useWorld, World } from '../world.ts';
import { granted, writesOf } from '../writes.ts';
import { type Asked, type Change, follow, read, ring } from './room.ts';

// What lies at the edges of a list that is kept: moments that coincide, what nobody wrote to the task itself, two gateways.

const NOON = '2026-03-11T12:00:00Z';
const clock = { now: new Date(NOON) };
/** The second gateway's, which need not be the first one's. */
const other = { now: () => clock.now };
const world = useWorld({ now: () => clock.now });
let elsewhere: World;
let second: Gateway;
let accountId: string;
beforeAll(async () => {
  accountId = (await world().record('ACCOUNT', { name: 'Acme' })).key;
  second = await Gateway.start({ now: () => other.now(), database: world().gateway.database });
  elsewhere = Object.assign(Object.create(World.prototype) as World, world(), { gateway: second });
});
afterAll(() => second.stop({ keep: true }));

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  const where = { organizationId: world().organization.id };
  await world().prisma.taskBlocker.deleteMany({ where });
  await world().clear();
  clock.now = new Date(NOON);
  other.now = () => clock.now;
});
const following = async (asked: Asked = {}, { who = world().admin, where = world() } = {}) => {
  const list = await follow(where, who, asked);
  open.push(list);
  return list;
};
const writes = () => writesOf(world(), world().admin);
const create = async (title: string, more: object = {}) =>
  (granted(await writes().create({ title, accountId, ...more })) as { id: string }).id;
const at = (instant: string) => {
  clock.now = new Date(instant);
  ring(world());
  ring(elsewhere);
};

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

describe('a task that is written to in the very millisecond in which time moves it', () => {
  const LATE = '2026-03-11T13:00:00.001Z';
  const due = '2026-03-11T13:00:00Z';

  it('enters once, by one of the two', async () => {
    const id = await create('Due', { date: due });
    const list = await following({ filter: { due: 'OVERDUE' } });
    // Nobody has looked at the clock before the write.
    clock.now = new Date(LATE);
    await writes().update(id, { title: 'Due and changed' });
    const told = [await list.next()];
    const last = await create('Late, too', { date: due });
    while (told.at(-1)?.taskId !== last) told.push(await list.next());
    const first = told.filter(({ taskId }) => taskId === id).map(({ change }) => change);
    expect(['ENTERED', 'UPDATED,ENTERED', 'ENTERED,UPDATED']).toContain(first.join());
    expect(first.filter((change) => change === 'ENTERED')).toHaveLength(1);
  });

  it('never enters when it is completed or put off then', async () => {
    const ids = [await create('Done', { date: due }), await create('Put off', { date: due })] as const;
    const filter = { due: 'OVERDUE' } as const;
    const list = await following({ filter });
    clock.now = new Date(LATE);
    await writes().complete(ids[0]);
    await writes().update(ids[1], { date: '2026-03-12' });
    const last = await create('Late', { date: due });
    const kept = new Set<string>();
    for (let told: Change | undefined; told?.taskId !== last; ) {
      told = await list.next();
      if (told.change === 'LEFT') kept.delete(told.taskId);
      else kept.add(told.taskId);
    }
    expect([...kept]).toEqual([last]);
    expect((await read(world(), world().admin, { filter })).ids).toEqual([last]);
  });

  it('leaves a list of today when it is moved to tomorrow at midnight', async () => {
    const id = await create('Today', { date: '2026-03-11' });
    const filter = { due: 'TODAY' } as const;
    const list = await following({ filter });
    clock.now = new Date('2026-03-12T00:00:00Z');
    await writes().update(id, { date: '2026-03-12' });
    const last = await create('Last', { date: '2026-03-12' });
    const kept = new Set([id]);
    for (let told: Change | undefined; told?.taskId !== last; ) {
      told = await list.next();
      if (told.change === 'LEFT') kept.delete(told.taskId);
      else kept.add(told.taskId);
    }
    expect([...kept].sort()).toEqual((await read(world(), world().admin, { filter })).ids.toSorted());
  });
});

describe('a client that is cut off between two changes of one midnight', () => {
  const view = 'INBOX' as const;
  const days = { ONE: '2026-03-12', TWO: '2026-03-12', THREE: '2026-03-12' };
  const cutAtMidnight = async (asked: Asked, dates: Readonly<Record<string, string>> = days) => {
    const ids = [];
    for (const [title, date] of Object.entries(dates)) ids.push(await create(title, { date }));
    const list = await following(asked);
    at('2026-03-12T00:00:00Z');
    const first = await list.next();
    expect(named(first)).toEqual(['ENTERED', ids[0], null]);
    await list.close();
    return { ids, after: first.cursor };
  };

  it('is told what becomes meanwhile of what it has, and the rest', async () => {
    const { ids, after } = await cutAtMidnight({ view });
    await writes().complete(ids[0] as string);
    await writes().update(ids[1] as string, { title: 'Two' });
    const list = await following({ view, after });
    const told = [await list.next(), await list.next(), await list.next()];
    expect(told.map(({ change, taskId, task }) => [change, taskId, task?.title])).toEqual([
      ['LEFT', ids[0], 'ONE'],
      ['ENTERED', ids[1], 'Two'],
      ['ENTERED', ids[2], 'THREE'],
    ]);
    const again = await following({ view, after: told[1]?.cursor ?? null });
    expect(named(await again.next())).toEqual(['ENTERED', ids[2], null]);
  });

  it('and comes back a day later, loses what it has and what is over', async () => {
    const asked = { filter: { due: 'TODAY' } } as const;
    const { ids, after } = await cutAtMidnight(asked);
    clock.now = new Date('2026-03-13T00:00:00Z');
    const list = await following({ ...asked, after });
    const kept = new Set([ids[0]]);
    const last = await create('Last', { date: '2026-03-13' });
    for (let told: Change | undefined; told?.taskId !== last; ) {
      told = await list.next();
      if (told.change === 'LEFT') kept.delete(told.taskId);
      else kept.add(told.taskId);
    }
    // Its creation may be told before what time did.
    await expect
      .poll(async () => {
        if (kept.size > 1) kept.delete((await list.next()).taskId);
        return [...kept];
      })
      .toEqual([last]);
  });
});

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
    const [theirs, mine] = [await following({ filter }, { who: world().member }), await following({ filter })];
    const not = { activityId: { notIn: [activity.id] } };
    const rest = await following({ filter: not }, { who: world().member });
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

describe('two gateways on one database', () => {
  it('tell the same of what is written through either, and of what time does', async () => {
    const filter = { due: 'OVERDUE' } as const;
    const lists = [await following({ filter }), await following({ filter }, { where: elsewhere })];
    const due = await create('Due', { date: '2026-03-11T13:00:00Z' });
    const { id } = granted(
      await writesOf(elsewhere, world().admin).create({ title: 'Late', accountId, date: '2026-03-10' }),
    ) as { id: string };
    for (const list of lists) expect(named(await list.next())).toEqual(['ENTERED', id, 'TASK_CREATED']);
    at('2026-03-11T13:00:00.001Z');
    for (const list of lists) expect(named(await list.next())).toEqual(['ENTERED', due, null]);
  });

  it('whose clocks differ: what one told is not told again, nor lost, at the other that lags behind', async () => {
    const filter = { due: 'OVERDUE' } as const;
    const ids = [];
    for (const minute of [10, 20, 30]) ids.push(await create(`At ${minute}`, { date: `2026-03-11T13:${minute}:00Z` }));
    const ahead = await following({ filter });
    clock.now = new Date('2026-03-11T13:20:00.001Z');
    other.now = () => new Date('2026-03-11T13:15:00Z');
    ring(world());
    const told = [await ahead.next(), await ahead.next()];
    expect(told.map(({ taskId }) => taskId).sort()).toEqual(ids.slice(0, 2).sort());
    // It has judged up to 13:20 already; that its own clock says 13:15 takes nothing back.
    const behind = await following({ filter, after: told[1]?.cursor ?? null }, { where: elsewhere });
    const now = await create('Now', { date: '2026-03-10' });
    expect(named(await behind.next())).toEqual(['ENTERED', now, 'TASK_CREATED']);
    other.now = () => new Date('2026-03-11T13:30:00.001Z');
    ring(elsewhere);
    expect(named(await behind.next())).toEqual(['ENTERED', ids[2], null]);
  });

  it('a clock that is set back takes nothing back, and goes on from where it was', async () => {
    const filter = { due: 'OVERDUE' } as const;
    const [one, two] = [
      await create('One', { date: '2026-03-11T13:00:00Z' }),
      await create('Two', { date: '2026-03-11T14:00:00Z' }),
    ];
    const list = await following({ filter });
    at('2026-03-11T13:30:00Z');
    expect(named(await list.next())).toEqual(['ENTERED', one, null]);
    at('2026-03-11T12:30:00Z');
    const now = await create('Now', { date: '2026-03-10' });
    expect(named(await list.next())).toEqual(['ENTERED', now, 'TASK_CREATED']);
    at('2026-03-11T14:00:00.001Z');
    expect(named(await list.next())).toEqual(['ENTERED', two, null]);
  });
});
