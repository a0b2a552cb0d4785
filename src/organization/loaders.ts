import type { Database } from '../db/database.ts';
import { loaderBy } from '../db/loader.ts';
import {
  keysByUids,
  membershipsByIds,
  membershipsByUids,
  organizationsByIds,
  usersByIds,
  usersByUids,
} from './store.ts';

export const createOrganizationLoaders = (db: Database, organizationId: bigint) => ({
  /** People of the organization by their inner ids, whether they are still active or not. */
  user: loaderBy(
    (ids: readonly bigint[]) => usersByIds(db, organizationId, ids),
    ({ id }) => id,
  ),
  userByUid: loaderBy(
    (uids: readonly string[]) => usersByUids(db, organizationId, uids),
    ({ uid }) => uid,
  ),
  membership: loaderBy(
    (ids: readonly bigint[]) => membershipsByIds(db, organizationId, ids),
    ({ userId }) => userId,
  ),
  membershipByUid: loaderBy(
    (uids: readonly string[]) => membershipsByUids(db, organizationId, uids),
    ({ uid }) => uid,
  ),
  apiKeyByUid: loaderBy(
    (uids: readonly string[]) => keysByUids(db, organizationId, uids),
    ({ uid }) => uid,
  ),
  /** The viewer's organizations: a membership may be of another one. */
  organization: loaderBy(
    (ids: readonly bigint[]) => organizationsByIds(db, ids),
    ({ id }) => id,
  ),
});
