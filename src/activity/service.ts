import { sightOf } from '../auth/sight.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import { uidOf } from '../ids.ts';
import { type ActivityLink, lockActivity } from './store.ts';

/**
 * The activity of an id, held against deletion until the transaction ends. Null for what is no activity, or not for the
 * viewer to see.
 */
export async function findActivity(tx: Tx, viewer: Viewer, id: string): Promise<ActivityLink | null> {
  const uid = uidOf('Activity', id);
  return uid === null ? null : lockActivity(tx, sightOf(viewer), viewer.userId, uid);
}
