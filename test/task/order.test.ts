import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskOrder } from '../generated/graphql.ts';
import { inOrder, type Placed, page, walk } from './pages.ts';
import { type TaskSketch, useWorld } from './world.ts';

const world = useWorld();

// Days around which these zones skip or repeat an hour, or a day.
const ZONES = {
  UTC: '2026-01-12',
  '-08:00': '2015-01-12',
  '+05:45': '2015-01-12',
  'Pacific/Apia': '2011-12-30',
  'Pacific/Kiritimati': '1994-12-31',
  'Europe/Paris': '2026-03-29',
  'America/Santiago': '2026-09-06',
  'America/St_Johns': '2010-11-07',
  'Australia/Lord_Howe': '2026-04-05',
  'Antarctica/Troll': '2026-10-25',
} as const;
type Zone = keyof typeof ZONES;
const HOUR = 3_600_000;
/** Of each property and order: with 36 of them, enough to meet what is rare. Every run has a seed of its own. */
const RUNS = 3;
const dayFrom = (day: string, count: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + count * 24 * HOUR).toISOString().slice(0, 10);

/** Tasks around a day: many at the same moments, which is where an order shows what it is. */
const sketches = (zone: Zone) => {
  const day = fc.integer({ min: -1, max: 2 }).map((count) => dayFrom(ZONES[zone], count));
  // Every half hour of four days is a midnight somewhere; a millisecond beside it is not.
  const instant = fc
    .tuple(fc.integer({ min: -48, max: 96 }), fc.constantFrom(0, 0, 0, -1, 1))
    .map(([halves, beside]) => Date.parse(`${ZONES[zone]}T00:00:00Z`) + (halves * HOUR) / 2 + beside);
  const date = fc.oneof(
    { weight: 3, arbitrary: day.map((of) => ({ day: of })) },
    { weight: 3, arbitrary: instant.map((of) => ({ instant: of })) },
    { weight: 2, arbitrary: fc.constant({}) },
  );
  const createdAt = fc.integer({ min: 0, max: 3 }).map((minute) => new Date(Date.UTC(2026, 0, 1, 0, minute)));
  const status = fc.constantFrom('PENDING', 'ON_HOLD', 'COMPLETED', 'CANCELLED');
  return fc.array(
    fc.tuple(date, createdAt, status).map(([of, at, now]): TaskSketch => ({ ...of, createdAt: at, status: now })),
    { maxLength: 24, size: 'max' },
  );
};

const DIRECTIONS = ['ASC', 'DESC'] as const;
const FIELDS = [['DATE'], ['CREATED_AT'], ['DATE', 'CREATED_AT'], ['CREATED_AT', 'DATE']] as const;
const ORDERS: TaskOrder[][] = FIELDS.flatMap(([first, second]) =>
  DIRECTIONS.flatMap((one) =>
    second
      ? DIRECTIONS.map((two) => [
          { field: first, direction: one },
          { field: second, direction: two },
        ])
      : [[{ field: first, direction: one }]],
  ),
);
const named = ORDERS.map((terms) => ({
  name: terms.map(({ field, direction }) => `${field} ${direction}`).join(', '),
  terms,
}));

const asked = fc
  .constantFrom(...(Object.keys(ZONES) as Zone[]))
  .chain((zone) =>
    fc.record({ zone: fc.constant(zone), rows: sketches(zone), size: fc.integer({ min: 1, max: 7 }), place: fc.nat() }),
  );

async function placed(rows: readonly TaskSketch[]): Promise<Placed[]> {
  await world().clear();
  const known = await world().tasks(rows);
  return known.map(({ id, key }, index) => ({ ...(rows[index] as TaskSketch & { createdAt: Date }), id, key }));
}
const keysOf = (entries: readonly { readonly id: string }[]) => entries.map(({ id }) => id);

describe.each(named)('ordered by $name', ({ terms }) => {
  const forAll = (
    holds: (list: string[], given: { zone: Zone; size: number; place: number }) => Promise<void>,
    numRuns: number,
  ) =>
    fc.assert(
      fc.asyncProperty(asked, async ({ rows, ...given }) => {
        await holds(inOrder(await placed(rows), terms, given.zone), given);
      }),
      { numRuns },
    );

  it('a walk forward meets each task once, in order, and knows where the list ends [CLOSE-07] [CLOSE-29]', () =>
    forAll(async (list, { zone, size }) => {
      const { entries, pages } = await walk(world(), world().admin, { orderBy: terms, timeZone: zone }, size);
      expect(keysOf(entries)).toEqual(list);
      expect(pages).toEqual(expectedPages(list.length, size));
    }, RUNS));

  it('a walk backward meets the same, from the other end [CLOSE-07]', () =>
    forAll(async (list, { zone, size }) => {
      const { entries, pages } = await walk(world(), world().admin, { orderBy: terms, timeZone: zone }, size, true);
      expect(keysOf(entries)).toEqual(list);
      expect(pages).toEqual(
        expectedPages(list.length, size).map(({ length, previous, next }) => ({
          length,
          previous: next,
          next: previous,
        })),
      );
    }, RUNS));

  it('from any cursor, what follows and what precedes are the two sides of its task', () =>
    forAll(async (list, { zone, size, place }) => {
      const args = { orderBy: terms, timeZone: zone };
      const whole = await page(world(), world().admin, { ...args, first: 100 });
      expect(keysOf(whole.entries)).toEqual(list);
      if (list.length === 0) return;
      const index = place % list.length;
      const cursor = whole.entries[index]?.cursor as string;
      const after = await page(world(), world().admin, { ...args, first: size, after: cursor });
      const before = await page(world(), world().admin, { ...args, last: size, before: cursor });
      expect(keysOf(after.entries)).toEqual(list.slice(index + 1, index + 1 + size));
      expect(keysOf(before.entries)).toEqual(list.slice(Math.max(0, index - size), index));
      expect([after.hasNextPage, after.hasPreviousPage]).toEqual([index + 1 + size < list.length, true]);
      expect([before.hasPreviousPage, before.hasNextPage]).toEqual([index - size > 0, true]);
    }, RUNS));
});

/** How a list of so many falls into pages, forward. */
function expectedPages(count: number, size: number) {
  return Array.from({ length: Math.max(1, Math.ceil(count / size)) }, (_, index) => ({
    length: Math.min(size, count - index * size),
    previous: index > 0,
    next: (index + 1) * size < count,
  }));
}

describe('the model', () => {
  it('tells a zone from UTC, so that a list in UTC would fail', () => {
    const tasks: Placed[] = [
      { key: 'day', id: 1n, day: '2015-01-12', createdAt: new Date(0) },
      { key: 'before', id: 2n, instant: Date.parse('2015-01-12T07:00:00Z'), createdAt: new Date(0) },
      { key: 'same', id: 3n, instant: Date.parse('2015-01-12T08:00:00Z'), createdAt: new Date(0) },
    ];
    const terms: TaskOrder[] = [{ field: 'DATE', direction: 'ASC' }];
    expect(inOrder(tasks, terms, '-08:00')).toEqual(['before', 'day', 'same']);
    expect(inOrder(tasks, terms, 'UTC')).toEqual(['day', 'before', 'same']);
  });
});
