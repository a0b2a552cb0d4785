import type { Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { Outrun } from '../../db/faults.ts';
import { encodeId, uidOf } from '../../ids.ts';
import type { Link } from '../../record/link.ts';
import { findLink } from '../../record/service.ts';
import { type Followed, followActivity } from '../../task/origin/service.ts';
import type { ActivityState, Named } from '../rules.ts';
import { lookAtActivity, type OpenActivity } from '../store.ts';

// What was recorded was linked by whoever called or wrote, or to nothing: linking it later gives it, and the tasks that
// came of it, what they would have had.

/** The account that a recorded activity gets with its link, while it has none; it never changes one that is there. */
export const accountGiven = ({ direction, accountId }: OpenActivity, record: Link | null): Named | null =>
  direction !== null && accountId === null && record?.accountUid && record.accountId !== null && !record.isDeleted
    ? { id: record.accountId, uid: record.accountUid }
    : null;

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
