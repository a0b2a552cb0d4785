import type pg from 'pg';

/**
 * Fills an organization with accounts and tasks, by SQL, as a busy one looks: a third of the tasks are dated by day, a
 * third by instant, a third undated; two thirds are open; a tenth is of nobody. Statistics are renewed.
 */
export async function plantTasks(client: pg.Client, organizationId: bigint, count: number): Promise<void> {
  await client.query(
    `INSERT INTO account (organization_id, uid, name, creator_id, created_at, updated_at)
     SELECT $1::bigint, lpad($1::bigint::text || 'A' || n, 26, '0'), 'Account ' || n,
            (SELECT user_id FROM membership WHERE organization_id = $1 AND kind = 'ASSISTANT'), now(), now()
     FROM generate_series(1, 200) n`,
    [organizationId],
  );
  await client.query(
    `WITH people AS (SELECT array_agg(user_id ORDER BY user_id) AS ids FROM membership WHERE organization_id = $1 AND kind = 'PERSON'),
          accounts AS (SELECT array_agg(id ORDER BY id) AS ids FROM account WHERE organization_id = $1)
     INSERT INTO task (organization_id, uid, title, description, status, due_on, due_at, completed_at, completed_by_id,
                       linked_type, account_id, assignee_id, creator_id, timeline_at, created_at, updated_at)
     SELECT $1::bigint, lpad($1::bigint::text || 'T' || n, 26, '0'), 'Task ' || n, repeat('What is to be done. ', n % 20), status,
            CASE WHEN n % 3 = 0 THEN date '2026-01-01' + (n / 3 * 7 % 365) END,
            CASE WHEN n % 3 = 1 THEN timestamptz '2026-01-01' + (n / 3 * 7919 % 525600) * interval '1 min' END,
            CASE WHEN status = 'COMPLETED' THEN now() END, CASE WHEN status = 'COMPLETED' THEN people.ids[1] END,
            'ACCOUNT', accounts.ids[1 + n % cardinality(accounts.ids)],
            CASE WHEN n % 10 > 0 THEN people.ids[1 + n % cardinality(people.ids)] END,
            people.ids[1 + n / 7 % cardinality(people.ids)], now(), at, at
     FROM people, accounts, generate_series(1, $2::int) n,
          LATERAL (SELECT (ARRAY['PENDING', 'COMPLETED', 'IN_PROGRESS', 'CANCELLED', 'ON_HOLD', 'PENDING'])[1 + n / 3 % 6]::task_status AS status,
                          timestamptz '2025-01-01' + n * interval '1 min' AS at) made`,
    [organizationId, count],
  );
  await client.query('ANALYZE');
}
