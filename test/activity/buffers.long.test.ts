import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sent } from '../../src/db/pool.ts';
import { encodeId } from '../../src/ids.ts';
import type { ActivityFilter, ActivityOrder } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { everyNode, type Plan, settledPlan } from '../support/plans.ts';
import { useWorld } from '../task/world.ts';

// What a page of a list reads, of the very statements that the gateway sends, at 10,000 activities an organization.

const PAGE = graphql(`
  query ActivityRoomBuffers(
    $filter: ActivityFilter, $orderBy: [ActivityOrder!], $first: Int, $after: String, $last: Int, $before: String
  ) {
    activities(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      edges { cursor }
    }
  }
`);
const OF_ACCOUNTS = graphql(`
  query ActivityRoomBuffersOf($first: Int!, $orderBy: [ActivityOrder!]) {
    accounts(first: $first) { nodes { activities(first: 10, orderBy: $orderBy) { nodes { id } } } }
  }
`);

const world = useWorld();
let session: pg.Client;
let creatorId: string;
let accountId: string;
let ids: string[];

/** As a busy organization looks: 200 accounts, some activities private, a twentieth in the bin, one word in a hundred rare. */
const plant = (organizationId: bigint) =>
  session.query(
    `WITH accounts AS (
       INSERT INTO account (organization_id, uid, name, creator_id, created_at, updated_at)
       SELECT $1::bigint, lpad($1::bigint::text || 'A' || n, 26, '0'), 'Account ' || n,
              (SELECT user_id FROM membership WHERE organization_id = $1 AND kind = 'ASSISTANT'), now(), now()
       FROM generate_series(1, 200) n RETURNING id
     ), people AS (
       SELECT array_agg(user_id ORDER BY user_id) AS ids FROM membership WHERE organization_id = $1 AND kind = 'PERSON'
     ), owned AS (SELECT array_agg(id ORDER BY id) AS ids FROM accounts)
     INSERT INTO activity (organization_id, uid, account_id, creator_id, title, description, activity_timestamp, duration,
                           location, visibility, created_at, updated_at, deleted_at, is_active)
     SELECT $1::bigint, lpad($1::bigint::text || 'V' || n, 26, '0'), owned.ids[1 + n % 200],
            people.ids[1 + n / 7 % cardinality(people.ids)],
            'Call ' || CASE WHEN n % 100 = 0 THEN 'zebra' ELSE 'horse' END, repeat('What was said. ', n % 20),
            timestamptz '2026-01-01' + (n * 7919 % 525600) * interval '1 min', 30, 'Phone',
            CASE WHEN n % 9 = 0 THEN 'PRIVATE' ELSE 'ORGANIZATION' END::activity_visibility,
            timestamptz '2025-01-01' + n * interval '1 min', now(),
            CASE WHEN n % 20 = 3 THEN now() END, n % 20 <> 3
     FROM people, owned, generate_series(1, 10000) n`,
    [organizationId],
  );

beforeAll(async () => {
  session = new pg.Client({ connectionString: world().gateway.database.url, options: '-c timezone=UTC' });
  await session.connect();
  const { gateway, organization, other, member, prisma } = world();
  for (let n = 0; n < 8; n += 1) await gateway.member(organization, { email: `p${n}@ours.example` });
  for (const { id } of [organization, other.organization]) await plant(id);
  await session.query('VACUUM ANALYZE');
  creatorId = member.userId;
  const where = { organizationId: organization.id };
  const some = await prisma.activity.findMany({ where, take: 60, skip: 5_000, orderBy: { id: 'asc' } });
  ids = some.map(({ uid }) => encodeId('Activity', uid));
  const account = await prisma.account.findFirstOrThrow({ where, skip: 100, orderBy: { id: 'asc' } });
  accountId = encodeId('Account', account.uid);
});
afterAll(() => session.end());

/** How a statement is carried out: the ways into the table, the rows read there, and all buffers. */
async function readOf(name: string, work: () => Promise<unknown>) {
  const { statements } = world().gateway;
  const from = statements.length;
  await work();
  const sent = statements.slice(from).find(({ text }) => text.startsWith(`/* ${name} */`)) as Sent;
  const plan = await settledPlan(session, sent);
  const nodes = everyNode(plan);
  const scans = nodes.filter((node) => node['Relation Name'] === 'activity' && node['Actual Loops'] > 0);
  const rows = scans.map(
    (node) => (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
  );
  const found = {
    // Few rows tempt no planner: that what is narrow is found first is said by the text.
    isGathered: sent.text.includes('WITH found AS MATERIALIZED'),
    kinds: [...new Set(scans.map((node) => node['Node Type']))],
    indexes: [...new Set(nodes.flatMap((node) => node['Index Name'] ?? []))],
    branches: scans.reduce((sum, node) => sum + node['Actual Loops'], 0),
    rows: rows.reduce((sum, count) => sum + count, 0),
    buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
  };
  return { ...found, said: JSON.stringify(found) };
}

const SIZE = 50;
const page = async (args: object) => (await world().gateway.ask(world().admin, PAGE, args)).activities.edges;
const AT: ActivityOrder[][] = [
  [{ field: 'ACTIVITY_TIMESTAMP', direction: 'DESC' }],
  [{ field: 'ACTIVITY_TIMESTAMP', direction: 'ASC' }],
];
const MADE: ActivityOrder[][] = [[{ field: 'CREATED_AT', direction: 'DESC' }]];

interface Case {
  readonly list: string;
  readonly filter: () => ActivityFilter;
  readonly orders: readonly ActivityOrder[][];
  readonly index: string;
}
const RANGES: Case[] = [
  { list: 'everything', filter: () => ({}), orders: AT, index: 'activity_at' },
  { list: 'everything', filter: () => ({}), orders: MADE, index: 'activity_created_at' },
  { list: 'an account’s', filter: () => ({ accountId: { eq: accountId } }), orders: AT, index: 'activity_account' },
  {
    list: 'one of one account’s',
    filter: () => ({ accountId: { in: [accountId] } }),
    orders: AT,
    index: 'activity_account',
  },
  { list: 'someone’s', filter: () => ({ creatorId: { eq: creatorId } }), orders: AT, index: 'activity_creator' },
];
const each = (cases: readonly Case[]) =>
  cases.flatMap(({ orders, ...rest }) =>
    orders.map((orderBy) => ({ ...rest, orderBy, by: JSON.stringify(orderBy[0]).replace(/[^\w ]/g, ' ') })),
  );

describe.each(each(RANGES))('$list by $by', ({ filter, orderBy, index }) => {
  it('is one range of an index, from either end and from the middle', async () => {
    const middle = (await page({ filter: filter(), orderBy, first: 100 })).at(-20)?.cursor as string;
    for (const at of [
      { first: SIZE },
      { last: SIZE },
      { first: SIZE, after: middle },
      { last: SIZE, before: middle },
    ]) {
      const { isGathered, kinds, indexes, branches, rows, buffers, said } = await readOf('activity.list', () =>
        page({ filter: filter(), orderBy, ...at }),
      );
      expect([isGathered, kinds, indexes, branches], said).toEqual([false, ['Index Scan'], [index], 1]);
      // Of each page, what is private to others, and of an account or a person what is in the bin, is read and left out.
      expect(rows, said).toBeLessThanOrEqual(1.5 * (SIZE + 1));
      expect(buffers, said).toBeLessThanOrEqual(4 * rows + 5);
    }
  });
});

const GATHERED: Case[] = [
  { list: 'words', filter: () => ({ search: 'zebra' }), orders: [...AT, ...MADE], index: 'activity_words' },
  { list: 'words that nothing has', filter: () => ({ search: 'unicorn' }), orders: AT, index: 'activity_words' },
  { list: 'ids', filter: () => ({ id: { in: ids } }), orders: AT, index: 'activity_organization_id_uid_key' },
  {
    list: 'accounts',
    filter: () => ({ accountId: { in: [accountId, accountId] } }),
    orders: AT,
    index: 'activity_account',
  },
  { list: 'an account’s', filter: () => ({ accountId: { eq: accountId } }), orders: MADE, index: 'activity_account' },
  {
    list: 'words of an account’s',
    filter: () => ({ accountId: { eq: accountId }, search: 'call' }),
    orders: AT,
    index: 'activity_account',
  },
];

describe.each(each(GATHERED))('$list, by $by', ({ filter, orderBy, index }) => {
  it('is gathered by its own index, then sorted', async () => {
    const read = await readOf('activity.list', () => page({ filter: filter(), orderBy, first: SIZE }));
    const { indexes, rows, buffers, said } = read;
    expect(read.isGathered, said).toBe(true);
    expect(indexes, said).toContain(index);
    expect(read.kinds, said).not.toContain('Seq Scan');
    expect(rows, said).toBeLessThanOrEqual(2 * 200);
    expect(buffers, said).toBeLessThanOrEqual(4 * rows + 5 * (read.branches + 1));
  });
});

describe('the bin', () => {
  it('is gathered, alone and beside the live ones', async () => {
    const only = await readOf('activity.list', () => page({ filter: { deleted: 'ONLY' }, first: SIZE }));
    expect(only.indexes, only.said).toContain('activity_bin');
    expect(only.kinds, only.said).not.toContain('Seq Scan');
    expect(only.buffers, only.said).toBeLessThanOrEqual(4 * only.rows + 5 * only.branches);
    const both = await readOf('activity.list', () => page({ filter: { deleted: 'INCLUDE' }, first: SIZE }));
    expect(both.indexes, both.said).toEqual(expect.arrayContaining(['activity_at', 'activity_bin']));
    expect(both.rows, both.said).toBeLessThanOrEqual(only.rows + 1.5 * (SIZE + 1));
  });
});

describe('the activities of each account of a list', () => {
  it.each(AT)('are one range an account', async (orderBy) => {
    const ask = () => world().gateway.ask(world().admin, OF_ACCOUNTS, { first: 40, orderBy: [orderBy] });
    const { kinds, indexes, branches, rows, buffers, said } = await readOf('activity.listOfAccounts', ask);
    expect([kinds, indexes, branches], said).toEqual([['Index Scan'], ['activity_account'], 40]);
    expect(rows, said).toBeLessThanOrEqual(40 * 11 * 1.5);
    expect(buffers, said).toBeLessThanOrEqual(4 * rows + 5 * branches);
  });
});

describe('the same rows without their index', () => {
  it('are read from all of the organization: the bound above is one that can be missed', async () => {
    const { rows } = await session.query(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM activity a
       WHERE a.organization_id = $1 AND a.deleted_at IS NULL ORDER BY a.activity_timestamp + interval '0', a.id LIMIT 51`,
      [world().organization.id],
    );
    const plan = rows[0]['QUERY PLAN'][0].Plan as Plan;
    expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeGreaterThan(1.5 * 4 * (SIZE + 1) + 5);
  });
});
