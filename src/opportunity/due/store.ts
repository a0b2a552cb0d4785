import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';
import type { Day } from '../../time.ts';

const DUE = `r.status = 'OPEN' AND r.deleted_at IS NULL AND r.close_date IS NOT NULL
  AND r.close_date IS DISTINCT FROM r.due_task_for AND r.close_date <= $2::date`;

const find = fixed(
  'opportunity.due',
  `SELECT r.id FROM opportunity r WHERE r.organization_id = $1 AND ${DUE} ORDER BY r.close_date, r.id LIMIT $3::int`,
);

/** Open opportunities whose close date has come by a day and for which no task was made, the longest due first. */
export const findDue = (tx: Tx, today: Day, limit: number) => tx.rows<{ id: bigint }>(find, [today, limit]);

/** An opportunity that is due: what its task is made of. */
export interface DueOpportunity {
  readonly id: bigint;
  readonly uid: string;
  readonly name: string;
  readonly closeDate: Day;
  readonly accountId: bigint | null;
  readonly leadId: bigint | null;
  readonly ownerId: bigint | null;
}

const hold = fixed(
  'opportunity.holdDue',
  `SELECT r.id, r.uid, r.name, r.close_date AS "closeDate", r.account_id AS "accountId", r.lead_id AS "leadId",
     r.owner_id AS "ownerId"
   FROM opportunity r WHERE r.organization_id = $1 AND r.id = ANY ($3::bigint[]) AND ${DUE}
   ORDER BY r.id FOR NO KEY UPDATE`,
);

/** Those of them that are still due, locked. */
export async function holdDue(tx: Tx, today: Day, ids: readonly bigint[]): Promise<DueOpportunity[]> {
  const rows = await tx.rows<Omit<DueOpportunity, 'closeDate'> & { readonly closeDate: Date }>(hold, [today, ids]);
  return rows.map(({ closeDate, ...row }) => ({ ...row, closeDate: closeDate.toISOString().slice(0, 10) }));
}

const owners = fixed(
  'opportunity.accountOwners',
  'SELECT a.id, a.owner_id AS "ownerId" FROM account a WHERE a.organization_id = $1 AND a.id = ANY ($2::bigint[])',
);

/** Who owns accounts, by their ids. */
export async function ownersOfAccounts(tx: Tx, ids: readonly bigint[]): Promise<ReadonlyMap<bigint, bigint | null>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.rows<{ id: bigint; ownerId: bigint | null }>(owners, [ids]);
  return new Map(rows.map(({ id, ownerId }) => [id, ownerId]));
}

const remember = fixed(
  'opportunity.remember',
  `UPDATE opportunity r SET due_task_for = CASE WHEN $3::boolean THEN r.close_date END
   WHERE r.organization_id = $1 AND r.id = ANY ($2::bigint[])`,
);

/** Remembers that there is, or was, a task for their close dates; or forgets that there ever was. Neither is a new version. */
export const rememberDue = async (tx: Tx, ids: readonly bigint[], made: boolean): Promise<void> => {
  if (ids.length > 0) await tx.rows(remember, [ids, made]);
};
