import type { Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import { uidOf } from '../ids.ts';
import { Conflict, NotAllowed, NotFound } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import type { Resolved } from './resolve.ts';
import { type OpenActivity, openActivity } from './store.ts';

/** The clock once the activity is locked, and never before its last change. */
export const nowFor = ({ now }: Runtime, { updatedAt }: OpenActivity): Date =>
  new Date(Math.max(now().getTime(), updatedAt.getTime()));

/** An activity that the viewer may write to, locked, at the version they expect. */
export async function open(
  tx: Tx,
  viewer: Viewer,
  id: string,
  expectedVersion: number | null,
  path: readonly string[] = ['id'],
): Promise<Resolved<OpenActivity>> {
  const uid = uidOf('Activity', id);
  const activity = uid === null ? null : await openActivity(tx, viewer, uid);
  if (!activity) return { ok: false, refusals: [new NotFound('There is no such activity.', path)] };
  if (expectedVersion !== null && expectedVersion !== activity.version) {
    const message = `This activity changed since you read it: it is at version ${activity.version}.`;
    return { ok: false, refusals: [new Conflict(message, ['expectedVersion'], activity.version)] };
  }
  if (activity.deletedAt)
    return { ok: false, refusals: [new NotAllowed('This activity is deleted; restore it first.', path)] };
  return { ok: true, value: activity };
}
