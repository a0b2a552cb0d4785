import { actorOf, type Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import type { Consequence } from '../../event/consequences.ts';
import { commit } from '../../event/log.ts';
import { NotAllowed, type Outcome, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { holdTask } from '../hold/service.ts';
import { type Onlooker, toldOfCompletion } from './rules.ts';
import { findOnlookers, setWatching } from './store.ts';

/** Who watches tasks or has them, of those who are here and may see them, by the tasks' inner ids. */
export async function onlookersOf(tx: Tx, taskIds: readonly bigint[]): Promise<ReadonlyMap<bigint, Onlooker[]>> {
  return Map.groupBy(await findOnlookers(tx, taskIds), ({ taskId }) => taskId);
}

/** Says whether the viewer watches a task, which changes nothing of it and is not told of [THENA-T31]. */
export async function watchTask(
  runtime: Runtime,
  viewer: Viewer,
  { id, isWatching }: { readonly id: string; readonly isWatching: boolean },
): Promise<Outcome<{ readonly uid: string }>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const task = await holdTask(tx, viewer, id, ['id']);
    if (!task.ok) return refused(...task.refusals);
    if (viewer.membershipKind !== 'PERSON')
      return refused(new NotAllowed('Nobody is told of what a key watches: only people watch tasks.', ['id']));
    await setWatching(tx, task.value.id, viewer.userId, isWatching);
    return { ok: true, value: { uid: task.value.uid }, events: [] };
  });
}

/** Whoever completes a task, by whichever way: its watchers and its assignee are told. */
export const tellOfTaskCompletion: Consequence = async (tx, happened, { actor }) => {
  const { events } = happened;
  const ids = events.flatMap(({ kind, subject, isQuiet }) =>
    kind === 'TASK_COMPLETED' && !isQuiet ? [subject.id] : [],
  );
  if (ids.length === 0) return happened;
  const onlookers = await onlookersOf(tx, ids);
  const assignments = new Map(
    events.filter(({ kind }) => kind === 'TASK_ASSIGNED').map((event) => [event.subject.id, event]),
  );
  return {
    ...happened,
    events: events.map((event) => {
      if (event.kind !== 'TASK_COMPLETED' || event.isQuiet) return event;
      const assignment = assignments.get(event.subject.id);
      const told = toldOfCompletion(onlookers.get(event.subject.id) ?? [], {
        actorId: actor.userId,
        isAssigned: assignment !== undefined,
        told: new Set(assignment?.notify?.map(({ userId }) => userId)),
      });
      const notify = told.map((userId) => ({ userId, kind: 'TASK_COMPLETED' as const }));
      return { ...event, notify: [...(event.notify ?? []), ...notify] };
    }),
  };
};
