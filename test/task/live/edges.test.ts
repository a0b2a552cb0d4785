import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { useWorld, World } from '../world.ts';
import { granted, writesOf } from '../writes.ts';
import { type Asked, type Change, follow, read, ring } from './room.ts';

// What lies at the edges of a list that is kept: moments that coincide, connections cut within one, two gateways.

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
