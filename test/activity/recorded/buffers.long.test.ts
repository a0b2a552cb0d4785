import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PHONE, taken, useDesk } from './desk.ts';

// What recording reads, of the very statements that the gateway sends, among 5,000 of everything.

const desk = useDesk();
let session: pg.Client;
const THREAD = 'long';

beforeAll(async () => {
  const { gateway, organization } = desk().world;
  session = new pg.Client({ connectionString: gateway.database.url });
  await session.connect();
  const { id, assistantId } = organization;
  for (const table of ['contact', 'lead']) {
    // A tenth has the same number and the same address.
    await session.query(
      `INSERT INTO ${table} (organization_id, uid, name, creator_id, created_at, updated_at, phone_key, email_key)
       SELECT ${id}, lpad('R' || n, 26, '0'), 'Name ' || n, ${assistantId}, now(), now(),
         CASE WHEN n % 10 = 0 THEN '1555' ELSE '1556' || n END, CASE WHEN n % 10 = 0 THEN 'all@x.example' ELSE n || '@x.example' END
       FROM generate_series(1, 5000) n`,
    );
  }
  await session.query(
    `INSERT INTO activity (organization_id, uid, creator_id, created_at, updated_at, activity_timestamp, duration, location,
       recording, external_id, direction, thread_id)
     SELECT ${id}, lpad('A' || n, 26, '0'), ${assistantId}, now(), now(), '2026-01-01'::timestamptz + n * interval '1 minute', 0,
       'Email', 'EMAIL', 'planted ' || n, 'INBOUND', CASE WHEN n % 2 = 0 THEN '${THREAD}' ELSE 'other ' || n END
     FROM generate_series(1, 5000) n`,
  );
  await session.query(
    `INSERT INTO task (organization_id, uid, title, creator_id, created_at, updated_at, timeline_at, kind, thread_id)
     SELECT ${id}, lpad('T' || n, 26, '0'), 'x', ${assistantId}, now(), now(), now(), 'EMAIL_FOLLOWUP', 'other ' || n
     FROM generate_series(1, 5000) n`,
  );
  await session.query('VACUUM ANALYZE');
});
afterAll(() => session.end());

/** What each statement of a recording that reads touches, by name. */
async function buffersOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const { gateway } = desk().world;
  const from = gateway.statements.length;
  await work();
  const found: Record<string, number> = {};
  for (const { text, values } of gateway.statements.slice(from)) {
    const name = /^\/\* ((activity|record|task|contact)\.\w+) \*\/ SELECT/.exec(text)?.[1];
    if (!name) continue;
    const { rows } = await session.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, [...values]);
    const plan = rows[0]['QUERY PLAN'][0].Plan;
    found[name] = plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
  }
  return found;
}

it('matching, the thread and what was recorded before are each found by an index', async () => {
  const { by } = desk();
  const read = [
    await buffersOf(() => by.call({ phone: PHONE })),
    await buffersOf(() => by.sms({ remotePhone: '1555' })),
    await buffersOf(async () =>
      taken(await by.email({ threadId: THREAD, from: 'all@x.example', to: ['7@x.example'] })),
    ),
    await buffersOf(() => by.email({ threadId: THREAD, direction: 'OUTBOUND', followUpOn: '2026-03-05' })),
    await buffersOf(() => by.email({ threadId: 'other 77' })),
  ];
  const names = new Set(read.flatMap((each) => Object.keys(each)));
  for (const name of [
    'activity.recorded',
    'record.byPhone',
    'record.byEmails',
    'task.openOfThread',
    'activity.reply',
  ]) {
    expect(names).toContain(name);
  }
  const much = read.flatMap((each) => Object.entries(each).filter(([, buffers]) => buffers > 30));
  expect(much).toEqual([]);
});
