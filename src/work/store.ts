import type { Database, Tx } from '../db/database.ts';
import { fixed } from '../db/statement.ts';

// organization_work is global: who is due is asked of all organizations at once. Its `next_due_at` may be too early (a
// claim then finds nothing and puts it right), never too late: it is lowered by whoever makes something due, in the same
// transaction, and recomputed only under the row's lock, from a snapshot taken after the lock.

// While the rows are claimed nobody else comes for them; if we die meanwhile, they are due again a second later.
const take = fixed(
  'work.take',
  `WITH chosen AS (
     SELECT organization_id FROM organization_work WHERE next_due_at <= statement_timestamp()
     ORDER BY last_served_at NULLS FIRST, organization_id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
   ), taken AS (
     UPDATE organization_work w
     SET last_served_at = statement_timestamp(), next_due_at = statement_timestamp() + interval '1 second'
     FROM chosen WHERE w.organization_id = chosen.organization_id RETURNING w.organization_id
   )
   SELECT (SELECT organization_id FROM taken) AS "organizationId",
     (SELECT (EXTRACT(epoch FROM min(next_due_at) - statement_timestamp()) * 1000)::float8 FROM organization_work) AS "dueInMs"`,
);

export interface Next {
  /** Of those with something due, the one unserved longest; null when there is none, or others are at them. */
  readonly organizationId: bigint | null;
  /** How long it is until something is due anywhere; null when nothing is planned. */
  readonly dueInMs: number | null;
}

export async function takeOrganization(db: Database): Promise<Next> {
  const [next] = await db.global<Next>(take);
  return next as Next;
}

const lock = fixed('work.lock', 'SELECT 1 FROM organization_work WHERE organization_id = $1 FOR NO KEY UPDATE');

/** From here on nobody schedules anything in the organization, and the next statement sees all that was. */
export const lockWork = async (tx: Tx) => void (await tx.rows(lock));

// What is due and could not be claimed is locked by a transaction that is about to end: soon, but not over and over.
const put = fixed(
  'work.put',
  `UPDATE organization_work SET next_due_at =
     CASE WHEN $3::boolean AND $2::timestamptz IS NOT NULL
       THEN GREATEST($2::timestamptz, statement_timestamp() + interval '100 milliseconds') ELSE $2::timestamptz END
   WHERE organization_id = $1`,
);

/** Sets when the organization's next work is due, in the transaction that has locked it. */
export const putNextDue = async (tx: Tx, dueAt: Date | null, foundNothing: boolean) =>
  void (await tx.rows(put, [dueAt, foundNothing]));

const lower = fixed(
  'work.lower',
  'UPDATE organization_work SET next_due_at = LEAST(next_due_at, $2::timestamptz) WHERE organization_id = $1',
);

/** Says that something was made due by a final write, which does not hold the organization's lock. */
export const lowerNextDue = async (db: Database, organizationId: bigint, dueAt: Date) =>
  void (await db.rows(lower, organizationId, [dueAt]));
