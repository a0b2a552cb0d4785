import { actorOf, type Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import { differences } from '../event/changes.ts';
import { commit } from '../event/log.ts';
import { newUid } from '../ids.ts';
import { type Outcome, refused } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import { outward } from './changes.ts';
import { type Board, type PipelineInput, refusePipeline } from './rules.ts';
import {
  allPipelines,
  heldStages,
  holdPipelines,
  insertPipeline,
  lockStages,
  type NewPipelineRow,
  type Sought,
} from './store.ts';

/** The organization's pipelines, by name. */
export const listPipelines = ({ db }: Runtime, { organizationId }: Viewer) => allPipelines(db, organizationId);

/** Creates a pipeline with its stages, in the order given. */
export async function createPipeline(
  runtime: Runtime,
  viewer: Viewer,
  input: PipelineInput,
): Promise<Outcome<{ readonly uid: string }>> {
  const refusals = refusePipeline(input);
  if (refusals.length > 0) return refused(...refusals);
  const now = runtime.now();
  const pipeline: NewPipelineRow = {
    uid: newUid(),
    name: input.name.trim(),
    stages: input.stages.map(({ name, color, isDefault, isWon }, index) => ({
      uid: newUid(),
      name: name.trim(),
      color,
      isDefault,
      isWon,
      sortOrder: index + 1,
    })),
  };
  return commit(runtime, actorOf(viewer), now, async (tx) => {
    const id = await insertPipeline(tx, pipeline, now);
    const { uid } = pipeline;
    const changes = differences(null, outward(pipeline), ['name', 'stages']);
    const event = { kind: 'PIPELINE_CHANGED', subject: { type: 'PIPELINE', id, uid }, changes } as const;
    return { ok: true, value: { uid }, events: [event] };
  });
}

/**
 * Pipelines with their stages, as they stay until the transaction ends; one that is deleted has none. Locks come in one
 * order everywhere: records, pipelines, stages, tasks, and last the log's counter.
 */
export async function holdBoards(tx: Tx, sought: Sought): Promise<Board[]> {
  const pipelines = await holdPipelines(tx, sought);
  if (pipelines.length === 0) return [];
  // Read once they are held: what was waited for shows.
  const stages = await heldStages(
    tx,
    pipelines.map(({ id }) => id),
  );
  return pipelines.map(({ id, uid, isDeleted }) => ({
    id,
    uid,
    stages: isDeleted ? [] : stages.filter(({ pipelineId }) => pipelineId === id),
  }));
}

/** Keeps everyone else from handing out places in these stages until the transaction ends. */
export const holdPlaces = (tx: Tx, stageIds: readonly bigint[]): Promise<void> => lockStages(tx, stageIds);
