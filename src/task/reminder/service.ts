import { actorOf, type Viewer } from '../../auth/viewer.ts';
import { commit } from '../../event/log.ts';
import { NotAllowed, type Outcome, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { isOpen } from '../rules.ts';
import type { Written } from '../service.ts';
import { stateOf } from '../state.ts';
import { updateTaskRow } from '../store.ts';
import { nowFor, open } from '../write.ts';
import { refuseReminders, replaced, textOf } from './rules.ts';
import { deleteReminders, insertReminders, remindersIn } from './store.ts';

export interface SetReminders {
  readonly id: string;
  readonly reminders: readonly {
    readonly at?: Date | null | undefined;
    readonly before?: string | null | undefined;
  }[];
}

/** Gives a task these reminders and no others. When each is due follows from the event, as for every other change. */
export async function setReminders(
  runtime: Runtime,
  viewer: Viewer,
  { id: taskId, reminders }: SetReminders,
): Promise<Outcome<Written>> {
  const wrong = refuseReminders(reminders);
  if (wrong.length > 0) return refused(...wrong);
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const task = await open(tx, viewer, taskId, null);
    if (!task.ok) return refused(...task.refusals);
    const { id, uid, image, timelineAt, status } = task.value;
    if (!isOpen(status))
      return refused(new NotAllowed(`This task is ${status.toLowerCase()}; reopen it first.`, ['id']));
    const there = await remindersIn(tx, id);
    const { gone, added, texts } = replaced(there, reminders);
    if (gone.length === 0 && added.length === 0) return { ok: true, value: { uid }, events: [] };
    await deleteReminders(
      tx,
      gone.map((each) => each.id),
    );
    await insertReminders(tx, id, added);
    const now = nowFor(runtime, task.value);
    await updateTaskRow(tx, task.value, { state: stateOf(task.value), timelineAt }, now);
    const changes = [{ field: 'reminders', from: there.map(textOf), to: texts }];
    const event = { kind: 'TASK_UPDATED', subject: { type: 'TASK', id, uid }, changes } as const;
    return { ok: true, at: now, value: { uid }, events: [event], before: new Map([[id, image]]) };
  });
}
