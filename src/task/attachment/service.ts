import { actorOf, type Viewer } from '../../auth/viewer.ts';
import { commit } from '../../event/log.ts';
import { NotAllowed, NotFound, type Outcome, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { stateOf } from '../state.ts';
import { nowFor, open, write } from '../write.ts';

export interface Removal {
  readonly subjectId: string;
  readonly url: string;
  readonly expectedVersion: number | null;
}

/** Takes an attachment off a task of kind LEAD, which is all that changes [THENA-T32]. */
export async function removeTaskAttachment(
  runtime: Runtime,
  viewer: Viewer,
  { subjectId, url, expectedVersion }: Removal,
): Promise<Outcome<{ readonly id: string }>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const task = await open(tx, viewer, subjectId, expectedVersion, ['subjectId']);
    if (!task.ok) return refused(...task.refusals);
    const { id, kind, image } = task.value;
    if (kind !== 'LEAD')
      return refused(new NotAllowed(`On a task of kind ${kind} attachments cannot change.`, ['subjectId']));
    const before = stateOf(task.value);
    if (!before.attachmentUrls.includes(url)) return refused(new NotFound('The task has no such attachment.', ['url']));
    const after = { ...before, attachmentUrls: before.attachmentUrls.filter((each) => each !== url) };
    const now = nowFor(runtime, task.value);
    const events = await write(tx, viewer, task.value, after, now, true);
    return { ok: true, at: now, value: { id: subjectId }, events, before: new Map([[id, image]]) };
  });
}
