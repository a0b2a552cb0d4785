import type { Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { Outrun } from '../../db/faults.ts';
import { encodeId, uidOf } from '../../ids.ts';
import type { Link } from '../../record/link.ts';
import { findLink } from '../../record/service.ts';
import { type Followed, followActivity } from '../../task/origin/service.ts';
import type { ActivityState, Named } from '../rules.ts';
import { accountOf } from '../state.ts';
import { lookAtActivity, type OpenActivity } from '../store.ts';

// What was recorded was linked by whoever called or wrote, or to nothing, and that may have been the wrong one. Linking it
// later gives it the account of the record, and the tasks that came of it the link; their assignees and titles stay.

/** The account that a recorded activity gets with its link: that of the record, or the one that it has. */
export function accountFollowing(activity: OpenActivity, record: Link | null, isLinkedAnew: boolean): Named | null {
  const own = accountOf(activity);
  const mayFollow = activity.direction !== null && (own === null || isLinkedAnew);
  const follows = mayFollow && record?.accountUid && record.accountId !== null && !record.isDeleted;
  return follows ? { id: record.accountId, uid: record.accountUid } : own;
}

/** What the tasks of an activity are linked to once it is unlinked: its account, held before it, as records are. */
export interface Fallback {
  readonly accountUid: string | null;
  readonly link: Link | null;
}

/** The account of a recorded activity that is about to be unlinked. */
export async function holdFallback(tx: Tx, viewer: Viewer, id: string): Promise<Fallback> {
  const uid = uidOf('Activity', id);
  const seen = uid === null ? null : await lookAtActivity(tx, viewer, uid);
  if (!seen?.accountUid || seen.direction === null) return { accountUid: null, link: null };
  const account = await findLink(tx, viewer, encodeId('Account', seen.accountUid));
  // A task is linked to no record that is in the bin: of that one it would not come back.
  return { accountUid: seen.accountUid, link: account?.isDeleted ? null : account };
}

const nothing: Followed = { events: [], before: new Map() };

/** Lets the tasks that came of a recorded activity follow its link, where that changed. */
export async function follow(
  tx: Tx,
  { id, direction, accountUid }: OpenActivity,
  [before, after]: readonly [ActivityState, ActivityState],
  record: Link | null,
  fallback: Fallback | null,
  now: Date,
): Promise<Followed> {
  const isSame = before.link?.type === after.link?.type && before.link?.id === after.link?.id;
  if (direction === null || isSame) return nothing;
  if (after.link) return followActivity(tx, id, record, now);
  if (accountUid !== fallback?.accountUid) throw new Outrun('The activity came to an account.');
  return followActivity(tx, id, fallback.link, now);
}
