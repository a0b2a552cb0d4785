import { beforeAll, describe, expect, it } from 'vitest';
import type { TaskOrder } from '../generated/graphql.ts';
import { type PageArgs, page, pageErrors, walk } from './pages.ts';
import { useWorld } from './world.ts';

const world = useWorld();
const DATE: TaskOrder[] = [{ field: 'DATE', direction: 'ASC' }];
const CREATED: TaskOrder[] = [{ field: 'CREATED_AT', direction: 'ASC' }];

beforeAll(() =>
  world().tasks([
    { day: '2026-01-12' },
    { day: '2026-01-13' },
    { instant: Date.parse('2026-01-12T08:00:00Z') },
    { instant: Date.parse('2026-01-12T09:00:00Z') },
    {},
    {},
  ]),
);

const cursorOf = async (args: PageArgs = {}) =>
  (await page(world(), world().admin, { ...args, first: 1 })).entries[0]?.cursor as string;
const refused = async (args: PageArgs) =>
  (await pageErrors(world(), world().admin, args)).map(({ extensions }) => extensions);
const bad = (argument: string) => [{ code: 'BAD_USER_INPUT', argument }];

describe('a cursor', () => {
  it.each<[string, PageArgs]>([
    ['another field', { orderBy: CREATED }],
    ['the other direction', { orderBy: [{ field: 'DATE', direction: 'DESC' }] }],
    ['one more term', { orderBy: [...DATE, ...CREATED] }],
    ['another zone', { timeZone: '-08:00' }],
  ])('is refused by a list with %s, either way', async (_name, other) => {
    const cursor = await cursorOf({ orderBy: DATE, timeZone: 'UTC' });
    expect(await refused({ ...other, after: cursor })).toEqual(bad('after'));
    expect(await refused({ ...other, last: 2, before: cursor })).toEqual(bad('before'));
  });

  it('is refused when a header has changed the zone since', async () => {
    const cursor = await cursorOf();
    const { errors } = await world().gateway.send(
      { ...world().admin, headers: { 'x-tz-offset': '-8' } },
      'query TaskRoomMoved($after: String) { tasks(after: $after) { nodes { id } } }',
      { after: cursor },
    );
    expect(errors?.map(({ extensions }) => extensions)).toEqual(bad('after'));
  });

  it('of an order that days have no part in is good in every zone', async () => {
    const cursor = await cursorOf({ orderBy: CREATED, timeZone: '-08:00' });
    expect(
      (await page(world(), world().admin, { orderBy: CREATED, timeZone: 'UTC', after: cursor })).entries,
    ).toHaveLength(5);
  });

  it('is good with another filter: it is a place, not a page', async () => {
    const cursor = await cursorOf();
    expect(
      (await page(world(), world().admin, { filter: { status: { eq: 'PENDING' } }, after: cursor })).entries,
    ).toHaveLength(5);
  });

  it('is good when its task is gone: the list goes on behind its place', async () => {
    const [known] = await world().tasks([{ day: '2026-01-12' }]);
    const { entries } = await page(world(), world().admin, {});
    const index = entries.findIndex(({ id }) => id === known?.key);
    await world().prisma.task.deleteMany({
      where: { organizationId: world().organization.id, id: known?.id as bigint },
    });
    const after = await page(world(), world().admin, { after: entries[index]?.cursor as string });
    expect(after.entries).toEqual(entries.slice(index + 1));
  });

  it('is no text that people could take for something else', async () => {
    for (const { cursor } of (await page(world(), world().admin, {})).entries) expect(cursor).toMatch(/^[\w-]{8,}$/);
  });

  const encode = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  const SIGNATURE = 'tasks DATE.ASC UTC';
  const junk: [string, string][] = [
    ['an empty one', ''],
    ['words', 'the next page, please'],
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['null', Buffer.from('null').toString('base64url')],
    ['an object', Buffer.from('{"a":1}').toString('base64url')],
    ['its order alone', encode(SIGNATURE)],
    ['no id', encode(SIGNATURE, '2026-01-12')],
    ['an id that is no number', encode(SIGNATURE, '2026-01-12', 'x')],
    ['an id beyond bigint', encode(SIGNATURE, '2026-01-12', '9'.repeat(20))],
    ['a day that does not exist', encode(SIGNATURE, '2026-02-30', '1')],
    ['a day that is SQL', encode(SIGNATURE, "2026-01-12'; DROP TABLE task --", '1')],
    ['an instant as a text', encode(SIGNATURE, '2026-01-12T00:00:00Z', '1')],
    ['an instant beyond time', encode(SIGNATURE, 9e18, '1')],
    ['an instant between milliseconds', encode(SIGNATURE, 0.5, '1')],
    ['a date that is true', encode(SIGNATURE, true, '1')],
    ['a part too many', encode(SIGNATURE, null, '1', '1')],
    ['parts within parts', encode(SIGNATURE, ['2026-01-12'], '1')],
  ];
  it.each(junk)('that is junk is refused: %s', async (_name, cursor) => {
    expect(await refused({ after: cursor, timeZone: 'UTC' })).toEqual(bad('after'));
    expect(await refused({ before: cursor, timeZone: 'UTC' })).toEqual(bad('before'));
  });

  it('of a day that no task can have is refused in every zone: it would begin in a year that is none', async () => {
    for (const timeZone of ['UTC', 'Europe/Paris', '+14:00', 'America/Juneau']) {
      for (const day of ['0001-01-01', '9999-12-31']) {
        const cursor = encode(SIGNATURE.replace('UTC', timeZone), day, '5');
        expect(await refused({ after: cursor, timeZone })).toEqual(bad('after'));
        expect(await refused({ before: cursor, timeZone })).toEqual(bad('before'));
      }
    }
  });

  it('of the shape that is taken for junk above is good when it is whole', async () => {
    const after = encode(SIGNATURE, '2026-01-12', '0');
    expect((await page(world(), world().admin, { after, timeZone: 'UTC' })).entries).toHaveLength(6);
  });
});

describe('a page', () => {
  it.each<[PageArgs, string]>([
    [{ first: 0 }, 'first'],
    [{ first: -1 }, 'first'],
    [{ first: 101 }, 'first'],
    [{ last: 0 }, 'last'],
    [{ last: -5 }, 'last'],
    [{ last: 101 }, 'last'],
  ])('of %j entries is refused', async (args, argument) => {
    expect(await refused(args)).toEqual(bad(argument));
  });

  it.each<PageArgs>([
    { first: 1, last: 1 },
    { after: 'x', before: 'x' },
    { first: 1, before: 'x' },
    { last: 1, after: 'x' },
  ])('in both directions at once is refused: %j', async (args) => {
    expect(await refused(args)).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  });

  it('has 25 entries when nothing is said, from the front', async () => {
    const rows = await world().tasks(Array.from({ length: 30 }, () => ({ day: '2030-01-01' })));
    const first = await page(world(), world().admin, {});
    expect(first.entries).toHaveLength(25);
    expect(first).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const { entries } = await walk(world(), world().admin, {}, 100);
    expect(first.entries).toEqual(entries.slice(0, 25));
    const back = await page(world(), world().admin, { before: entries.at(-1)?.cursor as string });
    expect(back.entries, 'before alone is 25 from the back').toEqual(entries.slice(-26, -1));
    await world().prisma.task.deleteMany({
      where: { organizationId: world().organization.id, id: { in: rows.map(({ id }) => id) } },
    });
  });

  it('of a list of nothing is empty, with nothing before or after it and no cursors', async () => {
    for (const args of [{ first: 5 }, { last: 5 }]) {
      const found = await page(world(), world().admin, { ...args, filter: { id: { in: [] } } });
      expect(found).toEqual({ entries: [], hasNextPage: false, hasPreviousPage: false });
    }
  });
});

describe('an order', () => {
  it.each<[string, TaskOrder[]]>([
    ['of three terms', [...DATE, ...CREATED, ...DATE]],
    ['of one field twice', [...DATE, { field: 'DATE', direction: 'DESC' }]],
  ])('%s is refused', async (_name, orderBy) => {
    expect(await refused({ orderBy })).toEqual(bad('orderBy'));
  });

  it('is DATE ASC when there is none, an empty one, or null', async () => {
    const expected = (await page(world(), world().admin, { orderBy: DATE })).entries;
    for (const args of [{}, { orderBy: [] }, { orderBy: null }])
      expect((await page(world(), world().admin, args)).entries).toEqual(expected);
  });

  it('is ascending when no direction is given', async () => {
    const query = 'query TaskRoomAscending { tasks(orderBy: { field: CREATED_AT }) { edges { cursor } } }';
    const { tasks } = await world().gateway.ask<{ tasks: { edges: { cursor: string }[] } }, object>(
      world().admin,
      query,
    );
    expect(tasks.edges[0]?.cursor).toBe((await page(world(), world().admin, { orderBy: CREATED })).entries[0]?.cursor);
  });
});
