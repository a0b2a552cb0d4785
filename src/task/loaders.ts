import DataLoader from 'dataloader';
import { bySight } from '../auth/sight.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Reader } from '../db/database.ts';
import { loaderBy } from '../db/loader.ts';
import type { Walk } from '../graphql/paging.ts';
import type { Parent } from './list/matching.ts';
import { type TaskListing, taskListsOf } from './lists.ts';
import { type Task, tasksByIds, tasksByUids } from './store.ts';

/** The lists of all parents that are asked for in the same words. */
function nestedLists(db: Reader, viewer: Viewer, listing: TaskListing, parent: Parent) {
  const lists = taskListsOf(db, viewer, listing, parent);
  const pages = new Map<string, DataLoader<bigint, Task[]>>();
  const counts = new DataLoader<bigint, number>(lists.counts);
  return {
    page: (walk: Walk, id: bigint) => {
      const key = JSON.stringify(walk);
      const found = pages.get(key) ?? new DataLoader<bigint, Task[]>(async (ids) => lists.pages(ids, walk));
      pages.set(key, found);
      return found.load(id);
    },
    count: (id: bigint) => counts.load(id),
  };
}

export function createTaskLoaders(db: Reader, organizationId: bigint) {
  const nested = new Map<Viewer, Map<string, ReturnType<typeof nestedLists>>>();
  return {
    /** Tasks by inner id, null for what is gone or out of sight. */
    task: bySight((sight) =>
      loaderBy(
        (ids: readonly bigint[]) => tasksByIds(db, organizationId, sight, ids),
        ({ id }) => id,
      ),
    ),
    taskByUid: bySight((sight) =>
      loaderBy(
        (uids: readonly string[]) => tasksByUids(db, organizationId, sight, uids),
        ({ uid }) => uid,
      ),
    ),
    /** The same list of each parent. */
    tasksOf: (viewer: Viewer, parent: Parent, listing: TaskListing) => {
      const own = nested.get(viewer) ?? new Map<string, ReturnType<typeof nestedLists>>();
      nested.set(viewer, own);
      const { logCursor: _, ...asked } = listing;
      const key = JSON.stringify([parent, asked]);
      const found = own.get(key) ?? nestedLists(db, viewer, listing, parent);
      own.set(key, found);
      return found;
    },
  };
}
