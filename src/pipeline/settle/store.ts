import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';

interface Ref {
  readonly id: bigint;
  readonly uid: string;
}

/** A deleted stage whose tasks are on their way. */
export interface MovingStage extends Ref {
  readonly movedToId: bigint;
}

const moving = fixed(
  'stage.moving',
  `SELECT s.id, s.uid, s.moved_to_id AS "movedToId" FROM stage s
   WHERE s.organization_id = $1 AND s.pipeline_id = $2 AND s.moved_to_id IS NOT NULL ORDER BY s.sort_order, s.id`,
);

/** A pipeline's deleted stages whose tasks are on their way. */
export const movingStages = (tx: Tx, pipelineId: bigint) => tx.rows<MovingStage>(moving, [pipelineId]);

const every = fixed(
  'stage.every',
  `SELECT s.id, s.uid FROM stage s WHERE s.organization_id = $1 AND s.pipeline_id = $2
   ORDER BY s.deleted_at IS NOT NULL, s.sort_order, s.id`,
);

/** All the stages that a pipeline ever had: those that it has, in their order, and then the deleted ones. */
export const everyStage = (tx: Tx, pipelineId: bigint) => tx.rows<Ref>(every, [pipelineId]);

const arrived = fixed(
  'stage.arrived',
  `UPDATE stage s SET moved_to_id = NULL
   WHERE s.organization_id = $1 AND s.pipeline_id = $2 AND s.moved_to_id IS NOT NULL`,
);
const arrivedFrom = fixed(
  'pipeline.arrived',
  `UPDATE pipeline p SET moved_to_id = NULL WHERE p.organization_id = $1 AND p.id = $2 AND p.moved_to_id IS NOT NULL`,
);

/** Nothing of a pipeline is on its way any more. */
export async function setArrived(tx: Tx, pipelineId: bigint): Promise<void> {
  await tx.rows(arrived, [pipelineId]);
  await tx.rows(arrivedFrom, [pipelineId]);
}

const awaited = fixed(
  'stage.awaited',
  `SELECT s.id FROM stage s WHERE s.organization_id = $1 AND s.pipeline_id <> $3 AND s.moved_to_id = ANY ($2::bigint[])
   UNION ALL
   SELECT p.id FROM pipeline p WHERE p.organization_id = $1 AND p.id <> $3 AND p.moved_to_id = ANY ($2::bigint[])
   LIMIT 1`,
);

/** Whether tasks of what was deleted are on their way to one of these stages; those of one pipeline aside. */
export const areAwaited = async (tx: Tx, stageIds: readonly bigint[], exceptPipelineId: bigint): Promise<boolean> =>
  (await tx.rows(awaited, [stageIds, exceptPipelineId])).length > 0;
