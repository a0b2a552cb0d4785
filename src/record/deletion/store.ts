import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';

/** What an account takes with it. */
export type Child = 'CONTACT' | 'OPPORTUNITY';

interface Found {
  readonly id: bigint;
}

/** A record that was written, before. */
export interface Taken extends Found {
  readonly uid: string;
}

export interface Settled extends Taken {
  readonly deletedAt: Date;
  /** Whether it was restored. Else its account is in the bin, and it is part of that one's deletion from now on. */
  readonly isBack: boolean;
}

const statements = (type: Child) => {
  const table = type.toLowerCase();
  return {
    ofAccount: fixed(
      `${table}.ofAccount`,
      `SELECT r.id FROM ${table} r WHERE r.organization_id = $1 AND r.account_id = $2::bigint AND r.deleted_at IS NULL
       ORDER BY r.id LIMIT $3::int`,
    ),
    bin: fixed(
      `${table}.bin`,
      `WITH old AS MATERIALIZED (
         SELECT r.id FROM ${table} r
         WHERE r.organization_id = $1 AND r.id = ANY ($3::bigint[]) AND r.account_id = $2::bigint AND r.deleted_at IS NULL
         ORDER BY r.id FOR NO KEY UPDATE OF r
       )
       UPDATE ${table} r SET deleted_at = $5::timestamptz, deletion_id = $4::bigint,
         updated_at = GREATEST(r.updated_at, $6::timestamptz), version = r.version + 1
       FROM old WHERE r.organization_id = $1 AND r.id = old.id RETURNING r.id, r.uid`,
    ),
    ofDeletion: fixed(
      `${table}.ofDeletion`,
      `SELECT r.id FROM ${table} r WHERE r.organization_id = $1 AND r.deletion_id = $2::bigint ORDER BY r.id LIMIT $3::int`,
    ),
    settle: fixed(
      `${table}.settle`,
      `WITH old AS MATERIALIZED (
         SELECT r.id, r.deleted_at AS "deletedAt",
           (SELECT a.deletion_id FROM account a WHERE a.organization_id = $1 AND a.id = r.account_id) AS home
         FROM ${table} r WHERE r.organization_id = $1 AND r.id = ANY ($3::bigint[]) AND r.deletion_id = $2::bigint
         ORDER BY r.id FOR NO KEY UPDATE OF r
       )
       UPDATE ${table} r SET deletion_id = old.home,
         deleted_at = CASE WHEN old.home IS NULL THEN NULL ELSE r.deleted_at END,
         updated_at = CASE WHEN old.home IS NULL THEN GREATEST(r.updated_at, $4::timestamptz) ELSE r.updated_at END,
         version = r.version + CASE WHEN old.home IS NULL THEN 1 ELSE 0 END
       FROM old WHERE r.organization_id = $1 AND r.id = old.id
       RETURNING r.id, r.uid, old."deletedAt", old.home IS NULL AS "isBack"`,
    ),
    share: fixed(
      `${table}.share`,
      `SELECT r.id FROM ${table} r WHERE r.organization_id = $1 AND r.id = ANY ($2::bigint[]) ORDER BY r.id FOR SHARE`,
    ),
  };
};
const STATEMENTS = { CONTACT: statements('CONTACT'), OPPORTUNITY: statements('OPPORTUNITY') };

const byId = <Row extends Found>(rows: Row[]) => rows.sort((a, b) => Number(a.id - b.id));

/** An account's contacts or opportunities that are not deleted. */
export const findChildren = (tx: Tx, type: Child, accountId: bigint, limit: number) =>
  tx.rows<Found>(STATEMENTS[type].ofAccount, [accountId, limit]);

/** Puts those into the bin that are still the account's. */
export const binChildren = async (
  tx: Tx,
  type: Child,
  accountId: bigint,
  deletion: { readonly id: bigint; readonly at: Date },
  ids: readonly bigint[],
  now: Date,
) => byId(await tx.rows<Taken>(STATEMENTS[type].bin, [accountId, ids, deletion.id, deletion.at, now]));

/** Contacts or opportunities that a deletion took. */
export const findChildrenOfDeletion = (tx: Tx, type: Child, deletionId: bigint, limit: number) =>
  tx.rows<Found>(STATEMENTS[type].ofDeletion, [deletionId, limit]);

/** Takes them out of the bin, unless their account is in it. */
export const settleChildren = async (tx: Tx, type: Child, deletionId: bigint, ids: readonly bigint[], now: Date) =>
  byId(await tx.rows<Settled>(STATEMENTS[type].settle, [deletionId, ids, now]));

/** Holds contacts or opportunities: nobody deletes or restores them meanwhile. */
export const shareRecords = async (tx: Tx, type: Child, ids: readonly bigint[]): Promise<void> => {
  if (ids.length > 0) await tx.rows(STATEMENTS[type].share, [ids]);
};

const accountOf = (type: Child) =>
  fixed(
    `${type.toLowerCase()}.shareAccount`,
    `SELECT a.id, a.uid, a.name, a.deleted_at IS NOT NULL AS "isDeleted" FROM account a
     WHERE a.organization_id = $1 AND a.id = (
       SELECT r.account_id FROM ${type.toLowerCase()} r WHERE r.organization_id = $1 AND r.uid = $2) FOR SHARE OF a`,
  );
const ACCOUNTS = { CONTACT: accountOf('CONTACT'), OPPORTUNITY: accountOf('OPPORTUNITY') };

export interface AccountOf {
  readonly id: bigint;
  readonly uid: string;
  readonly name: string;
  readonly isDeleted: boolean;
}

/** The account of a contact or an opportunity, share-locked; null for one without. */
export const shareAccountOf = async (tx: Tx, type: Child, uid: string): Promise<AccountOf | null> =>
  (await tx.rows<AccountOf>(ACCOUNTS[type], [uid]))[0] ?? null;
