import type { Viewer } from '../auth/viewer.ts';
import { Fault } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import { decodeCursor, encodeCursor, type HalfPassed } from './cursor.ts';
import type { Delivered } from './feed.ts';
import { membershipEnded, notOfThisLog, resyncRequired } from './pull.ts';
import { type NotificationRow, readPosition, type Standing } from './store.ts';

/**
 * Where the organization's log stands now, as clients keep it. `at` is the instant at which the list beside it is judged,
 * in milliseconds; now, where there is none: what time alone moves after that, a subscription tells.
 */
export async function readLogCursor({ db, now }: Runtime, viewer: Viewer, at = now().getTime()): Promise<string> {
  const { lastSeq } = await readPosition(db, viewer.organizationId, viewer.userId);
  return encodeCursor({ organizationUid: viewer.organizationUid, seq: lastSeq, at });
}

/** The place that a cursor names; null when it is unreadable, of another organization or beyond the end of the log. */
export async function placeOf({ db }: Runtime, viewer: Viewer, text: string): Promise<bigint | null> {
  const cursor = decodeCursor(text);
  if (cursor?.organizationUid !== viewer.organizationUid) return null;
  const { lastSeq } = await readPosition(db, viewer.organizationId, viewer.userId);
  return cursor.seq <= lastSeq ? cursor.seq : null;
}

/** Where a subscription begins. */
export interface LogPlace {
  readonly after: bigint;
  /** Where the log ends. */
  readonly head: bigint;
  /** The instant that was judged last. */
  readonly at: number;
  /** And in the middle of which time step; null in none. */
  readonly half: HalfPassed | null;
  /** How the subscriber stood at `head`. */
  readonly standing: Standing;
}

/**
 * Where to go on after a cursor; without one, after what has happened so far. Unreadable is BAD_USER_INPUT; of another
 * organization, older than what is kept or newer than the log is RESYNC_REQUIRED.
 */
export async function placeAfter(
  { db, now }: Runtime,
  { organizationId, organizationUid, userId, keyUserId }: Viewer,
  after: string | null,
): Promise<LogPlace> {
  const cursor = after === null ? null : decodeCursor(after);
  if (after !== null && cursor === null)
    throw new Fault('BAD_USER_INPUT', 'This is no log cursor.', { argument: 'after' });
  const at = now().getTime();
  const { lastSeq, prunedTo, ...standing } = await readPosition(db, organizationId, userId);
  // Whoever leaves from now on leaves by an event after `lastSeq`.
  if (!standing.isActive) throw membershipEnded();
  // Read after `lastSeq`: a key that is revoked from now on ends by such an event, too.
  if (keyUserId && !(await readPosition(db, organizationId, keyUserId)).isActive) throw membershipEnded();
  if (cursor === null) return { after: lastSeq, head: lastSeq, at, half: null, standing };
  if (cursor.organizationUid !== organizationUid || cursor.seq > lastSeq) throw notOfThisLog();
  if (cursor.seq < prunedTo) throw resyncRequired();
  return { after: cursor.seq, head: lastSeq, at: cursor.at, half: cursor.half ?? null, standing };
}

/** The viewer's notifications that pass `wanted`: first those after the cursor, then as they come. */
export async function followNotifications(
  runtime: Runtime,
  viewer: Viewer,
  after: string | null,
  wanted: (notification: NotificationRow) => boolean,
): Promise<AsyncIterableIterator<Delivered>> {
  const { after: from, head } = await placeAfter(runtime, viewer, after);
  const { organizationId, userId, keyUserId } = viewer;
  return runtime.follower.notifications({ after: from, head, organizationId, userId, keyUserId, wanted });
}
