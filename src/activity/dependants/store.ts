import type { Tx } from '../../db/database.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { fixed } from '../../db/statement.ts';

/** A record that activities are linked to directly. */
export interface Home {
  readonly type: RecordType;
  readonly id: bigint;
}

// As with tasks: one statement finds some, another locks them by id, looks again, and writes.

const ofTaken = (table: 'contact' | 'opportunity') =>
  `SELECT a.id FROM ${table} r JOIN activity a ON a.organization_id = r.organization_id AND a.${table}_id = r.id
   WHERE r.organization_id = $1 AND r.deletion_id = $2::bigint AND a.linked_type = '${table.toUpperCase()}'
     AND a.deleted_at IS NULL`;
/** An account's own: those that name no other record. */
const OF_ACCOUNT = `a.account_id = $3::bigint AND (a.linked_type IS NULL OR a.linked_type = 'ACCOUNT')`;

const findLinked = fixed(
  'activity.linkedToDeleted',
  `SELECT a.id FROM activity a WHERE a.organization_id = $1 AND ${OF_ACCOUNT} AND a.deleted_at IS NULL
   UNION ALL ${ofTaken('contact')}
   UNION ALL ${ofTaken('opportunity')}
   UNION ALL SELECT a.id FROM activity a
     WHERE a.organization_id = $1 AND a.lead_id = $4::bigint AND a.linked_type = 'LEAD' AND a.deleted_at IS NULL
   LIMIT $5::int`,
);

interface Found {
  readonly id: bigint;
}

const rootIds = ({ type, id }: Home) => [type === 'ACCOUNT' ? id : null, type === 'LEAD' ? id : null];

/** Activities that are linked directly to a deleted record, or to what its deletion took, and are not deleted. */
export const findLinkedActivities = (tx: Tx, root: Home, deletionId: bigint, limit: number) =>
  tx.rows<Found>(findLinked, [deletionId, ...rootIds(root), limit]);

const isTaken = (table: 'contact' | 'opportunity') =>
  `a.linked_type = '${table.toUpperCase()}' AND EXISTS (SELECT 1 FROM ${table} r
     WHERE r.organization_id = $1 AND r.id = a.${table}_id AND r.deletion_id = $2::bigint)`;

const bin = fixed(
  'activity.bin',
  `WITH old AS MATERIALIZED (
     SELECT a.id FROM activity a
     WHERE a.organization_id = $1 AND a.id = ANY ($5::bigint[]) AND a.deleted_at IS NULL AND (
       (${OF_ACCOUNT}) OR (a.linked_type = 'LEAD' AND a.lead_id = $4::bigint)
       OR (${isTaken('contact')}) OR (${isTaken('opportunity')}))
     ORDER BY a.id FOR NO KEY UPDATE OF a
   )
   UPDATE activity a SET deleted_at = $6::timestamptz, is_active = false, deletion_id = $2::bigint,
     updated_at = GREATEST(a.updated_at, $7::timestamptz), version = a.version + 1
   FROM old WHERE a.organization_id = $1 AND a.id = old.id RETURNING a.id, a.uid`,
);

interface Written {
  readonly id: bigint;
  readonly uid: string;
}

const byId = <Row extends Found>(rows: Row[]) => rows.sort((a, b) => Number(a.id - b.id));

/** Puts those of the activities into the bin that are still linked to what was deleted. */
export const binActivities = async (
  tx: Tx,
  root: Home,
  deletion: { readonly id: bigint; readonly at: Date },
  ids: readonly bigint[],
  now: Date,
) => byId(await tx.rows<Written>(bin, [deletion.id, ...rootIds(root), ids, deletion.at, now]));

const findOf = fixed(
  'activity.ofDeletion',
  `SELECT a.id, a.contact_id AS "contactId", a.opportunity_id AS "opportunityId" FROM activity a
   WHERE a.organization_id = $1 AND a.deletion_id = $2::bigint AND ($3::text = 'ACCOUNT'
     OR (a.linked_type::text = $3::text AND COALESCE(a.contact_id, a.opportunity_id, a.lead_id) = $4::bigint))
   ORDER BY a.id LIMIT $5::int`,
);

/** A row of a deletion, with the record that it is linked to where that is a contact or an opportunity. */
export interface Deleted extends Found {
  readonly contactId: bigint | null;
  readonly opportunityId: bigint | null;
}

/** Activities that a deletion took: all of them under an account, else those of the record itself. */
export const findActivitiesOfDeletion = (tx: Tx, deletionId: bigint, { type, id }: Home, limit: number) =>
  tx.rows<Deleted>(findOf, [deletionId, type, id, limit]);

const home = (table: string) =>
  `(SELECT r.deletion_id FROM ${table} r WHERE r.organization_id = $1 AND r.id = a.${table}_id)`;

const settle = fixed(
  'activity.settle',
  `WITH old AS MATERIALIZED (
     SELECT a.id, a.deleted_at AS "deletedAt",
       CASE a.linked_type WHEN 'CONTACT' THEN ${home('contact')} WHEN 'LEAD' THEN ${home('lead')}
         WHEN 'OPPORTUNITY' THEN ${home('opportunity')} ELSE ${home('account')} END AS home
     FROM activity a WHERE a.organization_id = $1 AND a.id = ANY ($3::bigint[]) AND a.deletion_id = $2::bigint
     ORDER BY a.id FOR NO KEY UPDATE OF a
   )
   UPDATE activity a SET deletion_id = old.home, is_active = old.home IS NULL,
     deleted_at = CASE WHEN old.home IS NULL THEN NULL ELSE a.deleted_at END,
     updated_at = CASE WHEN old.home IS NULL THEN GREATEST(a.updated_at, $4::timestamptz) ELSE a.updated_at END,
     version = a.version + CASE WHEN old.home IS NULL THEN 1 ELSE 0 END
   FROM old WHERE a.organization_id = $1 AND a.id = old.id
   RETURNING a.id, a.uid, old."deletedAt", old.home IS NULL AS "isBack"`,
);

interface Settled extends Written {
  readonly deletedAt: Date;
  /** Whether it was restored. Else its record is in the bin, and it is part of that one's deletion from now on. */
  readonly isBack: boolean;
}

/** Takes activities out of the bin, unless their record is in it. */
export const settleActivities = async (tx: Tx, deletionId: bigint, ids: readonly bigint[], now: Date) =>
  byId(await tx.rows<Settled>(settle, [deletionId, ids, now]));

const STRAYED = `a.opportunity_id = $2::bigint AND a.linked_type = 'OPPORTUNITY' AND a.lead_id IS DISTINCT FROM $3::bigint`;

// In the order of an index of the opportunity's activities; by id alone, all of the organization's would be walked.
const findStrayed = fixed(
  'activity.strayed',
  `SELECT a.id FROM activity a WHERE a.organization_id = $1 AND ${STRAYED} ORDER BY a.activity_timestamp, a.id LIMIT $4::int`,
);

/** An opportunity's activities, deleted ones included, that have not its lead. */
export const findStrayedActivities = (tx: Tx, opportunityId: bigint, leadId: bigint | null, limit: number) =>
  tx.rows<Found>(findStrayed, [opportunityId, leadId, limit]);

const relink = fixed(
  'activity.relink',
  `WITH old AS MATERIALIZED (
     SELECT a.id FROM activity a WHERE a.organization_id = $1 AND a.id = ANY ($4::bigint[]) AND ${STRAYED}
     ORDER BY a.id FOR NO KEY UPDATE OF a
   )
   UPDATE activity a SET lead_id = $3::bigint FROM old WHERE a.organization_id = $1 AND a.id = old.id RETURNING a.id`,
);

/** Gives those of the activities the opportunity's lead that are still its own. */
export const relinkActivities = (tx: Tx, opportunityId: bigint, leadId: bigint | null, ids: readonly bigint[]) =>
  tx.rows<Found>(relink, [opportunityId, leadId, ids]);
