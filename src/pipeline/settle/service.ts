import type { Tx } from '../../db/database.ts';
import { type Batch, inTurn, type Step } from '../../event/batch.ts';
import type { Actor } from '../../event/log.ts';
import { DEPENDANTS_PER_TRANSACTION, keptActor } from '../../record/job.ts';
import type { Runtime } from '../../runtime.ts';
import { rehome } from '../../task/rehome/service.ts';
import { schedule } from '../../work/service.ts';
import type { Board, StageFacts } from '../rules.ts';
import { heldStages, type Pipeline } from '../store.ts';
import { everyStage, movingStages, setArrived } from './store.ts';

// Tasks follow their pipeline's stages. What is left to do is not written down anywhere: it follows from how the pipeline
// stands, so that it may be done in steps, and changed again meanwhile.

/** The kind of job that goes on where a pipeline has more tasks than one transaction takes; its key is their ULID. */
export const PIPELINE_SETTLE = 'pipeline.settle';

/** A pipeline that is locked, and, where it is deleted, the one that its tasks come to, locked too. */
export interface Unsettled {
  readonly pipeline: Pipeline;
  readonly target: Pipeline | null;
  /** Whether another stage may be the won one than the tasks know. */
  readonly isWonNew: boolean;
}

/** Whose deed it is: tasks are completed by them. */
export interface Doer {
  readonly actor: Actor;
  readonly uid: string;
}

const boardOf = (pipeline: Pipeline, stages: readonly StageFacts[]): Board => ({
  id: pipeline.id,
  uid: pipeline.uid,
  stages: stages.filter(({ pipelineId }) => pipelineId === pipeline.id),
});

/** The tasks of a deleted pipeline go where that says. */
async function leave(
  tx: Tx,
  { actor, uid }: Doer,
  { pipeline, target }: Unsettled,
  now: Date,
  limit: number,
): Promise<Batch> {
  const to = target && (await heldStages(tx, [target.id]));
  const stage = to?.find(({ id }) => id === pipeline.movedToId);
  if (!target || !to || !stage) return { events: [], before: new Map(), taken: 0, more: false };
  const from = (await everyStage(tx, pipeline.id)).map((each) => ({ ...each, whose: 'ALL' as const }));
  const rehoming = { pipeline, from, board: boardOf(target, to), to: stage };
  return rehome(tx, { id: actor.userId, uid }, rehoming, now, limit);
}

/**
 * Tasks of deleted stages go where those say. Where the won stage is new, what is complete goes into it, and what stands in
 * it is completed; else nothing is out of place there, and it is not looked through.
 */
async function settleLive(
  tx: Tx,
  { actor, uid }: Doer,
  { pipeline, isWonNew }: Unsettled,
  now: Date,
  limit: number,
): Promise<Batch> {
  const by = { id: actor.userId, uid };
  const stages = await heldStages(tx, [pipeline.id]);
  const board = boardOf(pipeline, stages);
  const steps = (await movingStages(tx, pipeline.id)).map(
    (stage): Step =>
      (most) => {
        const to = stages.find(({ id }) => id === stage.movedToId) ?? null;
        return rehome(tx, by, { pipeline, from: [{ ...stage, whose: 'ALL' }], board, to }, now, most);
      },
  );
  if (isWonNew && stages.some(({ isWon }) => isWon)) {
    const from = stages.map(({ id, uid, isWon }) => ({ id, uid, whose: isWon ? 'INCOMPLETE' : 'COMPLETE' }) as const);
    steps.push((most) => rehome(tx, by, { pipeline, from, board, to: null }, now, most));
  }
  return inTurn(limit, steps);
}

/** Brings a pipeline's tasks to where they belong, as far as one transaction goes. */
export async function settleSome(tx: Tx, by: Doer, unsettled: Unsettled, now: Date): Promise<Batch> {
  const { pipeline } = unsettled;
  const work = pipeline.deletedAt ? leave : settleLive;
  const batch = await work(tx, by, unsettled, now, DEPENDANTS_PER_TRANSACTION);
  if (!batch.more) await setArrived(tx, pipeline.id);
  return batch;
}

/** The same in the transaction that changed the pipeline; a job does what is left. */
export async function settle(runtime: Runtime, tx: Tx, by: Doer, unsettled: Unsettled, now: Date): Promise<Batch> {
  const { pipeline, target } = unsettled;
  const batch = await settleSome(tx, by, unsettled, now);
  if (batch.more) {
    const payload = {
      ...{ id: String(pipeline.id), targetId: target && String(target.id) },
      ...{ actor: keptActor(by.actor), userUid: by.uid },
    };
    schedule(runtime, tx, { kind: PIPELINE_SETTLE, key: pipeline.uid, due: { inMs: 0 }, payload });
  }
  return batch;
}
