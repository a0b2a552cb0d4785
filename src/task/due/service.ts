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
import { writeTasks } from '../many/store.ts';
import { blankTask, type Person, type TaskState, timelineAt } from '../rules.ts';
import { stateOf } from '../state.ts';
import { insertTasks } from '../store.ts';
import { notifications } from '../write.ts';
import { lockOpenDue } from './store.ts';

// The tasks of kind OPPORTUNITY_DUE. Whoever calls holds the opportunities, so that nobody else makes or moves theirs.

/** By whom it comes about, and where their organization is. */
export type By = Pick<Viewer, 'userId' | 'organizationTimeZone'>;

/** What becomes of an opportunity's open task: it is called or dated otherwise, or done with. */
export interface Deed {
  readonly title?: string;
  readonly date?: Day;
  readonly status?: 'COMPLETED' | 'CANCELLED';
}

function after(state: TaskState, { title, date, status }: Deed, now: Date, assistant: Person): TaskState {
  const changed = {
    ...state,
    ...(title !== undefined && { title }),
    ...(date !== undefined && { date: { day: date } }),
  };
  if (status === undefined) return changed;
  const decided = decide(standingOf(state), { status }, [], []);
  if (!decided.ok) throw new Error('The door refused what the system asked for.');
  return settled(changed, decided, now, assistant);
}

export interface Changed {
  readonly events: readonly NewEvent[];
  readonly before: ReadonlyMap<bigint, string>;
  /** The opportunities that had an open one. */
  readonly opportunityIds: ReadonlySet<bigint>;
}

/**
 * Changes the open tasks of opportunities, where they have one, all by one statement; those that are completed are so by
 * the assistant.
 */
export async function changeOpenDue(tx: Tx, by: By, deeds: ReadonlyMap<bigint, Deed>, now: Date): Promise<Changed> {
  const open = await lockOpenDue(tx, [...deeds.keys()]);
  const opportunityIds = new Set(open.map(({ opportunityId }) => opportunityId as bigint));
  if (open.length === 0) return { events: [], before: new Map(), opportunityIds };
  const assistant = await findAssistant(tx);
  const changes = open.map((task) => {
    const before = stateOf(task);
    const state = after(before, deeds.get(task.opportunityId as bigint) as Deed, now, assistant);
    const subject = { type: 'TASK', id: task.id, uid: task.uid } as const;
    return { task, state, events: taskEvents(subject, before, state, notifications(by, state, true)) };
  });
  const changed = changes.filter(({ events }) => events.length > 0);
  const rows = changed.map(({ task: { id, createdAt }, state }) => ({
    id,
    state,
    timelineAt: timelineAt(state, createdAt, by.organizationTimeZone),
  }));
  if (rows.length > 0) await writeTasks(tx, rows, now);
  return {
    events: changed.flatMap(({ events }) => events),
    before: new Map(changed.map(({ task: { id, image } }) => [id, image])),
    opportunityIds,
  };
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
    return taskEvents(subject, null, state, notifications(by, state, true));
  });
}
