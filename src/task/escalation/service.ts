import { actorOf, type Viewer } from '../../auth/viewer.ts';
import { commit } from '../../event/log.ts';
import { type Outcome, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { holdTask } from '../hold/service.ts';
import { onlookersOf } from '../watch/service.ts';
import { refuseEscalation } from './rules.ts';
import { findOwner } from './store.ts';

/**
 * Tells whoever answers for the customer, and whoever watches the task, that it needs them [THENA-T28, THENA-T31]. The task
 * stays as it is; its history has the reason.
 */
export async function escalateTask(
  runtime: Runtime,
  viewer: Viewer,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<Outcome<{ readonly uid: string }>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const held = await holdTask(tx, viewer, id, ['id']);
    if (!held.ok) return refused(...held.refusals);
    const task = held.value;
    const refusals = refuseEscalation(task.status, reason);
    if (refusals.length > 0) return refused(...refusals);
    const owner = await findOwner(tx, task.id, viewer.userId);
    const onlookers = (await onlookersOf(tx, [task.id])).get(task.id) ?? [];
    const watchers = onlookers.filter(({ isWatching }) => isWatching).map(({ userId }) => userId);
    const told = new Set(owner === null ? watchers : [owner, ...watchers]);
    told.delete(viewer.userId);
    const event = {
      kind: 'TASK_ESCALATED',
      subject: { type: 'TASK', id: task.id, uid: task.uid },
      changes: [{ field: 'reason', from: null, to: reason.trim() }],
      notify: [...told].map((userId) => ({ userId, kind: 'TASK_ESCALATED' as const })),
    } as const;
    return {
      ok: true,
      at: runtime.now(),
      value: { uid: task.uid },
      events: [event],
      before: new Map([[task.id, task.image]]),
    };
  });
}
