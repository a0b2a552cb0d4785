import type { Tx } from '../../db/database.ts';
import { composed, fixed } from '../../db/statement.ts';
import type { Standing } from '../door/rules.ts';
import type { Query } from '../list/statement.ts';
import { LOCKED_COLUMNS, type LockedTask } from '../store.ts';

// Many tasks at once: a number of statements that does not grow with them.

/** A task that matched a moment ago, not locked: what it names is locked first. */
export interface Found extends Standing {
  readonly id: bigint;
}

const FOUND_COLUMNS = `t.id, t.status, t.status_before AS "statusBefore", t.pipeline_id AS "pipelineId",
  t.stage_id AS "stageId", t.stage_before_id AS "stageBeforeId"`;

/** Tasks that match, in no order. */
export const findMatching = async (tx: Tx, { text, values }: Query): Promise<Found[]> =>
  text === '' ? [] : tx.rows(composed('task.findMatching', `SELECT ${FOUND_COLUMNS} FROM ${text}`), values);

/** How many tasks match, however many. */
export async function countMatching(tx: Tx, { text, values }: Query): Promise<number> {
  const [row] = await tx.rows<{ count: number }>(
    composed('task.countMatching', `SELECT (${text})::int AS count`),
    values,
  );
  return row?.count ?? 0;
}

/** Tasks by their ULIDs and where they came from. */
export const kindsOf = async (tx: Tx, { text, values }: Query) =>
  tx.rows<{ readonly uid: string; readonly kind: string }>(
    composed('task.kindsOf', `SELECT t.uid, t.kind FROM ${text} ORDER BY t.uid`),
    values,
  );

// By id and without a condition: whether a row that was waited for still matches is judged after, as it is then.
const lockAll = fixed(
  'task.lockAll',
  `SELECT t.id FROM task t
   WHERE t.organization_id = $1 AND t.id = ANY ($2::bigint[]) ORDER BY t.id FOR NO KEY UPDATE`,
);

/** Locks tasks in the order of their ids. */
export const lockTasks = (tx: Tx, ids: readonly bigint[]) => tx.rows<{ readonly id: bigint }>(lockAll, [ids]);

/** Locked tasks, as far as they match. */
export const readLocked = (tx: Tx, { text, values }: Query): Promise<LockedTask[]> =>
  tx.rows(composed('task.readLocked', `SELECT ${LOCKED_COLUMNS} FROM ${text}`), values);
