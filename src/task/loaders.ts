import { bySight } from '../auth/sight.ts';
import type { Reader } from '../db/database.ts';
import { loaderBy } from '../db/loader.ts';
import { tasksByIds, tasksByUids } from './store.ts';

export const createTaskLoaders = (db: Reader, organizationId: bigint) => ({
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
});
