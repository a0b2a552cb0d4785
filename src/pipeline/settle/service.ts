import { z } from 'zod';
import type { Tx } from '../../db/database.ts';
import { type Batch, inBatch, inTurn, type Step } from '../../event/batch.ts';
import type { Actor } from '../../event/log.ts';
import { newUid } from '../../ids.ts';
import { DEPENDANTS_PER_TRANSACTION, keptActor } from '../../record/job.ts';
import type { Runtime } from '../../runtime.ts';
import { rehome } from '../../task/rehome/service.ts';
import { pendingJob, schedule } from '../../work/service.ts';
import type { Board, StageFacts } from '../rules.ts';
import { heldStages, type Pipeline } from '../store.ts';
import { type Mark, mayHaveMissed, remaining, type Way } from './rules.ts';
import { everyStage, movingStages, setArrived } from './store.ts';

// Tasks follow their pipeline's stages. What is left to do is not written down anywhere: it follows from how the pipeline
// stands, so that it may be done in steps, and changed again meanwhile. How far they have come only spares them looking
// through again what is done.

/** The kind of job that goes on where a pipeline has more tasks than one transaction takes; its key is their ULID. */
export const PIPELINE_SETTLE = 'pipeline.settle';

const Pending = z.object({ isWonNew: z.boolean().default(true) }).nullable();

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

/** A change of a pipeline that tasks follow, however many transactions that takes. */
export interface Settling extends Doer {
  /** Ties together all that it notifies of. */
  readonly batchId: string;
  /** How far it has come; null at its beginning. */
  readonly mark: Mark | null;
}

/** Some of it, and how far it has come then; null where what is left begins again. */
export interface Settled extends Batch {
  readonly mark: Mark | null;
}

const boardOf = (pipeline: Pipeline, stages: readonly StageFacts[]): Board => ({
  id: pipeline.id,
  uid: pipeline.uid,
  stages: stages.filter(({ pipelineId }) => pipelineId === pipeline.id),
});

/** Which cards go which way, and the pipeline that they belong into. */
interface Plan {
  readonly board: Board;
  readonly ways: readonly Way[];
}

/** The tasks of a deleted pipeline go where that says; null where it says nothing. */
async function leave(tx: Tx, { pipeline, target }: Unsettled): Promise<Plan | null> {
  const there = target && (await heldStages(tx, [target.id]));
  const to = there?.find(({ id }) => id === pipeline.movedToId);
  if (!target || !there || !to) return null;
  const from = (await everyStage(tx, pipeline.id)).map((each) => ({ ...each, whose: 'ALL' as const }));
  return { board: boardOf(target, there), ways: [{ from, to, isLive: false }] };
}

/**
 * Tasks of deleted stages go where those say. Where the won stage is new, what is complete goes into it, and what stands in
 * it is completed; else nothing is out of place there, and it is not looked through.
 */
async function settleLive(tx: Tx, { pipeline, isWonNew }: Unsettled): Promise<Plan> {
  const stages = await heldStages(tx, [pipeline.id]);
  const ways = (await movingStages(tx, pipeline.id)).map((stage): Way => {
    const to = stages.find(({ id }) => id === stage.movedToId) ?? null;
    return { from: [{ ...stage, whose: 'ALL' }], to, isLive: false };
  });
  if (isWonNew && stages.some(({ isWon }) => isWon)) {
    const from = stages.map(({ id, uid, isWon }) => ({ id, uid, whose: isWon ? 'INCOMPLETE' : 'COMPLETE' }) as const);
    ways.push({ from, to: null, isLive: true });
  }
  return { board: boardOf(pipeline, stages), ways };
}

/** Brings a pipeline's tasks to where they belong, as far as one transaction goes. */
export async function settleSome(tx: Tx, by: Settling, unsettled: Unsettled, now: Date): Promise<Settled> {
  const { pipeline } = unsettled;
  const plan = await (pipeline.deletedAt ? leave : settleLive)(tx, unsettled);
  const { board, ways } = plan ?? { board: boardOf(pipeline, []), ways: [] };
  let mark = by.mark;
  const steps = remaining(ways, by.mark).map(
    ({ from, to }): Step =>
      async (most) => {
        const batch = await rehome(tx, { id: by.actor.userId, uid: by.uid }, { pipeline, from, board, to }, now, most);
        mark = batch.last ?? mark;
        return batch;
      },
  );
  const batch = await inTurn(DEPENDANTS_PER_TRANSACTION, steps);
  const more = batch.more || mayHaveMissed(ways, by.mark);
  if (!more) await setArrived(tx, pipeline.id);
  return { ...batch, events: inBatch(batch.events, by.batchId), more, mark: batch.more ? mark : null };
}

/** The same in the transaction that changed the pipeline; a job does what is left. */
export async function settle(runtime: Runtime, tx: Tx, by: Doer, unsettled: Unsettled, now: Date): Promise<Batch> {
  const { pipeline, target } = unsettled;
  const batchId = newUid();
  const batch = await settleSome(tx, { ...by, batchId, mark: null }, unsettled, now);
  if (batch.more) {
    const pending = Pending.parse(await pendingJob(tx, PIPELINE_SETTLE, pipeline.uid));
    const payload = {
      ...{ id: String(pipeline.id), targetId: target && String(target.id), mark: batch.mark },
      // What the one before it has still to do is this one's.
      isWonNew: unsettled.isWonNew || (pending?.isWonNew ?? false),
      ...{ actor: keptActor(by.actor), userUid: by.uid, batchId },
    };
    schedule(runtime, tx, { kind: PIPELINE_SETTLE, key: pipeline.uid, due: { inMs: 0 }, payload });
  }
  return batch;
}
