import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';

/** A task that stands in timelines by a day, and where. */
export interface DayTask {
  readonly id: bigint;
  readonly dueOn: Date;
  readonly timelineAt: Date;
}

const page = fixed(
  'rezone.tasks',
  `SELECT t.id, CASE WHEN t.completed_at IS NULL THEN t.due_on END AS "dueOn", t.timeline_at AS "timelineAt"
   FROM task t WHERE t.organization_id = $1 AND t.id > $2 ORDER BY t.id LIMIT $3::int`,
);

/** The next tasks after an id, whatever they are: as many are looked at in one go, however few are of a day. */
export const tasksAfter = (tx: Tx, after: bigint, limit: number) =>
  tx.rows<Omit<DayTask, 'dueOn'> & { readonly dueOn: Date | null }>(page, [after, limit]);

const lock = fixed(
  'rezone.lock',
  `SELECT t.id, t.due_on AS "dueOn", t.timeline_at AS "timelineAt" FROM task t
   WHERE t.organization_id = $1 AND t.id = ANY ($2::bigint[]) AND t.completed_at IS NULL AND t.due_on IS NOT NULL
   ORDER BY t.id FOR NO KEY UPDATE`,
);

/** Those of them that still are not done and of a day, locked. */
export const lockDayTasks = (tx: Tx, ids: readonly bigint[]) => tx.rows<DayTask>(lock, [ids]);

const write = fixed(
  'rezone.write',
  `UPDATE task t SET timeline_at = n.at FROM jsonb_to_recordset($2::jsonb) AS n(id bigint, at timestamptz)
   WHERE t.organization_id = $1 AND t.id = n.id`,
);

/** Where tasks stand in timelines is no part of what they say: neither their versions nor the log tell of it. */
export const writeTimeline = async (tx: Tx, rows: readonly { readonly id: bigint; readonly at: Date }[]) =>
  void (await tx.rows(write, [JSON.stringify(rows.map(({ id, at }) => ({ id: String(id), at })))]));
