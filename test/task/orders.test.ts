import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { startOfDay } from '../../src/time.ts';
import type { TaskFilter, TaskOrder } from '../generated/graphql.ts';
import type { Caller } from '../support/gateway.ts';
import { page, pageErrors, walk } from './pages.ts';
import { plant, plantPipeline, refusedOf, titlesOf } from './plant.ts';
import { useWorld } from './world.ts';

const world = useWorld();
const FIELDS = ['DATE', 'CREATED_AT', 'UPDATED_AT', 'COMPLETED_AT', 'PRIORITY', 'POSITION'] as const;
const ZONES = ['UTC', '-08:00', 'Pacific/Apia'];
const PRIORITIES = ['LOW', 'MEDIUM', 'HIGH'] as const;

interface Row {
  readonly key: string;
  readonly id: bigint;
  readonly day?: string;
  readonly at?: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly completedAt?: Date;
  readonly priority: (typeof PRIORITIES)[number];
  readonly position: string;
}
let rows: Row[];
let stage: string;
let limited: Caller;

const pick = <Value>(values: readonly Value[], n: number) => values[n % values.length] as Value;

beforeAll(async () => {
  const w = world();
  limited = await w.gateway.member(w.organization, { email: 'lee@ours.example', crmAccess: false });
  const [lee, ada] = await Promise.all([w.idOf(limited), w.idOf(w.admin)]);
  const account = await w.record('ACCOUNT');
  const { pipeline, stages } = await plantPipeline(w, ['Doing']);
  stage = stages[0]?.key as string;
  // Many at the same moments, which is where an order shows what it is. All of one stage, account and two people, so that
  // every way of reading lists the same ones. Places are bytes: capitals come first.
  const sketches = Array.from({ length: 36 }, (_, n) => {
    const minute = (of: number) => new Date(Date.UTC(2026, 0, 1, 0, of));
    const completed = n % 3 === 1;
    const date = pick(
      [
        { day: '2011-12-29' },
        { at: '2011-12-30T10:00:00.000Z' },
        { day: '2011-12-30' },
        { day: '2011-12-31' },
        { at: '2011-12-30T08:00:00.000Z' },
        {},
      ],
      (n * 7) >> 1,
    );
    return {
      ...date,
      createdAt: minute(n % 4),
      updatedAt: minute((n >> 2) % 3),
      ...(completed && { status: 'COMPLETED' as const, completedAt: minute((n >> 1) % 3), completedById: ada }),
      priority: pick(PRIORITIES, n >> 1),
      position: `${pick(['a', 'B', 'Z', 'b'], n)}${String.fromCharCode(48 + ((n * 13) % 36))}${n}`,
      status: completed ? ('COMPLETED' as const) : pick(['PENDING', 'CANCELLED', 'ON_HOLD'] as const, n),
      pipelineId: pipeline.id,
      stageId: stages[0]?.id as bigint,
      accountId: account.id,
      linkedType: 'ACCOUNT' as const,
      assigneeId: n % 2 === 0 ? lee : null,
      creatorId: lee,
      deletedAt: n % 9 === 8 ? minute(9) : null,
      tags: ['every'],
    };
  });
  const made = await plant(w, Object.fromEntries(sketches.map((sketch, n) => [`Task ${n}`, sketch])));
  rows = sketches.map((sketch, n) => ({ ...sketch, ...(made[`Task ${n}`] as { key: string; id: bigint }) }) as Row);
});

type Rank = readonly (number | string)[] | null;
const RANKS: Record<(typeof FIELDS)[number], (row: Row, zone: string) => Rank> = {
  DATE: ({ day, at }, zone) => {
    if (day !== undefined) return [startOfDay(day, zone), 0, day];
    return at === undefined ? null : [Date.parse(at), 1, ''];
  },
  CREATED_AT: ({ createdAt }) => [createdAt.getTime()],
  UPDATED_AT: ({ updatedAt }) => [updatedAt.getTime()],
  COMPLETED_AT: ({ completedAt }) => (completedAt ? [completedAt.getTime()] : null),
  PRIORITY: ({ priority }) => [PRIORITIES.indexOf(priority)],
  POSITION: ({ position }) => [position],
};
const sign = (a: number | string | bigint, b: number | string | bigint) => (a < b ? -1 : a > b ? 1 : 0);

/** DESIGN 2 and 9: null keys last in both directions, then by id in the last term's direction. */
function inOrder(terms: readonly TaskOrder[], zone: string): string[] {
  return rows
    .toSorted((a, b) => {
      let along = 1;
      for (const { field, direction } of terms) {
        along = direction === 'DESC' ? -1 : 1;
        const [x, y] = [RANKS[field](a, zone), RANKS[field](b, zone)];
        const found = x && y ? sign0(x, y) * along : Number(x === null) - Number(y === null);
        if (found !== 0) return found;
      }
      return sign(a.id, b.id) * along;
    })
    .map(({ key }) => key);
}
const sign0 = (x: readonly (number | string)[], y: readonly (number | string)[]) =>
  x.reduce<number>((found, part, index) => found || sign(part, y[index] as typeof part), 0);

/** The same tasks, read in every way that there is. */
const WAYS: Record<string, () => TaskFilter> = {
  'of all': () => ({}),
  'of an account': () => ({ accountId: { eq: accountKey() } }),
  'by a tag': () => ({ tag: { eq: 'every' } }),
  'of a stage': () => ({ stageId: { eq: stage } }),
};
let account = '';
const accountKey = () => account;
beforeAll(async () => {
  const found = await world().prisma.account.findFirstOrThrow({ where: { organizationId: world().organization.id } });
  account = `acct_${found.uid}`;
});

const term = fc.record({ field: fc.constantFrom(...FIELDS), direction: fc.constantFrom('ASC', 'DESC') });
const order = fc.uniqueArray(term, { minLength: 1, maxLength: 2, selector: ({ field }) => field });

describe('an order of any two terms, however it is read', () => {
  it('gives each task once, forward and backward, whatever the page [CLOSE-29]', async () => {
    const asked = fc.record({
      order,
      zone: fc.constantFrom(...ZONES),
      way: fc.constantFrom(...Object.keys(WAYS)),
      own: fc.boolean(),
      size: fc.integer({ min: 3, max: 30 }),
      backward: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(asked, async ({ order, zone, way, own, size, backward }) => {
        const stages = order.some(({ field }) => field === 'POSITION') ? { stageId: { eq: stage } } : {};
        const filter = { ...WAYS[way]?.(), ...stages, deleted: 'INCLUDE' } as TaskFilter;
        const caller = own ? limited : world().admin;
        const { entries } = await walk(world(), caller, { filter, orderBy: order, timeZone: zone }, size, backward);
        expect(entries.map(({ id }) => id)).toEqual(inOrder(order, zone));
      }),
      { numRuns: 40 },
    );
  });

  it.each(FIELDS.flatMap((field) => (['ASC', 'DESC'] as const).map((direction) => [field, direction] as const)))(
    '%s %s alone, in every way',
    async (field, direction) => {
      const orderBy = [{ field, direction }];
      for (const [name, way] of Object.entries(WAYS)) {
        if (field === 'POSITION' && name !== 'of a stage') continue;
        for (const backward of [false, true]) {
          const filter = { ...way(), deleted: 'INCLUDE' } as const;
          const { entries } = await walk(world(), world().admin, { filter, orderBy, timeZone: 'UTC' }, 13, backward);
          expect(
            entries.map(({ id }) => id),
            name,
          ).toEqual(inOrder(orderBy, 'UTC'));
        }
      }
    },
  );
});

describe('PRIORITY', () => {
  it('ascends from LOW', async () => {
    const query = '{ tasks(orderBy: { field: PRIORITY }, first: 100) { nodes { priority } } }';
    const { tasks } = await world().gateway.ask<{ tasks: { nodes: { priority: string }[] } }, object>(
      world().admin,
      query,
    );
    expect([...new Set(tasks.nodes.map(({ priority }) => priority))]).toEqual(['LOW', 'MEDIUM', 'HIGH']);
  });
});

describe('POSITION', () => {
  const POSITION: TaskOrder[] = [{ field: 'POSITION', direction: 'ASC' }];
  const refused = [{ code: 'BAD_USER_INPUT', argument: 'orderBy' }];

  it.each<[string, () => TaskFilter]>([
    ['no stage', () => ({})],
    ['several stages', () => ({ stageId: { in: [stage, 'x'] } })],
    ['any stage', () => ({ stageId: { isNull: false } })],
    ['a stage, perhaps', () => ({ or: [{ stageId: { eq: stage } }, { isOpen: true }] })],
    ['all but a stage', () => ({ not: { stageId: { eq: stage } } })],
  ])('is refused of %s', async (_name, filter) => {
    expect(await refusedOf(world(), { filter: filter(), orderBy: POSITION })).toEqual(refused);
    expect(
      await refusedOf(world(), { filter: filter(), orderBy: [{ field: 'DATE', direction: 'ASC' }, ...POSITION] }),
    ).toEqual(refused);
  });

  it.each<[string, () => TaskFilter]>([
    ['eq', () => ({ stageId: { eq: stage } })],
    ['one in a list', () => ({ stageId: { in: [stage] } })],
    ['and', () => ({ and: [{ and: [{ stageId: { eq: stage } }] }] })],
    [
      'a stage that is none, of which there is nothing',
      () => ({ stageId: { eq: 'x' }, and: [{ stageId: { eq: stage } }] }),
    ],
  ])('is good where the filter must hold one: by %s', async (name, filter) => {
    const titles = await titlesOf(world(), { filter: filter(), orderBy: POSITION, last: 100 });
    expect(titles).toHaveLength(name.startsWith('a stage that is none') ? 0 : 32);
  });
});

describe('a cursor', () => {
  const cursorOf = async (orderBy: TaskOrder[], timeZone = 'UTC') =>
    (await page(world(), world().admin, { orderBy, timeZone, first: 1 })).entries[0]?.cursor as string;
  const codes = async (args: object) =>
    (await pageErrors(world(), world().admin, args)).map(({ extensions }) => extensions['code']);

  it('of each order is refused by each other, and of a zone by another where dates are in it', async () => {
    const orders = (['DATE', 'CREATED_AT', 'UPDATED_AT', 'COMPLETED_AT', 'PRIORITY'] as const).flatMap((field) =>
      (['ASC', 'DESC'] as const).map((direction) => [{ field, direction }]),
    );
    const cursors = await Promise.all(orders.map((orderBy) => cursorOf(orderBy)));
    for (const [own, orderBy] of orders.entries()) {
      for (const [of, after] of cursors.entries()) {
        expect(await codes({ orderBy, timeZone: 'UTC', after })).toEqual(own === of ? [] : ['BAD_USER_INPUT']);
      }
      const byDate = orderBy[0]?.field === 'DATE';
      expect(await codes({ orderBy, timeZone: '-08:00', after: cursors[own] })).toEqual(
        byDate ? ['BAD_USER_INPUT'] : [],
      );
    }
  });

  it.each<[TaskOrder['field'], unknown]>([
    ['PRIORITY', 'URGENT'],
    ['PRIORITY', 1],
    ['COMPLETED_AT', 'x'],
    ['UPDATED_AT', null],
  ])('of %s that is %j is junk', async (field, part) => {
    const after = Buffer.from(JSON.stringify([`tasks ${field}.ASC`, part, '1'])).toString('base64url');
    expect(await codes({ orderBy: [{ field }], after })).toEqual(['BAD_USER_INPUT']);
  });
});

describe('without an order', () => {
  it('the view ARCHIVE is by completion, the last first; all else by date', async () => {
    const [listing, orderBy] = [
      { timeZone: 'UTC', last: 100 },
      [{ field: 'COMPLETED_AT', direction: 'DESC' } as const],
    ];
    const archive = await titlesOf(world(), { ...listing, view: 'ARCHIVE' });
    expect(archive).toEqual(await titlesOf(world(), { ...listing, view: 'ARCHIVE', orderBy }));
    expect(archive.length).toBeGreaterThan(5);
    const byDate = [{ field: 'DATE', direction: 'ASC' } as const];
    for (const view of ['INBOX', 'FUTURE'] as const) {
      expect(await titlesOf(world(), { ...listing, view })).toEqual(
        await titlesOf(world(), { ...listing, view, orderBy: byDate }),
      );
    }
  });
});
