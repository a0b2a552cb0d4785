import { actorOf, type Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { binChanges } from '../../event/changes.ts';
import { commit } from '../../event/log.ts';
import { encodeId, uidOf } from '../../ids.ts';
import { linkId } from '../../record/link.ts';
import { findLink } from '../../record/service.ts';
import { Conflict, NotAllowed, NotFound, type Outcome, type Refusal, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { nowFor, open } from '../open.ts';
import type { Written } from '../service.ts';
import { stateOf } from '../state.ts';
import { deleteActivityRow, lookAtActivity, type OpenActivity, openActivity, restoreActivityRow } from '../store.ts';

const subjectOf = ({ id, uid }: OpenActivity) => ({ type: 'ACTIVITY', id, uid }) as const;

/** Puts an activity into the bin; tasks that came out of it keep pointing at it. */
export async function deleteActivity(
  runtime: Runtime,
  viewer: Viewer,
  input: { readonly id: string; readonly expectedVersion: number | null },
): Promise<Outcome<Written>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const opened = await open(tx, viewer, input.id, input.expectedVersion);
    if (!opened.ok) return refused(...opened.refusals);
    const activity = opened.value;
    const now = nowFor(runtime, activity);
    await deleteActivityRow(tx, activity.id, now);
    const changes = binChanges(null, now);
    const event = { kind: 'ACTIVITY_DELETED', subject: subjectOf(activity), changes } as const;
    return { ok: true, at: now, value: { uid: activity.uid }, events: [event] };
  });
}

const NOT_THERE = new NotFound('There is no such activity.', ['id']);

/** Locks what an activity belongs to; why it cannot come back to that. */
async function refuseReturn(tx: Tx, viewer: Viewer, activity: OpenActivity): Promise<Refusal | null> {
  const { accountUid } = activity;
  const { link } = stateOf(activity, []);
  const account = accountUid === null ? null : await findLink(tx, viewer, encodeId('Account', accountUid));
  if (account?.isDeleted) return new NotAllowed('Its account is deleted; restore that first.', ['id']);
  const record = link && link.uid !== accountUid ? await findLink(tx, viewer, linkId(link)) : null;
  return record?.isDeleted
    ? new NotAllowed(`Its ${record.type.toLowerCase()} is deleted; restore that first.`, ['id'])
    : null;
}

/** Takes an activity out of the bin, unless what it belongs to is there. One that is not in the bin stays as it is. */
export async function restoreActivity(runtime: Runtime, viewer: Viewer, id: string): Promise<Outcome<Written>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const uid = uidOf('Activity', id);
    // What it belongs to is locked before it, as everywhere, and so must be known before.
    const found = uid === null ? null : await lookAtActivity(tx, viewer, uid);
    if (!found || uid === null) return refused(NOT_THERE);
    const refusal = await refuseReturn(tx, viewer, found);
    const activity = await openActivity(tx, viewer, uid);
    if (!activity) return refused(NOT_THERE);
    const { deletedAt, linkedType, linkId: recordId, version } = activity;
    if (!deletedAt) return { ok: true, value: { uid }, events: [] };
    // Ids of two kinds of record can be the same number.
    if (linkedType !== found.linkedType || recordId !== found.linkId)
      return refused(new Conflict('This activity just changed; try again.', ['id'], version));
    if (refusal) return refused(refusal);
    const now = nowFor(runtime, activity);
    await restoreActivityRow(tx, activity.id, now);
    const changes = binChanges(deletedAt, null);
    const event = { kind: 'ACTIVITY_RESTORED', subject: subjectOf(activity), changes } as const;
    return { ok: true, at: now, value: { uid }, events: [event] };
  });
}
