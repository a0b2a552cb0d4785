import type { Tx } from '../../db/database.ts';
import type { TaskStatus } from '../../db/generated/prisma/enums.ts';
import { fixed } from '../../db/statement.ts';

// Cards whose stage is deleted, or becomes another thing. Their pipeline is locked: nobody else moves or completes one
// meanwhile, but into the bin they may go.

const LIVE = 't.deleted_at IS NULL AND NOT t.is_queue_row';

const count = fixed(
  'task.countCards',
  `SELECT t.stage_id AS "stageId", count(*)::int AS cards,
          (count(*) FILTER (WHERE t.status <> 'COMPLETED'))::int AS incomplete
   FROM task t WHERE t.organization_id = $1 AND t.stage_id = ANY ($2::bigint[]) AND ${LIVE} GROUP BY t.stage_id`,
);

/** How many cards there are, and how many of them are not complete. */
export interface CardCount {
  readonly cards: number;
  readonly incomplete: number;
}

/** How many cards these stages have together; queue rows and the bin are not counted. */
export async function countCards(tx: Tx, stageIds: readonly bigint[]): Promise<CardCount> {
  const counts = await tx.rows<CardCount>(count, [stageIds]);
  const sum = (field: keyof CardCount) => counts.reduce((all, each) => all + each[field], 0);
  return { cards: sum('cards'), incomplete: sum('incomplete') };
}

/** Which of a stage's cards are meant. */
export type Whose = 'ALL' | 'COMPLETE' | 'INCOMPLETE';

// Each stage's in the order of its index, from a place on: what is done lies before it, and is not read again.
const find = fixed(
  'task.strayCards',
  `SELECT c.id, s.id AS "stageId", c.position
   FROM unnest($2::bigint[], $3::text[], $4::text[]) WITH ORDINALITY AS s(id, whose, behind, ord)
   CROSS JOIN LATERAL (
     SELECT t.id, t.position FROM task t
     WHERE t.organization_id = $1 AND t.stage_id = s.id AND t.position > s.behind COLLATE "C" AND ${LIVE}
       AND (s.whose = 'ALL' OR (s.whose = 'COMPLETE') = (t.status = 'COMPLETED'))
     ORDER BY t.position LIMIT $5::int
   ) c ORDER BY s.ord, c.position LIMIT $5::int`,
);

/** A stage that is looked through, behind a place if one is given. */
export interface Searched {
  readonly id: bigint;
  readonly whose: Whose;
  readonly behind?: string;
}

export interface FoundCard {
  readonly id: bigint;
  readonly stageId: bigint;
  readonly position: string;
}

/** Cards of stages, in the order of the stages given and of their places. */
export const findCards = (tx: Tx, stages: readonly Searched[], limit: number): Promise<FoundCard[]> =>
  tx.rows(find, [
    stages.map(({ id }) => id),
    stages.map(({ whose }) => whose),
    stages.map(({ behind = '' }) => behind),
    limit,
  ]);

export interface LockedCard {
  readonly id: bigint;
  readonly uid: string;
  readonly status: TaskStatus;
  readonly statusBefore: TaskStatus | null;
  readonly completedAt: Date | null;
  readonly outcome: string | null;
  readonly assigneeId: bigint | null;
  readonly stageId: bigint;
  readonly position: string;
  readonly stageBeforeId: bigint | null;
  /** The row as the database's own JSON. */
  readonly image: string;
}

const lock = fixed(
  'task.lockStrayCards',
  `SELECT t.id, t.uid, t.status, t.status_before AS "statusBefore", t.completed_at AS "completedAt", t.outcome,
          t.assignee_id AS "assigneeId", t.stage_id AS "stageId", t.position, t.stage_before_id AS "stageBeforeId",
          to_jsonb(t)::text AS image
   FROM task t WHERE t.organization_id = $1 AND t.id = ANY ($2::bigint[]) AND ${LIVE}
   ORDER BY t.id FOR NO KEY UPDATE`,
);

/** Those of the cards that are not in the bin by now, locked. */
export const lockCards = (tx: Tx, ids: readonly bigint[]) => tx.rows<LockedCard>(lock, [ids]);

/** Where a card comes to; in no pipeline all three are null. */
export interface Rehomed {
  readonly id: bigint;
  readonly pipelineId: bigint | null;
  readonly stageId: bigint | null;
  readonly position: string | null;
  readonly stageBeforeId: bigint | null;
  readonly completes: boolean;
}

const write = fixed(
  'task.rehome',
  `UPDATE task t SET pipeline_id = n.pipeline_id, stage_id = n.stage_id, position = n.position,
     stage_before_id = n.stage_before_id,
     status = CASE WHEN n.completes THEN 'COMPLETED' ELSE t.status END,
     status_before = CASE WHEN n.completes THEN t.status ELSE t.status_before END,
     completed_at = CASE WHEN n.completes THEN $3::timestamptz ELSE t.completed_at END,
     completed_by_id = CASE WHEN n.completes THEN $4::bigint ELSE t.completed_by_id END,
     timeline_at = CASE WHEN n.completes THEN $3::timestamptz ELSE t.timeline_at END,
     updated_at = GREATEST(t.updated_at, $3::timestamptz), version = t.version + $5::int
   FROM jsonb_to_recordset($2::jsonb) AS n(id bigint, pipeline_id bigint, stage_id bigint, position text,
     stage_before_id bigint, completes boolean)
   WHERE t.organization_id = $1 AND t.id = n.id`,
);

/** Puts locked cards where they belong. Who wrote them already in this transaction raises no version again. */
export async function rehomeCards(
  tx: Tx,
  cards: readonly Rehomed[],
  now: Date,
  completedById: bigint | null,
  raise: 0 | 1,
): Promise<void> {
  const rows = cards.map(({ id, pipelineId, stageId, position, stageBeforeId, completes }) => ({
    id: String(id),
    pipeline_id: pipelineId?.toString() ?? null,
    stage_id: stageId?.toString() ?? null,
    position,
    stage_before_id: stageBeforeId?.toString() ?? null,
    completes,
  }));
  await tx.rows(write, [JSON.stringify(rows), now, completedById, raise]);
}
