import { actorOf, type Viewer } from '../../auth/viewer.ts';
import { differences } from '../../event/changes.ts';
import { commit } from '../../event/log.ts';
import { uidOf } from '../../ids.ts';
import { Invalid, NotFound, type Outcome, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { cardsIn } from '../../task/rehome/service.ts';
import { finderOf, openByStage, refuseVersion } from '../change/open.ts';
import { refuseAwaited, refuseWon, type Written } from '../change/service.ts';
import { deleteStageRow, updatePipelineRow, writeStages } from '../change/store.ts';
import { outward } from '../changes.ts';
import { wonOf } from '../rules.ts';
import { settle } from '../settle/service.ts';
import { everyStage } from '../settle/store.ts';
import { heldStages, lockPipelines, type Pipeline } from '../store.ts';
import { type Heirs, refuseTarget, without } from './rules.ts';

// A stage or pipeline that is deleted is gone from lists, boards and lookups, and nothing can be put into it. Its row stays:
// tasks in the bin name it. What is restored then comes to where a task enters its pipeline.

/** Deletes a stage; its tasks and its roles go to others of its pipeline. */
export const deleteStage = (
  runtime: Runtime,
  viewer: Viewer,
  { id, ...heirs }: Heirs & { readonly id: string },
): Promise<Outcome<Written>> => {
  const actor = actorOf(viewer);
  return commit(runtime, actor, runtime.now(), async (tx) => {
    const found = await openByStage(runtime, tx, id);
    if (!found.ok) return refused(found.refusal);
    const { pipeline, stages, stage, shape, now } = found.value;
    if (!stage) throw new Error('A pipeline was found by no stage.');
    const find = await finderOf(tx, stages, Object.values(heirs));
    const cards = await cardsIn(tx, [stage.id]);
    const planned = without(shape, stage, heirs, cards, find);
    if (!planned.ok) return refused(...planned.refusals);
    const won = wonOf(planned.shape);
    const isWonNew = stage.isWon && won !== null;
    const refusal =
      (isWonNew && won.id !== null && (await refuseAwaited(tx, [won.id], 0n, ['newWonStageId']))) ||
      (isWonNew && (await refuseWon(tx, won, ['newWonStageId']))) ||
      (await refuseAwaited(tx, [stage.id], 0n, ['id']));
    if (refusal) return refused(refusal);
    await updatePipelineRow(tx, pipeline.id, {}, now);
    await deleteStageRow(tx, pipeline.id, stage.id, now, cards.cards > 0 ? (planned.to?.id ?? null) : null);
    await writeStages(tx, pipeline.id, shape, planned.shape);
    const needed = cards.cards > 0 || isWonNew;
    const doer = { actor, uid: viewer.userUid };
    const moved = needed ? await settle(runtime, tx, doer, { pipeline, target: null, isWonNew }, now) : null;
    const fields = ['defaultStageId', 'wonStageId', 'stages'];
    const changes = differences(outward(shape), outward(planned.shape), fields);
    const subject = { type: 'PIPELINE', id: pipeline.id, uid: pipeline.uid } as const;
    const events = [{ kind: 'PIPELINE_CHANGED', subject, changes } as const, ...(moved?.events ?? [])];
    return { ok: true, at: now, value: { uid: pipeline.uid }, events, before: moved?.before ?? new Map() };
  });
};

/** A pipeline as it was when it was deleted. */
export interface Deleted {
  readonly pipeline: Pipeline;
}

export interface PipelineDeletion {
  readonly id: string;
  readonly expectedVersion: number | null;
  readonly moveTasksToStageId: string | null;
}

/** Deletes a pipeline; its tasks go to a stage of another one. */
export const deletePipeline = (
  runtime: Runtime,
  viewer: Viewer,
  { id, expectedVersion, moveTasksToStageId }: PipelineDeletion,
): Promise<Outcome<Deleted>> => {
  const actor = actorOf(viewer);
  return commit(runtime, actor, runtime.now(), async (tx) => {
    const uid = uidOf('Pipeline', id);
    const toUid = moveTasksToStageId === null ? null : uidOf('Stage', moveTasksToStageId);
    // Both at once, in the order of their ids.
    const sought = { ids: [], uids: uid === null ? [] : [uid], stageUids: toUid === null ? [] : [toUid] };
    const locked = await lockPipelines(tx, sought);
    const pipeline = locked.find((each) => each.uid === uid);
    if (!pipeline) return refused(new NotFound('There is no such pipeline.', ['id']));
    const outdated = refuseVersion(pipeline, expectedVersion);
    if (outdated) return refused(outdated);
    const held = await heldStages(
      tx,
      locked.map((each) => each.id),
    );
    const stages = held.filter(({ pipelineId }) => pipelineId === pipeline.id);
    const every = (await everyStage(tx, pipeline.id)).map((each) => each.id);
    const cards = await cardsIn(tx, every);
    const path = ['moveTasksToStageId'];
    const there = held.find((each) => each.uid === toUid) ?? new NotFound('There is no such stage.', path);
    const own = new Invalid('This is a stage of the pipeline that is deleted; name one of another.', path);
    const to = moveTasksToStageId === null ? null : 'uid' in there && there.pipelineId === pipeline.id ? own : there;
    const refusal =
      refuseTarget(cards, to, to !== null && 'uid' in to && to.isWon, 'pipeline') ??
      (await refuseAwaited(tx, every, pipeline.id, ['id']));
    if (refusal) return refused(refusal);
    const target = to && 'uid' in to ? (locked.find((each) => each.id === to.pipelineId) ?? null) : null;
    const now = new Date(Math.max(runtime.now().getTime(), pipeline.updatedAt.getTime()));
    const movedToId = cards.cards > 0 && to && 'uid' in to ? to.id : null;
    await updatePipelineRow(tx, pipeline.id, { deletedAt: now, movedToId }, now);
    const gone = { ...pipeline, deletedAt: now, movedToId };
    const doer = { actor, uid: viewer.userUid };
    const moved =
      movedToId === null ? null : await settle(runtime, tx, doer, { pipeline: gone, target, isWonNew: false }, now);
    const was = outward({ name: pipeline.name, stages });
    const changes = ['name', 'stages'].map((field) => ({ field, from: was[field], to: null }));
    const subject = { type: 'PIPELINE', id: pipeline.id, uid: pipeline.uid } as const;
    const events = [{ kind: 'PIPELINE_CHANGED', subject, changes } as const, ...(moved?.events ?? [])];
    return { ok: true, at: now, value: { pipeline: gone }, events, before: moved?.before ?? new Map() };
  });
};
