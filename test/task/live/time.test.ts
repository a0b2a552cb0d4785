import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useWorld } from '../world.ts';
import { granted, writesOf } from '../writes.ts';
import { type Asked, follow, read, ring } from './room.ts';

const clock = { now: new Date('2026-03-11T12:00:00Z') };
const world = useWorld({ now: () => clock.now });
let accountId: string;
beforeAll(async () => {
  accountId = (await world().record('ACCOUNT', { name: 'Acme' })).key;
});

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  await world().clear();
  clock.now = new Date('2026-03-11T12:00:00Z');
});
const following = async (asked: Asked = {}, who = world().admin) => {
  const list = await follow(world(), who, asked);
  open.push(list);
  return list;
};
const writes = () => writesOf(world(), world().admin);
const create = async (title: string, date: string | null = null) =>
  (granted(await writes().create({ title, accountId, date })) as { id: string }).id;
/** The clock stands at an instant, and somebody looks at it. */
const at = (instant: string) => {
  clock.now = new Date(instant);
  ring(world());
};

describe('midnight', () => {
  it('moves tomorrow’s tasks out of FUTURE and into INBOX, each in the zone of its list, with no event', async () => {
    await create('Tomorrow', '2026-03-12');
    const zones = ['Asia/Tokyo', 'America/Los_Angeles'];
    const [inTokyo, inLa] = [
      await following({ view: 'INBOX', timeZone: zones[0] ?? null }),
      await following({ view: 'FUTURE', timeZone: zones[1] ?? null }),
    ];
    at('2026-03-11T14:59:59.999Z');
    await create('Before', null);
    expect(await inTokyo.told(1)).toEqual(['ENTERED Before']);
    at('2026-03-11T15:00:00.000Z');
    const change = await inTokyo.next();
    expect(change).toMatchObject({ change: 'ENTERED', event: null, task: { title: 'Tomorrow' } });
    at('2026-03-12T06:59:59.999Z');
    const future = await create('Later', '2026-04-01');
    expect(await inLa.told(1)).toEqual(['ENTERED Later']);
    at('2026-03-12T07:00:00.000Z');
    expect(await inLa.next()).toMatchObject({ change: 'LEFT', event: null, task: { title: 'Tomorrow' } });
    expect(future).toBeTruthy();
  });

  it('moves what is due today and this week, and makes days overdue', async () => {
    const filters = [{ due: 'TODAY' }, { due: 'THIS_WEEK' }, { due: 'OVERDUE' }, { not: { due: 'OVERDUE' } }] as const;
    for (const [title, date] of [
      ['today', '2026-03-14'],
      ['tomorrow', '2026-03-15'],
      ['Monday', '2026-03-16'],
      ['noon', '2026-03-15T12:00:00Z'],
    ] as const) {
      await create(title, date);
    }
    clock.now = new Date('2026-03-14T12:00:00Z');
    const lists: Awaited<ReturnType<typeof following>>[] = [];
    for (const filter of filters) lists.push(await following({ filter }));
    at('2026-03-15T00:00:00Z');
    const sorted = async (index: number, count: number) => (await lists[index]?.told(count))?.toSorted();
    expect(await sorted(0, 3)).toEqual(['ENTERED noon', 'ENTERED tomorrow', 'LEFT today']);
    expect(await sorted(2, 1)).toEqual(['ENTERED today']);
    expect(await sorted(3, 1)).toEqual(['LEFT today']);
    at('2026-03-16T00:00:00Z');
    // The week before has ended; noon was overdue before.
    expect(await sorted(1, 4)).toEqual(['ENTERED Monday', 'LEFT noon', 'LEFT today', 'LEFT tomorrow']);
    expect(await sorted(2, 2)).toEqual(['ENTERED noon', 'ENTERED tomorrow']);
  });
});

describe('an instant that passes', () => {
  it('makes a task overdue, at that very moment', async () => {
    await create('At one', '2026-03-11T13:00:00Z');
    const overdue = await following({ filter: { due: 'OVERDUE' } });
    at('2026-03-11T13:00:00.000Z');
    // Due now, and not yet overdue; this one is, from the beginning.
    await create('Late', '2026-03-11T12:59:00Z');
    expect(await overdue.next()).toMatchObject({
      change: 'ENTERED',
      task: { title: 'Late' },
      event: { kind: 'TASK_CREATED' },
    });
    at('2026-03-11T13:00:00.001Z');
    expect(await overdue.next()).toMatchObject({ change: 'ENTERED', task: { title: 'At one' }, event: null });
  });

  it('also where the task came later, or its date was moved nearer', async () => {
    const id = await create('Moved', '2026-03-20T10:00:00Z');
    const overdue = await following({ filter: { due: 'OVERDUE' } });
    await create('New', '2026-03-11T12:30:00Z');
    await writes().update(id, { date: '2026-03-11T12:20:00Z' });
    at('2026-03-11T12:20:00.001Z');
    expect(await overdue.told(1)).toEqual(['ENTERED Moved']);
    at('2026-03-11T12:30:00.001Z');
    expect(await overdue.told(1)).toEqual(['ENTERED New']);
  });

  it('is told by itself, by the clock alone', async () => {
    const soon = new Date(clock.now.getTime() + 300);
    await create('Soon', soon.toISOString());
    const start = Date.now();
    const from = clock.now.getTime();
    const overdue = await following({ filter: { due: 'OVERDUE' } });
    const ticking = setInterval(() => {
      clock.now = new Date(from + Date.now() - start);
    }, 5);
    try {
      expect(await overdue.told(1)).toEqual(['ENTERED Soon']);
      expect(Date.now() - start).toBeLessThan(3_000);
    } finally {
      clearInterval(ticking);
    }
  });
});

describe('a client that was away', () => {
  it('over midnight is told what happened then, and what time moved, each once', async () => {
    const id = await create('Tomorrow', '2026-03-12');
    const asked: Asked = { view: 'INBOX' };
    const { logCursor } = await read(world(), world().admin, asked);
    await create('Undated');
    await writes().update(id, { title: 'Renamed' });
    clock.now = new Date('2026-03-12T09:00:00Z');
    await create('Today', '2026-03-12');
    const list = await following({ ...asked, after: logCursor });
    // What happened is judged as it was judged before; then the day is made up for.
    expect(await list.told(3)).toEqual(['ENTERED Undated', 'ENTERED Renamed', 'ENTERED Today']);
    await create('Live');
    expect(await list.told(1)).toEqual(['ENTERED Live']);
  });

  it('and is cut off between two changes of one midnight gets the rest, and after the last nothing', async () => {
    for (const title of ['One', 'Two', 'Three']) await create(title, '2026-03-12');
    const asked: Asked = { view: 'INBOX' };
    const { logCursor } = await read(world(), world().admin, asked);
    clock.now = new Date('2026-03-12T09:00:00Z');
    const list = await following({ ...asked, after: logCursor });
    const changes = [await list.next(), await list.next(), await list.next()];
    const titles = changes.map(({ task }) => task?.title);
    expect(titles).toEqual(['One', 'Two', 'Three']);
    const again = await following({ ...asked, after: changes[1]?.cursor ?? null });
    expect(await again.told(1)).toEqual(['ENTERED Three']);
    await create('New');
    expect(await again.told(1)).toEqual(['ENTERED New']);
    const done = await following({ ...asked, after: changes[2]?.cursor ?? null });
    expect(await done.told(1)).toEqual(['ENTERED New']);
  });

  /** Follows a list over a midnight, and is cut off when it has been told of the first of three. */
  async function cutOff(asked: Asked) {
    const ids: string[] = [];
    for (const title of ['One', 'Two', 'Three']) ids.push(await create(title, '2026-03-12'));
    const { logCursor } = await read(world(), world().admin, asked);
    clock.now = new Date('2026-03-12T09:00:00Z');
    const list = await following({ ...asked, after: logCursor });
    const { task, cursor } = await list.next();
    expect(task?.title).toBe('One');
    await list.close();
    return { ids, cursor };
  }

  it('and is cut off again while it is brought to the end of that midnight goes on from there', async () => {
    const { ids, cursor } = await cutOff({ view: 'INBOX' });
    await writes().update(ids[1] as string, { title: 'Second' });
    await writes().update(ids[0] as string, { status: 'COMPLETED' });
    const again = await following({ view: 'INBOX', after: cursor });
    const { change, task, cursor: next } = await again.next();
    expect([change, task?.title]).toEqual(['LEFT', 'One']);
    const third = await following({ view: 'INBOX', after: next });
    expect(await third.told(2)).toEqual(['ENTERED Second', 'ENTERED Three']);
  });
});

it('a list judged while an instant passed misses nothing: its cursor says when it was judged', async () => {
  await create('Due', '2026-03-11T12:00:00Z');
  const filter = { due: 'OVERDUE' } as const;
  const { ids, logCursor } = await read(world(), world().admin, { filter });
  expect(ids).toEqual([]);
  clock.now = new Date('2026-03-11T12:00:00.001Z');
  const list = await following({ filter, after: logCursor });
  expect(await list.told(1)).toEqual(['ENTERED Due']);
});
