import DataLoader from 'dataloader';
import type { Reader } from '../db/database.ts';
import { loaderBy } from '../db/loader.ts';
import {
  pipelinesByIds,
  pipelinesByUids,
  type Stage,
  stagesByIdsOf,
  stagesByUidsOf,
  stagesOfPipelines,
} from './store.ts';

/** Pipelines and stages: nested under a list they cost one statement a kind, not one a row. */
export const createPipelineLoaders = (db: Reader, organizationId: bigint) => ({
  pipeline: loaderBy(
    (ids: readonly bigint[]) => pipelinesByIds(db, organizationId, ids),
    ({ id }) => id,
  ),
  pipelineByUid: loaderBy(
    (uids: readonly string[]) => pipelinesByUids(db, organizationId, uids),
    ({ uid }) => uid,
  ),
  stage: loaderBy(
    (ids: readonly bigint[]) => stagesByIdsOf(db, organizationId, ids),
    ({ id }) => id,
  ),
  stageByUid: loaderBy(
    (uids: readonly string[]) => stagesByUidsOf(db, organizationId, uids),
    ({ uid }) => uid,
  ),
  /** A pipeline's stages, in their order. */
  stagesOf: new DataLoader<bigint, Stage[]>(async (pipelineIds) => {
    const stages = Map.groupBy(
      await stagesOfPipelines(db, organizationId, pipelineIds),
      ({ pipelineId }) => pipelineId,
    );
    return pipelineIds.map((id) => stages.get(id) ?? []);
  }),
});
