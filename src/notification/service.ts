import { actorOf, type Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import { commit, type Decided } from '../event/log.ts';
import { placeOf } from '../event/service.ts';
import { decodeId } from '../ids.ts';
import { type Outcome, refused } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import { refuseUnknown, refuseUpTo, refuseWhich, type Which } from './rules.ts';
import { knownSeqs, markRead, markReadUpTo } from './store.ts';

const done: Decided<true> = { ok: true, value: true, events: [] };

/** The place in the log of the viewer's own notification that an id names; null for any other text. */
function seqOf(viewer: Viewer, id: string): bigint | null {
  const decoded = decodeId(id);
  return decoded?.type === 'Notification' && decoded.uid === viewer.membershipUid ? decoded.seq : null;
}

async function markThese(tx: Tx, viewer: Viewer, ids: readonly string[], at: Date): Promise<Decided<true>> {
  const seqs = ids.map((id) => seqOf(viewer, id));
  const asked = [...new Set(seqs.filter((seq) => seq !== null))];
  const known = asked.length === 0 ? [] : await knownSeqs(tx, viewer.userId, asked);
  const unknown = refuseUnknown(seqs, new Set(known));
  if (unknown.length > 0) return refused(...unknown);
  if (known.length > 0) await markRead(tx, viewer.userId, known, at);
  return done;
}

/**
 * Marks the viewer's notifications as read; those that are stay as they were. It is theirs alone, so the log does not tell
 * of it.
 */
export async function markNotificationsRead(runtime: Runtime, viewer: Viewer, which: Which): Promise<Outcome<true>> {
  const wrong = refuseWhich(which);
  if (wrong) return refused(wrong);
  const { ids, upTo } = which;
  const last = upTo === null ? null : await placeOf(runtime, viewer, upTo);
  if (upTo !== null && last === null) return refused(refuseUpTo());
  const now = runtime.now();
  return commit(runtime, actorOf(viewer), now, async (tx) => {
    if (ids) return markThese(tx, viewer, ids, now);
    await markReadUpTo(tx, viewer.userId, last, now);
    return done;
  });
}
