import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';

// Each is asked alone, so that one who has left, or who cannot see the task, hides nobody behind them.
const ownerIn = (table: string) =>
  `(SELECT m.user_id FROM ${table} r
    JOIN membership m ON m.organization_id = r.organization_id AND m.user_id = r.owner_id
    WHERE r.organization_id = $1 AND r.id = t.${table}_id AND m.is_active AND m.kind = 'PERSON' AND m.user_id <> $3
      AND (m.crm_access OR m.user_id = t.creator_id OR m.user_id = t.assignee_id))`;

const owner = fixed(
  'task.owner',
  `SELECT COALESCE(
     CASE t.linked_type WHEN 'CONTACT' THEN ${ownerIn('contact')} WHEN 'LEAD' THEN ${ownerIn('lead')}
       WHEN 'OPPORTUNITY' THEN ${ownerIn('opportunity')} END, ${ownerIn('account')}) AS "userId"
   FROM task t WHERE t.organization_id = $1 AND t.id = $2`,
);

/**
 * Whom the task's linked record belongs to, else its account: the first of them who is here, sees the task and is not the
 * one who asks; null for nobody.
 */
export const findOwner = async (tx: Tx, taskId: bigint, askerId: bigint): Promise<bigint | null> =>
  (await tx.rows<{ userId: bigint | null }>(owner, [taskId, askerId]))[0]?.userId ?? null;
