import type { Reader } from '../db/database.ts';
import type { NotificationKind, Role } from '../db/generated/prisma/enums.ts';
import { fixed } from '../db/statement.ts';

/** A notification as it is delivered, with what its recipient was allowed when it was read. */
export interface NotificationRow {
  readonly organizationId: bigint;
  readonly userId: bigint;
  readonly seq: bigint;
  readonly kind: NotificationKind;
  readonly taskId: bigint | null;
  readonly taskUid: string | null;
  readonly activityId: bigint | null;
  readonly actorId: bigint;
  readonly batchId: string | null;
  readonly createdAt: Date;
  readonly readAt: Date | null;
}

/** What a membership allows at the moment of reading. */
export interface Standing {
  readonly isActive: boolean;
  readonly role: Role;
  readonly crmAccess: boolean;
}

/** Where a log begins and ends, and how whoever asked stood then. */
export interface LogPosition extends Standing {
  readonly lastSeq: bigint;
  readonly prunedTo: bigint;
}

export const NOTIFICATION_COLUMNS = `n.organization_id AS "organizationId", n.user_id AS "userId", n.seq, n.kind,
  n.task_id AS "taskId", n.task_uid AS "taskUid", n.activity_id AS "activityId", n.actor_id AS "actorId",
  n.batch_id AS "batchId", n.created_at AS "createdAt", n.read_at AS "readAt"`;

const STANDING_COLUMNS = `m.is_active AS "isActive", m.role, m.crm_access AS "crmAccess"`;

const position = fixed(
  'event.position',
  `SELECT l.last_seq AS "lastSeq", l.pruned_to AS "prunedTo", ${STANDING_COLUMNS}
   FROM organization_log l JOIN membership m ON m.organization_id = l.organization_id AND m.user_id = $2
   WHERE l.organization_id = $1`,
);

/** Where the organization's log begins and ends now, for a member. */
export async function readPosition(db: Reader, organizationId: bigint, userId: bigint): Promise<LogPosition> {
  const [row] = await db.rows<LogPosition>(position, organizationId, [userId]);
  if (!row) throw new Error(`Organization ${organizationId} has no log, or no member ${userId}.`);
  return row;
}

// The counter and the rows come from one snapshot, so that "read up to here" is true. The bound is a number of events, not
// of rows: one event may notify several people, and a page must not end between them. Nobody who left is notified any more:
// that their subscriptions end, the events tell by which they left.
const batch = fixed(
  'event.batch',
  `WITH here AS MATERIALIZED (
     SELECT l.last_seq, LEAST(l.last_seq, $2::bigint + $3::bigint) AS "to" FROM organization_log l WHERE l.organization_id = $1
   ), gone AS MATERIALIZED (
     SELECT COALESCE(array_agg(gm.user_id), '{}') AS ids FROM here
     JOIN event e ON e.organization_id = $1 AND e.seq > $2 AND e.seq <= here."to"
       AND e.subject_type IN ('MEMBERSHIP', 'API_KEY')
     LEFT JOIN api_key k ON k.organization_id = $1 AND k.id = e.subject_id AND e.subject_type = 'API_KEY'
     JOIN membership gm ON gm.organization_id = $1 AND gm.user_id = COALESCE(k.user_id, e.subject_id) AND NOT gm.is_active
   )
   SELECT here."to", here.last_seq AS head, (SELECT ids FROM gone) AS gone, ${STANDING_COLUMNS}, ${NOTIFICATION_COLUMNS}
   FROM here
   LEFT JOIN notification n ON n.organization_id = $1 AND n.seq > $2 AND n.seq <= here."to"
   LEFT JOIN membership m ON m.organization_id = n.organization_id AND m.user_id = n.user_id
   ORDER BY n.seq`,
);

const own = fixed(
  'event.own',
  `SELECT l.last_seq AS head, l.pruned_to > $3 AS pruned, ${STANDING_COLUMNS}, ${NOTIFICATION_COLUMNS}
   FROM organization_log l
   JOIN membership m ON m.organization_id = l.organization_id AND m.user_id = $2
   LEFT JOIN LATERAL (
     SELECT * FROM notification n
     WHERE n.organization_id = l.organization_id AND n.user_id = $2 AND n.seq > $3 ORDER BY n.seq LIMIT $4
   ) n ON true
   WHERE l.organization_id = $1 ORDER BY n.seq`,
);

type Found = NotificationRow &
  Standing & { readonly to: bigint; readonly head: bigint; readonly gone: bigint[]; readonly pruned: boolean };

export interface Delivery {
  readonly notification: NotificationRow;
  readonly standing: Standing;
}

const deliveries = (rows: readonly Found[]): Delivery[] =>
  rows
    .filter(({ seq }) => seq !== null)
    .map((row) => ({
      notification: row,
      standing: { isActive: row.isActive, role: row.role, crmAccess: row.crmAccess },
    }));

/** Everyone's notifications of at most `events` events after `after`, who left by them, how far that reaches, and where the log ends. */
export async function readBatch(db: Reader, organizationId: bigint, after: bigint, events: number) {
  const rows = await db.rows<Found>(batch, organizationId, [after, BigInt(events)]);
  const { to = after, head = after, gone = [] } = rows[0] ?? {};
  return {
    to,
    head,
    gone: new Set(gone),
    deliveries: Map.groupBy(deliveries(rows), ({ notification }) => notification.userId),
  };
}

/** One person's notifications after `after`, a page at most, how far that reaches, whether they are still a member, and whether any of it was pruned by now. */
export async function readOwn(db: Reader, organizationId: bigint, userId: bigint, after: bigint, page: number) {
  const rows = await db.rows<Found>(own, organizationId, [userId, after, page]);
  const found = deliveries(rows);
  const [first] = rows;
  const to = found.length === page ? (found.at(-1) as Delivery).notification.seq : (first?.head ?? after);
  return { to, isActive: first?.isActive ?? false, pruned: first?.pruned ?? false, deliveries: found };
}
