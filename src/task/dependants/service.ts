import type { Tx } from '../../db/database.ts';
import { type Batch, within } from '../../event/batch.ts';
import { binChanges } from '../../event/changes.ts';
import type { FieldChange, NewEvent } from '../../event/log.ts';
import { encodeId } from '../../ids.ts';
import { holdReturns } from '../door/service.ts';
import { bringBack } from '../rehome/return.ts';
import { opening } from '../taken/service.ts';
import {
  binTasks,
  type Deleted,
  type Derived,
  findLinkedTasks,
  findStrayedTasks,
  findTasksOfDeletion,
  type Home,
  type Relinked,
  relinkTasks,
  settleTasks,
  uidsOfDerived,
  type Written,
} from './store.ts';

// What becomes of tasks when something becomes of the record that they are linked to.

const images = (rows: readonly Written[]) => new Map(rows.map(({ id, image }) => [id, image]));
const subject = ({ id, uid }: Written) => ({ type: 'TASK', id, uid }) as const;

/** Puts tasks into the bin whose record was deleted [CLOSE-59]; those that were there already stay as they are. */
export async function takeTasks(
  tx: Tx,
  root: Home,
  deletion: { readonly id: bigint; readonly at: Date },
  now: Date,
  limit: number,
): Promise<Batch> {
  const { rows, more } = within(await findLinkedTasks(tx, root, deletion.id, limit + 1), limit);
  const ids = rows.map(({ id }) => id);
  const taken = ids.length === 0 ? [] : await binTasks(tx, root, deletion, ids, now);
  const changes = binChanges(null, deletion.at);
  const events = taken.map((task): NewEvent => ({ kind: 'TASK_DELETED', subject: subject(task), changes }));
  return { events, before: images(taken), taken: ids.length, more };
}

/** Tasks that a deletion took, with their contact or opportunity: whoever restores them holds those first. */
export const tasksOfDeletion = (tx: Tx, deletionId: bigint, root: Home, limit: number): Promise<Deleted[]> =>
  findTasksOfDeletion(tx, deletionId, root, limit);

/**
 * Takes tasks of a deletion out of the bin; where their record is in it, they become part of that one's deletion. Where
 * another task has their place, they stay in the bin by themselves. Each comes back to its stage, or, where that is gone or
 * has become another thing for it, to where a task enters its pipeline.
 */
export async function restoreTasks(tx: Tx, deletionId: bigint, tasks: readonly Deleted[], now: Date): Promise<Batch> {
  const held = await holdReturns(tx, tasks);
  const ids = tasks.map(({ id }) => id);
  const settled = ids.length === 0 ? [] : await opening(settleTasks(tx, deletionId, ids, now));
  const back = settled.filter(({ isBack }) => isBack);
  const moved = await bringBack(tx, back, held, now);
  const events = back.flatMap((task): NewEvent[] => {
    const changes = binChanges(task.deletedAt, null);
    return [...(moved.get(task.id) ?? []), { kind: 'TASK_RESTORED', subject: subject(task), changes }];
  });
  return { events, before: images(back), taken: ids.length, more: false };
}

/**
 * Gives a record's tasks the account and lead that derive from it, deleted ones and queue rows among them. A derived
 * change raises no version; but filters read it, so that the log tells of it, queue rows aside.
 */
export async function followRecord(tx: Tx, derived: Derived, limit: number): Promise<Batch> {
  const { rows, more } = within(await findStrayedTasks(tx, derived, limit + 1), limit);
  const ids = rows.map(({ id }) => id);
  const relinked = ids.length === 0 ? [] : await relinkTasks(tx, derived, ids);
  return { ...(await tellRelinked(tx, derived, relinked)), taken: ids.length, more };
}

/** What the log is told of tasks whose derived links have become these; queue rows have no events of their own. */
export async function tellRelinked(tx: Tx, derived: Links, relinked: readonly Relinked[]) {
  const told = relinked.filter(({ isQueueRow }) => !isQueueRow);
  const changesOf = told.length === 0 ? () => [] : await changesFor(tx, derived, told);
  const events = told.map(
    (task): NewEvent => ({ kind: 'TASK_UPDATED', subject: subject(task), changes: changesOf(task) }),
  );
  return { events, before: images(told) };
}

type Links = Pick<Derived, 'accountId' | 'leadId'>;

/** How a task's derived links changed, in ids as the API knows them. */
async function changesFor(tx: Tx, derived: Links, tasks: readonly Relinked[]) {
  const named = (field: 'accountId' | 'leadId') =>
    [...new Set([derived, ...tasks].map((each) => each[field]))].filter((id) => id !== null);
  const rows = await uidsOfDerived(tx, named('accountId'), named('leadId'));
  const known = new Map(
    rows.map(({ type, id, uid }) => [`${type} ${id}`, encodeId(type === 'ACCOUNT' ? 'Account' : 'Lead', uid)]),
  );
  return (task: Relinked): FieldChange[] =>
    (['accountId', 'leadId'] as const)
      .filter((field) => task[field] !== derived[field])
      .map((field) => {
        const outward = (id: bigint | null) => known.get(`${field === 'accountId' ? 'ACCOUNT' : 'LEAD'} ${id}`) ?? null;
        return { field, from: outward(task[field]), to: outward(derived[field]) };
      });
}
