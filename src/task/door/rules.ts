import type { TaskStatus } from '../../db/generated/prisma/enums.ts';
import { type Board, type StageFacts, startOf, wonOf } from '../../pipeline/rules.ts';
import { Conflict, Invalid, type Refusal } from '../../refusals.ts';
import type { Person, Ref, TaskState } from '../rules.ts';

// The one door to completion (DESIGN 2): every way in and out goes through `decide`. In a pipeline with a won stage a task
// is COMPLETED exactly when it is in that stage [PARSA-31].

/** What of a task the decision is made of. */
export interface Standing {
  readonly status: TaskStatus;
  readonly statusBefore: TaskStatus | null;
  readonly pipelineId: bigint | null;
  readonly stageId: bigint | null;
  readonly stageBeforeId: bigint | null;
}

/** What is asked; absent leaves it alone. */
export interface Asked {
  readonly status?: TaskStatus;
  readonly isComplete?: boolean;
  /** Opens it again, a cancelled one too. */
  readonly reopens?: true;
  /** Null takes it out of its pipeline. */
  readonly pipeline?: Board | null;
  readonly stage?: StageFacts | null;
}

export interface Decision {
  readonly ok: true;
  readonly status: TaskStatus;
  readonly board: Board | null;
  readonly stage: StageFacts | null;
  readonly stageBeforeId: bigint | null;
}
type Decided = Decision | { readonly ok: false; readonly refusals: Refusal[] };

/** Neither completed nor cancelled. */
export const OPEN_STATUSES: readonly TaskStatus[] = ['PENDING', 'IN_PROGRESS', 'ON_HOLD'];

/** What reopening gives a task back. */
const restored = ({ statusBefore }: Standing): TaskStatus =>
  statusBefore !== null && OPEN_STATUSES.includes(statusBefore) ? statusBefore : 'PENDING';

/** A pipeline that is deleted has no stages; for a moment it may have tasks. */
const isDeleted = ({ stages }: Board): boolean => stages.length === 0;

/** Whether completion is asked for (true), its opposite (false), or neither. */
const wish = ({ status, isComplete, reopens }: Asked): boolean | undefined =>
  reopens ? false : (isComplete ?? (status === undefined ? undefined : status === 'COMPLETED'));

/** The status of a task whose stage does not decide it. */
function asAsked(task: Standing, asked: Asked): TaskStatus {
  if (asked.reopens) return OPEN_STATUSES.includes(task.status) ? task.status : restored(task);
  if (asked.isComplete) return 'COMPLETED';
  if (asked.status !== undefined) return asked.status;
  return asked.isComplete === false && task.status === 'COMPLETED' ? restored(task) : task.status;
}

/** What contradicts itself in what is asked, or names a stage where it cannot be. */
function refuse(asked: Asked, board: Board | null, path: readonly string[]): Refusal[] {
  const { status, isComplete, pipeline, stage } = asked;
  if (board && isDeleted(board)) {
    const why = 'The pipeline of this task was just deleted, and it is on its way to another; try again in a moment.';
    return [new Conflict(why, path)];
  }
  const refusals: Refusal[] = [];
  const at = (field: string) => [...path, field];
  if (isComplete !== undefined && status !== undefined && (status === 'COMPLETED') !== isComplete) {
    refusals.push(new Invalid(`isComplete: ${isComplete} contradicts status ${status}.`, at('isComplete')));
  }
  if (stage === null && pipeline !== null) {
    const why = 'A task in a pipeline has a stage; to take it out of its pipeline, set pipelineId to null.';
    refusals.push(new Invalid(why, at('stageId')));
  }
  if (stage && stage.pipelineId !== board?.id) {
    const why =
      pipeline === null
        ? 'A task that leaves its pipeline has no stage.'
        : pipeline === undefined
          ? 'This stage is another pipeline’s; to move the task there, name that pipeline too.'
          : 'This stage is not of that pipeline.';
    refusals.push(new Invalid(why, at('stageId')));
  } else if (stage && wonOf(board) !== null) {
    const wanted = wish(asked);
    if (stage.isWon && wanted === false) {
      refusals.push(new Invalid('The won stage completes a task: another status contradicts it.', at('stageId')));
    }
    if (!stage.isWon && wanted === true) {
      refusals.push(
        new Invalid('Complete tasks of this pipeline stand in its won stage, not in this one.', at('stageId')),
      );
    }
  }
  return refusals;
}

/** The stage of a task that was not asked into one: it follows the status. */
function followed(task: Standing, asked: Asked, board: Board, status: TaskStatus): StageFacts | null {
  const won = wonOf(board);
  const find = (id: bigint | null) => board.stages.find((stage) => stage.id === id) ?? null;
  const complete = status === 'COMPLETED';
  const isIn = board.id === task.pipelineId;
  const current = isIn ? find(task.stageId) : null;
  // It enters, or its stage is gone.
  if (!current) return complete && won ? won : startOf(board);
  if (!won || wish(asked) === undefined) return current;
  if (complete) return task.status === 'COMPLETED' ? current : won;
  if (!current.isWon) return current;
  const before = find(task.stageBeforeId);
  return before && !before.isWon ? before : startOf(board);
}

/** The status that a stage gives a task which is asked into it. */
function statusIn(task: Standing, asked: Asked, stage: StageFacts, board: Board): TaskStatus {
  if (!wonOf(board)) return asAsked(task, asked);
  if (stage.isWon) return 'COMPLETED';
  if (task.status !== 'COMPLETED') return asAsked(task, asked);
  return asked.status ?? restored(task);
}

/**
 * What becomes of a task's status and stage. `boards` holds its own pipeline and that of the stage asked for; `path` is
 * where the asking stands in the mutation's input.
 */
export function decide(task: Standing, asked: Asked, boards: readonly Board[], path: readonly string[]): Decided {
  // A task of no pipeline enters that of the stage; another's it enters only when told so.
  const pipelineId = task.pipelineId ?? asked.stage?.pipelineId ?? null;
  const board = asked.pipeline === undefined ? (boards.find(({ id }) => id === pipelineId) ?? null) : asked.pipeline;
  // Without its stages a task would leave its pipeline unsaid.
  if (board === null && asked.pipeline === undefined && task.pipelineId !== null) {
    throw new Error(`Pipeline ${task.pipelineId} was not at hand.`);
  }
  const refusals = refuse(asked, board, path);
  if (refusals.length > 0) return { ok: false, refusals };
  const { stage: given = null } = asked;
  const status = given && board ? statusIn(task, asked, given, board) : asAsked(task, asked);
  const stage = given ?? (board && followed(task, asked, board, status));
  return { ok: true, status, board, stage, stageBeforeId: stageBefore(task, board, stage) };
}

/** From where a task came to the won stage; nothing anywhere else, nor from another pipeline. */
function stageBefore(task: Standing, board: Board | null, stage: StageFacts | null): bigint | null {
  if (!stage?.isWon) return null;
  if (task.stageId === stage.id) return task.stageBeforeId;
  return task.pipelineId === board?.id ? task.stageId : null;
}

/** COMPLETED goes with when and by whom [PARSA-22], any other status with neither, nor with an outcome. */
function withStatus(state: TaskState, status: TaskStatus, now: Date, by: Person): TaskState {
  if (status === 'COMPLETED') {
    if (state.status === 'COMPLETED') return state;
    return { ...state, status, completedAt: now, completedBy: by, statusBefore: state.status };
  }
  return { ...state, status, completedAt: null, completedBy: null, statusBefore: null, outcome: null };
}

/** What the door decides from. */
export const standingOf = ({ status, statusBefore, pipeline, stage, stageBeforeId }: TaskState): Standing => ({
  status,
  statusBefore,
  pipelineId: pipeline?.id ?? null,
  stageId: stage?.id ?? null,
  stageBeforeId,
});

const refOf = (of: Ref | null): Ref | null => of && { id: of.id, uid: of.uid };

/** A task as the door decided; where its stage changed, its place there has still to be found. */
export function settled(
  state: TaskState,
  { status, board, stage, stageBeforeId }: Decision,
  now: Date,
  by: Person,
): TaskState {
  const stays = stage?.id === state.stage?.id;
  const place = {
    pipeline: refOf(board),
    stage: refOf(stage),
    position: stays ? state.position : null,
    stageBeforeId,
  };
  return { ...withStatus(state, status, now, by), ...place };
}

/**
 * The stage of a task that comes out of the bin: its own, or where a task enters its pipeline if that is gone or no longer
 * fits its status. Null where the pipeline is gone, or there was none.
 */
export function returnTo(
  { pipelineId, stageId, status }: Pick<Standing, 'pipelineId' | 'stageId' | 'status'>,
  boards: readonly Board[],
): StageFacts | null {
  const board = boards.find(({ id }) => id === pipelineId);
  if (!board || isDeleted(board)) return null;
  const won = wonOf(board);
  const current = board.stages.find(({ id }) => id === stageId);
  const complete = status === 'COMPLETED';
  if (current && (!won || current.isWon === complete)) return current;
  return complete && won ? won : startOf(board);
}

/** A task as it comes out of the bin; where its stage changed, its place there has still to be found. */
export function returned(state: TaskState, boards: readonly Board[]): TaskState {
  const stage = returnTo(standingOf(state), boards);
  if (stage?.id === state.stage?.id) return state;
  const pipeline = stage && state.pipeline;
  return { ...state, pipeline, stage: refOf(stage), position: null, stageBeforeId: null };
}

/**
 * Where a task belongs that must leave its stage, or has to be complete in it, because that was deleted or has become
 * another thing: what is complete into the won stage, all else where `to` says, unless that is the won one by now.
 */
export function homeOf(task: Standing, board: Board, to: StageFacts | null): Decision {
  const won = wonOf(board);
  const stays = won !== null && task.stageId === won.id;
  const isComplete = stays || task.status === 'COMPLETED';
  const other = to && (!to.isWon || isComplete) ? to : startOf(board);
  const stage = won && isComplete ? won : other;
  const isHere = task.pipelineId === board.id;
  const left = board.stages.some(({ id }) => id === task.stageId) ? task.stageId : null;
  const before = stays ? task.stageBeforeId : (task.stageBeforeId ?? left);
  const stageBeforeId = stage?.isWon && isHere ? before : null;
  return { ok: true, status: isComplete ? 'COMPLETED' : task.status, board, stage, stageBeforeId };
}
