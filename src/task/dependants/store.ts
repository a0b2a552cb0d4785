import type { Tx } from '../../db/database.ts';
import type { RecordType, TaskStatus } from '../../db/generated/prisma/enums.ts';
import { fixed } from '../../db/statement.ts';
import { OPEN } from '../form.ts';

/** A record that tasks are linked to directly. */
export interface Home {
  readonly type: RecordType;
  readonly id: bigint;
}

// Each work on many tasks is two statements: one finds some, at most so many, and the other locks them by id, looks
// again at what may have changed until then, and writes. Queue rows are left out where tasks are deleted: they are
// cancelled instead.

const LIVE = 't.deleted_at IS NULL AND NOT t.is_queue_row';

const ofAccount = (form: string) =>
  `SELECT t.id FROM task t
   WHERE t.organization_id = $1 AND t.account_id = $3::bigint AND t.linked_type = 'ACCOUNT' AND ${form} AND ${LIVE}`;
const ofTaken = (table: 'contact' | 'opportunity') =>
  `SELECT t.id FROM ${table} r JOIN task t ON t.organization_id = r.organization_id AND t.${table}_id = r.id
   WHERE r.organization_id = $1 AND r.deletion_id = $2::bigint AND t.linked_type = '${table.toUpperCase()}' AND ${LIVE}`;

// An account's tasks are three ranges of its indexes, one a form of date.
const findLinked = fixed(
  'task.linkedToDeleted',
  `${ofAccount('t.due_on IS NOT NULL')}
   UNION ALL ${ofAccount('t.due_at IS NOT NULL')}
   UNION ALL ${ofAccount('t.due_on IS NULL AND t.due_at IS NULL')}
   UNION ALL ${ofTaken('contact')}
   UNION ALL ${ofTaken('opportunity')}
   UNION ALL SELECT t.id FROM task t
     WHERE t.organization_id = $1 AND t.lead_id = $4::bigint AND t.linked_type = 'LEAD' AND ${LIVE}
   LIMIT $5::int`,
);

interface Found {
  readonly id: bigint;
}

/** Where a task stood when it was deleted. */
interface Stood {
  readonly pipelineId: bigint | null;
  readonly stageId: bigint | null;
  readonly status: TaskStatus;
}

const rootIds = ({ type, id }: Home) => [type === 'ACCOUNT' ? id : null, type === 'LEAD' ? id : null];

/** Tasks that are linked directly to a deleted record, or to what its deletion took, and are not deleted. */
export const findLinkedTasks = (tx: Tx, root: Home, deletionId: bigint, limit: number) =>
  tx.rows<Found>(findLinked, [deletionId, ...rootIds(root), limit]);

const isTaken = (table: 'contact' | 'opportunity') =>
  `t.linked_type = '${table.toUpperCase()}' AND EXISTS (SELECT 1 FROM ${table} r
     WHERE r.organization_id = $1 AND r.id = t.${table}_id AND r.deletion_id = $2::bigint)`;

const bin = fixed(
  'task.bin',
  `WITH old AS MATERIALIZED (
     SELECT t.id, to_jsonb(t)::text AS image FROM task t
     WHERE t.organization_id = $1 AND t.id = ANY ($5::bigint[]) AND t.deleted_at IS NULL AND (
       (t.linked_type = 'ACCOUNT' AND t.account_id = $3::bigint) OR (t.linked_type = 'LEAD' AND t.lead_id = $4::bigint)
       OR (${isTaken('contact')}) OR (${isTaken('opportunity')}))
     ORDER BY t.id FOR NO KEY UPDATE OF t
   )
   UPDATE task t SET deleted_at = $6::timestamptz, is_active = false, deletion_id = $2::bigint,
     updated_at = GREATEST(t.updated_at, $7::timestamptz), version = t.version + 1
   FROM old WHERE t.organization_id = $1 AND t.id = old.id RETURNING t.id, t.uid, old.image`,
);

/** A task that was written, and its row before. */
export interface Written {
  readonly id: bigint;
  readonly uid: string;
  readonly image: string;
}

const byId = <Row extends Found>(rows: Row[]) => rows.sort((a, b) => Number(a.id - b.id));

/** Puts those of the tasks into the bin that are still linked to what was deleted. */
export const binTasks = async (
  tx: Tx,
  root: Home,
  deletion: { readonly id: bigint; readonly at: Date },
  ids: readonly bigint[],
  now: Date,
) => byId(await tx.rows<Written>(bin, [deletion.id, ...rootIds(root), ids, deletion.at, now]));

const findOf = fixed(
  'task.ofDeletion',
  `SELECT t.id, t.contact_id AS "contactId", t.opportunity_id AS "opportunityId", t.pipeline_id AS "pipelineId",
     t.stage_id AS "stageId", t.status
   FROM task t WHERE t.organization_id = $1 AND t.deletion_id = $2::bigint AND ($3::text = 'ACCOUNT'
     OR (t.linked_type::text = $3::text AND COALESCE(t.contact_id, t.opportunity_id, t.lead_id) = $4::bigint))
   ORDER BY t.id LIMIT $5::int`,
);

/** A row of a deletion, with the record that it is linked to where that is a contact or an opportunity, and its place. */
export interface Deleted extends Found, Stood {
  readonly contactId: bigint | null;
  readonly opportunityId: bigint | null;
}

/** Tasks that a deletion took: all of them under an account, else those of the record itself. */
export const findTasksOfDeletion = (tx: Tx, deletionId: bigint, { type, id }: Home, limit: number) =>
  tx.rows<Deleted>(findOf, [deletionId, type, id, limit]);

const home = (table: string) =>
  `WHEN '${table.toUpperCase()}' THEN (SELECT r.deletion_id FROM ${table} r
     WHERE r.organization_id = $1 AND r.id = t.${table}_id)`;

const isTakenBy = (kind: string, column: string) =>
  `(d.kind = '${kind}' AND EXISTS (SELECT 1 FROM task o WHERE o.organization_id = $1 AND o.kind = '${kind}'
     AND o.${column} = d.${column} AND ${OPEN.replaceAll('t.', 'o.')} AND o.deleted_at IS NULL))`;

// Whatever comes back finds its place free: a thread's or an opportunity's open task may be another one by now, or comes
// back with this very statement.
const settle = fixed(
  'task.settle',
  `WITH old AS MATERIALIZED (
     SELECT t.id, to_jsonb(t)::text AS image, t.deleted_at AS "deletedAt", t.kind, t.thread_id, t.opportunity_id,
       t.kind IN ('INCOMING_EMAIL', 'OPPORTUNITY_DUE') AND ${OPEN} AS claims,
       CASE t.linked_type ${['account', 'contact', 'lead', 'opportunity'].map(home).join(' ')} END AS home
     FROM task t WHERE t.organization_id = $1 AND t.id = ANY ($3::bigint[]) AND t.deletion_id = $2::bigint
     ORDER BY t.id FOR NO KEY UPDATE OF t
   ), taken AS (
     SELECT d.id FROM (
       SELECT c.*, row_number() OVER (PARTITION BY c.kind, c.thread_id,
         CASE c.kind WHEN 'OPPORTUNITY_DUE' THEN c.opportunity_id END ORDER BY c.id) AS nth
       FROM old c WHERE c.claims AND c.home IS NULL
     ) d
     WHERE (d.nth > 1 AND (d.kind = 'OPPORTUNITY_DUE' OR d.thread_id IS NOT NULL))
       OR ${isTakenBy('INCOMING_EMAIL', 'thread_id')} OR ${isTakenBy('OPPORTUNITY_DUE', 'opportunity_id')}
   ), settled AS (
     SELECT old.*, old.home IS NULL AND taken.id IS NULL AS back
     FROM old LEFT JOIN taken ON taken.id = old.id
   )
   UPDATE task t SET deletion_id = s.home, is_active = s.back,
     deleted_at = CASE WHEN s.back THEN NULL ELSE t.deleted_at END,
     updated_at = CASE WHEN s.back THEN GREATEST(t.updated_at, $4::timestamptz) ELSE t.updated_at END,
     version = t.version + CASE WHEN s.back THEN 1 ELSE 0 END
   FROM settled s WHERE t.organization_id = $1 AND t.id = s.id
   RETURNING t.id, t.uid, s.image, s."deletedAt", s.back AS "isBack",
     t.pipeline_id AS "pipelineId", t.stage_id AS "stageId", t.status, t.position,
     (SELECT x.uid FROM pipeline x WHERE x.organization_id = $1 AND x.id = t.pipeline_id) AS "pipelineUid",
     (SELECT x.uid FROM stage x WHERE x.organization_id = $1 AND x.id = t.stage_id) AS "stageUid"`,
);

export interface Settled extends Written, Stood {
  readonly position: string | null;
  readonly pipelineUid: string | null;
  readonly stageUid: string | null;
  readonly deletedAt: Date;
  /**
   * Whether it was restored. Else its record is in the bin, and it is part of that one's deletion from now on; or its
   * place is taken, and it is of no deletion any more.
   */
  readonly isBack: boolean;
}

/** Takes tasks out of the bin, unless their record is in it, or another task has taken their place. */
export const settleTasks = async (tx: Tx, deletionId: bigint, ids: readonly bigint[], now: Date) =>
  byId(await tx.rows<Settled>(settle, [deletionId, ids, now]));

const STRAYED = '(t.account_id IS DISTINCT FROM $3::bigint OR t.lead_id IS DISTINCT FROM $4::bigint)';

// In the order of an index of the record's tasks; by id alone, all of the organization's would be walked.
const relinking = (type: RecordType) => {
  const linked = `t.linked_type = '${type}' AND t.${type.toLowerCase()}_id = $2::bigint`;
  return {
    find: fixed(
      `task.strayed.${type.toLowerCase()}`,
      `SELECT t.id FROM task t WHERE t.organization_id = $1 AND ${linked} AND ${STRAYED}
       ORDER BY t.timeline_at, t.id LIMIT $5::int`,
    ),
    write: fixed(
      `task.relink.${type.toLowerCase()}`,
      `WITH old AS MATERIALIZED (
         SELECT t.id, to_jsonb(t)::text AS image, t.account_id AS "accountId", t.lead_id AS "leadId" FROM task t
         WHERE t.organization_id = $1 AND t.id = ANY ($5::bigint[]) AND ${linked} AND ${STRAYED}
         ORDER BY t.id FOR NO KEY UPDATE OF t
       )
       UPDATE task t SET account_id = $3::bigint, lead_id = $4::bigint
       FROM old WHERE t.organization_id = $1 AND t.id = old.id
       RETURNING t.id, t.uid, t.is_queue_row AS "isQueueRow", old.image, old."accountId", old."leadId"`,
    ),
  };
};
const RELINKING = { CONTACT: relinking('CONTACT'), LEAD: relinking('LEAD'), OPPORTUNITY: relinking('OPPORTUNITY') };

/** What derives from a record that tasks are linked to. An account derives from nothing. */
export interface Derived {
  readonly type: keyof typeof RELINKING;
  readonly id: bigint;
  readonly accountId: bigint | null;
  readonly leadId: bigint | null;
}

/** Tasks of a record, deleted ones and queue rows included, whose derived links are not the record's. */
export const findStrayedTasks = (tx: Tx, { type, id, accountId, leadId }: Derived, limit: number) =>
  tx.rows<Found>(RELINKING[type].find, [id, accountId, leadId, limit]);

export interface Relinked extends Written {
  readonly isQueueRow: boolean;
  /** What derived before. */
  readonly accountId: bigint | null;
  readonly leadId: bigint | null;
}

/** Gives tasks the links that derive from their record: neither a new version nor a new `updatedAt`. */
export const relinkTasks = async (tx: Tx, { type, id, accountId, leadId }: Derived, ids: readonly bigint[]) =>
  byId(await tx.rows<Relinked>(RELINKING[type].write, [id, accountId, leadId, ids]));

const uids = fixed(
  'task.uidsOfDerived',
  `SELECT 'ACCOUNT' AS type, a.id, a.uid FROM account a WHERE a.organization_id = $1 AND a.id = ANY ($2::bigint[])
   UNION ALL SELECT 'LEAD' AS type, l.id, l.uid FROM lead l WHERE l.organization_id = $1 AND l.id = ANY ($3::bigint[])`,
);

/** The ULIDs of accounts and leads. */
export const uidsOfDerived = (tx: Tx, accountIds: readonly bigint[], leadIds: readonly bigint[]) =>
  tx.rows<{ type: 'ACCOUNT' | 'LEAD'; id: bigint; uid: string }>(uids, [accountIds, leadIds]);
