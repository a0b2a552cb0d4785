import { type Sight, sightParams } from '../../auth/sight.ts';
import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';
import { VISIBLE } from '../visible.ts';
import type { Edge, Turned } from './rules.ts';

const alone = fixed(
  'blocker.alone',
  'SELECT 1 AS held FROM pg_advisory_xact_lock(hashtextextended($2::text, $1::bigint))',
);

/**
 * Until the transaction ends nobody else adds a blocker in the organization: of two that would close a circle together,
 * neither sees the other's half. To be held before anything else.
 */
export async function holdBlockers(tx: Tx): Promise<void> {
  await tx.rows(alone, ['task.blockers']);
}

/** A task under lock, as far as blocking goes. */
export interface Blockable {
  readonly id: bigint;
  readonly uid: string;
  readonly isDeleted: boolean;
  readonly updatedAt: Date;
  readonly openBlockers: number;
  /** The row as the database's own JSON. */
  readonly image: string;
}

const BLOCKABLE = `t.id, t.uid, t.deleted_at IS NOT NULL AS "isDeleted", t.updated_at AS "updatedAt",
  t.open_blockers AS "openBlockers", to_jsonb(t)::text AS image`;

const lock = fixed(
  'blocker.lock',
  `SELECT ${BLOCKABLE} FROM task t
   WHERE t.organization_id = $1 AND ${VISIBLE} AND t.uid = ANY ($4::text[]) AND NOT t.is_queue_row
   ORDER BY t.id FOR NO KEY UPDATE`,
);

/** Tasks that the viewer may see, deleted ones included, locked in the order of their ids. */
export const lockBlockable = (tx: Tx, sight: Sight, uids: readonly string[]) =>
  tx.rows<Blockable>(lock, [...sightParams(sight), uids]);

const named = fixed(
  'blocker.named',
  `SELECT t.id, t.uid, ${VISIBLE} AS "isSeen" FROM task t WHERE t.organization_id = $1 AND t.id = ANY ($4::bigint[])`,
);

/** The ULIDs of tasks, and whether the viewer may see them. */
export const namedTasks = (tx: Tx, sight: Sight, ids: readonly bigint[]) =>
  tx.rows<{ readonly id: bigint; readonly uid: string; readonly isSeen: boolean }>(named, [...sightParams(sight), ids]);

const blockers = fixed(
  'blocker.blockers',
  `SELECT o.id, o.uid FROM task_blocker b JOIN task o ON o.organization_id = $1 AND o.id = b.blocker_id
   WHERE b.organization_id = $1 AND b.task_id = $2 ORDER BY o.id`,
);

/** All blockers of a task, whatever has become of them. */
export const blockersOf = (tx: Tx, taskId: bigint) =>
  tx.rows<{ readonly id: bigint; readonly uid: string }>(blockers, [taskId]);

// Each task once, however many ways lead to it. What it gives is only read where there is a way: a circle.
const ways = fixed(
  'blocker.ways',
  `WITH RECURSIVE up AS (
     SELECT $2::bigint AS id
     UNION SELECT b.blocker_id FROM up JOIN task_blocker b ON b.organization_id = $1 AND b.task_id = up.id
   )
   SELECT b.task_id AS "taskId", b.blocker_id AS "blockerId"
   FROM up JOIN task_blocker b ON b.organization_id = $1 AND b.task_id = up.id
   WHERE EXISTS (SELECT FROM up found WHERE found.id = $3::bigint) LIMIT 10000`,
);

/** What a task waits for, and what that waits for, if another task is among it; nothing if not. The nearest 10,000. */
export const waysBetween = (tx: Tx, from: bigint, to: bigint) => tx.rows<Edge>(ways, [from, to]);

const insert = fixed(
  'blocker.insert',
  'INSERT INTO task_blocker (organization_id, task_id, blocker_id) VALUES ($1, $2, $3)',
);
const remove = fixed(
  'blocker.remove',
  'DELETE FROM task_blocker b WHERE b.organization_id = $1 AND b.task_id = $2 AND b.blocker_id = $3',
);

export async function insertBlocker(tx: Tx, { taskId, blockerId }: Edge): Promise<void> {
  await tx.rows(insert, [taskId, blockerId]);
}

export async function removeBlockerRow(tx: Tx, { taskId, blockerId }: Edge): Promise<void> {
  await tx.rows(remove, [taskId, blockerId]);
}

/** How many blockers of `t` block it now: from the rows as they are, so that no way of counting can stray. */
const OPEN_BLOCKERS = `(SELECT count(*)::int FROM task_blocker b JOIN task o ON o.organization_id = $1 AND o.id = b.blocker_id
  WHERE b.organization_id = $1 AND b.task_id = t.id
    AND o.status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD') AND o.deleted_at IS NULL)`;

const touch = fixed(
  'blocker.touch',
  `UPDATE task t SET open_blockers = ${OPEN_BLOCKERS}, version = t.version + 1, updated_at = $3::timestamptz
   WHERE t.organization_id = $1 AND t.id = $2 RETURNING t.open_blockers AS "openBlockers"`,
);

/** Counts a task's open blockers after someone changed its blockers: a change of its own, with a new version. */
export async function touchBlocked(tx: Tx, taskId: bigint, at: Date): Promise<number> {
  const [row] = await tx.rows<{ readonly openBlockers: number }>(touch, [taskId, at]);
  return (row as { openBlockers: number }).openBlockers;
}

const dependants = fixed(
  'blocker.dependants',
  `SELECT b.task_id AS id, bool_or(b.blocker_id = ANY ($3::bigint[])) AS "byCompletion" FROM task_blocker b
   WHERE b.organization_id = $1 AND b.blocker_id = ANY ($2::bigint[]) AND b.task_id > $4::bigint
   GROUP BY b.task_id ORDER BY b.task_id LIMIT $5::int`,
);

/** A task that waits for one that has turned, and whether one of these was completed. */
export interface Dependant {
  readonly id: bigint;
  readonly byCompletion: boolean;
}

/** Tasks behind an id that wait for what has turned, in the order of ids. */
export const findDependants = (tx: Tx, { ids, completed }: Turned, after: bigint, limit: number) =>
  tx.rows<Dependant>(dependants, [ids, completed, after, limit]);

const HOLD = `SELECT t.id FROM task t WHERE t.organization_id = $1 AND t.id = ANY ($2::bigint[]) ORDER BY t.id FOR NO KEY UPDATE`;
const hold = fixed('blocker.hold', HOLD);
const holdFree = fixed('blocker.holdFree', `${HOLD} SKIP LOCKED`);

/**
 * Holds tasks, and gives those that it holds. Whoever holds others already, in whatever order, does not wait: two that
 * complete one another's neighbours would wait for each other.
 */
export const holdWaiting = async (tx: Tx, ids: readonly bigint[], waits: boolean): Promise<bigint[]> =>
  (await tx.rows<{ readonly id: bigint }>(waits ? hold : holdFree, [ids])).map(({ id }) => id);

// A statement of its own, after the locks: it sees all that was written until they were had. Of two who complete a
// blocker each, the second so finds the first one's complete.
const recount = fixed(
  'blocker.recount',
  `WITH counted AS MATERIALIZED (
     SELECT t.id, t.open_blockers AS was, ${OPEN_BLOCKERS} AS is, to_jsonb(t)::text AS image
     FROM task t WHERE t.organization_id = $1 AND t.id = ANY ($2::bigint[])
   )
   UPDATE task t SET open_blockers = c."is" FROM counted c
   WHERE t.organization_id = $1 AND t.id = c.id AND c."is" <> c.was
   RETURNING t.id, t.uid, t.assignee_id AS "assigneeId", t.status, t.deleted_at IS NOT NULL AS "isDeleted",
     c.was > 0 AS "wasBlocked", c."is" > 0 AS "isBlocked", c.image`,
);

/** A task whose open blockers are more or fewer than they were. */
export interface Recounted {
  readonly id: bigint;
  readonly uid: string;
  readonly assigneeId: bigint | null;
  readonly status: 'PENDING' | 'IN_PROGRESS' | 'ON_HOLD' | 'COMPLETED' | 'CANCELLED';
  readonly isDeleted: boolean;
  readonly wasBlocked: boolean;
  readonly isBlocked: boolean;
  /** The row before, as the database's own JSON. */
  readonly image: string;
}

/** Counts the open blockers of held tasks anew: neither a new version nor a new `updatedAt`. Gives those that changed. */
export async function recountBlockers(tx: Tx, ids: readonly bigint[]): Promise<Recounted[]> {
  const rows = await tx.rows<Recounted>(recount, [ids]);
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}

const forget = fixed(
  'blocker.forget',
  `DELETE FROM task_blocker b
   WHERE b.organization_id = $1 AND (b.task_id = ANY ($2::bigint[]) OR b.blocker_id = ANY ($2::bigint[]))`,
);

/** Forgets what tasks block and what blocks them, whose rows are about to go. They are complete or in the bin. */
export async function forgetBlockers(tx: Tx, ids: readonly bigint[]): Promise<void> {
  await tx.rows(forget, [ids]);
}
