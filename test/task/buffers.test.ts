import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sent } from '../../src/db/pool.ts';
import { encodeId } from '../../src/ids.ts';
import type { TaskFilter, TaskOrder } from '../generated/graphql.ts';
import { plantTasks } from './many.ts';
import { type PageArgs, page } from './pages.ts';
import { useWorld } from './world.ts';

// What a page of a list reads, of the very statements that the gateway sends, at 10,000 tasks an organization.

const world = useWorld(undefined, 'Europe/Paris');
let session: pg.Client;
/** A task dated by day and one by instant, each in the midst of its list. */
let middles: string[];
let assigneeId: string;
let accountId: string;

beforeAll(async () => {
  session = new pg.Client({ connectionString: world().gateway.database.url, options: '-c timezone=UTC' });
  await session.connect();
  const { gateway, organization, other } = world();
  for (let n = 0; n < 8; n += 1) await gateway.member(organization, { email: `p${n}@ours.example` });
  for (const { id } of [organization, other.organization]) await plantTasks(session, id, 10_000);
  assigneeId = world().member.userId;
  const mine = {
    organizationId: organization.id,
    assigneeId: await world().idOf(world().member),
    status: 'PENDING',
  } as const;
  const among = async (form: 'dueOn' | 'dueAt') => {
    const where = { ...mine, [form]: { not: null } };
    const skip = Math.floor((await world().prisma.task.count({ where })) / 2);
    return world().prisma.task.findFirstOrThrow({
      where,
      orderBy: { [form]: 'asc' },
      skip,
    });
  };
  const [day, instant] = [await among('dueOn'), await among('dueAt')];
  middles = [day, instant].map(({ uid }) => encodeId('Task', uid));
  const account = { organizationId: organization.id, id: day.accountId as bigint };
  accountId = encodeId('Account', (await world().prisma.account.findFirstOrThrow({ where: account })).uid);
});
afterAll(() => session.end());

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
}
const everyNode = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(everyNode)];

/** The plan that PostgreSQL keeps for a prepared statement once it has been run some times. */
async function settledPlan({ text, values }: Sent): Promise<Plan> {
  const written = (value: unknown) =>
    value instanceof Date ? value.toISOString() : Array.isArray(value) ? `{${value}}` : String(value);
  const given = values.map((value) => session.escapeLiteral(written(value)));
  const execute = `EXECUTE page (${given.join(', ')})`;
  await session.query(`PREPARE page AS ${text}`);
  for (let run = 0; run < 6; run += 1) await session.query(execute);
  const { rows } = await session.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${execute}`);
  await session.query('DEALLOCATE page');
  return rows[0]['QUERY PLAN'][0].Plan;
}

/** How a page is read: its ranges of indexes, the rows read in them, and all buffers. */
async function readOf(args: PageArgs) {
  const { statements } = world().gateway;
  const from = statements.length;
  await page(world(), world().admin, args);
  const list = statements.slice(from).find(({ text }) => text.startsWith('/* task.list */')) as Sent;
  const plan = await settledPlan(list);
  const scans = everyNode(plan).filter((node) => node['Relation Name'] === 'task');
  const rows = scans.map(
    (node) => (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
  );
  return {
    kinds: [...new Set(scans.map((node) => node['Node Type']))],
    branches: scans.filter((node) => node['Actual Loops'] > 0).length,
    rows: rows.reduce((sum, count) => sum + count, 0),
    buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
  };
}

const SIZE = 50;
const lists: [string, () => TaskFilter][] = [
  ['everything', () => ({})],
  ['someone’s', () => ({ assignee: { eq: assigneeId } })],
  ['an account’s', () => ({ accountId: { eq: accountId } })],
  ['the open ones', () => ({ status: { in: ['PENDING', 'IN_PROGRESS', 'ON_HOLD'] } })],
];
const orders: [string, TaskOrder[]][] = [
  ['DATE ASC', [{ field: 'DATE', direction: 'ASC' }]],
  ['DATE DESC', [{ field: 'DATE', direction: 'DESC' }]],
];
const CREATED: [string, TaskOrder[]][] = [
  ['CREATED_AT ASC', [{ field: 'CREATED_AT', direction: 'ASC' }]],
  ['CREATED_AT DESC', [{ field: 'CREATED_AT', direction: 'DESC' }]],
];
const cases = [
  ...lists.flatMap(([list, filter]) => orders.map(([order, orderBy]) => ({ list, filter, order, orderBy }))),
  ...CREATED.map(([order, orderBy]) => ({ list: 'everything', filter: () => ({}), order, orderBy })),
];

describe.each(cases)('$list by $order', ({ filter, orderBy }) => {
  it('is read from its indexes: 4 buffers a row and 5 a branch at most, from either end and from the middle', async () => {
    const inside = middles.map(
      async (id) =>
        (await page(world(), world().admin, { filter: { id: { eq: id } }, orderBy })).entries[0]?.cursor as string,
    );
    const deep = (await Promise.all(inside)).flatMap((cursor) => [
      { first: SIZE, after: cursor },
      { last: SIZE, before: cursor },
    ]);
    for (const at of [{ first: SIZE }, { last: SIZE }, ...deep]) {
      const { kinds, branches, rows, buffers } = await readOf({ filter: filter(), orderBy, ...at });
      const said = JSON.stringify({ ...at, kinds, branches, rows, buffers });
      expect(kinds, said).toEqual(['Index Scan']);
      expect(branches, said).toBeLessThanOrEqual(6);
      expect(rows, said).toBeLessThanOrEqual(branches * (SIZE + 1));
      expect(buffers, said).toBeLessThanOrEqual(4 * rows + 5 * branches);
    }
  });
});

describe('the same rows by one ORDER BY', () => {
  it('are read from all of the organization: the bound above is one that can be missed', async () => {
    const { rows } = await session.query(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM task t WHERE t.organization_id = $1 AND t.deleted_at IS NULL
       ORDER BY COALESCE(t.due_at, t.due_on::timestamptz), t.id LIMIT 51`,
      [world().organization.id],
    );
    const plan = rows[0]['QUERY PLAN'][0].Plan as Plan;
    expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeGreaterThan(4 * SIZE + 5 * 6);
  });
});

describe('what a later stage holds', () => {
  it('is not read while the earlier ones fill the page', async () => {
    const forward = await readOf({ orderBy: [{ field: 'DATE', direction: 'ASC' }], first: SIZE });
    const backward = await readOf({ orderBy: [{ field: 'DATE', direction: 'ASC' }], last: SIZE });
    // Days and instants, open and closed; then the undated, open and closed.
    expect([forward.branches, backward.branches]).toEqual([4, 2]);
    expect(forward.rows).toBeLessThanOrEqual(2 * (SIZE + 2));
    expect(backward.rows).toBeLessThanOrEqual(SIZE + 2);
  });
});
