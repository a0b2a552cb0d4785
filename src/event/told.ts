import type { Reader } from '../db/database.ts';
import type { Role } from '../db/generated/prisma/enums.ts';
import { fixed } from '../db/statement.ts';
import { EVENT_COLUMNS, type EventRow } from './history.ts';
import { nextMoment } from './moment.ts';
import type { Stretch } from './reader.ts';

/** What a transaction did to a task: the last of its events, which holds the images, and what judging needs of these. */
export interface Told extends EventRow {
  /** Of the task as it was last: what decides who may see the event. */
  readonly assigneeId: bigint | null;
  readonly creatorId: bigint;
  /** When the task is due then, if that is an instant. */
  readonly dueAt: Date | null;
}

/** Someone whose membership was changed, as it is now. */
export interface Changed {
  readonly isActive: boolean;
  readonly role: Role;
  /** Where it was changed the last time. */
  readonly seq: bigint;
  /** Where what they see was; null where it was not. */
  readonly resightedAt: bigint | null;
}

/** A stretch of the log as far as it tells of tasks, in order. Its identity keys its loaders. */
export interface ToldBatch extends Stretch {
  readonly organizationId: bigint;
  readonly told: readonly Told[];
  readonly changed: ReadonlyMap<bigint, Changed>;
  /** Whether any of it was gone when it was read. */
  readonly isPruned: boolean;
  /** The clock when it was read, in milliseconds. */
  readonly now: number;
}

// The counter and the rows come from one snapshot, so that "read up to here" is true. Images stay in the database: they are
// large, and are judged there.
const told = fixed(
  'event.told',
  `WITH here AS MATERIALIZED (
     SELECT l.last_seq, l.pruned_to, LEAST(l.last_seq, $2::bigint + $3::bigint) AS "to"
     FROM organization_log l WHERE l.organization_id = $1
   ), changed AS MATERIALIZED (
     SELECT m.user_id, m.is_active, m.role, max(e.seq) AS seq,
       max(e.seq) FILTER (WHERE e.changes @> '[{"field": "crmAccess"}]') AS resighted_at FROM here
     JOIN event e ON e.organization_id = $1 AND e.seq > $2 AND e.seq <= here."to"
       AND e.subject_type IN ('MEMBERSHIP', 'API_KEY')
     LEFT JOIN api_key k ON k.organization_id = $1 AND k.id = e.subject_id AND e.subject_type = 'API_KEY'
     JOIN membership m ON m.organization_id = $1 AND m.user_id = COALESCE(k.user_id, e.subject_id)
     GROUP BY m.user_id, m.is_active, m.role
   )
   SELECT here."to", here.last_seq AS head, here.pruned_to > $2 AS pruned,
     (SELECT jsonb_agg(jsonb_build_object('userId', c.user_id::text, 'isActive', c.is_active, 'role', c.role,
        'seq', c.seq::text, 'resightedAt', c.resighted_at::text)) FROM changed c) AS changed,
     ${EVENT_COLUMNS}, (COALESCE(e.image_after, e.image_before) ->> 'assignee_id')::bigint AS "assigneeId",
     (COALESCE(e.image_after, e.image_before) ->> 'creator_id')::bigint AS "creatorId",
     (e.image_after ->> 'due_at')::timestamptz AS "dueAt"
   FROM here
   LEFT JOIN event e ON e.organization_id = $1 AND e.seq > $2 AND e.seq <= here."to" AND e.subject_type = 'TASK'
     AND (e.image_after IS NOT NULL OR e.image_before IS NOT NULL)
   ORDER BY e.seq`,
);

type ChangedText = Pick<Changed, 'isActive' | 'role'> & {
  readonly userId: string;
  readonly seq: string;
  readonly resightedAt: string | null;
};

type Found = Told & {
  readonly to: bigint;
  readonly head: bigint;
  readonly pruned: boolean;
  readonly changed: readonly ChangedText[] | null;
};

/** What at most `events` events after `after` tell of tasks, how far that reaches, and where the log ends. */
export async function readTold(
  db: Reader,
  organizationId: bigint,
  after: bigint,
  events: number,
  now: number,
): Promise<{ readonly batch: ToldBatch; readonly head: bigint }> {
  const moment = nextMoment();
  const rows = await db.rows<Found>(told, organizationId, [after, BigInt(events)]);
  const [first] = rows;
  const changed = (first?.changed ?? []).map(({ userId, seq, resightedAt, ...now }): [bigint, Changed] => [
    BigInt(userId),
    { ...now, seq: BigInt(seq), resightedAt: resightedAt === null ? null : BigInt(resightedAt) },
  ]);
  const batch: ToldBatch = {
    organizationId,
    after,
    to: first?.to ?? after,
    moment,
    told: rows.filter(({ seq }) => seq !== null),
    changed: new Map(changed),
    isPruned: first?.pruned ?? false,
    now,
  };
  return { batch, head: first?.head ?? after };
}

const resighted = fixed(
  'event.resighted',
  `SELECT EXISTS (
     SELECT 1 FROM event e WHERE e.organization_id = $1 AND e.subject_type = 'MEMBERSHIP' AND e.subject_id = $2
       AND e.seq > $3 AND e.changes @> '[{"field": "crmAccess"}]'
   ) AS "wasResighted"`,
);

/** Whether what somebody sees was changed after a place in the log. */
export async function wasResighted(db: Reader, organizationId: bigint, userId: bigint, after: bigint) {
  const [row] = await db.rows<{ wasResighted: boolean }>(resighted, organizationId, [userId, after]);
  return row?.wasResighted ?? false;
}
