import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sent } from '../../src/db/pool.ts';
import { encodeId } from '../../src/ids.ts';
import type { TaskFilter, TaskOrder } from '../generated/graphql.ts';
import type { Caller } from '../support/gateway.ts';
import { everyNode, type Plan, settledPlan } from '../support/plans.ts';
import { plantTasks } from './many.ts';
import { type PageArgs, page } from './pages.ts';
import { plantPipeline } from './plant.ts';
import { useWorld } from './world.ts';

// What a page of a list reads, of the very statements that the gateway sends, at 10,000 tasks an organization.

const world = useWorld(undefined, 'Europe/Paris');
let session: pg.Client;
/** A task dated by day and one by instant, each in the midst of its list. */
let middles: string[];
/** One that is complete. */
let completed: string;
let assigneeId: string;
let accountId: string;
let contactId: string;
let stageId: string;
let pipelineId: string;
let otherAccountId: string;
let limited: Caller;

/** What is narrow: a tag, words, a contact, a stage and the bin, each of some hundreds; and someone without CRM access. */
async function plantMarks(organizationId: bigint) {
  const { gateway, organization } = world();
  const contact = await world().record('CONTACT');
  const { pipeline, stages } = await plantPipeline(world(), ['Doing']);
  limited = await gateway.member(organization, { email: 'lee@ours.example', crmAccess: false });
  const lee = await world().idOf(limited);
  [contactId, stageId, pipelineId] = [contact.key, stages[0]?.key as string, pipeline.key];
  await session.query(
    `UPDATE task SET
       tags = CASE WHEN id % 50 = 0 THEN '{marked}' ELSE '{}'::text[] END,
       title = CASE WHEN id % 50 = 1 THEN 'Needle ' || id ELSE title END,
       contact_id = CASE WHEN id % 50 = 2 THEN $2::bigint END,
       linked_type = CASE WHEN id % 50 = 2 THEN 'CONTACT' ELSE linked_type END,
       (pipeline_id, stage_id, position) = (SELECT $3::bigint, $4::bigint, lpad(task.id::text, 8, '0') WHERE task.id % 20 = 3),
       assignee_id = CASE WHEN id % 100 = 4 THEN $5::bigint ELSE assignee_id END,
       creator_id = CASE WHEN id % 100 = 5 THEN $5::bigint ELSE creator_id END,
       deleted_at = CASE WHEN id % 100 = 6 THEN created_at END, is_active = id % 100 <> 6,
       priority = (ARRAY['LOW', 'MEDIUM', 'HIGH'])[1 + id % 3]::task_priority
     WHERE organization_id = $1`,
    [organizationId, contact.id, pipeline.id, stages[0]?.id, lee],
  );
  // As autovacuum leaves it: what was there before is gone from the pages, and the planner knows what is.
  await session.query('VACUUM FULL ANALYZE task');
}

beforeAll(async () => {
  session = new pg.Client({ connectionString: world().gateway.database.url, options: '-c timezone=UTC' });
  await session.connect();
  const { gateway, organization, other } = world();
  for (let n = 0; n < 8; n += 1) await gateway.member(organization, { email: `p${n}@ours.example` });
  for (const { id } of [organization, other.organization]) await plantTasks(session, id, 10_000);
  await plantMarks(organization.id);
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
  const done = { organizationId: organization.id, status: 'COMPLETED', dueAt: { gt: new Date('2026-06-01') } } as const;
  completed = encodeId('Task', (await world().prisma.task.findFirstOrThrow({ where: done })).uid);
  const [some] = await world().prisma.account.findMany({
    where: { organizationId: organization.id },
    skip: 7,
    take: 1,
  });
  otherAccountId = encodeId('Account', some?.uid as string);
  const account = { organizationId: organization.id, id: day.accountId as bigint };
  accountId = encodeId('Account', (await world().prisma.account.findFirstOrThrow({ where: account })).uid);
});
afterAll(() => session.end());

/** How a page is read: its ranges of indexes, the rows read in them, and all buffers. */
async function readOf(args: PageArgs, caller = world().admin) {
  const { statements } = world().gateway;
  const from = statements.length;
  await page(world(), caller, args);
  return reading(statements.slice(from).find(({ text }) => text.startsWith('/* task.list */')));
}

async function reading(list: Sent | undefined) {
  // Behind a place, what has no tasks beyond it is not read.
  if (!list) return { kinds: [], branches: 0, rows: 0, buffers: 0 };
  const plan = await settledPlan(session, list);
  const scans = everyNode(plan).filter((node) => node['Relation Name'] === 'task');
  const rows = scans.map(
    (node) => (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
  );
  return {
    kinds: [...new Set(scans.map((node) => node['Node Type']))],
    // A bitmap is a range of its own.
    branches: everyNode(plan).filter((node) =>
      scans.includes(node) ? node['Actual Loops'] > 0 : node['Node Type'] === 'Bitmap Index Scan',
    ).length,
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

/** Pages of a list: from either end and from a task in its midst. */
async function pagesOf(args: PageArgs, of = middles[0] as string): Promise<PageArgs[]> {
  const { filter: _, view: __, ...rest } = args;
  const inside = { ...rest, filter: { id: { eq: of }, ...(args.filter?.stageId && { stageId: args.filter.stageId }) } };
  const [entry] = (await page(world(), world().admin, inside)).entries;
  const cursor = entry?.cursor as string;
  return [{ first: SIZE }, { last: SIZE }, { first: SIZE, after: cursor }, { last: SIZE, before: cursor }].map(
    (at) => ({
      ...args,
      ...at,
    }),
  );
}
const by = (field: TaskOrder['field'], direction: 'ASC' | 'DESC' = 'ASC'): TaskOrder[] => [{ field, direction }];
const OPEN: TaskFilter = { isOpen: true };

describe('a list that has an index for its order', () => {
  const scopes: [string, () => TaskFilter][] = [
    ['everything', () => ({})],
    ['mine', () => ({ assignee: { eq: assigneeId } })],
    ['an account’s', () => ({ accountId: { eq: accountId } })],
    ['one person’s in a list', () => ({ and: [{ assignee: { in: [assigneeId] } }] })],
  ];
  const views: [string, () => PageArgs][] = [
    ['INBOX', () => ({ view: 'INBOX' })],
    ['FUTURE', () => ({ view: 'FUTURE' })],
    ['ARCHIVE', () => ({ view: 'ARCHIVE', orderBy: by('COMPLETED_AT', 'DESC') })],
    ['ARCHIVE by date', () => ({ view: 'ARCHIVE', orderBy: by('DATE', 'DESC') })],
    ['by date, in a range', () => ({ filter: { ...OPEN, date: { gte: '2026-03-01', lt: '2026-10-01T00:00:00Z' } } })],
    ['overdue', () => ({ filter: { due: 'OVERDUE' }, orderBy: by('DATE', 'DESC') })],
    ['due this week', () => ({ filter: { ...OPEN, and: [{ due: 'THIS_WEEK' }] } })],
    ['dated', () => ({ filter: { date: { isNull: false } } })],
    ['undated', () => ({ filter: { date: { isNull: true } } })],
  ];
  // A list of one is read as the one: two views tell.
  const asked = scopes.flatMap(([scope, filter]) => {
    const some = scope.endsWith('in a list') ? views.slice(0, 2) : views;
    return some.map(([view, args]) => ({ scope, filter, view, args }));
  });
  it.each(asked)('reads no more than its pages have: $scope, $view', async ({ filter, args }) => {
    const asked = { ...args(), filter: { ...filter(), ...args().filter } };
    const of = asked.view === 'ARCHIVE' ? completed : undefined;
    for (const at of await pagesOf(asked, of)) {
      const { kinds, branches, rows, buffers } = await readOf(at);
      const said = JSON.stringify({ ...at, kinds, branches, rows, buffers });
      // Half of what is closed is cancelled.
      expect(rows, said).toBeLessThanOrEqual(branches * (SIZE + 1) * (asked.view === 'ARCHIVE' ? 2.5 : 1) + 10);
      expect(buffers, said).toBeLessThanOrEqual(4 * rows + 5 * branches);
    }
  });

  it.each(['CREATED_AT', 'UPDATED_AT', 'COMPLETED_AT'] as const)('everything by %s', async (field) => {
    for (const direction of ['ASC', 'DESC'] as const) {
      for (const at of await pagesOf({ orderBy: by(field, direction) })) {
        const { branches, rows, buffers } = await readOf(at);
        const said = JSON.stringify({ ...at, branches, rows, buffers });
        expect(rows, said).toBeLessThanOrEqual(branches * (SIZE + 1) * 5);
        expect(buffers, said).toBeLessThanOrEqual(4 * rows + 5 * branches);
      }
    }
  });

  it('what is nobody’s is found among what is, or by itself', async () => {
    for (const at of await pagesOf({ filter: { assignee: { isNull: true }, isOpen: true } })) {
      const { branches, rows, buffers } = await readOf(at);
      const said = JSON.stringify({ ...at, branches, rows, buffers });
      expect(rows, said).toBeLessThanOrEqual(1_000);
      expect(buffers, said).toBeLessThanOrEqual(4 * rows + 5 * branches);
    }
  });

  it('a stage by its places', async () => {
    const stage = { filter: { stageId: { eq: stageId } } };
    const [inside] = (await page(world(), world().admin, { ...stage, first: 100 })).entries.slice(60);
    for (const at of await pagesOf({ ...stage, orderBy: by('POSITION') }, inside?.id as string)) {
      const { branches, rows, buffers } = await readOf(at);
      expect(rows, JSON.stringify({ at, rows })).toBeLessThanOrEqual(SIZE + 10);
      expect(buffers).toBeLessThanOrEqual(4 * rows + 5 * branches);
    }
  });
});

describe('a list that is gathered', () => {
  const lists: [string, () => TaskFilter, limit: number][] = [
    ['a tag', () => ({ tag: { eq: 'marked' } }), 200],
    ['tags', () => ({ tag: { in: ['marked', 'not there'] } }), 200],
    ['words', () => ({ search: 'needle' }), 200],
    ['words that are nowhere', () => ({ search: 'haystack' }), 0],
    ['a contact', () => ({ contactId: { eq: contactId } }), 200],
    ['a stage', () => ({ stageId: { eq: stageId } }), 500],
    ['a pipeline', () => ({ pipelineId: { eq: pipelineId } }), 500],
    ['two accounts', () => ({ accountId: { in: [accountId, otherAccountId] } }), 110],
    ['the bin', () => ({ deleted: 'ONLY' }), 100],
    ['ids', () => ({ id: { in: [...middles] } }), 2],
  ];
  const orders = [by('DATE'), by('PRIORITY', 'DESC')];
  it.each(lists.flatMap(([list, filter, limit]) => orders.map((orderBy) => ({ list, filter, limit, orderBy }))))(
    'reads what matches and no more: $list, by $orderBy.0.field',
    async ({ filter, limit, orderBy }) => {
      for (const at of (await pagesOf({ filter: filter(), orderBy })).slice(0, 3)) {
        const { kinds, branches, rows, buffers } = await readOf(at);
        const said = JSON.stringify({ ...at, kinds, branches, rows, buffers });
        // What matches, and once more the page of it.
        expect(rows, said).toBeLessThanOrEqual(limit + 3 * (SIZE + 1) + 5);
        expect(buffers, said).toBeLessThanOrEqual(4 * rows + 5 * branches);
      }
    },
  );

  it.each(['PRIORITY', 'UPDATED_AT', 'COMPLETED_AT'] as const)('someone’s and an account’s by %s', async (field) => {
    for (const filter of [{ assignee: { eq: assigneeId } }, { accountId: { eq: accountId } }]) {
      for (const at of await pagesOf({ filter, orderBy: by(field) })) {
        const { branches, rows, buffers } = await readOf(at);
        const said = JSON.stringify({ ...at, branches, rows, buffers });
        expect(rows, said).toBeLessThanOrEqual(1_400);
        expect(buffers, said).toBeLessThanOrEqual(4 * rows + 5 * branches);
      }
    }
  });

  it.each(['DATE', 'PRIORITY'] as const)('one’s own without CRM access, by %s', async (field) => {
    const [own] = (await page(world(), limited, { first: 90 })).entries.slice(60);
    for (const view of [undefined, 'INBOX'] as const) {
      for (const at of await pagesOf({ orderBy: by(field), ...(view && { view }) }, own?.id as string)) {
        const { branches, rows, buffers } = await readOf(at, limited);
        const said = JSON.stringify({ ...at, branches, rows, buffers });
        expect(rows, said).toBeLessThanOrEqual(200 + 3 * (SIZE + 1));
        expect(buffers, said).toBeLessThanOrEqual(4 * rows + 5 * branches);
      }
    }
  });
});

describe('lists under a list of records', () => {
  const nested = async (args: string) => {
    const { gateway, admin } = world();
    const from = gateway.statements.length;
    await gateway.ask(admin, `{ accounts(first: 25) { nodes { tasks(first: 10 ${args}) { nodes { id } } } } }`);
    return reading(gateway.statements.slice(from).find(({ text }) => text.startsWith('/* task.lists */')));
  };

  it.each(['', ', view: INBOX', ', orderBy: { field: DATE, direction: DESC }', ', view: ARCHIVE'])(
    'read no more than the pages of all have%s',
    async (args) => {
      const { branches, rows, buffers } = await nested(args);
      expect(branches).toBeGreaterThan(0);
      // Each range once a record.
      expect(rows).toBeLessThanOrEqual(25 * branches * 11);
      expect(buffers, JSON.stringify({ branches, rows, buffers })).toBeLessThanOrEqual(4 * rows + 25 * 5 * branches);
    },
  );

  it.each(['PRIORITY', 'CREATED_AT'])('read each record’s own tasks and no others by %s', async (field) => {
    const { branches, rows, buffers } = await nested(`, orderBy: { field: ${field} }`);
    expect(rows).toBeLessThanOrEqual(25 * (55 + 11));
    expect(buffers, JSON.stringify({ branches, rows, buffers })).toBeLessThanOrEqual(4 * rows + 25 * 5 * branches);
  });
});

describe('a dashboard', () => {
  /** How the one statement of a name is read that a query takes. */
  async function readBy(name: string, query: string) {
    const { gateway, member } = world();
    const from = gateway.statements.length;
    await gateway.ask(member, query);
    return reading(gateway.statements.slice(from).find(({ text }) => text.startsWith(`/* ${name} */`)));
  }

  it.each([
    ['one’s own', ''],
    ['everyone’s', 'assignee: {},'],
  ])('reads no more than a page of what is upcoming: %s', async (_whose, args) => {
    const { branches, rows, buffers } = await readBy(
      'task.list',
      `{ upcomingTasks(${args} first: 50) { nodes { id } } }`,
    );
    expect(rows).toBeGreaterThan(SIZE / 2);
    expect(rows).toBeLessThanOrEqual(branches * (SIZE + 1));
    expect(buffers).toBeLessThanOrEqual(4 * rows + 5 * branches);
  });

  it.each(['STATUS', 'DUE_GROUP', 'ASSIGNEE'])('counts one’s own by %s without a look at others’', async (groupBy) => {
    const mine = { organizationId: world().organization.id, assigneeId: await world().idOf(world().member) };
    const own = await world().prisma.task.count({ where: mine });
    const query = `{ taskCounts(groupBy: ${groupBy}, filter: { assignee: { isMe: true } }) { count } }`;
    const { branches, rows, buffers } = await readBy('task.groups', query);
    expect(own).toBeLessThan(2_000);
    expect(rows).toBeGreaterThan(own / 3);
    expect(rows).toBeLessThanOrEqual(own);
    expect(buffers).toBeLessThanOrEqual(4 * rows + 5 * branches);
  });
});

// Last: the lists above are of what people create alone.
describe('what the system makes', () => {
  beforeAll(async () => {
    await session.query(`UPDATE task SET kind = 'VOICEMAIL' WHERE organization_id = $1 AND id % 200 = 7`, [
      world().organization.id,
    ]);
    await session.query('VACUUM FULL ANALYZE task');
  });

  it.each(['DATE', 'PRIORITY'] as const)('is gathered by its kind, not looked for among all: by %s', async (field) => {
    const filter = { _type: { in: ['VOICEMAIL', 'MISSED_CALL'] } } satisfies TaskFilter;
    expect((await page(world(), world().admin, { filter, first: 100 })).entries.length).toBeGreaterThan(40);
    const { rows, branches, buffers } = await readOf({ filter, orderBy: by(field), first: SIZE });
    const said = JSON.stringify({ rows, branches, buffers });
    // What matches, and once more the page of it.
    expect(rows, said).toBeLessThanOrEqual(60 + 3 * (SIZE + 1));
    expect(buffers, said).toBeLessThanOrEqual(4 * rows + 5 * branches);
  });
});
