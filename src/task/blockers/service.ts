import { sightOf } from '../../auth/sight.ts';
import { actorOf, type Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { commit, type FieldChange, type NewEvent } from '../../event/log.ts';
import { encodeId, uidOf } from '../../ids.ts';
import { Invalid, NotAllowed, NotFound, type Outcome, type Refusal, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import type { Written } from '../service.ts';
import { MAX_BLOCKERS, refuseCircle, wayBetween } from './rules.ts';
import {
  type Blockable,
  blockersOf,
  holdBlockers,
  insertBlocker,
  lockBlockable,
  namedTasks,
  removeBlockerRow,
  touchBlocked,
  waysBetween,
} from './store.ts';

/** Which task waits for which, with ids as they came. */
export interface Blocking {
  readonly id: string;
  readonly blockerId: string;
}

interface Pair {
  readonly task: Blockable;
  readonly blocker: Blockable;
}

/** Both tasks, locked: neither is completed, deleted or restored until the transaction ends. */
async function openPair(tx: Tx, viewer: Viewer, input: Blocking): Promise<Partial<Pair> & { refusals: Refusal[] }> {
  const uids = { id: uidOf('Task', input.id), blockerId: uidOf('Task', input.blockerId) };
  const sought = Object.values(uids).filter((uid) => uid !== null);
  const locked = sought.length === 0 ? [] : await lockBlockable(tx, sightOf(viewer), sought);
  const find = (uid: string | null) => locked.find((each) => each.uid === uid);
  const [task, blocker] = [find(uids.id), find(uids.blockerId)];
  const refusals: Refusal[] = [];
  if (!task) refusals.push(new NotFound('There is no such task.', ['id']));
  else if (task.isDeleted) refusals.push(new NotAllowed('This task is deleted; restore it first.', ['id']));
  if (!blocker) refusals.push(new NotFound('There is no such task.', ['blockerId']));
  return { ...(task && { task }), ...(blocker && { blocker }), refusals };
}

type Named = Awaited<ReturnType<typeof blockersOf>>[number];

const told = (blockers: readonly Named[]) => blockers.map(({ uid }) => encodeId('Task', uid));

/** Counts the task's blockers after they changed, and says what happened. */
async function changed(tx: Tx, runtime: Runtime, task: Blockable, from: readonly Named[], to: readonly Named[]) {
  const at = new Date(Math.max(runtime.now().getTime(), task.updatedAt.getTime()));
  const [wasBlocked, isBlocked] = [task.openBlockers > 0, (await touchBlocked(tx, task.id, at)) > 0];
  const changes: FieldChange[] = [{ field: 'blockedBy', from: told(from), to: told(to) }];
  if (wasBlocked !== isBlocked) changes.push({ field: 'isBlocked', from: wasBlocked, to: isBlocked });
  const subject = { type: 'TASK', id: task.id, uid: task.uid } as const;
  const events: NewEvent[] = [{ kind: 'TASK_UPDATED', subject, changes }];
  return { ok: true, at, value: { uid: task.uid }, events, before: new Map([[task.id, task.image]]) } as const;
}

const byId = (a: Named, b: Named) => (a.id < b.id ? -1 : 1);

/** Why a blocker would close a circle, naming the way round as far as the viewer may see it; null when it closes none. */
async function refuseWayRound(tx: Tx, viewer: Viewer, { task, blocker }: Pair): Promise<Invalid | null> {
  const edges = await waysBetween(tx, blocker.id, task.id);
  if (edges.length === 0) return null;
  const way = wayBetween(edges, blocker.id, task.id) ?? [blocker.id, task.id];
  const named = new Map((await namedTasks(tx, sightOf(viewer), way)).map((each) => [each.id, each]));
  return refuseCircle(
    way.map((id) => {
      const found = named.get(id);
      return found?.isSeen ? found.uid : null;
    }),
  );
}

/** Has one task wait for another [THENA-T28]. What is so already stays as it is. */
export async function addBlocker(runtime: Runtime, viewer: Viewer, input: Blocking): Promise<Outcome<Written>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    await holdBlockers(tx);
    const { task, blocker, refusals } = await openPair(tx, viewer, input);
    if (!task || !blocker || refusals.length > 0) return refused(...refusals);
    if (task.id === blocker.id) return refused(new Invalid('A task cannot block itself.', ['blockerId']));
    const from = await blockersOf(tx, task.id);
    if (from.some(({ id }) => id === blocker.id)) return { ok: true, value: { uid: task.uid }, events: [] };
    if (blocker.isDeleted) return refused(new NotAllowed('This task is deleted; restore it first.', ['blockerId']));
    if (from.length >= MAX_BLOCKERS)
      return refused(new Invalid(`A task has at most ${MAX_BLOCKERS} blockers.`, ['blockerId']));
    const circle = await refuseWayRound(tx, viewer, { task, blocker });
    if (circle) return refused(circle);
    await insertBlocker(tx, { taskId: task.id, blockerId: blocker.id });
    return changed(tx, runtime, task, from, [...from, blocker].sort(byId));
  });
}

/** Has one task wait for another no longer; the other may be in the bin. What is so already stays as it is. */
export async function removeBlocker(runtime: Runtime, viewer: Viewer, input: Blocking): Promise<Outcome<Written>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const { task, blocker, refusals } = await openPair(tx, viewer, input);
    if (!task || !blocker || refusals.length > 0) return refused(...refusals);
    const from = await blockersOf(tx, task.id);
    const to = from.filter(({ id }) => id !== blocker.id);
    if (to.length === from.length) return { ok: true, value: { uid: task.uid }, events: [] };
    await removeBlockerRow(tx, { taskId: task.id, blockerId: blocker.id });
    return changed(tx, runtime, task, from, to);
  });
}
