import { columnsOf } from '../db/columns.ts';
import type { Reader, Tx } from '../db/database.ts';
import type { Pipeline, Stage } from '../db/generated/prisma/client.ts';
import { fixed } from '../db/statement.ts';
import type { StageInput } from './rules.ts';

export type { Pipeline, Stage };

const PIPELINE_COLUMNS = columnsOf('Pipeline', 'p');
const STAGE_COLUMNS = columnsOf('Stage', 's');

// A row that is deleted stays: a task in the bin goes on naming where it stood, and a card on its way out where it comes
// from. So what is looked up by inner ids may be deleted, and nothing else that is found.

const all = fixed(
  'pipeline.all',
  `SELECT ${PIPELINE_COLUMNS} FROM pipeline p WHERE p.organization_id = $1 AND p.deleted_at IS NULL
   ORDER BY p.name COLLATE "und-x-icu", p.id`,
);
const byIds = fixed(
  'pipeline.byIds',
  `SELECT ${PIPELINE_COLUMNS} FROM pipeline p WHERE p.organization_id = $1 AND p.id = ANY ($2::bigint[])`,
);
const byUids = fixed(
  'pipeline.byUids',
  `SELECT ${PIPELINE_COLUMNS} FROM pipeline p
   WHERE p.organization_id = $1 AND p.uid = ANY ($2::text[]) AND p.deleted_at IS NULL`,
);
const stagesByIds = fixed(
  'stage.byIds',
  `SELECT ${STAGE_COLUMNS} FROM stage s WHERE s.organization_id = $1 AND s.id = ANY ($2::bigint[])`,
);
const stagesByUids = fixed(
  'stage.byUids',
  `SELECT ${STAGE_COLUMNS} FROM stage s JOIN pipeline p ON p.organization_id = s.organization_id AND p.id = s.pipeline_id
   WHERE s.organization_id = $1 AND s.uid = ANY ($2::text[]) AND s.deleted_at IS NULL AND p.deleted_at IS NULL`,
);
const stagesOf = fixed(
  'stage.ofPipelines',
  `SELECT ${STAGE_COLUMNS} FROM stage s
   WHERE s.organization_id = $1 AND s.pipeline_id = ANY ($2::bigint[]) AND s.deleted_at IS NULL
   ORDER BY s.pipeline_id, s.sort_order, s.id`,
);

/** An organization's pipelines, by name. */
export const allPipelines = (db: Reader, organizationId: bigint) => db.rows<Pipeline>(all, organizationId);

export const pipelinesByIds = (db: Reader, organizationId: bigint, ids: readonly bigint[]) =>
  db.rows<Pipeline>(byIds, organizationId, [ids]);

export const pipelinesByUids = (db: Reader, organizationId: bigint, uids: readonly string[]) =>
  db.rows<Pipeline>(byUids, organizationId, [uids]);

export const stagesByIdsOf = (db: Reader, organizationId: bigint, ids: readonly bigint[]) =>
  db.rows<Stage>(stagesByIds, organizationId, [ids]);

export const stagesByUidsOf = (db: Reader, organizationId: bigint, uids: readonly string[]) =>
  db.rows<Stage>(stagesByUids, organizationId, [uids]);

/** The stages of these pipelines, each pipeline's in their order; of a deleted one those that it had. */
export const stagesOfPipelines = (db: Reader, organizationId: bigint, pipelineIds: readonly bigint[]) =>
  db.rows<Stage>(stagesOf, organizationId, [pipelineIds]);

/** Pipelines as they are asked for: by what they are, deleted or not; or not deleted, by name or by one of their stages. */
export interface Sought {
  readonly ids: readonly bigint[];
  readonly uids: readonly string[];
  readonly stageUids: readonly string[];
}

// What is waited for is judged again as it is then; what its stages have become is read after.
const SOUGHT = `p.organization_id = $1 AND (p.id = ANY ($2::bigint[]) OR p.deleted_at IS NULL AND (
     p.uid = ANY ($3::text[]) OR p.id IN (
       SELECT s.pipeline_id FROM stage s WHERE s.organization_id = $1 AND s.uid = ANY ($4::text[]))))`;

const hold = fixed(
  'pipeline.hold',
  `SELECT p.id, p.uid, p.deleted_at IS NOT NULL AS "isDeleted" FROM pipeline p WHERE ${SOUGHT}
   ORDER BY p.id FOR SHARE OF p`,
);

export interface HeldPipeline {
  readonly id: bigint;
  readonly uid: string;
  readonly isDeleted: boolean;
}

/** Pipelines, share-locked in the order of their ids: whoever changes one or its stages waits, or has done so and shows. */
export const holdPipelines = (tx: Tx, { ids, uids, stageUids }: Sought) =>
  tx.rows<HeldPipeline>(hold, [ids, uids, stageUids]);

const lock = fixed(
  'pipeline.lock',
  `SELECT ${PIPELINE_COLUMNS} FROM pipeline p WHERE ${SOUGHT} ORDER BY p.id FOR NO KEY UPDATE OF p`,
);

/** Pipelines that are to be changed, locked in the order of their ids: nobody puts a task into them meanwhile. */
export const lockPipelines = (tx: Tx, { ids, uids, stageUids }: Sought) =>
  tx.rows<Pipeline>(lock, [ids, uids, stageUids]);

/** The stages of pipelines that are held, each pipeline's in their order. */
export const heldStages = (tx: Tx, pipelineIds: readonly bigint[]) => tx.rows<Stage>(stagesOf, [pipelineIds]);

/** Stages by ULIDs, of whatever pipeline. */
export const stagesNamed = (tx: Tx, uids: readonly string[]) => tx.rows<Stage>(stagesByUids, [uids]);

const lockStage = fixed(
  'stage.lock',
  `SELECT s.id FROM stage s WHERE s.organization_id = $1 AND s.id = ANY ($2::bigint[]) ORDER BY s.id FOR NO KEY UPDATE`,
);

/** Locks stages in the order of their ids: places within them are handed out to one transaction at a time. */
export const lockStages = async (tx: Tx, ids: readonly bigint[]): Promise<void> => {
  await tx.rows(lockStage, [ids]);
};

export interface NewPipelineRow {
  readonly uid: string;
  readonly name: string;
  readonly stages: readonly (StageInput & { readonly uid: string; readonly sortOrder: number })[];
}

export async function insertPipeline(
  { organizationId, prisma }: Tx,
  { stages, ...row }: NewPipelineRow,
  at: Date,
): Promise<bigint> {
  const { id } = await prisma.pipeline.create({
    data: { ...row, organizationId, createdAt: at, updatedAt: at },
    select: { id: true },
  });
  await prisma.stage.createMany({ data: stages.map((stage) => ({ ...stage, organizationId, pipelineId: id })) });
  return id;
}
