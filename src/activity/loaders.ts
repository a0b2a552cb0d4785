import type DataLoader from 'dataloader';
import type { Reader } from '../db/database.ts';
import { loaderBy } from '../db/loader.ts';
import { type NestedActivities, nestedActivities } from './lists.ts';
import type { ActivityListing } from './pages.ts';
import { type Activity, activitiesByIds, activitiesByUids, type Looking } from './store.ts';

/** One of something for each who looks: private activities are each person's own. */
export function byLooking<Made>(make: (viewer: Looking) => Made): (viewer: Looking) => Made {
  const made = new Map<string, Made>();
  return (viewer) => {
    const key = `${viewer.userId} ${viewer.crmAccess}`;
    const found = made.get(key) ?? make(viewer);
    made.set(key, found);
    return found;
  };
}

export const createActivityLoaders = (db: Reader, organizationId: bigint) => ({
  /** Activities by inner id, null for what is gone or out of sight. */
  activity: byLooking(
    (viewer): DataLoader<bigint, Activity | null> =>
      loaderBy(
        (ids: readonly bigint[]) => activitiesByIds(db, organizationId, viewer, ids),
        ({ id }) => id,
      ),
  ),
  activityByUid: byLooking(
    (viewer): DataLoader<string, Activity | null> =>
      loaderBy(
        (uids: readonly string[]) => activitiesByUids(db, organizationId, viewer, uids),
        ({ uid }) => uid,
      ),
  ),
  /** A list of every account's activities: equal questions share one. */
  activitiesOfAccounts: byLooking((viewer) => {
    const made = new Map<string, NestedActivities>();
    return (listing: ActivityListing): NestedActivities => {
      const key = JSON.stringify(listing);
      const found = made.get(key) ?? nestedActivities(db, organizationId, viewer, listing);
      made.set(key, found);
      return found;
    };
  }),
});
