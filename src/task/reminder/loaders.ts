import DataLoader from 'dataloader';
import { bySight } from '../../auth/sight.ts';
import type { Reader } from '../../db/database.ts';
import { loaderBy } from '../../db/loader.ts';
import { type Reminder, remindersByUids, remindersOfTasks } from './store.ts';

export const createReminderLoaders = (db: Reader, organizationId: bigint) => ({
  /** The reminders of a task that the viewer sees: those of all tasks in one statement. */
  remindersOf: new DataLoader<bigint, readonly Reminder[]>(async (taskIds) => {
    const rows = await remindersOfTasks(db, organizationId, taskIds);
    const of = Map.groupBy(rows, ({ taskId }) => taskId);
    return taskIds.map((id) => of.get(id) ?? []);
  }),
  reminderByUid: bySight((sight) =>
    loaderBy(
      (uids: readonly string[]) => remindersByUids(db, organizationId, sight, uids),
      ({ uid }) => uid,
    ),
  ),
});
