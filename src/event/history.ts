import { sightOf, sightParams } from '../auth/sight.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Reader } from '../db/database.ts';
import type { ActorKind, EventKind, SubjectType } from '../db/generated/prisma/enums.ts';
import { Params } from '../db/params.ts';
import { composed, fixed } from '../db/statement.ts';
import type { FieldChange } from './log.ts';

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

const COLUMNS = `e.seq, e.kind, e.at, e.actor_id AS "actorId", e.actor_kind AS "actorKind",
  e.subject_type AS "subjectType", e.subject_id AS "subjectId", e.subject_uid AS "subjectUid", e.changes`;

export interface HistoryPage {
  readonly from: bigint | null;
  /** Newest first, unless read backward. */
  readonly backward: boolean;
  readonly limit: number;
}

/** A task's events; whoever sees the task sees them. */
export function listHistory(
  db: Reader,
  organizationId: bigint,
  taskId: bigint,
  { from, backward, limit }: HistoryPage,
) {
  const params = new Params();
  const bound = from === null ? '' : `AND e.seq ${backward ? '>' : '<'} ${params.add(from)}`;
  const text = `SELECT ${COLUMNS} FROM event e
    WHERE e.organization_id = $1 AND e.subject_type = 'TASK' AND e.subject_id = ${params.add(taskId)} ${bound}
    ORDER BY e.seq ${backward ? 'ASC' : 'DESC'} LIMIT ${params.add(limit)}`;
  return db.rows<EventRow>(composed('event.history', text), organizationId, params.values);
}

const count = fixed(
  'event.historyCount',
  `SELECT count(*)::int AS count FROM event e
   WHERE e.organization_id = $1 AND e.subject_type = 'TASK' AND e.subject_id = $2`,
);

export const countHistory = async (db: Reader, organizationId: bigint, taskId: bigint) =>
  (await db.rows<{ count: number }>(count, organizationId, [taskId]))[0]?.count ?? 0;

// Of tasks by the task as it is now; of members, keys and the organization for admins; of the rest with CRM access.
const bySeq = fixed(
  'event.bySeq',
  `SELECT ${COLUMNS} FROM event e
   WHERE e.organization_id = $1 AND e.seq = $5 AND CASE
     WHEN e.subject_type = 'TASK' THEN $2::boolean OR EXISTS (
       SELECT 1 FROM task t WHERE t.organization_id = $1 AND t.id = e.subject_id AND (t.assignee_id = $3 OR t.creator_id = $3))
     WHEN e.subject_type IN ('MEMBERSHIP', 'API_KEY', 'ORGANIZATION') THEN $4::boolean
     ELSE $2::boolean END`,
);

/** One event, as far as the viewer may see it. */
export async function eventBySeq(db: Reader, viewer: Viewer, seq: bigint): Promise<EventRow | null> {
  const params = [...sightParams(sightOf(viewer)), viewer.role === 'ADMIN', seq];
  return (await db.rows<EventRow>(bySeq, viewer.organizationId, params))[0] ?? null;
}
