import type { Viewer } from '../auth/viewer.ts';
import type { Reader } from '../db/database.ts';
import type { ActorKind, EventKind, SubjectType } from '../db/generated/prisma/enums.ts';
import { Params } from '../db/params.ts';
import { composed, fixed } from '../db/statement.ts';
import type { FieldChange } from './log.ts';
import { EVENT_VISIBLE, eventSightParams } from './sight.ts';

/** An event as it is shown; its images stay inside. */
export interface EventRow {
  readonly seq: bigint;
  readonly kind: EventKind;
  readonly at: Date;
  readonly actorId: bigint;
  readonly actorKind: ActorKind;
  readonly subjectType: SubjectType;
  readonly subjectId: bigint;
  readonly subjectUid: string;
  readonly changes: readonly FieldChange[];
}

export const EVENT_COLUMNS = `e.seq, e.kind, e.at, e.actor_id AS "actorId", e.actor_kind AS "actorKind",
  e.subject_type AS "subjectType", e.subject_id AS "subjectId", e.subject_uid AS "subjectUid", e.changes`;

export interface HistoryPage {
  readonly from: bigint | null;
  /** Newest first, unless read backward. */
  readonly backward: boolean;
  readonly limit: number;
}

/** A page of each task's events, in one statement for all of them; whoever sees a task sees its events. */
export function listHistories(
  db: Reader,
  organizationId: bigint,
  taskIds: readonly bigint[],
  { from, backward, limit }: HistoryPage,
) {
  const params = new Params();
  const tasks = params.add([...taskIds]);
  const bound = from === null ? '' : `AND e.seq ${backward ? '>' : '<'} ${params.add(from)}`;
  const direction = backward ? 'ASC' : 'DESC';
  const text = `SELECT h.* FROM unnest(${tasks}::bigint[]) AS of(id) CROSS JOIN LATERAL (
      SELECT ${EVENT_COLUMNS} FROM event e
      WHERE e.organization_id = $1 AND e.subject_type = 'TASK' AND e.subject_id = of.id ${bound}
      ORDER BY e.seq ${direction} LIMIT ${params.add(limit)}
    ) h ORDER BY h.seq ${direction}`;
  return db.rows<EventRow>(composed('event.histories', text), organizationId, params.values);
}

const counts = fixed(
  'event.historyCounts',
  `SELECT e.subject_id AS "taskId", count(*)::int AS count FROM event e
   WHERE e.organization_id = $1 AND e.subject_type = 'TASK' AND e.subject_id = ANY ($2::bigint[]) GROUP BY e.subject_id`,
);

export const countHistories = (db: Reader, organizationId: bigint, taskIds: readonly bigint[]) =>
  db.rows<{ taskId: bigint; count: number }>(counts, organizationId, [taskIds]);

const bySeqs = fixed(
  'event.bySeqs',
  `SELECT ${EVENT_COLUMNS} FROM event e
   WHERE e.organization_id = $1 AND e.seq = ANY ($6::bigint[]) AND ${EVENT_VISIBLE}`,
);

/** Events by their places in the log, as far as the viewer may see them. */
export const eventsBySeqs = (db: Reader, viewer: Viewer, seqs: readonly bigint[]) =>
  db.rows<EventRow>(bySeqs, viewer.organizationId, [...eventSightParams(viewer), seqs]);
