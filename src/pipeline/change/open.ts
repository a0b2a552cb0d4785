import type { Tx } from '../../db/database.ts';
import { uidOf } from '../../ids.ts';
import { Conflict, Invalid, NotFound, type Refusal } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { heldStages, lockPipelines, type Pipeline, type Stage, stagesNamed } from '../store.ts';
import type { Find, Shape } from './rules.ts';

/** A pipeline that is to be changed, locked, with its stages in their order. */
export interface Opened {
  readonly pipeline: Pipeline;
  readonly stages: readonly Stage[];
  /** The stage by which it was asked for. */
  readonly stage: Stage | null;
  readonly shape: Shape;
  readonly now: Date;
}
type Opening = { readonly ok: true; readonly value: Opened } | { readonly ok: false; readonly refusal: Refusal };

const no = (refusal: Refusal) => ({ ok: false, refusal }) as const;

/** The clock once a pipeline is locked, and never before its last change: a newer version is never dated earlier. */
const nowFor = ({ now }: Pick<Runtime, 'now'>, { updatedAt }: Pipeline): Date =>
  new Date(Math.max(now().getTime(), updatedAt.getTime()));

async function opened(runtime: Runtime, tx: Tx, pipeline: Pipeline): Promise<Opened> {
  // Read once it is locked: what was waited for shows.
  const stages = await heldStages(tx, [pipeline.id]);
  const shape = { name: pipeline.name, stages };
  return { pipeline, stages, stage: null, shape, now: nowFor(runtime, pipeline) };
}

/** A pipeline by its id, at the version that is expected. */
export async function openPipeline(
  runtime: Runtime,
  tx: Tx,
  id: string,
  path: readonly string[],
  expectedVersion: number | null,
): Promise<Opening> {
  const uid = uidOf('Pipeline', id);
  const [pipeline] = uid === null ? [] : await lockPipelines(tx, { ids: [], uids: [uid], stageUids: [] });
  if (!pipeline) return no(new NotFound('There is no such pipeline.', path));
  const refusal = refuseVersion(pipeline, expectedVersion);
  return refusal ? no(refusal) : { ok: true, value: await opened(runtime, tx, pipeline) };
}

/** Why a pipeline is not to be changed by who knows another version of it. */
export function refuseVersion({ version }: Pipeline, expected: number | null): Refusal | null {
  if (expected === null || expected === version) return null;
  return new Conflict(
    `This pipeline changed since you read it: it is at version ${version}.`,
    ['expectedVersion'],
    version,
  );
}

/** A pipeline by one of its stages. */
export async function openByStage(runtime: Runtime, tx: Tx, id: string): Promise<Opening> {
  const uid = uidOf('Stage', id);
  const [pipeline] = uid === null ? [] : await lockPipelines(tx, { ids: [], uids: [], stageUids: [uid] });
  const value = pipeline && (await opened(runtime, tx, pipeline));
  const stage = value?.stages.find((each) => each.uid === uid);
  return value && stage
    ? { ok: true, value: { ...value, stage } }
    : no(new NotFound('There is no such stage.', ['id']));
}

/** What finds a pipeline's stages by these ids as they came, of which one may be missing or another pipeline's. */
export async function finderOf(
  tx: Tx,
  stages: readonly Stage[],
  ids: readonly (string | null | undefined)[],
): Promise<Find> {
  const uids = ids.flatMap((id) => (id == null ? [] : (uidOf('Stage', id) ?? [])));
  const strange = uids.filter((uid) => stages.every((stage) => stage.uid !== uid));
  const others = strange.length === 0 ? [] : await stagesNamed(tx, strange);
  return (id, path) => {
    const uid = uidOf('Stage', id);
    const stage = stages.find((each) => each.uid === uid);
    if (stage) return stage;
    return others.some((each) => each.uid === uid)
      ? new Invalid('This stage is another pipeline’s.', path)
      : new NotFound('There is no such stage.', path);
  };
}
