import type { Tx } from '../../db/database.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { fixed } from '../../db/statement.ts';

const DIRECT_ID = `CASE t.linked_type WHEN 'ACCOUNT' THEN t.account_id WHEN 'CONTACT' THEN t.contact_id
         WHEN 'LEAD' THEN t.lead_id WHEN 'OPPORTUNITY' THEN t.opportunity_id END`;

const uidOfLink = (table: string) =>
  `WHEN '${table.toUpperCase()}' THEN (SELECT x.uid FROM ${table} x WHERE x.organization_id = $1 AND x.id = old.${table}_id)`;

// An activity makes one such task at most. An e-mail that joined a task did not make it, and links it only while it has no
// link, as it would have done by joining it.
const linkMade = fixed(
  'task.linkMade',
  `WITH old AS MATERIALIZED (
     SELECT t.id, to_jsonb(t)::text AS image, t.linked_type, t.account_id, t.contact_id, t.lead_id, t.opportunity_id
     FROM task t WHERE t.organization_id = $1 AND t.kind <> 'LEAD' AND (t.activity_id = $2::bigint OR t.linked_type IS NULL)
       AND t.id IN (
         SELECT m.id FROM task m WHERE m.organization_id = $1 AND m.activity_id = $2::bigint
         UNION ALL SELECT e.task_id FROM task_email e WHERE e.organization_id = $1 AND e.activity_id = $2::bigint)
       AND (t.linked_type::text, ${DIRECT_ID}) IS DISTINCT FROM ($3::text, $4::bigint)
     ORDER BY t.id FOR NO KEY UPDATE OF t
   )
   UPDATE task t SET linked_type = $3::record_type, account_id = $5::bigint, contact_id = $6::bigint, lead_id = $7::bigint,
     opportunity_id = $8::bigint, updated_at = GREATEST(t.updated_at, $9::timestamptz), version = t.version + 1
   FROM old WHERE t.organization_id = $1 AND t.id = old.id
   RETURNING t.id, t.uid, old.image, old.linked_type AS "linkedType",
     CASE old.linked_type ${['account', 'contact', 'lead', 'opportunity'].map(uidOfLink).join(' ')} END AS "linkUid"`,
);

/** The record that tasks are linked to, with what derives from it. */
export interface NewLink {
  readonly type: RecordType;
  readonly id: bigint;
  readonly accountId: bigint | null;
  readonly leadId: bigint | null;
}

export interface LinkedAnew {
  readonly id: bigint;
  readonly uid: string;
  /** The row before, as the database's own JSON. */
  readonly image: string;
  /** What it was linked to before. */
  readonly linkedType: RecordType | null;
  readonly linkUid: string | null;
}

/** Links the tasks that the system made of an activity to a record, or to none; those that are already stay as they are. */
export async function linkMadeTasks(tx: Tx, activityId: bigint, link: NewLink | null, now: Date) {
  const direct = (type: RecordType) => (link?.type === type ? link.id : null);
  const columns = [link?.accountId ?? null, direct('CONTACT'), link?.leadId ?? null, direct('OPPORTUNITY')];
  const params = [activityId, link?.type ?? null, link?.id ?? null, ...columns, now];
  return (await tx.rows<LinkedAnew>(linkMade, params)).sort((a, b) => Number(a.id - b.id));
}
