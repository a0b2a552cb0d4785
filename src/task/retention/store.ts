import type { Reader, Tx } from '../../db/database.ts';
import { isUnsettled } from '../../db/deletion.ts';
import { fixed } from '../../db/statement.ts';
import { forgetBlockers } from '../blockers/store.ts';
import type { Cutoffs, Kept } from './rules.ts';

/** Rows that one transaction deletes at most. */
export const BATCH = 1_000;

const TERMS = `SELECT o.task_retention_days AS "taskRetentionDays", statement_timestamp() AS now
  FROM organization o WHERE o.id = $1`;
const terms = fixed('retention.terms', TERMS);
// Held until what goes by it is committed: once somebody is told that it has changed, nothing is deleted by what it was.
const heldTerms = fixed('retention.heldTerms', `${TERMS} FOR SHARE`);

/** An organization's setting as it is now, and what now is: by the database's clock, the same for all who delete. */
export interface Setting {
  readonly taskRetentionDays: number | null;
  readonly now: Date;
}

const one = ([row]: Setting[], organizationId: bigint): Setting => {
  if (!row) throw new Error(`There is no organization ${organizationId}.`);
  return row;
};

export const settingOf = async (db: Reader, organizationId: bigint) =>
  one(await db.rows<Setting>(terms, organizationId), organizationId);

/** As `settingOf`, in the transaction that goes by it. */
export const settingIn = async (tx: Tx) => one(await tx.rows<Setting>(heldTerms), tx.organizationId);

// Each is a range of an index of its own. Null as a cutoff: nothing.
const COMPLETE = `t.kind <> 'LEAD' AND t.completed_at <= $2::timestamptz AND NOT t.is_queue_row`;
const BINNED = `t.deleted_at <= $3::timestamptz AND NOT t.is_queue_row AND NOT (${isUnsettled('t')})`;
const EXPIRED = `((${COMPLETE}) OR (${BINNED}))`;

const find = fixed(
  'retention.tasks',
  `WITH complete AS (
     SELECT t.id FROM task t WHERE t.organization_id = $1 AND ${COMPLETE} ORDER BY t.completed_at, t.id LIMIT ${BATCH}
   ), binned AS (
     SELECT t.id FROM task t WHERE t.organization_id = $1 AND ${BINNED} ORDER BY t.deleted_at, t.id LIMIT ${BATCH}
   )
   SELECT id FROM complete UNION SELECT id FROM binned LIMIT ${BATCH}`,
);

const cutoffParams = ({ completed, deleted }: Cutoffs) => [completed, deleted];

/** Some tasks that are kept no longer, a batch at most. */
export const findExpired = async (tx: Tx, cutoffs: Cutoffs): Promise<bigint[]> =>
  (await tx.rows<{ id: bigint }>(find, cutoffParams(cutoffs))).map(({ id }) => id);

// Judged again once it is locked: what was reopened or restored meanwhile stays.
const lock = fixed(
  'retention.lock',
  `SELECT t.id, t.uid, t.kind, t.is_queue_row AS "isQueueRow", t.completed_at AS "completedAt", t.deleted_at AS "deletedAt",
     to_jsonb(t)::text AS image
   FROM task t WHERE t.organization_id = $1 AND t.id = ANY ($4::bigint[]) AND ${EXPIRED}
   ORDER BY t.id FOR NO KEY UPDATE`,
);

/** A task that is about to be deleted, and its row. */
export interface Expired extends Kept {
  readonly id: bigint;
  readonly uid: string;
  readonly image: string;
}

// A row that was not waited for is judged by what was before the wait, during which a deletion may have begun to be undone.
const judge = fixed(
  'retention.judge',
  `SELECT t.id FROM task t WHERE t.organization_id = $1 AND t.id = ANY ($4::bigint[]) AND ${EXPIRED}`,
);

/** Locks those of the tasks that are still kept no longer. */
export async function lockExpired(tx: Tx, cutoffs: Cutoffs, ids: readonly bigint[]): Promise<Expired[]> {
  const locked = await tx.rows<Expired>(lock, [...cutoffParams(cutoffs), ids]);
  const params = [...cutoffParams(cutoffs), locked.map(({ id }) => id)];
  const judged = new Set((await tx.rows<{ id: bigint }>(judge, params)).map(({ id }) => id));
  return locked.filter(({ id }) => judged.has(id));
}

// Statements of their own, after the lock: each sees what was written until the lock was had.
const forgetEmails = fixed(
  'retention.deleteEmails',
  'DELETE FROM task_email e WHERE e.organization_id = $1 AND e.task_id = ANY ($2::bigint[])',
);
const forgetComments = fixed(
  'retention.deleteComments',
  'DELETE FROM comment c WHERE c.organization_id = $1 AND c.task_id = ANY ($2::bigint[])',
);
const forgetWatchers = fixed(
  'retention.deleteWatchers',
  'DELETE FROM task_watcher w WHERE w.organization_id = $1 AND w.task_id = ANY ($2::bigint[])',
);
const forgetReminders = fixed(
  'retention.deleteReminders',
  'DELETE FROM reminder r WHERE r.organization_id = $1 AND r.task_id = ANY ($2::bigint[])',
);
const forget = fixed(
  'retention.deleteTasks',
  'DELETE FROM task t WHERE t.organization_id = $1 AND t.id = ANY ($2::bigint[])',
);

/** Deletes the rows of locked tasks, and what belongs to them alone. */
export async function deleteExpired(tx: Tx, ids: readonly bigint[]): Promise<void> {
  await tx.rows(forgetEmails, [ids]);
  await tx.rows(forgetComments, [ids]);
  await tx.rows(forgetWatchers, [ids]);
  await tx.rows(forgetReminders, [ids]);
  await forgetBlockers(tx, ids);
  await tx.rows(forget, [ids]);
}

const preview = fixed(
  'retention.preview',
  `SELECT
     (SELECT count(*)::int FROM task t WHERE t.organization_id = $1 AND ${COMPLETE}) AS "taskCount",
     (SELECT count(*)::int FROM task t WHERE t.organization_id = $1 AND ${BINNED} AND (${COMPLETE}) IS NOT TRUE) AS "binCount",
     (SELECT min(t.completed_at) FROM task t WHERE t.organization_id = $1 AND ${COMPLETE}) AS "oldestCompletedAt"`,
);

/** What would be deleted: of complete tasks, and of those that are only in the bin. */
export interface Preview {
  readonly taskCount: number;
  readonly binCount: number;
  readonly oldestCompletedAt: Date | null;
}

export async function previewExpired(db: Reader, organizationId: bigint, cutoffs: Cutoffs): Promise<Preview> {
  const [row] = await db.rows<Preview>(preview, organizationId, cutoffParams(cutoffs));
  return row as Preview;
}
