import { actorOf, type Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { differences } from '../../event/changes.ts';
import { commit, type Decided } from '../../event/log.ts';
import { newUid } from '../../ids.ts';
import { Conflict, type Outcome, type Refusal, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { cardsIn } from '../../task/rehome/service.ts';
import { outward } from '../changes.ts';
import { refuseIncomplete, type StageInput, wonOf } from '../rules.ts';
import { settle } from '../settle/service.ts';
import { areAwaited } from '../settle/store.ts';
import { finderOf, type Opened, openByStage, openPipeline } from './open.ts';
import {
  added,
  changed,
  type PipelineWords,
  reordered,
  repainted,
  type Shape,
  type Shaped,
  type StageShape,
} from './rules.ts';
import { updatePipelineRow, writeStages } from './store.ts';

export interface Written {
  readonly uid: string;
}

/** Why a stage cannot become the won one: tasks that are not complete stand in it. */
export async function refuseWon(
  tx: Tx,
  won: StageShape,
  path: readonly string[],
  unless = '',
): Promise<Refusal | null> {
  if (won.id === null) return null;
  const { incomplete } = await cardsIn(tx, [won.id]);
  return refuseIncomplete(incomplete, path, unless);
}

/** Why a stage cannot change what it is for now: tasks of what was deleted before are still on their way to it. */
export async function refuseAwaited(
  tx: Tx,
  stageIds: readonly bigint[],
  exceptPipelineId: bigint,
  path: readonly string[],
): Promise<Refusal | null> {
  const why = 'Tasks of what was deleted before are still on their way here; try again in a moment.';
  return (await areAwaited(tx, stageIds, exceptPipelineId)) ? new Conflict(why, path) : null;
}

interface Ways {
  /** Completes what stands in a new won stage, instead of refusing. */
  readonly completeTasks: boolean;
  /** The parts of a pipeline that the log is told of. */
  readonly fields: readonly string[];
}

/** Writes what a pipeline becomes, and brings its tasks to where they belong then. What changes nothing makes no version. */
async function write(
  runtime: Runtime,
  viewer: Viewer,
  tx: Tx,
  { pipeline, shape, now }: Opened,
  planned: Shaped,
  { completeTasks, fields }: Ways,
): Promise<Decided<Written>> {
  if (!planned.ok) return refused(...planned.refusals);
  const after: Shape = planned.shape;
  const { id, uid } = pipeline;
  const changes = differences(outward(shape), outward(after), fields);
  if (changes.length === 0) return { ok: true, value: { uid }, events: [] };
  const won = wonOf(after);
  const isWonNew = won !== null && won.uid !== wonOf(shape)?.uid;
  // What is still to come there could be neither counted nor completed.
  const early = isWonNew && won.id !== null ? await refuseAwaited(tx, [won.id], 0n, ['wonStageId']) : null;
  if (early) return refused(early);
  if (isWonNew && !completeTasks) {
    const refusal = await refuseWon(tx, won, ['wonStageId'], ', or say completeTasks: true');
    if (refusal) return refused(refusal);
  }
  await updatePipelineRow(tx, id, { name: after.name }, now);
  await writeStages(tx, id, shape, after);
  const doer = { actor: actorOf(viewer), uid: viewer.userUid };
  const moved = isWonNew ? await settle(runtime, tx, doer, { pipeline, target: null, isWonNew }, now) : null;
  const event = { kind: 'PIPELINE_CHANGED', subject: { type: 'PIPELINE', id, uid }, changes } as const;
  const before = moved?.before ?? new Map();
  return { ok: true, at: now, value: { uid }, events: [event, ...(moved?.events ?? [])], before };
}

export interface PipelineUpdate extends PipelineWords {
  readonly id: string;
  readonly expectedVersion: number | null;
  readonly completeTasks: boolean;
}

/** Changes a pipeline’s name and which of its stages have a role [PARSA-30] [PARSA-31]. */
export const updatePipeline = (
  runtime: Runtime,
  viewer: Viewer,
  { id, expectedVersion, completeTasks, ...words }: PipelineUpdate,
): Promise<Outcome<Written>> =>
  commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const found = await openPipeline(runtime, tx, id, ['id'], expectedVersion);
    if (!found.ok) return refused(found.refusal);
    const find = await finderOf(tx, found.value.stages, [words.defaultStageId, words.wonStageId]);
    const planned = changed(found.value.shape, words, find);
    const fields = ['name', 'defaultStageId', 'wonStageId'];
    return write(runtime, viewer, tx, found.value, planned, { completeTasks, fields });
  });

export interface NewStage {
  readonly pipelineId: string;
  readonly stage: StageInput;
  /** Null puts it first, absent last. */
  readonly afterStageId: string | null | undefined;
}

/** Adds a stage to a pipeline [PARSA-29]; the roles that it is given it takes from those that had them. */
export const addStage = (runtime: Runtime, viewer: Viewer, input: NewStage): Promise<Outcome<Written>> =>
  commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const found = await openPipeline(runtime, tx, input.pipelineId, ['pipelineId'], null);
    if (!found.ok) return refused(found.refusal);
    const find = await finderOf(tx, found.value.stages, [input.afterStageId]);
    const planned = added(found.value.shape, newUid(), input.stage, input.afterStageId, find);
    const fields = ['defaultStageId', 'wonStageId', 'stages'];
    return write(runtime, viewer, tx, found.value, planned, { completeTasks: false, fields });
  });

/** Gives a stage another name or color. */
export const updateStage = (
  runtime: Runtime,
  viewer: Viewer,
  { id, ...words }: { readonly id: string; readonly name?: string; readonly color?: string },
): Promise<Outcome<Written>> =>
  commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const found = await openByStage(runtime, tx, id);
    if (!found.ok) return refused(found.refusal);
    const planned = repainted(found.value.shape, found.value.stage?.uid ?? '', words);
    return write(runtime, viewer, tx, found.value, planned, { completeTasks: false, fields: ['stages'] });
  });

/** Puts a pipeline’s stages into another order. */
export const reorderStages = (
  runtime: Runtime,
  viewer: Viewer,
  { pipelineId, stageIds }: { readonly pipelineId: string; readonly stageIds: readonly string[] },
): Promise<Outcome<Written>> =>
  commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const found = await openPipeline(runtime, tx, pipelineId, ['pipelineId'], null);
    if (!found.ok) return refused(found.refusal);
    const find = await finderOf(tx, found.value.stages, stageIds);
    const planned = reordered(found.value.shape, stageIds, find);
    return write(runtime, viewer, tx, found.value, planned, { completeTasks: false, fields: ['stages'] });
  });
