import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sent } from '../../src/db/pool.ts';
import { fixedStatements, type Statement } from '../../src/db/statement.ts';
import { everyNode, settledPlan } from '../support/plans.ts';
import { type Known, useWorld } from '../task/world.ts';
import { page } from './timelines.ts';

// What a page of a timeline reads, of the very statements that the gateway sends, at 100,000 tasks of one account.

const world = useWorld();
let session: pg.Client;
let account: Known;
let contact: Known;

const TASKS = 100_000;
const ACTIVITIES = 20_000;

/**
 * One account with nearly everything; a fifth of its tasks are one contact's. In both, some are in the bin or the queue;
 * activities are private now and then. Around it a hundred accounts of a usual size.
 */
async function plant(organizationId: bigint) {
  account = await world().record('ACCOUNT');
  contact = await world().record('CONTACT', { accountId: account.id });
  const creatorId = await world().idOf(world().member);
  // Words and tags are not asked for here and take longest to write; what the rows refer to is there.
  await session.query('DROP INDEX task_words; DROP INDEX task_tags; DROP INDEX activity_words');
  await session.query('SET session_replication_role = replica');
  await session.query(
    `INSERT INTO account (organization_id, uid, name, creator_id, created_at, updated_at)
     SELECT $1::bigint, lpad('A' || n, 26, '0'), 'Account ' || lpad(n::text, 3, '0'), $2::bigint, now(), now()
     FROM generate_series(1, 100) n`,
    [organizationId, creatorId],
  );
  await session.query(
    `WITH others AS (SELECT array_agg(id ORDER BY id) AS ids FROM account WHERE organization_id = $1 AND id <> $2)
     INSERT INTO task (organization_id, uid, title, linked_type, account_id, contact_id, creator_id, timeline_at, created_at,
                       updated_at, deleted_at, is_active, is_queue_row)
     SELECT $1::bigint, lpad('T' || n, 26, '0'), 'Task ' || n,
            CASE WHEN n % 5 = 0 THEN 'CONTACT' ELSE 'ACCOUNT' END::record_type,
            CASE WHEN n > $4::int THEN others.ids[1 + n % 100] ELSE $2::bigint END,
            CASE WHEN n % 5 = 0 THEN $3::bigint END, $5::bigint,
            timestamptz '2026-01-01' + (n::bigint * 7919 % 525600) * interval '1 min', now(), now(),
            CASE WHEN n % 19 = 0 THEN now() END, n % 19 <> 0, n % 31 = 0
     FROM others, generate_series(1, $4::int + 5000) n`,
    [organizationId, account.id, contact.id, TASKS, creatorId],
  );
  await session.query(
    `WITH others AS (SELECT array_agg(id ORDER BY id) AS ids FROM account WHERE organization_id = $1 AND id <> $2)
     INSERT INTO activity (organization_id, uid, account_id, contact_id, linked_type, creator_id, activity_timestamp, duration,
                           location, visibility, created_at, updated_at, deleted_at, is_active)
     SELECT $1::bigint, lpad('V' || n, 26, '0'), CASE WHEN n > $4::int THEN others.ids[1 + n % 100] ELSE $2::bigint END,
            CASE WHEN n % 5 = 0 THEN $3::bigint END, CASE WHEN n % 5 = 0 THEN 'CONTACT'::record_type END, $5::bigint,
            timestamptz '2026-01-01' + (n::bigint * 7919 % 525600) * interval '1 min', 30, 'Phone',
            CASE WHEN n % 9 = 0 THEN 'PRIVATE' ELSE 'ORGANIZATION' END::activity_visibility, now(), now(),
            CASE WHEN n % 20 = 3 THEN now() END, n % 20 <> 3
     FROM others, generate_series(1, $4::int + 2000) n`,
    [organizationId, account.id, contact.id, ACTIVITIES, creatorId],
  );
}

beforeAll(async () => {
  session = new pg.Client({ connectionString: world().gateway.database.url, options: '-c timezone=UTC' });
  await session.connect();
  await plant(world().organization.id);
  await session.query('VACUUM ANALYZE');
});
afterAll(() => session.end());

/** How a statement is carried out. */
async function reading(statement: Sent) {
  const plan = await settledPlan(session, statement);
  const nodes = everyNode(plan);
  const scans = nodes.filter((node) => node['Relation Name'] !== undefined);
  const rows = scans.map(
    (node) => (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
  );
  return {
    indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
    sorts: nodes.some((node) => node['Node Type'].includes('Sort')),
    rows: rows.reduce((sum, count) => sum + count, 0),
    buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
  };
}

/** The two statements by which some work reads timelines. */
async function sentBy(work: () => Promise<unknown>): Promise<{ readonly tasks: Sent; readonly activities: Sent }> {
  const { statements } = world().gateway;
  const from = statements.length;
  await work();
  const named = (name: string) => statements.slice(from).find(({ text }) => text.startsWith(`/* ${name} */`)) as Sent;
  return { tasks: named('timeline.tasks'), activities: named('timeline.activities') };
}

async function readOf(work: () => Promise<unknown>) {
  const { tasks, activities } = await sentBy(work);
  return { tasks: await reading(tasks), activities: await reading(activities) };
}

const SIZE = 50;
/** A page's entries and one more, a row each; and on the way what is in the bin, in the queue, or private. */
const ROWS = 1.5 * (SIZE + 1);
/** Each row in a page of its own, and down the index. */
const BUFFERS = ROWS + 10;

const indexOf = (reading: { readonly indexes: readonly string[] }) => reading.indexes.join();

describe('a page of a timeline', () => {
  it.each([
    ['an account of 100,000 tasks', () => account, 'account'],
    ['a contact of 20,000', () => contact, 'contact'],
  ])('of %s is one range of an index of each kind, wherever it lies', async (_, record, column) => {
    const of = (args: object) => page(world(), world().admin, record(), args);
    let cursor = (await of({ first: 100 })).endCursor;
    for (let n = 0; n < 5; n += 1) cursor = (await of({ first: 100, after: cursor })).endCursor;
    for (const args of [
      { first: SIZE },
      { first: SIZE, after: cursor },
      { last: SIZE },
      { last: SIZE, before: cursor },
    ]) {
      const { tasks, activities } = await readOf(() => of(args));
      expect([indexOf(tasks), indexOf(activities)]).toEqual([`task_${column}_timeline`, `activity_${column}`]);
      for (const reading of [tasks, activities]) {
        const said = JSON.stringify(reading);
        expect(reading.sorts, said).toBe(false);
        expect(reading.rows, said).toBeGreaterThan(SIZE);
        expect(reading.rows, said).toBeLessThan(ROWS);
        expect(reading.buffers, said).toBeLessThan(BUFFERS);
      }
    }
  });

  it('of each of 50 accounts reads as much for each, however much one of them has', async () => {
    const query = '{ accounts(first: 50) { nodes { timeline(first: 10) { nodes { at } } } } }';
    const { tasks, activities } = await readOf(() => world().gateway.ask(world().admin, query));
    for (const reading of [tasks, activities]) {
      const said = JSON.stringify(reading);
      expect(reading.sorts, said).toBe(false);
      expect(reading.rows, said).toBeLessThan(50 * 11 * 1.5);
      expect(reading.buffers, said).toBeLessThan(50 * (11 * 1.5 + 4));
    }
  });

  it('would read all of the account’s tasks, had they no index in its order', async () => {
    const { tasks } = await sentBy(() => page(world(), world().admin, account, { first: SIZE }));
    await session.query('BEGIN; DROP INDEX task_account_timeline');
    try {
      expect((await reading(tasks)).rows).toBeGreaterThan(TASKS / 2);
    } finally {
      await session.query('ROLLBACK');
    }
  });
});

it('the tasks that follow a contact are found by the same index, some at a time', async () => {
  const { text } = fixedStatements().find(({ name }) => name === 'task.strayed.contact') as Statement;
  const values = [world().organization.id, contact.id, account.id + 1n, null, 1_001];
  const found = await reading({ text, values });
  expect(found).toMatchObject({ indexes: ['task_contact_timeline'], sorts: false, rows: 1_001 });
});
