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
