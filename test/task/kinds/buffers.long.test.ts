import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Sent } from '../../../src/db/pool.ts';
import { encodeId } from '../../../src/ids.ts';
import type { Caller } from '../../support/gateway.ts';
import { useWorld } from '../world.ts';

// What the statements of details, places and later links read, of the very ones that the gateway sends, where there are
// 4,000 tasks of e-mails, each with two of them, and as many of calls; half are somebody's without CRM access.

const world = useWorld();
let session: pg.Client;
let limited: Caller;

const plant = (organizationId: bigint, assistant: bigint, assignee: bigint) =>
  session.query(
    `WITH made AS (
       INSERT INTO activity (organization_id, uid, type, status, direction, thread_id, recording, external_id, title,
         activity_timestamp, duration, location, creator_id, created_at, updated_at)
       SELECT $1, lpad('V' || n, 26, '0'), 'EMAIL', 'COMPLETED', 'INBOUND', 'thread ' || n / 2, 'EMAIL', 'e' || n, 'E-mail',
         timestamptz '2026-01-01' + n * interval '1 min', 0, 'Email', $2::bigint, now(), now()
       FROM generate_series(1, 12000) n RETURNING id, substr(uid, strpos(uid, 'V') + 1)::int AS n
     ), tasks AS (
       INSERT INTO task (organization_id, uid, title, kind, thread_id, activity_id, status, completed_at, completed_by_id,
         due_at, assignee_id, creator_id, timeline_at, created_at, updated_at)
       SELECT $1, lpad('T' || n, 26, '0'), 'Task', CASE WHEN n > 8000 THEN 'MISSED_CALL' ELSE 'INCOMING_EMAIL' END::task_kind,
         CASE WHEN n <= 8000 THEN 'thread ' || n / 2 END, id, CASE WHEN n % 4 = 0 THEN 'COMPLETED' ELSE 'PENDING' END::task_status,
         CASE WHEN n % 4 = 0 THEN now() END, CASE WHEN n % 4 = 0 THEN $2::bigint END, now(),
         CASE WHEN n % 8 < 4 THEN $3::bigint END, $2::bigint, now(), now() + n * interval '1 ms', now()
       FROM made WHERE n % 2 = 0 OR n > 8000 RETURNING id, kind, thread_id, substr(uid, strpos(uid, 'T') + 1)::int AS n
     )
     INSERT INTO task_email (organization_id, task_id, activity_id)
     SELECT $1, tasks.id, made.id FROM tasks CROSS JOIN generate_series(0, 1) k JOIN made ON made.n = tasks.n + k
     WHERE tasks.kind = 'INCOMING_EMAIL'`,
    [organizationId, assistant, assignee],
  );

beforeAll(async () => {
  session = new pg.Client({ connectionString: world().gateway.database.url, options: '-c timezone=UTC' });
  await session.connect();
  const { organization, gateway } = world();
  limited = await gateway.member(organization, { email: 'lea@ours.example', crmAccess: false });
  await plant(organization.id, organization.assistantId, await world().idOf(limited));
  await session.query('VACUUM ANALYZE');
});
afterAll(() => session.end());

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Loops': number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
}
const everyNode = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(everyNode)];

/** How the statement of this name that some work sends is carried out, once it has been prepared for good. */
async function readOf(name: string, work: () => Promise<unknown>) {
  const { statements } = world().gateway;
  const from = statements.length;
  await work();
  const { text, values } = statements.slice(from).find((sent) => sent.text.startsWith(`/* ${name} */`)) as Sent;
  const written = (value: unknown) =>
    value instanceof Date
      ? value.toISOString()
      : Array.isArray(value)
        ? `{${value.map((each) => `"${each}"`)}}`
        : String(value);
  const execute = `EXECUTE asked (${values.map((value) => (value === null ? 'NULL' : session.escapeLiteral(written(value)))).join(', ')})`;
  await session.query('BEGIN');
  await session.query(`PREPARE asked AS ${text}`);
  for (let run = 0; run < 6; run += 1) await session.query(execute);
  const { rows } = await session.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${execute}`);
  await session.query('DEALLOCATE asked');
  await session.query('ROLLBACK');
  const plan = rows[0]['QUERY PLAN'][0].Plan as Plan;
  const nodes = everyNode(plan).filter((node) => node['Actual Loops'] > 0);
  return {
    whole: nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']),
    indexes: [...new Set(nodes.flatMap((node) => node['Index Name'] ?? []))].sort(),
    buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
  };
}

const PAGE = `query ($kind: TaskKind) { tasks(filter: { _type: { eq: $kind } }, first: 100, orderBy: { field: CREATED_AT }) {
  nodes { detail { ... on IncomingEmailDetail { emails { id } } ... on MissedCallDetail { call { id } } } } } }`;
const ask = (kind: string, caller: Caller) => () => world().gateway.ask(caller, PAGE, { kind });
const outward = (type: 'Task' | 'Activity', letter: string, n: number) =>
  encodeId(type, `${letter}${n}`.padStart(26, '0'));

it('the e-mails of a page’s tasks are found by their tasks, whoever looks', async () => {
  for (const caller of [world().member, limited]) {
    const read = await readOf('task.emails', ask('INCOMING_EMAIL', caller));
    expect(read.whole).toEqual([]);
    expect(read.buffers, JSON.stringify(read)).toBeLessThan(4_000);
  }
});

it('a page’s calls are found by their ids, and judged by what names them', async () => {
  for (const caller of [world().member, limited]) {
    const read = await readOf('activity.byIds', ask('MISSED_CALL', caller));
    expect(read.whole).toEqual([]);
    expect(read.buffers, JSON.stringify(read)).toBeLessThan(2_000);
  }
});

it('who has a place is found in the indexes that hold it to one', async () => {
  const reopen = 'mutation ($id: ID!) { reopenTask(input: { id: $id }) { errors { code } } }';
  const read = await readOf('task.holders', () =>
    world().gateway.ask(world().admin, reopen, { id: outward('Task', 'T', 8) }),
  );
  expect([read.whole, read.indexes.filter((name) => name.startsWith('task_open'))]).toEqual([
    [],
    ['task_open_due', 'task_open_email'],
  ]);
  expect(read.buffers).toBeLessThan(20);
});

it('the tasks that follow an activity are found by it', async () => {
  const { key } = await world().record('CONTACT');
  const link = 'mutation ($input: UpdateActivityInput!) { updateActivity(input: $input) { errors { code } } }';
  const input = { id: outward('Activity', 'V', 10), patch: { linkedRecordId: key } };
  const read = await readOf('task.linkMade', () => world().gateway.ask(world().admin, link, { input }));
  expect(read.whole).toEqual([]);
  expect(read.indexes).toContain('task_activity');
  expect(read.buffers, JSON.stringify(read)).toBeLessThan(60);
});
