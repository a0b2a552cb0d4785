import { actorOf, type Viewer } from '../../auth/viewer.ts';
import type { NotificationKind } from '../../db/generated/prisma/enums.ts';
import { differences, same } from '../../event/changes.ts';
import { commit, type FieldChange, type NewEvent } from '../../event/log.ts';
import { type Outcome, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { schedule } from '../../work/service.ts';
import { type ProfilePatch, refuseProfile } from './rules.ts';
import { lockProfile, type ProfileRow, updateMuted, updatePerson } from './store.ts';

/** The name of the job that tells a person's other organizations. */
export const PROFILE_SPREAD = 'profile.spread';

export interface Profile extends ProfilePatch {
  readonly mutedKinds?: readonly NotificationKind[] | null;
}

/** How a membership's event tells of its person. */
export const personChanged = (userId: bigint, uid: string, changes: readonly FieldChange[]): NewEvent => ({
  kind: 'MEMBERSHIP_CHANGED',
  subject: { type: 'MEMBERSHIP', id: userId, uid },
  changes,
});

/**
 * Changes what the viewer says of themselves. Name and zone are the person's: all of their organizations are told, the
 * others by a job, since a transaction writes one organization. What they mute is theirs alone, and nobody is told.
 */
export async function updateViewer(
  runtime: Runtime,
  viewer: Viewer,
  patch: Profile,
): Promise<Outcome<Pick<ProfileRow, 'timeZone' | 'mutedKinds'>>> {
  const wrong = refuseProfile(patch, viewer.membershipKind === 'PERSON');
  if (wrong.length > 0) return refused(...wrong);
  const { userId } = viewer;
  const now = runtime.now();
  return commit(runtime, actorOf(viewer), now, async (tx) => {
    const { uid, mutedKinds: muted, ...before } = await lockProfile(tx, userId);
    const name = patch.name?.trim() ?? before.name;
    const after = { name, timeZone: patch.timeZone === undefined ? before.timeZone : patch.timeZone };
    const mutedKinds = patch.mutedKinds ? [...new Set(patch.mutedKinds)].sort() : muted;
    if (!same(mutedKinds, muted)) await updateMuted(tx, userId, mutedKinds);
    const value = { timeZone: after.timeZone, mutedKinds };
    const changes = differences(before, after);
    if (changes.length === 0) return { ok: true, value, events: [] };
    await updatePerson(tx, userId, after);
    const payload = { userId: String(userId), changes, after: '0' };
    // Of each change one: an earlier one that is still on its way is told as well.
    const key = `${uid} ${now.getTime()} ${crypto.randomUUID()}`;
    schedule(runtime, tx, { kind: PROFILE_SPREAD, key, due: { inMs: 0 }, payload });
    return { ok: true, value, events: [personChanged(userId, uid, changes)] };
  });
}
