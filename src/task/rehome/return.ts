import type { Tx } from '../../db/database.ts';
import { Outrun } from '../../db/faults.ts';
import type { NewEvent } from '../../event/log.ts';
import { taskEvents } from '../changes.ts';
import { returned } from '../door/rules.ts';
import { assertHeld, type Held } from '../door/service.ts';
import { blankTask, type Ref, type TaskState } from '../rules.ts';
import { placedLast } from './service.ts';
import { rehomeCards } from './store.ts';

/** A task that has just come out of the bin, locked, to the place where it stood. */
interface Back {
  readonly id: bigint;
  readonly uid: string;
  readonly status: TaskState['status'];
  readonly pipelineId: bigint | null;
  readonly pipelineUid: string | null;
  readonly stageId: bigint | null;
  readonly stageUid: string | null;
  readonly position: string | null;
}

const ref = (id: bigint | null, uid: string | null): Ref | null => (id === null || uid === null ? null : { id, uid });

/** What of it may change. */
const stateOf = ({ status, pipelineId, pipelineUid, stageId, stageUid, position }: Back): TaskState => ({
  ...blankTask,
  ...{ status, position, pipeline: ref(pipelineId, pipelineUid), stage: ref(stageId, stageUid) },
});

const inOrder = (a: Back, b: Back) =>
  a.stageId === b.stageId
    ? (a.position ?? '') < (b.position ?? '')
      ? -1
      : 1
    : Number((a.stageId ?? 0n) - (b.stageId ?? 0n));

/**
 * Moves those of restored tasks whose stage is gone, or has become another thing for them, to where a task enters their
 * pipeline. Gives by task what the log is told of it.
 */
export async function bringBack(
  tx: Tx,
  tasks: readonly Back[],
  held: Held,
  now: Date,
): Promise<ReadonlyMap<bigint, readonly NewEvent[]>> {
  const seen = new Set(held.boards.map(({ id }) => id));
  const decided = tasks
    .filter(({ pipelineId }) => pipelineId !== null)
    .toSorted(inOrder)
    .map((task) => {
      if (!seen.has(task.pipelineId as bigint)) throw new Outrun('The task came to another pipeline.');
      const before = stateOf(task);
      const state = returned(before, held.boards);
      assertHeld(held, state);
      return { task, before, state };
    });
  const moved = await placedLast(
    tx,
    decided.filter(({ before, state }) => before !== state),
  );
  if (moved.length === 0) return new Map();
  const rows = moved.map(({ task: { id }, state }) => ({
    id,
    pipelineId: state.pipeline?.id ?? null,
    stageId: state.stage?.id ?? null,
    position: state.position,
    stageBeforeId: null,
    completes: false,
  }));
  await rehomeCards(tx, rows, now, null, 0);
  return new Map(
    moved.map(({ task: { id, uid }, before, state }) => [
      id,
      taskEvents({ type: 'TASK', id, uid }, before, state, () => []),
    ]),
  );
}
