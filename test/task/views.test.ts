import { beforeAll, describe, expect, it } from 'vitest';
import { isOverdue, viewOf } from '../../src/task/rules.ts';
import { graphql } from '../generated/index.ts';
import { STATUSES } from './arbitrary.ts';
import { plant, titlesOf } from './plant.ts';
import { useWorld } from './world.ts';

// A clock that the tests set, and zones where its days end and begin at odd moments.
const clock = { now: '2026-03-11T12:00:00.000Z', step: 0, read: 0 };
const world = useWorld({ now: () => new Date(Date.parse(clock.now) + clock.step * clock.read++) });
const EVERY = { _type: { any: true }, deleted: 'INCLUDE' } as const;
const MOMENTS: [zone: string, now: string, why: string][] = [
  ['UTC', '2026-03-11T12:00:00.000Z', 'noon'],
  ['UTC', '2026-03-11T00:00:00.000Z', 'midnight'],
  ['UTC', '2026-03-11T23:59:59.999Z', 'the last moment of a day'],
  ['-08:00', '2026-03-11T07:59:59.999Z', 'the last moment of a day'],
  ['-08:00', '2026-03-11T08:00:00.000Z', 'midnight'],
  ['Pacific/Kiritimati', '2026-03-11T10:00:00.000Z', 'midnight of the next day'],
  ['Pacific/Apia', '2011-12-30T09:59:59.999Z', 'before the day that was skipped'],
  ['Pacific/Apia', '2011-12-30T10:00:00.000Z', 'after it'],
  ['America/Santiago', '2026-09-06T04:00:00.000Z', 'a day that begins at one'],
  ['America/St_Johns', '2010-11-07T02:31:00.000Z', 'yesterday again, after midnight was set back'],
  ['America/St_Johns', '2010-11-07T03:31:00.000Z', 'the day that had begun before'],
];

const HOUR = 3_600_000;
const dayFrom = (instant: number, count: number) => new Date(instant + count * 24 * HOUR).toISOString().slice(0, 10);

/** Tasks around a moment: days and instants before, at and after every midnight that could be one. */
async function plantAround(now: string) {
  await world().clear();
  const at = Date.parse(now);
  const days = [-8, -7, -2, -1, 0, 1, 2, 6, 7].map((count) => ({ day: dayFrom(at, count) }));
  const halves = Array.from({ length: 30 }, (_, n) => Math.floor(at / HOUR) * HOUR + (n - 15) * 2 * HOUR);
  const instants = [at - 1, at, at + 1, ...halves.flatMap((half) => [half - 1, half, half + HOUR / 2, half + HOUR])];
  const dates = [...days, ...[...new Set(instants)].map((of) => ({ at: new Date(of).toISOString() })), {}];
  const rows = dates.flatMap((date, index) => {
    const status = STATUSES[index % 3 === 0 ? (index / 3) % STATUSES.length : 0] as (typeof STATUSES)[number];
    return [{ ...date, status, ...(index % 7 === 0 && { kind: 'VOICEMAIL' as const, deletedAt: new Date(at) }) }];
  });
  await plant(world(), Object.fromEntries(rows.map((row, n) => [`Task ${n}`, row])));
  return rows.map((row, n) => {
    const { day, at: instant } = row as { day?: string; at?: string };
    const date = day !== undefined ? { day } : instant === undefined ? null : { instant: Date.parse(instant) };
    return { title: `Task ${n}`, status: row.status, date };
  });
}

const WALK = graphql(`
  query TaskRoomViews($view: TaskView, $filter: TaskFilter, $timeZone: TimeZone, $after: String) {
    tasks(view: $view, filter: $filter, timeZone: $timeZone, after: $after, first: 100) {
      totalCount
      nodes { title view(timeZone: $timeZone) isOverdue(timeZone: $timeZone) }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
async function listed(args: object) {
  const titles: string[] = [];
  for (let after: string | null = null; ; ) {
    const { tasks }: { tasks: Awaited<ReturnType<typeof ask>>['tasks'] } = await ask({ ...args, after });
    titles.push(...tasks.nodes.map(({ title }) => title));
    after = tasks.pageInfo.endCursor ?? null;
    if (tasks.pageInfo.hasNextPage) continue;
    expect(tasks.totalCount).toBe(titles.length);
    return titles.toSorted();
  }
}
const ask = (args: object) => world().gateway.ask(world().admin, WALK, args);

describe.each(MOMENTS)('in %s at %s: %s', (timeZone, now) => {
  it('each view holds the tasks whose own view it is, and no others [CLOSE-26] [CLOSE-27] [CLOSE-28] [CLOSE-41]', async () => {
    clock.now = now;
    const rows = await plantAround(now);
    for (const view of ['INBOX', 'FUTURE', 'ARCHIVE'] as const) {
      const own = rows.filter(({ status, date }) => viewOf(status, date, Date.parse(now), timeZone) === view);
      const titles = own.map(({ title }) => title).toSorted();
      expect(await listed({ view, filter: EVERY, timeZone }), view).toEqual(titles);
      // Read together instead of branch by branch.
      expect(await listed({ view, filter: { ...EVERY, search: 'task' }, timeZone }), view).toEqual(titles);
      expect(titles.length).toBeGreaterThan(4);
    }
    const overdue = rows.filter(({ status, date }) => isOverdue(status, date, Date.parse(now), timeZone));
    const titles = overdue.map(({ title }) => title).toSorted();
    expect(await listed({ filter: { ...EVERY, due: 'OVERDUE' }, timeZone })).toEqual(titles);
    expect(titles.length).toBeGreaterThan(4);
  });
});

describe('a view', () => {
  beforeAll(async () => {
    clock.now = '2026-03-11T12:00:00.000Z';
    await world().clear();
    await plant(world(), {
      late: { day: '2026-03-01' },
      today: { at: '2026-03-11T23:00:00.000Z' },
      tomorrow: { day: '2026-03-12' },
      undated: {},
      done: { status: 'COMPLETED', day: '2026-03-01' },
      dropped: { status: 'CANCELLED', day: '2026-03-01' },
      call: { kind: 'MISSED_CALL', day: '2026-03-01' },
    });
  });

  it('and a filter both hold: neither overrides the other [CLOSE-37]', async () => {
    expect(await titlesOf(world(), { view: 'INBOX' })).toEqual(['late', 'today', 'undated']);
    expect(await titlesOf(world(), { view: 'INBOX', filter: { date: { gte: '2026-03-11' } } })).toEqual(['today']);
    expect(await titlesOf(world(), { view: 'FUTURE', filter: { date: { lt: '2026-03-11' } } })).toEqual([]);
    expect(await titlesOf(world(), { view: 'ARCHIVE', filter: { isOpen: true } })).toEqual([]);
    expect(await titlesOf(world(), { view: 'INBOX', filter: { _type: { any: true } } })).toEqual([
      'late',
      'call',
      'today',
      'undated',
    ]);
  });

  it('of a filter that has nothing to do with it is asked for beside it', async () => {
    expect(await titlesOf(world(), { view: 'FUTURE', filter: { not: { isComplete: true } } })).toEqual(['tomorrow']);
  });
});

describe('what is due', () => {
  // A Wednesday.
  const NOW = '2026-03-11T12:00:00.000Z';
  beforeAll(async () => {
    clock.now = NOW;
    await world().clear();
    await plant(world(), {
      'Sat 7': { day: '2026-03-07' },
      'Sun 8': { day: '2026-03-08' },
      'Mon 9': { day: '2026-03-09' },
      'Tue 10, 23:59': { at: '2026-03-10T23:59:59.999Z' },
      'Wed 11': { day: '2026-03-11' },
      'Wed 11, 0:00': { at: '2026-03-11T00:00:00.000Z' },
      'Wed 11, noon': { at: NOW },
      'Wed 11, done': { day: '2026-03-11', status: 'COMPLETED' },
      'Thu 12, 0:00': { at: '2026-03-12T00:00:00.000Z' },
      'Sat 14': { day: '2026-03-14' },
      'Sun 15': { day: '2026-03-15' },
      'Sun 15, 23:59': { at: '2026-03-15T23:59:59.999Z' },
      'Mon 16': { day: '2026-03-16' },
      undated: {},
    });
  });
  const due = (bucket: 'OVERDUE' | 'TODAY' | 'THIS_WEEK', timeZone = 'UTC') =>
    titlesOf(world(), { filter: { due: bucket }, timeZone, last: 100 });

  it('is overdue when its day is over or its instant past, while it is open [PARSA-19]', async () => {
    expect(await due('OVERDUE')).toEqual(['Sat 7', 'Sun 8', 'Mon 9', 'Tue 10, 23:59', 'Wed 11, 0:00']);
  });

  it('is due today on the calendar, overdue and done ones among it [PARSA-19]', async () => {
    expect(await due('TODAY')).toEqual(['Wed 11', 'Wed 11, done', 'Wed 11, 0:00', 'Wed 11, noon']);
    expect(await due('TODAY', '-12:00')).toEqual(['Wed 11', 'Wed 11, done', 'Wed 11, noon', 'Thu 12, 0:00']);
    expect(await due('TODAY', '+14:00')).toEqual(['Wed 11, noon', 'Thu 12, 0:00']);
  });

  it.each([
    ['MONDAY', ['Mon 9', 'Sun 15', 'Sun 15, 23:59'], ['Sat 7', 'Sun 8', 'Mon 16']],
    ['SUNDAY', ['Sun 8', 'Mon 9', 'Sat 14'], ['Sat 7', 'Sun 15', 'Sun 15, 23:59', 'Mon 16']],
    ['SATURDAY', ['Sat 7', 'Sun 8'], ['Sat 14', 'Sun 15', 'Mon 16']],
    ['WEDNESDAY', ['Wed 11', 'Mon 16', 'Sun 15'], ['Mon 9', 'Tue 10, 23:59']],
    ['THURSDAY', ['Wed 11', 'Sat 7', 'Wed 11, noon'], ['Thu 12, 0:00', 'Sat 14']],
  ] as const)('is due this week, which begins on %s [PARSA-19]', async (weekStartsOn, within, without) => {
    const { prisma, organization } = world();
    await prisma.organization.update({ where: { id: organization.id }, data: { weekStartsOn } });
    const titles = await due('THIS_WEEK');
    expect(titles).toEqual(expect.arrayContaining([...within]));
    expect(titles.filter((title) => (without as readonly string[]).includes(title))).toEqual([]);
  });

  it('is within a bucket, or not: what is undated never is', async () => {
    for (const bucket of ['OVERDUE', 'TODAY', 'THIS_WEEK'] as const) {
      const others = await titlesOf(world(), { filter: { not: { due: bucket } }, timeZone: 'UTC', last: 100 });
      expect(others).toContain('undated');
      expect([...(await due(bucket)), ...others]).toHaveLength(14);
    }
  });
});

it('lists of one operation agree on what is overdue, though the clock goes on', async () => {
  const { gateway, admin } = world();
  clock.step = 1_000;
  const statements = gateway.statements.length;
  const overdue = 'tasks(filter: { due: OVERDUE }) { nodes { id } }';
  await gateway.ask(admin, `{ a: ${overdue} b: ${overdue} }`);
  clock.step = 0;
  const [a, b] = gateway.statements.slice(statements).filter(({ text }) => text.startsWith('/* task.list */'));
  expect(a?.values.length).toBeGreaterThan(3);
  expect(a?.values).toEqual(b?.values);
});
