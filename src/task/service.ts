import { actorOf, type Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import { commit, type NewEvent } from '../event/log.ts';
import { type IdType, newUid, uidOf } from '../ids.ts';
import { RECORD_NAMES } from '../record/names.ts';
import { type Outcome, type Refusal, refused } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import { taskEvents } from './changes.ts';
import { standingOf } from './door/rules.ts';
import { assertHeld, assertSeen, type Held, holdDoor, type PlaceWords, type Way } from './door/service.ts';
import { about } from './follow-ups/rules.ts';
import { type Resolved, resolveActivity, resolveAssignee, resolveLink, resolveNewLink } from './resolve.ts';
import { applyPatch, blankTask, type TaskPatch, type TaskState, timelineAt } from './rules.ts';
import { stateOf } from './state.ts';
import { insertTask } from './store.ts';
import { opens } from './taken/rules.ts';
import { refusePlace } from './taken/service.ts';
import { assertLinked, glimpse, me, notifications, nowFor, open, placed, recordOf, write } from './write.ts';

/** What people write: like a patch, with ids as they came. */
export interface TaskWords
  extends Omit<TaskPatch, 'activity' | 'assignee' | 'link' | 'pipeline' | 'stage'>,
    PlaceWords {
  readonly activityId?: string | null | undefined;
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

export interface Written {
  readonly uid: string;
}

const refusalsIn = (parts: readonly ({ readonly ok: boolean; readonly refusals?: readonly Refusal[] } | null)[]) =>
  parts.flatMap((part) => part?.refusals ?? []);

/** Whether an id is that of what is there; null where nothing is. */
const isNamed = (type: IdType, id: string | null | undefined, there: { readonly uid: string } | null) =>
  id === null ? there === null : id !== undefined && uidOf(type, id) === there?.uid;

/** A record or an activity that is named again, as it is already, may have been deleted since. */
const unlessSame = <Part extends Resolved<unknown>>(part: Part | null, isSame: boolean): Part | null =>
  isSame && part?.ok === false && part.refusals.every(({ code }) => code === 'INVALID') ? null : part;

/** What asks for completion, or for its opposite. */
const completionIn = ({ status, isComplete, reopens }: TaskWords): Way['asked'] => ({
  ...(status !== undefined && { status }),
  ...(isComplete !== undefined && { isComplete }),
  ...(reopens && { reopens }),
});

/** A new task, whose member and records are found and held; its place is yet to be. */
export interface Draft {
  readonly input: NewTask;
  readonly assignee: Awaited<ReturnType<typeof resolveAssignee>>;
  readonly link: Awaited<ReturnType<typeof resolveNewLink>>;
  readonly activity: Awaited<ReturnType<typeof resolveActivity>>;
  readonly way: Way;
}

/** `path` is where the new task's input stands in the mutation's. */
export async function draft(tx: Tx, viewer: Viewer, input: NewTask, path: readonly string[]): Promise<Draft> {
  const assignee = await resolveAssignee(tx, viewer, input.assigneeId ?? null, [...path, 'assigneeId']);
  const link = await resolveNewLink(tx, viewer, input, path);
  const activity = await resolveActivity(tx, viewer, input.activityId ?? null, [...path, 'activityId']);
  // For a task that is new, null is the same as nothing.
  const words = { pipelineId: input.pipelineId ?? undefined, stageId: input.stageId ?? undefined };
  return {
    input,
    assignee,
    link,
    activity,
    way: { standing: standingOf(blankTask), words, asked: completionIn(input), path },
  };
}

/** A new task, decided but not written. */
export function plan(
  viewer: Viewer,
  { input, assignee, link, activity, way: { path } }: Draft,
  { boards }: Held,
  place: Held['places'][number] | undefined,
  now: Date,
): Resolved<{ readonly state: TaskState; readonly notify: boolean }> {
  const {
    assigneeId: _assignee,
    linkedRecordId: _record,
    accountId: _account,
    activityId: _activity,
    pipelineId: _pipeline,
    stageId: _stage,
    notify,
    ...words
  } = input;
  const patch: TaskPatch = { ...words, ...(place?.ok && place.value) };
  const applied = applyPatch(blankTask, patch, now, me(viewer), path, boards);
  const refusals = refusalsIn([assignee, link, activity, place ?? null, applied]);
  if (refusals.length > 0 || !assignee.ok || !link.ok || !activity.ok || !applied.ok) return { ok: false, refusals };
  const named = { assignee: assignee.value, link: link.value, activity: activity.value };
  return { ok: true, value: { state: { ...applied.state, ...named }, notify } };
}

export async function insert(
  tx: Tx,
  viewer: Viewer,
  { state: decided, notify }: { readonly state: TaskState; readonly notify: boolean },
  now: Date,
): Promise<{ readonly uid: string; readonly events: NewEvent[] }> {
  const uid = newUid();
  const state = await placed(tx, decided, 0n);
  const row = { state, uid, creatorId: viewer.userId, timelineAt: timelineAt(state, now, viewer.organizationTimeZone) };
  const id = await insertTask(tx, row, now);
  const events = taskEvents({ type: 'TASK', id, uid }, null, state, notifications(viewer, state, notify));
  return { uid, events };
}

/** Creates a task of kind LEAD [CLOSE-30]. */
export async function createTask(runtime: Runtime, viewer: Viewer, input: NewTask): Promise<Outcome<Written>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const drafted = await draft(tx, viewer, input, []);
    const held = await holdDoor(tx, [drafted.way]);
    const now = runtime.now();
    const planned = plan(viewer, drafted, held, held.places[0], now);
    if (!planned.ok) return refused(...planned.refusals);
    const { uid, events } = await insert(tx, viewer, planned.value, now);
    return { ok: true, at: now, value: { uid }, events };
  });
}

const PLACING = ['status', 'isComplete', 'reopens', 'pipelineId', 'stageId'] as const;

/** Changes a task. What changes nothing makes no event and no new version. */
export async function updateTask(runtime: Runtime, viewer: Viewer, input: TaskUpdate): Promise<Outcome<Written>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const { assigneeId, linkedRecordId, activityId, pipelineId, stageId, ...words } = input.patch;
    const assignee =
      assigneeId === undefined ? null : await resolveAssignee(tx, viewer, assigneeId, ['patch', 'assigneeId']);
    const link =
      linkedRecordId == null ? null : await resolveLink(tx, viewer, linkedRecordId, ['patch', 'linkedRecordId']);
    const activity =
      activityId === undefined ? null : await resolveActivity(tx, viewer, activityId, ['patch', 'activityId']);
    const places = PLACING.some((field) => input.patch[field] !== undefined);
    const seen = places ? await glimpse(tx, viewer, input.id) : null;
    const way = { words: { pipelineId, stageId }, asked: completionIn(words), path: ['patch'] };
    const held = seen && (await holdDoor(tx, [{ ...way, standing: seen }]));
    const place = held?.places[0] ?? null;
    const task = await open(tx, viewer, input.id, input.expectedVersion);
    if (!task.ok) return refused(...task.refusals);
    const before = stateOf(task.value);
    if (places) assertSeen(seen, before);
    const now = nowFor(runtime, task.value);
    const patch: TaskPatch = {
      ...words,
      ...(assignee?.ok && { assignee: assignee.value }),
      ...(linkedRecordId === null && { link: null }),
      ...(link?.ok && { link: link.value }),
      ...(activity?.ok && { activity: activity.value }),
      ...(place?.ok && place.value),
    };
    const applied = applyPatch(before, patch, now, me(viewer), ['patch'], held?.boards);
    // What stays is not judged again; an assignee who stays may have left since.
    const judged = [
      isNamed('User', assigneeId, before.assignee) ? null : assignee,
      unlessSame(link, before.link !== null && isNamed(RECORD_NAMES[before.link.type], linkedRecordId, before.link)),
      unlessSame(activity, isNamed('Activity', activityId, before.activity)),
    ];
    const refusals = refusalsIn([...judged, place, applied]);
    if (!applied.ok || refusals.length > 0) return refused(...refusals);
    const asking = (['isComplete', 'status'] as const).find((field) => words[field] !== undefined);
    const taken = opens(before.status, applied.state.status)
      ? await refusePlace(tx, viewer, task.value, asking ? ['patch', asking] : ['id'])
      : null;
    if (taken) return refused(taken);
    if (held) assertHeld(held, applied.state);
    const after = await placed(tx, applied.state, task.value.id);
    const events = await write(tx, viewer, task.value, after, now, input.notify);
    const images = new Map([[task.value.id, task.value.image]]);
    return { ok: true, at: now, value: { uid: task.value.uid }, events, before: images };
  });
}

/**
 * Completes a task and makes its follow-up, which is about the same record unless it names one. A task that is complete
 * already stays as it is, and gets none.
 */
export async function completeTask(
  runtime: Runtime,
  viewer: Viewer,
  input: Completion,
): Promise<Outcome<Written & { readonly followUpUid: string | null }>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    // What the follow-up names is locked before the task, as everywhere.
    const seen = await glimpse(tx, viewer, input.id);
    const followUp = input.followUp && about(input.followUp, seen && recordOf(seen));
    const drafted = followUp && (await draft(tx, viewer, followUp, ['followUp']));
    const way = seen && { standing: seen, words: {}, asked: { isComplete: true }, path: [] };
    const held = await holdDoor(tx, [...(way ? [way] : []), ...(drafted ? [drafted.way] : [])]);
    const task = await open(tx, viewer, input.id, input.expectedVersion);
    if (!task.ok) return refused(...task.refusals);
    const before = stateOf(task.value);
    const { uid, id, image } = task.value;
    if (before.status === 'COMPLETED') return { ok: true, value: { uid, followUpUid: null }, events: [] };
    assertSeen(seen, before);
    if (followUp !== input.followUp) assertLinked(seen, before);
    const now = nowFor(runtime, task.value);
    const patch = { isComplete: true, outcome: input.outcome };
    const applied = applyPatch(before, patch, now, me(viewer), [], held.boards);
    const next = drafted && plan(viewer, drafted, held, held.places.at(-1), now);
    const refusals = refusalsIn([applied, next]);
    if (!applied.ok || refusals.length > 0) return refused(...refusals);
    assertHeld(held, applied.state);
    const events = await write(tx, viewer, task.value, await placed(tx, applied.state, id), now, true);
    const made = next?.ok ? await insert(tx, viewer, next.value, now) : null;
    return {
      ok: true,
      at: now,
      value: { uid, followUpUid: made?.uid ?? null },
      events: [...events, ...(made?.events ?? [])],
      before: new Map([[id, image]]),
    };
  });
}
