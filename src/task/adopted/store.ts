import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';
import type { Relinked } from '../dependants/store.ts';

// Tasks of the opportunities of a lead that belong to its account: `$2` is the lead, `$3` the account.

const STRAYED = `t.linked_type = 'OPPORTUNITY' AND (t.account_id IS DISTINCT FROM $3::bigint OR t.lead_id IS DISTINCT FROM $2::bigint)`;

const find = fixed(
  'task.strayed.adopted',
  `SELECT t.id, r.id AS "opportunityId" FROM opportunity r
   JOIN task t ON t.organization_id = r.organization_id AND t.opportunity_id = r.id
   WHERE r.organization_id = $1 AND r.lead_id = $2::bigint AND r.account_id = $3::bigint AND ${STRAYED}
   LIMIT $4::int`,
);

/** Tasks of a lead's opportunities, deleted ones and queue rows included, whose derived links are not the opportunity's. */
export const findStrayed = (tx: Tx, leadId: bigint, accountId: bigint, limit: number) =>
  tx.rows<{ readonly id: bigint; readonly opportunityId: bigint }>(find, [leadId, accountId, limit]);

const hold = fixed(
  'opportunity.holdAdopted',
  `SELECT r.id FROM opportunity r
   WHERE r.organization_id = $1 AND r.id = ANY ($4::bigint[]) AND r.lead_id = $2::bigint AND r.account_id = $3::bigint
   ORDER BY r.id FOR SHARE OF r`,
);

/** Those of the opportunities that still are the lead's and the account's; they stay so until the transaction ends. */
export const holdOpportunities = (tx: Tx, leadId: bigint, accountId: bigint, ids: readonly bigint[]) =>
  tx.rows<{ readonly id: bigint }>(hold, [leadId, accountId, ids]);

const write = fixed(
  'task.relink.adopted',
  `WITH old AS MATERIALIZED (
     SELECT t.id, to_jsonb(t)::text AS image, t.account_id AS "accountId", t.lead_id AS "leadId" FROM task t
     WHERE t.organization_id = $1 AND t.id = ANY ($4::bigint[]) AND t.opportunity_id = ANY ($5::bigint[]) AND ${STRAYED}
     ORDER BY t.id FOR NO KEY UPDATE OF t
   )
   UPDATE task t SET account_id = $3::bigint, lead_id = $2::bigint
   FROM old WHERE t.organization_id = $1 AND t.id = old.id
   RETURNING t.id, t.uid, t.is_queue_row AS "isQueueRow", old.image, old."accountId", old."leadId"`,
);

/** Gives tasks of held opportunities the lead and the account. */
export const relinkAdopted = async (
  tx: Tx,
  leadId: bigint,
  accountId: bigint,
  ids: readonly bigint[],
  opportunityIds: readonly bigint[],
): Promise<Relinked[]> =>
  (await tx.rows<Relinked>(write, [leadId, accountId, ids, opportunityIds])).sort((a, b) => Number(a.id - b.id));
