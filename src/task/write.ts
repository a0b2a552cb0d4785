import { sightOf } from '../auth/sight.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import { Outrun } from '../db/faults.ts';
import type { NewEvent, NewNotification } from '../event/log.ts';
import { uidOf } from '../ids.ts';
import { linkId } from '../record/link.ts';
import { Conflict, NotAllowed, NotFound } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import { taskEvents } from './changes.ts';
import { type Glimpse, glimpseTask } from './door/store.ts';
import { placeLast } from './place/service.ts';
import type { Resolved } from './resolve.ts';
import { type Person, type TaskState, timelineAt } from './rules.ts';
import { stateOf } from './state.ts';
import { type LockedTask, lockTask, updateTaskRow } from './store.ts';
import { opening } from './taken/service.ts';

// What every use case of a task does: finds it, locks it, writes it, says what happened.

export const me = ({ userId, userUid }: Viewer): Person => ({ id: userId, uid: userUid });

/** The clock once the task is locked, and never before its last change: a newer version is never dated earlier. */
export const nowFor = ({ now }: Runtime, { updatedAt }: LockedTask): Date =>
  new Date(Math.max(now().getTime(), updatedAt.getTime()));

/** How a task stood a moment ago, so that what it names can be locked before it; null when the viewer sees none. */
export async function glimpse(tx: Tx, viewer: Viewer, id: string): Promise<Glimpse | null> {
  const uid = uidOf('Task', id);
  return uid === null ? null : glimpseTask(tx, sightOf(viewer), uid);
}

/** A task that the viewer may see, deleted or not, locked. */
export async function findTask(tx: Tx, viewer: Viewer, id: string): Promise<LockedTask | null> {
  const uid = uidOf('Task', id);
  return uid === null ? null : lockTask(tx, sightOf(viewer), uid);
}

/** The id of the record that a task is linked to; null for one that is linked to none. */
export const recordOf = ({ linkedType, linkUid }: Glimpse): string | null =>
  linkedType === null || linkUid === null ? null : linkId({ type: linkedType, uid: linkUid });

/** A task is linked to the record that was held for it; if someone was faster, the transaction starts anew. */
export function assertLinked({ linkedType, linkUid }: Glimpse, { link }: TaskState): void {
  if ((link?.type ?? null) !== linkedType || (link?.uid ?? null) !== linkUid)
    throw new Outrun('The task was linked anew.');
}

/** A task that the viewer may write to, locked, at the version they expect. */
export async function open(
  tx: Tx,
  viewer: Viewer,
  id: string,
  expectedVersion: number | null,
  path: readonly string[] = ['id'],
): Promise<Resolved<LockedTask>> {
  const task = await findTask(tx, viewer, id);
  if (!task) return { ok: false, refusals: [new NotFound('There is no such task.', path)] };
  if (expectedVersion !== null && expectedVersion !== task.version) {
    const message = `This task changed since you read it: it is at version ${task.version}.`;
    return { ok: false, refusals: [new Conflict(message, ['expectedVersion'], task.version)] };
  }
  if (task.deletedAt) return { ok: false, refusals: [new NotAllowed('This task is deleted; restore it first.', path)] };
  return { ok: true, value: task };
}

/**
 * Who is told of what a write did to a task: its new assignee, unless that is whoever did it, or by `notify: false`. Of its
 * completion people are told by what follows from any write (watch/service.ts).
 */
export const notifications =
  (viewer: Pick<Viewer, 'userId'>, { assignee }: TaskState, notify: boolean) =>
  (kind: string): readonly NewNotification[] =>
    kind === 'TASK_ASSIGNED' && notify && assignee && assignee.id !== viewer.userId
      ? [{ userId: assignee.id, kind }]
      : [];

/** A task that came to another stage stands last there, unless it was given a place. */
export const placed = async (tx: Tx, state: TaskState, taskId: bigint): Promise<TaskState> =>
  state.stage === null || state.position !== null
    ? state
    : { ...state, position: await placeLast(tx, state.stage.id, { taskId, position: null }) };

/** Writes a task's new state, if it is one, and says what happened. */
export async function write(
  tx: Tx,
  viewer: Pick<Viewer, 'userId' | 'organizationTimeZone'>,
  task: LockedTask,
  after: TaskState,
  now: Date,
  notify: boolean,
): Promise<NewEvent[]> {
  const before = stateOf(task);
  const subject = { type: 'TASK', id: task.id, uid: task.uid } as const;
  const events = taskEvents(subject, before, after, notifications(viewer, after, notify));
  if (events.length > 0) {
    const row = { state: after, timelineAt: timelineAt(after, task.createdAt, viewer.organizationTimeZone) };
    await opening(updateTaskRow(tx, task, row, now));
  }
  return events;
}
