import { activitiesOfDeletion, restoreActivities, takeActivities } from '../../activity/dependants/service.ts';
import type { Tx } from '../../db/database.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { type Batch, inTurn, type Step, within } from '../../event/batch.ts';
import type { NewEvent } from '../../event/log.ts';
import { restoreTasks, takeTasks, tasksOfDeletion } from '../../task/dependants/service.ts';
import { DEPENDANTS_PER_TRANSACTION } from '../job.ts';
import {
  binChildren,
  type Child,
  findChildren,
  findChildrenOfDeletion,
  settleChildren,
  shareRecords,
  type Taken,
} from './store.ts';

// One step of deleting or restoring what belongs to a record. Whoever calls holds the record's lock, so that of two who
// delete and restore it each sees what the other has done.

/** A record that was deleted or restored, and what goes with it. */
export interface Root {
  readonly type: RecordType;
  readonly id: bigint;
}

/** One deletion: its number, which every row bears that it takes, and its instant. */
export interface Deletion {
  readonly id: bigint;
  readonly at: Date;
}

const noImages: ReadonlyMap<bigint, string> = new Map();
const childrenOf = ({ type }: Root): Child[] => (type === 'ACCOUNT' ? ['CONTACT', 'OPPORTUNITY'] : []);

export const deletedEvent = (type: RecordType, { id, uid }: Taken, at: Date): NewEvent => ({
  kind: 'RECORD_DELETED',
  subject: { type, id, uid },
  changes: [{ field: 'deletedAt', from: null, to: at }],
});

export const restoredEvent = (type: RecordType, { id, uid }: Taken, from: Date): NewEvent => ({
  kind: 'RECORD_RESTORED',
  subject: { type, id, uid },
  changes: [{ field: 'deletedAt', from, to: null }],
});

async function takeChildren(tx: Tx, type: Child, root: Root, deletion: Deletion, now: Date, limit: number) {
  const { rows, more } = within(await findChildren(tx, type, root.id, limit + 1), limit);
  const ids = rows.map(({ id }) => id);
  const taken = ids.length === 0 ? [] : await binChildren(tx, type, root.id, deletion, ids, now);
  const events = taken.map((child) => deletedEvent(type, child, deletion.at));
  return { events, before: noImages, taken: ids.length, more };
}

/** Takes what belongs to a deleted record: an account's contacts and opportunities, and whatever is linked to any of them. */
export const takeSome = (
  tx: Tx,
  root: Root,
  deletion: Deletion,
  now: Date,
  most = DEPENDANTS_PER_TRANSACTION,
): Promise<Batch> =>
  inTurn(most, [
    ...childrenOf(root).map(
      (type): Step =>
        (limit) =>
          takeChildren(tx, type, root, deletion, now, limit),
    ),
    (limit) => takeActivities(tx, root, deletion, now, limit),
    (limit) => takeTasks(tx, root, deletion, now, limit),
  ]);

async function restoreChildren(tx: Tx, type: Child, deletionId: bigint, now: Date, limit: number): Promise<Batch> {
  const { rows, more } = within(await findChildrenOfDeletion(tx, type, deletionId, limit + 1), limit);
  const ids = rows.map(({ id }) => id);
  const settled = ids.length === 0 ? [] : await settleChildren(tx, type, deletionId, ids, now);
  const events = settled.filter(({ isBack }) => isBack).map((row) => restoredEvent(type, row, row.deletedAt));
  return { events, before: noImages, taken: ids.length, more };
}

/** Activities and tasks of a deletion. Of an account's, their own records are held first: one of them may be deleted. */
async function restoreLinked(tx: Tx, root: Root, deletionId: bigint, now: Date, limit: number): Promise<Batch> {
  const activities = within(await activitiesOfDeletion(tx, deletionId, root, limit + 1), limit);
  const rest = limit - activities.rows.length;
  const tasks = within(await tasksOfDeletion(tx, deletionId, root, rest + 1), rest);
  const linked = [...activities.rows, ...tasks.rows];
  for (const type of childrenOf(root)) {
    const ids = linked.map((row) => (type === 'CONTACT' ? row.contactId : row.opportunityId));
    await shareRecords(tx, type, [...new Set(ids.filter((id) => id !== null))]);
  }
  const activityIds = activities.rows.map(({ id }) => id);
  const batch = await inTurn(limit, [
    () => restoreActivities(tx, deletionId, activityIds, now),
    () => restoreTasks(tx, deletionId, tasks.rows, now),
  ]);
  return { ...batch, more: activities.more || tasks.more };
}

/**
 * Brings back what a deletion took, and nothing else. What belongs to a record that is in the bin again, or still, stays
 * there and becomes part of that record's deletion: so it comes back with it.
 */
export const restoreSome = (
  tx: Tx,
  root: Root,
  deletionId: bigint,
  now: Date,
  most = DEPENDANTS_PER_TRANSACTION,
): Promise<Batch> =>
  inTurn(most, [
    ...childrenOf(root).map(
      (type): Step =>
        (limit) =>
          restoreChildren(tx, type, deletionId, now, limit),
    ),
    (limit) => restoreLinked(tx, root, deletionId, now, limit),
  ]);
