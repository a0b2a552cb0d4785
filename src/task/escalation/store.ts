import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';

const ownerIn = (table: string) =>
  `(SELECT r.owner_id FROM ${table} r WHERE r.organization_id = $1 AND r.id = t.${table}_id)`;

const owner = fixed(
  'task.owner',
  `SELECT m.user_id AS "userId" FROM task t
   JOIN membership m ON m.organization_id = t.organization_id AND m.user_id = COALESCE(
     CASE t.linked_type WHEN 'CONTACT' THEN ${ownerIn('contact')} WHEN 'LEAD' THEN ${ownerIn('lead')}
       WHEN 'OPPORTUNITY' THEN ${ownerIn('opportunity')} END, ${ownerIn('account')})
   WHERE t.organization_id = $1 AND t.id = $2 AND m.is_active AND m.kind = 'PERSON'
     AND (m.crm_access OR m.user_id = t.creator_id OR m.user_id = t.assignee_id)`,
);

/** Whose the task's linked record is, or, when that is nobody's, its account; null for nobody who is here and sees the task. */
export const findOwner = async (tx: Tx, taskId: bigint): Promise<bigint | null> =>
  (await tx.rows<{ userId: bigint }>(owner, [taskId]))[0]?.userId ?? null;
