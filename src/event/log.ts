import type { Tx } from '../db/database.ts';
import type { ActorKind, EventKind, NotificationKind, SubjectType } from '../db/generated/prisma/enums.ts';
import { fixed } from '../db/statement.ts';
import { done, type Outcome, type Refused } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import type { Happened } from './consequences.ts';

/** One field that a write changed, in the API's names and values. */
export interface FieldChange {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

export interface Subject {
  readonly type: SubjectType;
  readonly id: bigint;
  readonly uid: string;
}

/** Who is told of an event. One row a recipient and event: of several kinds the most specific one. */
export interface NewNotification {
  readonly userId: bigint;
  readonly kind: NotificationKind;
}

export interface NewEvent {
  readonly kind: EventKind;
  readonly subject: Subject;
  readonly changes: readonly FieldChange[];
  readonly notify?: readonly NewNotification[];
  /** Nobody is told by a notification, as whoever did it asked for. */
  readonly isQuiet?: boolean;
  /** Ties together what one change of many things notifies of. */
  readonly batchId?: string;
}

/** What a use case did, to be kept; or why it did nothing. */
export type Decided<Value> =
  | {
      readonly ok: true;
      readonly value: Value;
      /** When it happened, where that is known only after waiting for locks. */
      readonly at?: Date;
      /** In order; those of one task stand together. */
      readonly events: readonly NewEvent[];
      /** By task: its row before the write, as the database's JSON. A task that is new has none. */
      readonly before?: ReadonlyMap<bigint, string>;
    }
  | Refused;

export interface Actor {
  readonly organizationId: bigint;
  readonly userId: bigint;
  readonly kind: ActorKind;
}

/** The most that one transaction may append; what is larger goes in batches. */
export const MAX_EVENTS = 10_000;

// Counter, events and notifications in one statement, the last of its transaction: the lock on the counter's row makes the
// order of commit the order of seq, without a gap, and is held for as short as can be.
const append = fixed(
  'event.append',
  `WITH counter AS (
     UPDATE organization_log SET last_seq = last_seq + $2 WHERE organization_id = $1 RETURNING last_seq - $2 AS base
   ), written AS (
     INSERT INTO event (organization_id, seq, kind, at, actor_id, actor_kind, subject_type, subject_id, subject_uid,
                        changes, image_before, image_after)
     SELECT $1, counter.base + g.ord, g.kind, $3::timestamptz, $4, $5::actor_kind, g.subject_type, g.subject_id,
            g.subject_uid, g.changes, g.before,
            CASE WHEN g.last THEN (SELECT to_jsonb(t) FROM task t WHERE t.organization_id = $1 AND t.id = g.subject_id) END
     FROM counter, jsonb_to_recordset($6::jsonb) AS g(ord bigint, kind event_kind, subject_type subject_type,
          subject_id bigint, subject_uid text, changes jsonb, before jsonb, last boolean)
   ), told AS (
     INSERT INTO notification (organization_id, user_id, seq, kind, task_id, task_uid, activity_id, actor_id, batch_id, created_at)
     SELECT $1, n.user_id, counter.base + n.ord, n.kind, n.task_id, n.task_uid, n.activity_id, $4, n.batch_id, $3::timestamptz
     FROM counter, jsonb_to_recordset($7::jsonb) AS n(ord bigint, user_id bigint, kind notification_kind, task_id bigint,
          task_uid text, activity_id bigint, batch_id text)
     JOIN membership m ON m.organization_id = $1 AND m.user_id = n.user_id
     WHERE m.is_active AND m.kind = 'PERSON' AND NOT n.kind = ANY (m.muted_kinds)
   )
   SELECT base FROM counter`,
);

const json = (value: unknown) =>
  JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? part.toString() : part));

async function appendAll(
  tx: Tx,
  actor: Actor,
  at: Date,
  events: readonly NewEvent[],
  before: ReadonlyMap<bigint, string>,
) {
  if (events.length > MAX_EVENTS) throw new Error(`${events.length} events in one transaction.`);
  const given = events.map(({ kind, subject, changes }, index) => {
    const next = events[index + 1]?.subject;
    const last = subject.type === 'TASK' && !(next?.type === 'TASK' && next.id === subject.id);
    const image = last ? (before.get(subject.id) ?? null) : null;
    const row = {
      ord: index + 1,
      kind,
      subject_type: subject.type,
      subject_id: subject.id,
      subject_uid: subject.uid,
      last,
    };
    // The image is the database's own JSON: parsed here and written again, it could lose digits.
    return `${json({ ...row, changes }).slice(0, -1)},"before":${image ?? 'null'}}`;
  });
  const notifications = events.flatMap(({ subject, notify = [], batchId }, index) =>
    notify.map(({ userId, kind }) => ({
      ord: index + 1,
      user_id: userId,
      kind,
      batch_id: batchId ?? null,
      task_id: subject.type === 'TASK' ? subject.id : null,
      task_uid: subject.type === 'TASK' ? subject.uid : null,
      activity_id: subject.type === 'ACTIVITY' ? subject.id : null,
    })),
  );
  const counted = await tx.rows(append, [
    BigInt(events.length),
    at,
    actor.userId,
    actor.kind,
    `[${given.join()}]`,
    json(notifications),
  ]);
  if (counted.length === 0) throw new Error(`Organization ${tx.organizationId} has no log.`);
}

/**
 * Carries out one write: a transaction in which `work` loads, decides and writes, what follows from that is done,
 * jobs are planned, and whose last statement appends what happened. A refusal rolls everything back. After the commit the organization's readers are rung.
 */
export async function commit<Value>(
  runtime: Pick<Runtime, 'db' | 'ring' | 'consequences'>,
  actor: Actor,
  at: Date,
  work: (tx: Tx) => Promise<Decided<Value>>,
): Promise<Outcome<Value>> {
  const { db, ring, consequences } = runtime;
  const decided = await db.transaction(
    actor.organizationId,
    async (tx) => {
      const result = await work(tx);
      if (!result.ok || result.events.length === 0) return result;
      const deed = { actor, at: result.at ?? at };
      let happened: Happened = { events: result.events, before: result.before ?? new Map() };
      for (const follow of consequences) happened = await follow(tx, happened, deed);
      await tx.finish();
      await appendAll(tx, actor, deed.at, happened.events, happened.before);
      return result;
    },
    ({ ok }) => ok,
  );
  if (!decided.ok) return decided;
  if (decided.events.length > 0) ring(actor.organizationId);
  return done(decided.value);
}
