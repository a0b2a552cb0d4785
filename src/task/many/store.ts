import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';
import { columnsOfState } from '../state.ts';
import type { TaskRow } from '../store.ts';

/** What can be written of many tasks at once: columns and their types. */
const WRITTEN = {
  title: 'title text',
  assigneeId: 'assignee_id bigint',
  dueOn: 'due_on date',
  dueAt: 'due_at timestamptz',
  status: 'status task_status',
  statusBefore: 'status_before task_status',
  completedAt: 'completed_at timestamptz',
  completedById: 'completed_by_id bigint',
  outcome: 'outcome text',
  stageId: 'stage_id bigint',
  stageBeforeId: 'stage_before_id bigint',
  position: 'position text',
  timelineAt: 'timeline_at timestamptz',
} as const;
const FIELDS = Object.keys(WRITTEN) as (keyof typeof WRITTEN)[];
const columnOf = (field: keyof typeof WRITTEN) => WRITTEN[field].split(' ')[0] as string;

const writeAll = fixed(
  'task.writeAll',
  `UPDATE task t SET ${FIELDS.map((field) => `${columnOf(field)} = n.${columnOf(field)}`).join(', ')},
     updated_at = GREATEST(t.updated_at, $3::timestamptz), version = t.version + 1
   FROM jsonb_to_recordset($2::jsonb) AS n(id bigint, ${Object.values(WRITTEN).join(', ')})
   WHERE t.organization_id = $1 AND t.id = n.id`,
);

/**
 * Writes the new states of locked tasks, as far as they lie in those columns; the version of each grows by one, and none is
 * dated before its last change.
 */
export async function writeTasks(
  tx: Tx,
  rows: readonly (TaskRow & { readonly id: bigint })[],
  at: Date,
): Promise<void> {
  const json = rows.map(({ id, state, timelineAt }) => {
    const columns = { ...columnsOfState(state), timelineAt };
    return { id, ...Object.fromEntries(FIELDS.map((field) => [columnOf(field), columns[field]])) };
  });
  // Numbers of ids go as text, which JSON's readers do not round.
  const text = JSON.stringify(json, (_key, value) => (typeof value === 'bigint' ? String(value) : value));
  await tx.rows(writeAll, [text, at]);
}
