import type { Tx } from '../../db/database.ts';
import { Outrun } from '../../db/faults.ts';
import { uidOf } from '../../ids.ts';
import type { Board, StageFacts } from '../../pipeline/rules.ts';
import { holdBoards, holdPlaces } from '../../pipeline/service.ts';
import { NotFound, type Refusal } from '../../refusals.ts';
import type { TaskState } from '../rules.ts';
import { type Asked, decide, returnTo, type Standing } from './rules.ts';

/** Where someone asks a task to be, with ids as they came. */
export interface PlaceWords {
  readonly pipelineId?: string | null | undefined;
  readonly stageId?: string | null | undefined;
}

/** A task on its way through the door: how it stood a moment ago, and what is asked of it. */
export interface Way {
  readonly standing: Standing;
  readonly words: PlaceWords;
  readonly asked: Pick<Asked, 'status' | 'isComplete' | 'reopens'>;
  /** Where the asking stands in the mutation's input. */
  readonly path: readonly string[];
  /** A place is handed out even where the stage stays the same. */
  readonly reorders?: boolean;
}

type PlaceAsked = Pick<Asked, 'pipeline' | 'stage'>;
type ResolvedPlace =
  | { readonly ok: true; readonly value: PlaceAsked }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** What is held for tasks on their way: the pipelines, and the stages in which places can be handed out. */
export interface Held {
  readonly boards: readonly Board[];
  readonly stages: ReadonlySet<bigint>;
  /** Of each way, in their order: the pipeline and the stage that were asked for. */
  readonly places: readonly ResolvedPlace[];
}

function resolve(
  boards: readonly Board[],
  { pipelineId, stageId }: PlaceWords,
  path: readonly string[],
): ResolvedPlace {
  const refusals: Refusal[] = [];
  const find = <Found extends { readonly uid: string }>(
    type: 'Pipeline' | 'Stage',
    id: string | null | undefined,
    among: readonly Found[],
    field: string,
  ): Found | null | undefined => {
    if (id == null) return id;
    const uid = uidOf(type, id);
    const found = among.find((each) => each.uid === uid) ?? null;
    if (!found) refusals.push(new NotFound(`There is no such ${type.toLowerCase()}.`, [...path, field]));
    return found;
  };
  const there = boards.filter(({ stages }) => stages.length > 0);
  const pipeline = find<Board>('Pipeline', pipelineId, there, 'pipelineId');
  const all = boards.flatMap(({ stages }) => stages);
  const stage = find<StageFacts>('Stage', stageId, all, 'stageId');
  if (refusals.length > 0) return { ok: false, refusals };
  return { ok: true, value: { ...(pipeline !== undefined && { pipeline }), ...(stage !== undefined && { stage }) } };
}

const known = <Value>(values: readonly (Value | null | undefined)[]): Value[] =>
  values.filter((value) => value != null);

/**
 * Holds what tasks on their way need: first the pipelines that they are in and that are named, then the stages that they
 * come to, each in the order of ids, before any task is locked. Asks nothing of the database for tasks that are in no
 * pipeline and stay so.
 */
export async function holdDoor(tx: Tx, ways: readonly Way[]): Promise<Held> {
  const sought = {
    ids: known(ways.map(({ standing }) => standing.pipelineId)),
    uids: known(ways.map(({ words }) => words.pipelineId && uidOf('Pipeline', words.pipelineId))),
    stageUids: known(ways.map(({ words }) => words.stageId && uidOf('Stage', words.stageId))),
  };
  const isNeeded = sought.ids.length + sought.uids.length + sought.stageUids.length > 0;
  const boards = isNeeded ? await holdBoards(tx, sought) : [];
  const places = ways.map(({ words, path }) => resolve(boards, words, path));
  const targets = ways.map(({ standing, asked, path, reorders }, index) => {
    const place = places[index] as ResolvedPlace;
    const decided = place.ok ? decide(standing, { ...asked, ...place.value }, boards, path) : null;
    const stageId = decided?.ok ? decided.stage?.id : undefined;
    return stageId === standing.stageId && !reorders ? undefined : stageId;
  });
  const stages = new Set(known(targets));
  if (stages.size > 0) await holdPlaces(tx, [...stages]);
  return { boards, stages, places };
}

/** Holds what tasks need that come out of the bin. Asks nothing of the database for those that are in no pipeline. */
export async function holdReturns(
  tx: Tx,
  tasks: readonly Pick<Standing, 'pipelineId' | 'stageId' | 'status'>[],
): Promise<Held> {
  const ids = [...new Set(known(tasks.map(({ pipelineId }) => pipelineId)))];
  const boards = ids.length === 0 ? [] : await holdBoards(tx, { ids, uids: [], stageUids: [] });
  const moved = tasks.map((task) => ({ task, target: returnTo(task, boards) }));
  const targets = moved.filter(({ task, target }) => target?.id !== task.stageId).map(({ target }) => target?.id);
  const stages = new Set(known(targets));
  if (stages.size > 0) await holdPlaces(tx, [...stages]);
  return { boards, stages, places: [] };
}

/** A task is in the pipeline that was held for it; if someone was faster, the transaction starts anew. */
export function assertSeen(glimpsed: Standing | null, { pipeline }: TaskState): asserts glimpsed is Standing {
  if (!glimpsed || (pipeline?.id ?? null) !== glimpsed.pipelineId)
    throw new Outrun('The task came to another pipeline.');
}

/** A task comes to a stage that is held; if someone was faster, the transaction starts anew. */
export function assertHeld({ stages }: Held, { stage, position }: TaskState): void {
  if (stage && position === null && !stages.has(stage.id)) throw new Outrun('The task comes to another stage.');
}
