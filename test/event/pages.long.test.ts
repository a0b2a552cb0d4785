import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sent } from '../../src/db/pool.ts';
import { type Caller, useGateway } from '../support/gateway.ts';

// What a page of the log reads, of the very statement that the gateway sends, in a log of 300,000 events.

const gateway = useGateway();
const EVENTS = 300_000;
const TASKS = 50_000;
let session: pg.Client;
let admin: Caller;
/** Sees none of it. */
let blind: Caller;
/** Sees one task in ten thousand. */
let few: Caller;

/** Tasks that are there, tasks that are gone, activities and accounts, in turn. */
async function plant(organizationId: bigint, assistantId: bigint, seer: bigint) {
  await session.query('DROP INDEX task_words; DROP INDEX task_tags; DROP INDEX activity_words');
  await session.query('SET session_replication_role = replica');
  await session.query(
    `INSERT INTO task (organization_id, id, uid, title, creator_id, assignee_id, timeline_at, created_at, updated_at)
     SELECT $1::bigint, n, lpad('T' || n, 26, '0'), 'Task ' || n, $2::bigint, CASE WHEN n % 10000 = 0 THEN $3::bigint END,
            now(), now(), now() FROM generate_series(1, $4::int) n`,
    [organizationId, assistantId, seer, TASKS],
  );
  await session.query(
    `INSERT INTO activity (organization_id, id, uid, creator_id, activity_timestamp, duration, location, created_at, updated_at)
     SELECT $1::bigint, n, lpad('V' || n, 26, '0'), $2::bigint, now(), 30, 'Phone', now(), now() FROM generate_series(1, 10000) n`,
    [organizationId, assistantId],
  );
  await session.query(
    `INSERT INTO event (organization_id, seq, kind, at, actor_id, actor_kind, subject_type, subject_id, subject_uid, changes,
                        image_before)
     SELECT $1::bigint, n, 'TASK_UPDATED', now(), $2::bigint, 'SYSTEM',
            CASE n % 10 WHEN 8 THEN 'ACTIVITY' WHEN 9 THEN 'ACCOUNT' ELSE 'TASK' END::subject_type,
            CASE WHEN n % 10 = 8 THEN 1 + n % 10000 WHEN n % 10 >= 5 THEN 1000000 + n % 20000 ELSE 1 + n::bigint * 7919 % $3::int END,
            lpad('X', 26, '0'), '[]', CASE WHEN n % 10 BETWEEN 5 AND 7 THEN
              jsonb_build_object('assignee_id', null, 'creator_id', $2::bigint, 'description', repeat(md5(n::text), 100)) END
     FROM generate_series(1, $4::int) n`,
    [organizationId, assistantId, TASKS, EVENTS],
  );
  await session.query('UPDATE organization_log SET last_seq = $2, pruned_to = 0 WHERE organization_id = $1', [
    organizationId,
    EVENTS,
  ]);
}

beforeAll(async () => {
  session = new pg.Client({ connectionString: gateway().database.url, options: '-c timezone=UTC' });
  await session.connect();
  const organization = await gateway().organization('Long');
  admin = await gateway().member(organization, { email: 'admin@long.example', role: 'ADMIN' });
  blind = await gateway().member(organization, { email: 'blind@long.example', crmAccess: false });
  few = await gateway().member(organization, { email: 'few@long.example', crmAccess: false });
  await session.query('DELETE FROM event WHERE organization_id = $1', [organization.id]);
  const { rows } = await session.query(`SELECT id FROM "user" WHERE email = 'few@long.example'`);
  await plant(organization.id, organization.assistantId, rows[0].id);
  await session.query('VACUUM ANALYZE');
}, 240_000);
afterAll(() => session.end());

interface Plan {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

/** What PostgreSQL reads for a statement once it has run often enough to keep its plan. */
async function buffersOf({ text, values }: Sent): Promise<number> {
  const written = (value: unknown) => (value === null ? 'NULL' : session.escapeLiteral(String(value)));
  const execute = `EXECUTE page (${values.map(written).join(', ')})`;
  await session.query(`PREPARE page AS ${text}`);
  for (let run = 0; run < 6; run += 1) await session.query(execute);
  const { rows } = await session.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${execute}`);
  await session.query('DEALLOCATE page');
  const plan = rows[0]['QUERY PLAN'][0].Plan as Plan;
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
}

interface Page {
  events: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
}
const PAGE = `query ($after: String, $first: Int) {
  events(after: $after, first: $first) { nodes { id } pageInfo { hasNextPage endCursor } }
}`;
const ask = async (by: Caller, first: number, after: string | null = null) =>
  (await gateway().ask<Page, object>(by, PAGE, { after, first })).events;

/** What a page reads, and how many events it shows. */
async function reading(by: Caller, first: number, after: string | null) {
  const { statements } = gateway();
  const from = statements.length;
  const { nodes } = await ask(by, first, after);
  const sent = statements.slice(from).filter(({ text }) => text.startsWith('/* event.page */'));
  expect(sent).toHaveLength(1);
  return { shown: nodes.length, buffers: await buffersOf(sent[0] as Sent) };
}

/** A place far within the log. */
async function within() {
  let end: string | null = null;
  for (let count = 0; count < 10; count += 1) end = (await ask(blind, 1, end)).pageInfo.endCursor;
  return end;
}

describe('a page of a long log', () => {
  it('reads its own events for whoever sees them, wherever it lies', async () => {
    for (const after of [null, await within()]) {
      const { shown, buffers } = await reading(admin, 100, after);
      expect(shown).toBe(100);
      // Many events share a page of the table; an activity is looked up for every tenth.
      expect(buffers).toBeLessThan(120);
    }
  });

  it('reads 2,000 events and no more for whoever sees none', async () => {
    for (const [who, after] of [
      [blind, null],
      [blind, await within()],
      [few, null],
    ] as const) {
      const { shown, buffers } = await reading(who, 100, after);
      expect(shown).toBeLessThan(20);
      // A row by its key costs three pages or four; the last image of one that is gone somewhat more.
      expect(buffers).toBeLessThan(2_000 * 10);
    }
  });

  it('comes to whoever sees little with all that is theirs, after so many pages as the log has stretches', async () => {
    let [pages, shown] = [0, 0];
    for (let end: string | null = null, more = true; more; pages += 1) {
      const { nodes, pageInfo } = await ask(few, 100, end);
      [end, more, shown] = [pageInfo.endCursor, pageInfo.hasNextPage, shown + nodes.length];
    }
    const { rows } = await session.query(
      `SELECT count(*)::int AS count FROM event e JOIN task t ON t.organization_id = e.organization_id AND t.id = e.subject_id
       WHERE e.subject_type = 'TASK' AND t.assignee_id IS NOT NULL`,
    );
    expect(shown).toBe(rows[0].count);
    expect(shown).toBeGreaterThan(10);
    expect(pages).toBe(EVENTS / 2_000);
  });
});
