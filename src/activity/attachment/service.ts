import { actorOf, type Viewer } from '../../auth/viewer.ts';
import { commit } from '../../event/log.ts';
import { decodeId } from '../../ids.ts';
import { NotAllowed, NotFound, type Outcome, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { type Removal, removeTaskAttachment } from '../../task/attachment/service.ts';
import { activityEvents } from '../changes.ts';
import { nowFor, open } from '../open.ts';
import { untold } from '../service.ts';
import { stateOf } from '../state.ts';
import { updateActivityRow } from '../store.ts';

async function removeActivityAttachment(
  runtime: Runtime,
  viewer: Viewer,
  { subjectId, url, expectedVersion }: Removal,
): Promise<Outcome<{ readonly id: string }>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const opened = await open(tx, viewer, subjectId, expectedVersion, ['subjectId']);
    if (!opened.ok) return refused(...opened.refusals);
    const { id, uid } = opened.value;
    // As for every other change of an activity.
    if (!viewer.crmAccess) return refused(new NotAllowed('Changing an activity needs CRM access.', ['subjectId']));
    const before = stateOf(opened.value, untold(opened.value));
    if (!before.attachmentUrls.includes(url))
      return refused(new NotFound('The activity has no such attachment.', ['url']));
    const after = { ...before, attachmentUrls: before.attachmentUrls.filter((each) => each !== url) };
    const now = nowFor(runtime, opened.value);
    await updateActivityRow(tx, id, after, now);
    const events = activityEvents({ type: 'ACTIVITY', id, uid }, before, after);
    return { ok: true, at: now, value: { id: subjectId }, events };
  });
}

/** Takes an attachment off a task or an activity. */
export async function removeAttachment(
  runtime: Runtime,
  viewer: Viewer,
  removal: Removal,
): Promise<Outcome<{ readonly id: string }>> {
  const type = decodeId(removal.subjectId)?.type;
  if (type === 'Task') return removeTaskAttachment(runtime, viewer, removal);
  if (type === 'Activity') return removeActivityAttachment(runtime, viewer, removal);
  return refused(new NotFound('There is no such task or activity.', ['subjectId']));
}
