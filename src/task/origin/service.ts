import type { Tx } from '../../db/database.ts';
import type { NewEvent } from '../../event/log.ts';
import { type Link, linkId } from '../../record/link.ts';
import { linkMadeTasks } from './store.ts';

/** What was done to the tasks of an activity, as `commit()` wants to be told of it. */
export interface Followed {
  readonly events: readonly NewEvent[];
  /** By task: its row before the write. */
  readonly before: ReadonlyMap<bigint, string>;
}

/**
 * Links the tasks that the system made of an activity, deleted ones included, to what the activity is linked to now, and
 * the one that it joined as an e-mail while that has no link. What people made of it stays as they linked it. Whoever calls
 * holds the record and the activity.
 */
export async function followActivity(tx: Tx, activityId: bigint, link: Link | null, now: Date): Promise<Followed> {
  const linked = await linkMadeTasks(tx, activityId, link, now);
  const events = linked.map(({ id, uid, linkedType, linkUid }): NewEvent => {
    const from = linkedType && linkUid ? linkId({ type: linkedType, uid: linkUid }) : null;
    const changes = [{ field: 'linkedRecordId', from, to: link && linkId(link) }];
    return { kind: 'TASK_UPDATED', subject: { type: 'TASK', id, uid }, changes };
  });
  return { events, before: new Map(linked.map(({ id, image }) => [id, image])) };
}
