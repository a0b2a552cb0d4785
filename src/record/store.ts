import { type Sight, sightParams } from '../auth/sight.ts';
import { columnsOf } from '../db/columns.ts';
import type { Reader, Tx } from '../db/database.ts';
import type { Account, Contact, Lead, Opportunity } from '../db/generated/prisma/client.ts';
import type { RecordType } from '../db/generated/prisma/enums.ts';
import { fixed } from '../db/statement.ts';
import type { Link } from './link.ts';
import { byRecordType, RECORD_NAMES } from './names.ts';

/** The row of each kind of record. */
export interface RecordRows {
  ACCOUNT: Account;
  CONTACT: Contact;
  LEAD: Lead;
  OPPORTUNITY: Opportunity;
}

/**
 * What a viewer may see of the records, as a condition on alias `r`, which `$2` (sees all) and `$3` (their user) decide:
 * without CRM access only what is named by a task that is assigned to or was created by oneself.
 */
const visible = (type: RecordType) =>
  `($2::boolean OR EXISTS (SELECT 1 FROM task t WHERE t.organization_id = $1 AND t.${type.toLowerCase()}_id = r.id
     AND (t.assignee_id = $3 OR t.creator_id = $3)))`;

const statements = (type: RecordType) => {
  const table = type.toLowerCase();
  const select = `SELECT ${columnsOf(RECORD_NAMES[type], 'r')} FROM ${table} r WHERE r.organization_id = $1`;
  const account = {
    ACCOUNT: 'r.id',
    CONTACT: 'r.account_id',
    LEAD: 'r.converted_account_id',
    OPPORTUNITY: 'r.account_id',
  };
  const uidIn = (of: string, id: string) => `(SELECT x.uid FROM ${of} x WHERE x.organization_id = $1 AND x.id = ${id})`;
  const lead = { ACCOUNT: 'NULL::bigint', CONTACT: 'NULL::bigint', LEAD: 'r.id', OPPORTUNITY: 'r.lead_id' };
  return {
    lock: fixed(
      `${table}.lock`,
      `SELECT '${type}' AS type, r.id, r.uid, ${account[type]} AS "accountId", ${lead[type]} AS "leadId",
              ${uidIn('account', account[type])} AS "accountUid", ${uidIn('lead', lead[type])} AS "leadUid",
              r.deleted_at IS NOT NULL AS "isDeleted"
       FROM ${table} r WHERE r.organization_id = $1 AND ${visible(type)} AND r.uid = $4 FOR SHARE OF r`,
    ),
    byIdsInSight: fixed(`${table}.byIdsInSight`, `${select} AND ${visible(type)} AND r.id = ANY ($4::bigint[])`),
    byIds: fixed(`${table}.byIds`, `${select} AND r.id = ANY ($2::bigint[])`),
    byUids: fixed(`${table}.byUids`, `${select} AND ${visible(type)} AND r.uid = ANY ($4::text[])`),
  };
};

const STATEMENTS = byRecordType(statements);

/** Records by inner ids, deleted ones included: for what the viewer sees already and that names them. */
export const recordsByIds = <Type extends RecordType>(
  db: Reader,
  organizationId: bigint,
  type: Type,
  ids: readonly bigint[],
): Promise<RecordRows[Type][]> => db.rows(STATEMENTS[type].byIds, organizationId, [ids]);

/** Records by inner ids, deleted ones included, as far as the viewer may see them: for what another record names. */
export const recordsInSight = <Type extends RecordType>(
  db: Reader,
  organizationId: bigint,
  sight: Sight,
  type: Type,
  ids: readonly bigint[],
): Promise<RecordRows[Type][]> => db.rows(STATEMENTS[type].byIdsInSight, organizationId, [...sightParams(sight), ids]);

/** Records by ULIDs, deleted ones included, as far as the viewer may see them. */
export const recordsByUids = <Type extends RecordType>(
  db: Reader,
  organizationId: bigint,
  sight: Sight,
  type: Type,
  uids: readonly string[],
): Promise<RecordRows[Type][]> => db.rows(STATEMENTS[type].byUids, organizationId, [...sightParams(sight), uids]);

/** A record as a link, share-locked: deleting it waits, or has happened and shows. */
export const lockRecord = async (tx: Tx, sight: Sight, type: RecordType, uid: string): Promise<Link | null> =>
  (await tx.rows<Link>(STATEMENTS[type].lock, [...sightParams(sight), uid]))[0] ?? null;
