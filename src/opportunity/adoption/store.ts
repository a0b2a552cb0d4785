import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';

// The opportunities of a lead that have no account, and none by their contact: what came of it before it was converted.
// Those in the bin are among them: they may come out again.
const ORPHANED = `r.lead_id = $2 AND r.account_id IS NULL AND NOT EXISTS (
  SELECT 1 FROM contact c WHERE c.organization_id = $1 AND c.id = r.contact_id AND c.account_id <> $3)`;

const find = fixed(
  'opportunity.orphaned',
  `SELECT r.id FROM opportunity r WHERE r.organization_id = $1 AND ${ORPHANED} LIMIT $4::int`,
);

/** Opportunities of a lead that could belong to an account and belong to none. */
export const findOrphaned = (tx: Tx, leadId: bigint, accountId: bigint, limit: number) =>
  tx.rows<{ readonly id: bigint }>(find, [leadId, accountId, limit]);

/** An opportunity that has come to an account. */
export interface Adopted {
  readonly id: bigint;
  readonly uid: string;
  readonly accountUid: string;
  /** Null where it keeps the contact that it had. */
  readonly contactUid: string | null;
}

// An account in the bin has taken what was its own with it: it gains nothing any more.
const adopt = fixed(
  'opportunity.adopt',
  `WITH old AS MATERIALIZED (
     SELECT r.id, r.contact_id FROM opportunity r
     WHERE r.organization_id = $1 AND r.id = ANY ($4::bigint[]) AND ${ORPHANED} ORDER BY r.id FOR NO KEY UPDATE OF r
   )
   UPDATE opportunity r SET account_id = a.id, contact_id = COALESCE(r.contact_id, l.converted_contact_id),
     updated_at = GREATEST(r.updated_at, $5::timestamptz), version = r.version + 1
   FROM old, lead l, account a
   WHERE r.organization_id = $1 AND r.id = old.id AND l.organization_id = $1 AND l.id = $2
     AND a.organization_id = $1 AND a.id = $3 AND a.deleted_at IS NULL
   RETURNING r.id, r.uid, a.uid AS "accountUid", CASE WHEN old.contact_id IS NULL THEN
     (SELECT c.uid FROM contact c WHERE c.organization_id = $1 AND c.id = r.contact_id) END AS "contactUid"`,
);

/** Gives opportunities of a lead the account and, where they name none, the contact that it was converted to. */
export const adoptOpportunities = async (
  tx: Tx,
  leadId: bigint,
  accountId: bigint,
  ids: readonly bigint[],
  now: Date,
): Promise<Adopted[]> =>
  (await tx.rows<Adopted>(adopt, [leadId, accountId, ids, now])).sort((a, b) => Number(a.id - b.id));
