import type { Tx } from '../../db/database.ts';
import { type Batch, within } from '../../event/batch.ts';
import { binChanges } from '../../event/changes.ts';
import type { NewEvent } from '../../event/log.ts';
import {
  binActivities,
  type Deleted,
  findActivitiesOfDeletion,
  findLinkedActivities,
  findStrayedActivities,
  type Home,
  relinkActivities,
  settleActivities,
} from './store.ts';

// What becomes of activities when something becomes of the record that they are linked to.

const noImages: ReadonlyMap<bigint, string> = new Map();
const subject = ({ id, uid }: { readonly id: bigint; readonly uid: string }) =>
  ({ type: 'ACTIVITY', id, uid }) as const;

/** Puts activities into the bin whose record was deleted; private ones too. The tasks that came of them stay. */
export async function takeActivities(
  tx: Tx,
  root: Home,
  deletion: { readonly id: bigint; readonly at: Date },
  now: Date,
  limit: number,
): Promise<Batch> {
  const { rows, more } = within(await findLinkedActivities(tx, root, deletion.id, limit + 1), limit);
  const ids = rows.map(({ id }) => id);
  const taken = ids.length === 0 ? [] : await binActivities(tx, root, deletion, ids, now);
  const changes = binChanges(null, deletion.at);
  const events = taken.map((each): NewEvent => ({ kind: 'ACTIVITY_DELETED', subject: subject(each), changes }));
  return { events, before: noImages, taken: ids.length, more };
}

/** Activities that a deletion took, with their contact or opportunity: whoever restores them holds those first. */
export const activitiesOfDeletion = (tx: Tx, deletionId: bigint, root: Home, limit: number): Promise<Deleted[]> =>
  findActivitiesOfDeletion(tx, deletionId, root, limit);

/** Takes activities of a deletion out of the bin; where their record is in it, they become part of that one's deletion. */
export async function restoreActivities(tx: Tx, deletionId: bigint, ids: readonly bigint[], now: Date): Promise<Batch> {
  const settled = ids.length === 0 ? [] : await settleActivities(tx, deletionId, ids, now);
  const back = settled.filter(({ isBack }) => isBack);
  const events = back.map((each): NewEvent => {
    const changes = binChanges(each.deletedAt, null);
    return { kind: 'ACTIVITY_RESTORED', subject: subject(each), changes };
  });
  return { events, before: noImages, taken: ids.length, more: false };
}

/**
 * Gives an opportunity's activities its lead, in whose timeline they stand. They keep the account that they name: that is
 * with whom they happened.
 */
export async function followOpportunity(
  tx: Tx,
  { id, leadId }: { readonly id: bigint; readonly leadId: bigint | null },
  limit: number,
): Promise<Batch> {
  const { rows, more } = within(await findStrayedActivities(tx, id, leadId, limit + 1), limit);
  const ids = rows.map((row) => row.id);
  if (ids.length > 0) await relinkActivities(tx, id, leadId, ids);
  return { events: [], before: noImages, taken: ids.length, more };
}
