import { type Sight, sightParams } from '../../auth/sight.ts';
import type { Tx } from '../../db/database.ts';
import { Outrun } from '../../db/faults.ts';
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

const ends = fixed(
  'task.ends',
  `SELECT s.id, (SELECT max(t.position) FROM task t WHERE t.organization_id = $1 AND t.stage_id = s.id) AS taken
   FROM unnest($2::bigint[]) AS s(id)`,
);

/** The last place that is taken in each of some stages. */
export const endsOf = (tx: Tx, stageIds: readonly bigint[]) =>
  tx.rows<{ readonly id: bigint; readonly taken: string | null }>(ends, [stageIds]);

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

/** A card near a spot. */
export interface Neighbour {
  readonly id: bigint;
  readonly position: string;
}

/** A card whose place may be changed to make room, locked. */
export interface LockedNeighbour extends Neighbour {
  readonly uid: string;
  readonly isQueueRow: boolean;
  /** The row as the database's own JSON. */
  readonly image: string;
}

const around = fixed(
  'task.placesAround',
  `SELECT n.id, n.position FROM (
     (SELECT t.id, t.position FROM task t WHERE ${OTHERS} AND t.position <= $4 ORDER BY t.position DESC LIMIT $5)
     UNION ALL
     (SELECT t.id, t.position FROM task t WHERE ${OTHERS} AND t.position > $4 ORDER BY t.position LIMIT $5)) n
   ORDER BY n.position`,
);

/** The nearest cards on both sides of a position, so many on each, in the order of the stage. */
export const placesAround = (tx: Tx, stageId: bigint, taskId: bigint, position: string, each: number) =>
  tx.rows<Neighbour>(around, [stageId, taskId, position, each]);

// By id and without a join: a row that was waited for is judged again as it is then, and must still be found by it.
const lockCards = fixed(
  'task.lockCards',
  `SELECT t.id, t.uid, t.position, t.is_queue_row AS "isQueueRow", to_jsonb(t)::text AS image FROM task t
   WHERE t.organization_id = $1 AND t.stage_id = $2 AND t.id = ANY ($3::bigint[]) ORDER BY t.id FOR NO KEY UPDATE`,
);

/**
 * Locks cards of a stage, and gives them in its order. Whoever takes a card to another stage holds that one, not this: if
 * one is gone, the transaction starts anew.
 */
export async function lockNeighbours(tx: Tx, stageId: bigint, ids: readonly bigint[]): Promise<LockedNeighbour[]> {
  const locked = await tx.rows<LockedNeighbour>(lockCards, [stageId, ids]);
  if (locked.length < ids.length) throw new Outrun('A neighbour came to another stage.');
  return locked.toSorted((a, b) => (a.position < b.position ? -1 : 1));
}

const clear = fixed(
  'task.clearPlaces',
  `UPDATE task t SET position = '~' || t.id WHERE t.organization_id = $1 AND t.stage_id = $2 AND t.id = ANY ($3::bigint[])`,
);
const replace = fixed(
  'task.replace',
  `UPDATE task t SET position = n.position FROM unnest($3::bigint[], $4::text[]) AS n(id, position)
   WHERE t.organization_id = $1 AND t.stage_id = $2 AND t.id = n.id`,
);

/**
 * Gives cards of a stage new places. A place is one card's at every moment: the old ones are cleared first, and so are
 * those of `leaving`, which must be given theirs before the transaction ends.
 */
export async function replaceAll(
  tx: Tx,
  stageId: bigint,
  places: readonly Neighbour[],
  leaving: readonly bigint[],
): Promise<void> {
  const ids = places.map(({ id }) => id);
  await tx.rows(clear, [stageId, [...leaving, ...ids]]);
  await tx.rows(replace, [stageId, ids, places.map(({ position }) => position)]);
}
