import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';
import { OPEN } from '../form.ts';
import { type LockedRow, type LockedTask, namedTasks, TASK_COLUMNS } from '../store.ts';

const open = fixed(
  'task.openDue',
  `SELECT ${TASK_COLUMNS}, to_jsonb(t)::text AS image FROM task t
   WHERE t.organization_id = $1 AND t.opportunity_id = ANY ($2::bigint[]) AND t.kind = 'OPPORTUNITY_DUE'
     AND ${OPEN} AND t.deleted_at IS NULL
   ORDER BY t.id FOR NO KEY UPDATE`,
);

/** The open OPPORTUNITY_DUE of each of some opportunities, locked in the order of their ids: at most one each. */
export const lockOpenDue = async (tx: Tx, opportunityIds: readonly bigint[]): Promise<LockedTask[]> =>
  namedTasks(tx, await tx.rows<LockedRow>(open, [opportunityIds]));
