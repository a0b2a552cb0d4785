import DataLoader from 'dataloader';
import type { Reader } from '../../db/database.ts';
import { boundRead, MAX_READ } from '../../graphql/shown.ts';
import { type Watcher, watchersOf } from './store.ts';

export const createWatchLoaders = (db: Reader, organizationId: bigint) => ({
  /** Who watches a task, by name: those of all tasks in one statement. */
  watchersOf: new DataLoader<bigint, readonly Watcher[]>(async (taskIds) => {
    const rows = boundRead(await watchersOf(db, organizationId, taskIds, MAX_READ + 1));
    const of = Map.groupBy(rows, ({ taskId }) => taskId);
    return taskIds.map((id) => of.get(id) ?? []);
  }),
});
