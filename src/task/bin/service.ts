import { actorOf, type Viewer } from '../../auth/viewer.ts';
import { binChanges } from '../../event/changes.ts';
import { commit } from '../../event/log.ts';
import { linkId } from '../../record/link.ts';
import { findLink } from '../../record/service.ts';
import { NotAllowed, NotFound, type Outcome, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { taskEvents } from '../changes.ts';
import { returned } from '../door/rules.ts';
import { assertHeld, assertSeen, holdReturns } from '../door/service.ts';
import { isOpen, timelineAt } from '../rules.ts';
import type { Written } from '../service.ts';
import { stateOf } from '../state.ts';
import { opening, refusePlace } from '../taken/service.ts';
import { assertLinked, findTask, glimpse, nowFor, open, placed } from '../write.ts';
import { deleteTaskRow, restoreTaskRow } from './store.ts';

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
    const event = { kind: 'TASK_DELETED', subject: { type: 'TASK', id, uid }, changes: binChanges(null, now) } as const;
    return { ok: true, at: now, value: { uid }, events: [event], before: new Map([[id, image]]) };
  });
}

/**
 * Takes a task out of the bin, and out of the deletion that took it. It comes back to its place; where its stage is gone, or
 * has become another thing for it, it comes to where a task enters its pipeline.
 */
export async function restoreTask(runtime: Runtime, viewer: Viewer, taskId: string): Promise<Outcome<Written>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const missing = new NotFound('There is no such task.', ['id']);
    const seen = await glimpse(tx, viewer, taskId);
    if (!seen) return refused(missing);
    const { linkedType: type, linkUid } = seen;
    const link = type && linkUid ? await findLink(tx, viewer, linkId({ type, uid: linkUid })) : null;
    const held = await holdReturns(tx, [seen]);
    const task = await findTask(tx, viewer, taskId);
    if (!task) return refused(missing);
    const { uid, id, image, deletedAt } = task;
    if (deletedAt === null) return { ok: true, value: { uid }, events: [] };
    const before = stateOf(task);
    assertSeen(seen, before);
    assertLinked(seen, before);
    if (link?.isDeleted) {
      const what = `The ${link.type.toLowerCase()} ${linkId(link)}, to which this task is linked, is deleted`;
      return refused(new NotAllowed(`${what}; restore that first.`, ['id']));
    }
    const taken = isOpen(before.status) ? await refusePlace(tx, viewer, task, ['id']) : null;
    if (taken) return refused(taken);
    const now = nowFor(runtime, task);
    const settled = returned(before, held.boards);
    assertHeld(held, settled);
    const after = await placed(tx, settled, id);
    const timeline = timelineAt(after, task.createdAt, viewer.organizationTimeZone);
    await opening(restoreTaskRow(tx, task, { state: after, timelineAt: timeline }, now));
    const subject = { type: 'TASK', id, uid } as const;
    const events = [
      ...taskEvents(subject, before, after, () => []),
      { kind: 'TASK_RESTORED', subject, changes: binChanges(deletedAt, null) } as const,
    ];
    return { ok: true, at: now, value: { uid }, events, before: new Map([[id, image]]) };
  });
}
