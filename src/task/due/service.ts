import type { Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { isDuplicate, Outrun } from '../../db/faults.ts';
import type { NewEvent } from '../../event/log.ts';
import { newUid } from '../../ids.ts';
import { findAssistant } from '../../organization/service.ts';
import type { Day } from '../../time.ts';
import { taskEvents } from '../changes.ts';
import { decide, settled, standingOf } from '../door/rules.ts';
import { firstAble } from '../made/service.ts';
import { blankTask, isOpen, type Person, type TaskState, timelineAt } from '../rules.ts';
import { stateOf } from '../state.ts';
import { insertTasks, lockTask } from '../store.ts';
import { notifications, write } from '../write.ts';
import { findOpenDue } from './store.ts';

// The tasks of kind OPPORTUNITY_DUE. Whoever calls holds the opportunities, so that nobody else makes or moves theirs.

/** By whom it comes about, and where their organization is. */
export type By = Pick<Viewer, 'userId' | 'organizationTimeZone'>;

/** What becomes of an opportunity's open task: it is due on another day, or done with. */
export type Deed = { readonly moveTo: Day } | 'COMPLETE' | 'CANCEL';

function after(state: TaskState, deed: Deed, now: Date, assistant: Person): TaskState {
  if (typeof deed === 'object') return { ...state, date: { day: deed.moveTo } };
  const status = deed === 'COMPLETE' ? 'COMPLETED' : 'CANCELLED';
  const decided = decide(standingOf(state), { status }, [], []);
  if (!decided.ok) throw new Error('The door refused what the system asked for.');
  return settled(state, decided, now, assistant);
}

export interface Changed {
  readonly events: readonly NewEvent[];
  readonly before: ReadonlyMap<bigint, string>;
  /** The opportunities that had an open one. */
  readonly opportunityIds: ReadonlySet<bigint>;
}

/** Moves, completes or cancels the open tasks of opportunities, where they have one; completed by the assistant. */
export async function changeOpenDue(tx: Tx, by: By, deeds: ReadonlyMap<bigint, Deed>, now: Date): Promise<Changed> {
  const found = await findOpenDue(tx, [...deeds.keys()]);
  const assistant = found.length === 0 ? null : await findAssistant(tx);
  const events: NewEvent[] = [];
  const before = new Map<bigint, string>();
  const opportunityIds = new Set<bigint>();
  for (const { uid, opportunityId } of found) {
    const task = await lockTask(tx, 'ALL', uid);
    // Someone was faster with it.
    if (!task || task.deletedAt || !isOpen(task.status)) continue;
    const at = new Date(Math.max(now.getTime(), task.updatedAt.getTime()));
    const state = after(stateOf(task), deeds.get(opportunityId) as Deed, at, assistant as Person);
    events.push(...(await write(tx, by, task, state, at, true)));
    before.set(task.id, task.image);
    opportunityIds.add(opportunityId);
  }
  return { events, before, opportunityIds };
}

/** An opportunity whose task is to be made. */
export interface NewDue {
  readonly opportunity: {
    readonly id: bigint;
    readonly uid: string;
    readonly accountId: bigint | null;
    readonly leadId: bigint | null;
  };
  readonly title: string;
  readonly closeDate: Day;
  /** Users, of whom the first who can be given tasks gets it. */
  readonly candidates: readonly bigint[];
}

/** Makes the tasks of opportunities that have no open one, all by one statement. */
export async function insertDue(tx: Tx, by: By, dues: readonly NewDue[], now: Date): Promise<NewEvent[]> {
  if (dues.length === 0) return [];
  const assignees = await firstAble(
    tx,
    dues.map(({ candidates }) => candidates),
  );
  const { id: creatorId } = await findAssistant(tx);
  const rows = dues.map(({ opportunity, title, closeDate }, index) => {
    const state: TaskState = {
      ...blankTask,
      kind: 'OPPORTUNITY_DUE',
      type: 'FOLLOW_UP',
      title,
      date: { day: closeDate },
      link: { type: 'OPPORTUNITY', ...opportunity },
      assignee: assignees[index] ?? null,
    };
    return { state, uid: newUid(), creatorId, timelineAt: timelineAt(state, now, by.organizationTimeZone) };
  });
  const ids = await insertTasks(tx, rows, now).catch((error) => {
    // A person has just opened an old one again.
    throw isDuplicate(error) ? new Outrun('The opportunity has an open task by now.') : error;
  });
  return rows.flatMap(({ state, uid }) => {
    const subject = { type: 'TASK', id: ids.get(uid) as bigint, uid } as const;
    return taskEvents(subject, null, state, notifications(by, null, state, true));
  });
}
