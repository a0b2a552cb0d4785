import { sightOf } from '../auth/sight.ts';
import { actorOf, type Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import { commit, type NewEvent, type NewNotification } from '../event/log.ts';
import { newUid, uidOf } from '../ids.ts';
import { Conflict, NotAllowed, NotFound, type Outcome, refused } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import { taskEvents } from './changes.ts';
import { type Resolved, resolveAssignee, resolveLink, resolveNewLink } from './resolve.ts';
import { applyPatch, blankTask, type Person, type TaskPatch, type TaskState, timelineAt } from './rules.ts';
import { stateOf } from './state.ts';
import { deleteTaskRow, insertTask, type LockedTask, lockTask, updateTaskRow } from './store.ts';

/** What people write: like a patch, with ids as they came. */
export interface TaskWords extends Omit<TaskPatch, 'assignee' | 'link'> {
  readonly assigneeId?: string | null | undefined;
  readonly linkedRecordId?: string | null | undefined;
}

export interface NewTask extends TaskWords {
  readonly title: string;
  readonly accountId?: string | null | undefined;
  readonly notify: boolean;
}

export interface TaskUpdate {
  readonly id: string;
  readonly expectedVersion: number | null;
  readonly patch: TaskWords;
  readonly notify: boolean;
}

export interface Completion {
  readonly id: string;
  readonly expectedVersion: number | null;
  readonly outcome: string | null;
  readonly followUp: NewTask | null;
}

interface Written {
  readonly uid: string;
}

const me = ({ userId, userUid }: Viewer): Person => ({ id: userId, uid: userUid });

/** Who is told of what happened to a task: never whoever did it, nor, by `notify: false`, a new assignee. */
const notifications =
  (viewer: Viewer, before: TaskState | null, after: TaskState, notify: boolean) =>
  (kind: string): readonly NewNotification[] => {
    const { assignee } = after;
    if (!assignee || assignee.id === viewer.userId) return [];
    if (kind === 'TASK_ASSIGNED') return notify ? [{ userId: assignee.id, kind }] : [];
    // Whoever is assigned with the same write learns of that, which says more.
    return kind === 'TASK_COMPLETED' && before?.assignee?.id === assignee.id ? [{ userId: assignee.id, kind }] : [];
  };

interface Plan {
  readonly state: TaskState;
  readonly notify: boolean;
}

/** A new task, decided but not written; `path` is where its input stands in the mutation's. */
async function plan(
  tx: Tx,
  viewer: Viewer,
  input: NewTask,
  now: Date,
  path: readonly string[],
): Promise<Resolved<Plan>> {
  const assignee = await resolveAssignee(tx, viewer, input.assigneeId ?? null, [...path, 'assigneeId']);
  const link = await resolveNewLink(tx, viewer, input, path);
  const { assigneeId: _assignee, linkedRecordId: _record, accountId: _account, notify, ...patch } = input;
  const applied = applyPatch(blankTask, patch, now, me(viewer), path);
  const refusals = [assignee, link, applied].flatMap((part) => (part.ok ? [] : part.refusals));
  if (!assignee.ok || !link.ok || !applied.ok) return { ok: false, refusals };
  return { ok: true, value: { state: { ...applied.state, assignee: assignee.value, link: link.value }, notify } };
}

async function insert(tx: Tx, viewer: Viewer, { state, notify }: Plan, now: Date) {
  const uid = newUid();
  const row = { state, uid, creatorId: viewer.userId, timelineAt: timelineAt(state, now, viewer.organizationTimeZone) };
  const id = await insertTask(tx, row, now);
  const events = taskEvents({ type: 'TASK', id, uid }, null, state, notifications(viewer, null, state, notify));
  return { uid, events };
}

/** Creates a task of kind LEAD [CLOSE-30]. */
export async function createTask(runtime: Runtime, viewer: Viewer, input: NewTask): Promise<Outcome<Written>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const now = runtime.now();
    const planned = await plan(tx, viewer, input, now, []);
    if (!planned.ok) return refused(...planned.refusals);
    const { uid, events } = await insert(tx, viewer, planned.value, now);
    return { ok: true, at: now, value: { uid }, events };
  });
}

/** The clock once the task is locked, and never before its last change: a newer version is never dated earlier. */
const nowFor = ({ now }: Runtime, { updatedAt }: LockedTask): Date =>
  new Date(Math.max(now().getTime(), updatedAt.getTime()));

/** A task that the viewer may write to, locked, at the version they expect. */
async function open(tx: Tx, viewer: Viewer, id: string, expectedVersion: number | null): Promise<Resolved<LockedTask>> {
  const uid = uidOf('Task', id);
  const task = uid === null ? null : await lockTask(tx, sightOf(viewer), uid);
  if (!task) return { ok: false, refusals: [new NotFound('There is no such task.', ['id'])] };
  if (expectedVersion !== null && expectedVersion !== task.version) {
    const message = `This task changed since you read it: it is at version ${task.version}.`;
    return { ok: false, refusals: [new Conflict(message, ['expectedVersion'], task.version)] };
  }
  if (task.deletedAt)
    return { ok: false, refusals: [new NotAllowed('This task is deleted; restore it first.', ['id'])] };
  return { ok: true, value: task };
}

/** Writes a task's new state, if it is one, and says what happened. */
async function write(
  tx: Tx,
  viewer: Viewer,
  task: LockedTask,
  after: TaskState,
  now: Date,
  notify: boolean,
): Promise<NewEvent[]> {
  const before = stateOf(task);
  const subject = { type: 'TASK', id: task.id, uid: task.uid } as const;
  const events = taskEvents(subject, before, after, notifications(viewer, before, after, notify));
  if (events.length > 0) {
    await updateTaskRow(
      tx,
      task,
      { state: after, timelineAt: timelineAt(after, task.createdAt, viewer.organizationTimeZone) },
      now,
    );
  }
  return events;
}

/** Changes a task. What changes nothing makes no event and no new version. */
export async function updateTask(runtime: Runtime, viewer: Viewer, input: TaskUpdate): Promise<Outcome<Written>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const { assigneeId, linkedRecordId, ...words } = input.patch;
    const assignee =
      assigneeId === undefined ? null : await resolveAssignee(tx, viewer, assigneeId, ['patch', 'assigneeId']);
    const link =
      linkedRecordId == null ? null : await resolveLink(tx, viewer, linkedRecordId, ['patch', 'linkedRecordId']);
    const task = await open(tx, viewer, input.id, input.expectedVersion);
    if (!task.ok) return refused(...task.refusals);
    const now = nowFor(runtime, task.value);
    const patch: TaskPatch = {
      ...words,
      ...(assignee?.ok && { assignee: assignee.value }),
      ...(linkedRecordId === null && { link: null }),
      ...(link?.ok && { link: link.value }),
    };
    const applied = applyPatch(stateOf(task.value), patch, now, me(viewer), ['patch']);
    const refusals = [assignee, link, applied].flatMap((part) => (part === null || part.ok ? [] : part.refusals));
    if (!applied.ok || refusals.length > 0) return refused(...refusals);
    const events = await write(tx, viewer, task.value, applied.state, now, input.notify);
    const before = new Map([[task.value.id, task.value.image]]);
    return { ok: true, at: now, value: { uid: task.value.uid }, events, before };
  });
}

/** Completes a task and makes its follow-up. A task that is complete already stays as it is, and gets none. */
export async function completeTask(
  runtime: Runtime,
  viewer: Viewer,
  input: Completion,
): Promise<Outcome<Written & { readonly followUpUid: string | null }>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    // The follow-up's member and record are locked before the task, as everywhere.
    const next = input.followUp && (await plan(tx, viewer, input.followUp, runtime.now(), ['followUp']));
    const task = await open(tx, viewer, input.id, input.expectedVersion);
    if (!task.ok) return refused(...task.refusals);
    const { uid, id, status, image } = task.value;
    if (status === 'COMPLETED') return { ok: true, value: { uid, followUpUid: null }, events: [] };
    const now = nowFor(runtime, task.value);
    const applied = applyPatch(stateOf(task.value), { isComplete: true, outcome: input.outcome }, now, me(viewer), []);
    const refusals = [applied, next].flatMap((part) => (part === null || part.ok ? [] : part.refusals));
    if (!applied.ok || refusals.length > 0) return refused(...refusals);
    const events = await write(tx, viewer, task.value, applied.state, now, true);
    const followUp = next?.ok ? await insert(tx, viewer, next.value, now) : null;
    return {
      ok: true,
      at: now,
      value: { uid, followUpUid: followUp?.uid ?? null },
      events: [...events, ...(followUp?.events ?? [])],
      before: new Map([[id, image]]),
    };
  });
}

/** Puts a task into the bin. */
export async function deleteTask(
  runtime: Runtime,
  viewer: Viewer,
  input: { readonly id: string; readonly expectedVersion: number | null },
): Promise<Outcome<Written>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const task = await open(tx, viewer, input.id, input.expectedVersion);
    if (!task.ok) return refused(...task.refusals);
    const { uid, id, image } = task.value;
    const now = nowFor(runtime, task.value);
    await deleteTaskRow(tx, task.value, now);
    const changes = [
      { field: 'isActive', from: true, to: false },
      { field: 'deletedAt', from: null, to: now },
    ];
    const event = { kind: 'TASK_DELETED', subject: { type: 'TASK', id, uid }, changes } as const;
    return { ok: true, at: now, value: { uid }, events: [event], before: new Map([[id, image]]) };
  });
}
