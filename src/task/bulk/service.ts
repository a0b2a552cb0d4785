import { actorOf, type Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { Outrun } from '../../db/faults.ts';
import { everyFilter, type Maybe } from '../../db/filter.ts';
import { commit, type NewEvent } from '../../event/log.ts';
import { encodeId, newUid, uidOf } from '../../ids.ts';
import { Invalid, NotAllowed, type Outcome, type Refusal, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { taskEvents } from '../changes.ts';
import { assertHeld, type Held, holdDoor } from '../door/service.ts';
import { asksForKinds, type TaskFilter, type TaskView } from '../filter/filter.ts';
import { reachOf } from '../filter/reach.ts';
import type { Asked } from '../list/matching.ts';
import { askedOf } from '../list/service.ts';
import { countQuery, matchingAmong, matchingQuery, otherKindsAmong } from '../list/statement.ts';
import { writeTasks } from '../many/store.ts';
import { comparator, defaultTerms } from '../order/order.ts';
import { placeEachLast } from '../place/service.ts';
import { refuseNobody, resolveAssignee } from '../resolve.ts';
import { applyPatch, type TaskPatch, type TaskState, timelineAt } from '../rules.ts';
import { stateOf } from '../state.ts';
import type { LockedTask } from '../store.ts';
import { opens, refuseTaken } from '../taken/rules.ts';
import { findTaken, opening } from '../taken/service.ts';
import { me, notifications } from '../write.ts';
import { type BulkSet, MAX_TASKS, refuseBulk, refuseMany } from './rules.ts';
import { countMatching, findMatching, kindsOf, lockTasks, readLocked } from './store.ts';

export interface BulkUpdate {
  readonly filter: TaskFilter;
  readonly view: Maybe<TaskView>;
  readonly zone: string;
  /** When the filter is judged, in milliseconds. */
  readonly now: number;
  readonly set: BulkSet;
  readonly dryRun: boolean;
  readonly notify: boolean;
}

export interface BulkUpdated {
  readonly matched: number;
  readonly batchId: string | null;
  /** Of the changed ones, or of those that would be, in the list's order as it was before. */
  readonly uids: readonly string[];
}

/** A task on its way: as it is, locked, and as it is to be. */
interface Change {
  readonly task: LockedTask;
  readonly before: TaskState;
  readonly after: TaskState;
}

/** Where a refusal stands that is about one task. */
const pathTo = (uid: string) => ['filter', encodeId('Task', uid)];

/** Tasks that the filter names by id and that only its silence on kinds leaves out [CLOSE-12]. */
async function refuseLeftOut(tx: Tx, asked: Asked): Promise<Refusal[]> {
  const named = everyFilter(asked.filter).flatMap(({ id }) => [...(id?.eq == null ? [] : [id.eq]), ...(id?.in ?? [])]);
  const uids = named.flatMap((id) => uidOf('Task', id) ?? []);
  if (uids.length === 0 || asksForKinds(asked.filter)) return [];
  const filter: TaskFilter = { ...asked.filter, _type: { any: true } };
  const ofAnyKind = { ...asked, filter, reach: reachOf(filter, asked.view) };
  return (await kindsOf(tx, otherKindsAmong(ofAnyKind, uids))).map(
    ({ uid, kind }) =>
      new Invalid(
        `This is ${kind}, and without \`_type\` a filter holds LEAD only: ask for its \`_type\`.`,
        pathTo(uid),
      ),
  );
}

/** Locks what was found, what it needs first, and gives those that still match, in the list's order. */
async function hold(tx: Tx, asked: Asked, set: BulkSet, found: Awaited<ReturnType<typeof findMatching>>) {
  const { isComplete } = set;
  const ways =
    isComplete == null
      ? []
      : found.map((standing) => ({ standing, words: {}, asked: { isComplete }, path: ['set'] as const }));
  const held = await holdDoor(tx, ways);
  const ids = found.map(({ id }) => id);
  await lockTasks(tx, ids);
  const locked = await readLocked(tx, matchingAmong(asked, ids));
  const order = { terms: defaultTerms(asked.view), zone: asked.zone };
  return { held, tasks: locked.toSorted(comparator(order, false)) };
}

/** Each task as `updateTask` would leave it, or every reason against it. */
function decideEach(
  viewer: Viewer,
  tasks: readonly LockedTask[],
  patch: TaskPatch,
  held: Held,
  now: Date,
): { readonly changes: Change[]; readonly refusals: Refusal[] } {
  const changes: Change[] = [];
  const refusals: Refusal[] = [];
  for (const task of tasks) {
    const path = pathTo(task.uid);
    if (task.deletedAt) {
      refusals.push(new NotAllowed('This task is deleted; restore it first.', path));
      continue;
    }
    const before = stateOf(task);
    if (patch.isComplete !== undefined && before.pipeline && !held.boards.some(({ id }) => id === before.pipeline?.id))
      throw new Outrun('A task came to another pipeline.');
    const applied = applyPatch(before, patch, now, me(viewer), path, held.boards);
    // What stays is not judged: who has none may go without.
    const missing = patch.assignee === null && before.assignee ? refuseNobody(viewer, path) : null;
    if (missing || !applied.ok) {
      refusals.push(...(missing ? [missing] : []), ...(applied.ok ? [] : applied.refusals));
      continue;
    }
    assertHeld(held, applied.state);
    changes.push({ task, before, after: applied.state });
  }
  return { changes, refusals };
}

/** Why some cannot be opened again: another one, of those before them perhaps, has their place. */
async function refusePlaces(tx: Tx, viewer: Viewer, changes: readonly Change[]): Promise<Refusal[]> {
  const opened = changes.filter(({ before, after }) => opens(before.status, after.status)).map(({ task }) => task);
  const taken = await findTaken(tx, viewer, opened);
  return opened.flatMap((task) => {
    const holder = taken.get(task.id);
    return holder ? [refuseTaken(task, holder, pathTo(task.uid))] : [];
  });
}

/** Tasks that came to another stage stand last there, one behind the other. */
async function placed(tx: Tx, changes: readonly Change[]): Promise<Change[]> {
  const comes = ({ after }: Change) => after.stage !== null && after.position === null;
  const stages = changes.filter(comes).map(({ after }) => after.stage?.id as bigint);
  const places = await placeEachLast(tx, stages);
  let next = 0;
  return changes.map((change) => {
    if (!comes(change)) return change;
    const position = places[next] as string;
    next += 1;
    return { ...change, after: { ...change.after, position } };
  });
}

/** What happened to a task, and who is told; nothing when it is so already. */
function eventsOf(viewer: Viewer, { task, before, after }: Change, notify: boolean, batchId: string): NewEvent[] {
  const subject = { type: 'TASK', id: task.id, uid: task.uid } as const;
  const events = taskEvents(subject, before, after, notifications(viewer, after, notify));
  return events.map((event) => ({ ...event, isQuiet: !notify, batchId }));
}

/**
 * Changes all tasks that a filter lets through, in one transaction: all of them or, where one refuses, none [CLOSE-31].
 * A dry run does all of it but the writing.
 */
export async function bulkUpdateTasks(
  runtime: Runtime,
  viewer: Viewer,
  { set, dryRun, notify, ...asking }: BulkUpdate,
): Promise<Outcome<BulkUpdated>> {
  const wrong = refuseBulk({ ...asking, set });
  if (wrong.length > 0) return refused(...wrong);
  const asked = await askedOf(runtime.db, viewer, asking);
  return commit<BulkUpdated>(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const { assigneeId, date, isComplete } = set;
    const assignee = assigneeId == null ? null : await resolveAssignee(tx, viewer, assigneeId, ['set', 'assigneeId']);
    const refusals = [...(assignee?.ok === false ? assignee.refusals : []), ...(await refuseLeftOut(tx, asked))];
    if (refusals.length > 0) return refused(...refusals);
    const found = await findMatching(tx, matchingQuery(asked, MAX_TASKS + 1));
    if (found.length > MAX_TASKS) return refused(refuseMany(await countMatching(tx, countQuery(asked))));
    if (found.length === 0) return { ok: true, value: { matched: 0, batchId: null, uids: [] }, events: [] };

    const { held, tasks } = await hold(tx, asked, set, found);
    // One instant for all; where a task bears a later one, another's clock goes fast, and only that task keeps to it.
    const now = runtime.now();
    const patch: TaskPatch = {
      ...(assigneeId === null && { assignee: null }),
      ...(assignee?.ok && { assignee: assignee.value }),
      ...(date !== undefined && { date }),
      ...(isComplete != null && { isComplete }),
    };
    const decided = decideEach(viewer, tasks, patch, held, now);
    const against = [...decided.refusals, ...(await refusePlaces(tx, viewer, decided.changes))];
    if (against.length > 0) return refused(...against);

    const batchId = newUid();
    const told = (await placed(tx, decided.changes)).map((change) => ({
      ...change,
      events: eventsOf(viewer, change, notify, batchId),
    }));
    const changed = told.filter(({ events }) => events.length > 0);
    const value = { matched: tasks.length, uids: changed.map(({ task }) => task.uid) };
    if (dryRun || changed.length === 0) return { ok: true, value: { ...value, batchId: null }, events: [] };
    const rows = changed.map(({ task: { id, createdAt }, after }) => ({
      id,
      state: after,
      timelineAt: timelineAt(after, createdAt, viewer.organizationTimeZone),
    }));
    await opening(writeTasks(tx, rows, now));
    return {
      ok: true,
      at: now,
      value: { ...value, batchId },
      events: changed.flatMap(({ events }) => events),
      before: new Map(changed.map(({ task: { id, image } }) => [id, image])),
    };
  });
}
