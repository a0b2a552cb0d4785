import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';
import type { Pipeline } from '../store.ts';
import type { Shape, StageShape } from './rules.ts';

// Whoever writes holds the pipeline's lock.

interface PipelineWrite extends Partial<Pick<Pipeline, 'name' | 'deletedAt' | 'movedToId'>> {}

/** Writes a pipeline, which makes a new version of it. */
export async function updatePipelineRow({ organizationId, prisma }: Tx, id: bigint, data: PipelineWrite, at: Date) {
  await prisma.pipeline.update({
    where: { organizationId_id: { organizationId, id } },
    data: { ...data, updatedAt: at, version: { increment: 1 } },
    select: { id: true },
  });
}

// A role is one stage's at every moment: it is given up before it is taken.
const resign = fixed(
  'stage.resign',
  `UPDATE stage s SET is_default = false, is_won = false
   WHERE s.organization_id = $1 AND s.pipeline_id = $2 AND s.id = ANY ($3::bigint[])`,
);
const write = fixed(
  'stage.write',
  `UPDATE stage s SET name = n.name, color = n.color, sort_order = n.place, is_default = n.is_default, is_won = n.is_won
   FROM jsonb_to_recordset($3::jsonb) AS n(id bigint, name text, color text, place int, is_default boolean, is_won boolean)
   WHERE s.organization_id = $1 AND s.pipeline_id = $2 AND s.id = n.id`,
);
const remove = fixed(
  'stage.delete',
  `UPDATE stage s SET deleted_at = $4::timestamptz, moved_to_id = $5::bigint, is_default = false, is_won = false
   WHERE s.organization_id = $1 AND s.pipeline_id = $2 AND s.id = $3`,
);

const placedIn = ({ stages }: Shape) => stages.map((stage, index) => ({ ...stage, place: index + 1 }));

/** Marks a stage as deleted; its tasks are on their way to `movedToId`, if it has any. */
export async function deleteStageRow(tx: Tx, pipelineId: bigint, id: bigint, at: Date, movedToId: bigint | null) {
  await tx.rows(remove, [pipelineId, id, at, movedToId]);
}

/** Writes the stages that differ, and inserts those that are new. Places run from 1. */
export async function writeStages(tx: Tx, pipelineId: bigint, before: Shape, after: Shape): Promise<void> {
  const was = new Map(placedIn(before).map((stage) => [stage.uid, stage]));
  const stages = placedIn(after);
  const isSame = (stage: (typeof stages)[number]) =>
    JSON.stringify(stageOf(stage)) === JSON.stringify(stageOf(was.get(stage.uid)));
  const differing = stages.filter((stage) => stage.id !== null && !isSame(stage));
  const resigning = differing.filter(({ uid, isDefault, isWon }) => {
    const old = was.get(uid);
    return (old?.isDefault && !isDefault) || (old?.isWon && !isWon);
  });
  if (resigning.length > 0) await tx.rows(resign, [pipelineId, resigning.map(({ id }) => id)]);
  if (differing.length > 0) await tx.rows(write, [pipelineId, JSON.stringify(differing.map(rowOf))]);
  const { organizationId } = tx;
  const fresh = stages
    .filter(({ id }) => id === null)
    .map(({ id: _, place, ...stage }) => ({ ...stage, sortOrder: place, organizationId, pipelineId }));
  if (fresh.length > 0) await tx.prisma.stage.createMany({ data: fresh });
}

type Placed = StageShape & { readonly place: number };
const stageOf = (stage: Placed | undefined) =>
  stage && [stage.name, stage.color, stage.place, stage.isDefault, stage.isWon];
const rowOf = ({ id, name, color, place, isDefault, isWon }: Placed) => ({
  ...{ id: String(id), name, color, place },
  ...{ is_default: isDefault, is_won: isWon },
});
