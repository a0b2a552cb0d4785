import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';

const open = fixed(
  'task.openDue',
  `SELECT t.uid, t.opportunity_id AS "opportunityId" FROM task t
   WHERE t.organization_id = $1 AND t.opportunity_id = ANY ($2::bigint[]) AND t.kind = 'OPPORTUNITY_DUE'
     AND t.status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD') AND t.deleted_at IS NULL
   ORDER BY t.id`,
);

/** The open OPPORTUNITY_DUE of each of some opportunities, in the order of their ids: at most one each. */
export const findOpenDue = (tx: Tx, opportunityIds: readonly bigint[]) =>
  tx.rows<{ readonly uid: string; readonly opportunityId: bigint }>(open, [opportunityIds]);
