import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Viewer } from '../../../src/auth/viewer.ts';
import type { Delivered } from '../../../src/task/live/feed.ts';
import { followTasks } from '../../../src/task/live/service.ts';
import { useWorld } from '../world.ts';
import { granted, writesOf } from '../writes.ts';
import { ring } from './room.ts';

// What many who follow cost together: their feeds themselves, without a socket between.

const clock = { now: new Date('2026-03-11T12:00:00Z') };
const world = useWorld({ now: () => clock.now });
const MANY = 120;
let accountId: string;
let viewer: Viewer;
beforeAll(async () => {
  const { prisma, organization, admin } = world();
  accountId = (await world().record('ACCOUNT')).key;
  const { uid } = await prisma.organization.findUniqueOrThrow({ where: { id: organization.id } });
  const of = {
    organizationId: organization.id,
    organizationUid: uid,
    weekStartsOn: 'MONDAY',
    crmAccess: true,
  } as const;
  viewer = { ...of, userId: await world().idOf(admin) } as Viewer;
});

type Feed = AsyncIterableIterator<Delivered>;
const feeds: Feed[] = [];
afterEach(async () => {
  for (const feed of feeds.splice(0)) await feed.return?.();
});
const follow = async (filter: object, view: 'INBOX' | null = null) => {
  const feed = await followTasks(world().gateway.app.runtime, viewer, { filter, view, zone: 'UTC' }, null);
  feeds.push(feed);
  return feed;
};
const all = async (make: (index: number) => Promise<Feed>) => {
  const made: Feed[] = [];
  for (let index = 0; index < MANY; index += 1) made.push(await make(index));
  return made;
};
const create = async (tags: string[], date: string | null = null) =>
  granted(await writesOf(world(), world().admin).create({ title: tags.join() || 'x', accountId, tags, date }));
const changes = (given: readonly IteratorResult<Delivered>[]) => given.map(({ value }) => value?.change);
/** Which statements of live lists were sent. */
const sent = async (work: () => Promise<unknown>) =>
  (await world().gateway.statementsOf(work)).filter((name) => /^(event\.told|task\.(judge|passing))$/.test(name));
const count = (names: readonly string[], name: string) => names.filter((each) => each === name).length;

describe('those who follow lists of one shape', () => {
  it('are judged by one statement a batch, whatever their lists hold and however long these are', async () => {
    // Each its own tag, among more or fewer that no task has.
    const lists = await all((index) =>
      follow({ tag: { in: [`t${index}`, ...Array.from({ length: index % 7 }, (_, at) => `none${at}`)] } }),
    );
    const parked = lists.map((feed) => feed.next());
    await create(['before']);
    const names = await sent(async () => {
      await create(Array.from({ length: 40 }, (_, index) => `t${index}`));
      await Promise.all(parked.slice(0, 40));
    });
    // A second one of the log, when the ring came while it was read.
    expect(count(names, 'event.told')).toBeLessThanOrEqual(2);
    expect(count(names, 'task.judge')).toBe(1);
  });

  it('are, whether they wait for it or still have the last one in hand', async () => {
    const lists = await all(() => follow({ isOpen: true, tag: { eq: 'x' } }));
    const [waiting, busy] = [lists.slice(0, MANY / 2), lists.slice(MANY / 2)];
    const first = lists.map((feed) => feed.next());
    await create(['x']);
    await Promise.all(first);
    const again = waiting.map((feed) => feed.next());
    await create(['x']);
    expect(changes(await Promise.all(again))).toEqual(Array(MANY / 2).fill('ENTERED'));
    const names = await sent(async () => {
      expect(changes(await Promise.all(busy.map((feed) => feed.next())))).toEqual(Array(MANY / 2).fill('ENTERED'));
    });
    expect(names).toEqual([]);
  });

  it('are told of midnight by one statement', async () => {
    await create(['night'], '2026-03-12');
    const lists = await all((index) => follow({ tag: { in: ['night', `n${index}`] } }, 'INBOX'));
    const parked = lists.map((feed) => feed.next());
    const names = await sent(async () => {
      clock.now = new Date('2026-03-12T00:00:00Z');
      ring(world());
      const told = (await Promise.all(parked)).map(({ value }) => [value?.change, value?.told]);
      expect(told).toEqual(Array(MANY).fill(['ENTERED', null]));
    });
    expect(count(names, 'task.passing')).toBe(1);
    expect(count(names, 'task.judge')).toBe(0);
  });
});

describe('one person', () => {
  it('may follow 200 lists at once, and another one when one has ended; others follow theirs', async () => {
    for (let count = feeds.length; count < 200; count += 1) await follow({});
    await expect(follow({})).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', extensions: { limit: 200 } });
    const { gateway, organization } = world();
    const someone = await gateway.member(organization, { email: 'someone@ours.example', role: 'ADMIN' });
    const { runtime } = gateway.app;
    const other = { ...viewer, userId: await world().idOf(someone) } as Viewer;
    feeds.push(await followTasks(runtime, other, { filter: {}, view: null, zone: 'UTC' }, null));
    await Promise.all([feeds[0]?.return?.(), feeds[0]?.return?.()]);
    await follow({});
    await expect(follow({})).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });
});

describe('whoever does not read', () => {
  it('delays nobody, is kept nothing for, and gets everything in order when they do', async () => {
    const [slow, quick] = [await follow({ tag: { eq: 'slow' } }), await follow({ tag: { eq: 'slow' } })];
    for (let made = 0; made < 5; made += 1) {
      const next = quick.next();
      await create(['slow', `s${made}`]);
      await next;
    }
    const seqs: bigint[] = [];
    for (let got = 0; got < 5; got += 1) seqs.push((await slow.next()).value?.place.seq as bigint);
    expect(seqs).toEqual(seqs.toSorted((a, b) => Number(a - b)));
    expect(new Set(seqs).size).toBe(5);
  });

  it('is let go at once, though a judgement is under way', async () => {
    const feed = await follow({ tag: { eq: 'gone' } });
    const parked = feed.next();
    await create(['gone']);
    await Promise.all([feed.return?.(), parked]);
    expect((await feed.next()).done).toBe(true);
  });
});

it('time is not asked about as long as it can have moved nothing', async () => {
  clock.now = new Date('2026-03-13T12:00:00Z');
  const lists = [await follow({ due: 'OVERDUE' }), await follow({}, 'INBOX'), await follow({ isOpen: true })];
  const { statements } = world().gateway;
  statements.length = 0;
  const parked = lists.map((feed) => feed.next());
  // Where the nearest instant lies, is looked up once.
  await expect.poll(() => statements.some(({ text }) => text.includes('task.passing'))).toBe(true);
  const names = await sent(async () => {
    for (const instant of ['12:10', '12:20', '12:30']) {
      clock.now = new Date(`2026-03-13T${instant}:00Z`);
      ring(world());
      await create([instant], '2026-03-13T11:00:00Z');
    }
    await Promise.all(parked);
  });
  expect(count(names, 'task.passing')).toBe(0);
});
