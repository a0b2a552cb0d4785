import { type Sight, sightParams } from '../../auth/sight.ts';
import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';
import { VISIBLE } from '../visible.ts';

// Places are handed out under the stage's lock: what these read stays so. A place is taken by deleted tasks and queue rows
// too, which no board shows: where a card stands among the others is judged by those that are shown.

const OTHERS = 't.organization_id = $1 AND t.stage_id = $2 AND t.id <> $3';
const SHOWN = 't.deleted_at IS NULL AND NOT t.is_queue_row';

/** What lies on one side of a spot: the nearest place that is taken, and the nearest card that is shown. */
export interface Neighbours {
  readonly taken: string | null;
  readonly shown: string | null;
}

const behind = fixed(
  'task.placesBehind',
  `SELECT (SELECT min(t.position) FROM task t WHERE ${OTHERS} AND t.position > $4) AS taken,
          (SELECT min(t.position) FROM task t WHERE ${OTHERS} AND t.position > $4 AND ${SHOWN}) AS shown`,
);
const last = fixed(
  'task.lastPlaces',
  `SELECT (SELECT max(t.position) FROM task t WHERE ${OTHERS}) AS taken,
          (SELECT max(t.position) FROM task t WHERE ${OTHERS} AND ${SHOWN}) AS shown`,
);

/** What comes behind a position; behind the empty one everything does. `taskId` is whose place it is to be. */
export async function placesBehind(tx: Tx, stageId: bigint, taskId: bigint, position: string): Promise<Neighbours> {
  const [found] = await tx.rows<Neighbours>(behind, [stageId, taskId, position]);
  return found as Neighbours;
}

/** What comes last in a stage. */
export async function lastPlaces(tx: Tx, stageId: bigint, taskId: bigint): Promise<Neighbours> {
  const [found] = await tx.rows<Neighbours>(last, [stageId, taskId]);
  return found as Neighbours;
}

/** Another card, as something to stand behind. */
export interface Card {
  readonly id: bigint;
  readonly stageId: bigint | null;
  readonly position: string | null;
  readonly isDeleted: boolean;
}

const card = fixed(
  'task.card',
  `SELECT t.id, t.stage_id AS "stageId", t.position, t.deleted_at IS NOT NULL AS "isDeleted" FROM task t
   WHERE t.organization_id = $1 AND ${VISIBLE} AND t.uid = $4 AND NOT t.is_queue_row`,
);

export const findCard = async (tx: Tx, sight: Sight, uid: string): Promise<Card | null> =>
  (await tx.rows<Card>(card, [...sightParams(sight), uid]))[0] ?? null;

/** A card whose place may be changed to make room, locked. */
export interface Neighbour {
  readonly id: bigint;
  readonly uid: string;
  readonly position: string;
  readonly isQueueRow: boolean;
  /** The row as the database's own JSON. */
  readonly image: string;
}

const around = fixed(
  'task.placesAround',
  `SELECT t.id, t.uid, t.position, t.is_queue_row AS "isQueueRow", to_jsonb(t)::text AS image FROM task t
   WHERE t.organization_id = $1 AND t.id IN (
     (SELECT b.id FROM task b WHERE b.organization_id = $1 AND b.stage_id = $2 AND b.id <> $3 AND b.position <= $4
      ORDER BY b.position DESC LIMIT $5)
     UNION ALL
     (SELECT f.id FROM task f WHERE f.organization_id = $1 AND f.stage_id = $2 AND f.id <> $3 AND f.position > $4
      ORDER BY f.position LIMIT $5))
   ORDER BY t.id FOR NO KEY UPDATE OF t`,
);

/** The nearest cards on both sides of a position, so many on each, in the order of the stage. */
export async function placesAround(
  tx: Tx,
  stageId: bigint,
  taskId: bigint,
  position: string,
  each: number,
): Promise<Neighbour[]> {
  const found = await tx.rows<Neighbour>(around, [stageId, taskId, position, each]);
  return found.toSorted((a, b) => (a.position < b.position ? -1 : 1));
}

const clear = fixed(
  'task.clearPlaces',
  `UPDATE task t SET position = '~' || t.id WHERE t.organization_id = $1 AND t.stage_id = $2 AND t.id = ANY ($3::bigint[])`,
);
const replace = fixed(
  'task.replace',
  `UPDATE task t SET position = n.position
   FROM unnest($2::bigint[], $3::text[]) AS n(id, position) WHERE t.organization_id = $1 AND t.id = n.id`,
);

/**
 * Gives cards of a stage new places. A place is one card's at every moment: the old ones are cleared first, and so is that
 * of `taskId`, which gets its own when it is written.
 */
export async function replaceAll(
  tx: Tx,
  stageId: bigint,
  taskId: bigint,
  places: readonly { readonly id: bigint; readonly position: string }[],
): Promise<void> {
  const ids = places.map(({ id }) => id);
  await tx.rows(clear, [stageId, [taskId, ...ids]]);
  await tx.rows(replace, [ids, places.map(({ position }) => position)]);
}
