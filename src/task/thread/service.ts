import type { Viewer } from '../../auth/viewer.ts';
import type { TaskDate } from '../../dates.ts';
import type { Tx } from '../../db/database.ts';
import type { NewEvent } from '../../event/log.ts';
import { encodeId } from '../../ids.ts';
import { findAssistant } from '../../organization/service.ts';
import type { Runtime } from '../../runtime.ts';
import { taskEvents } from '../changes.ts';
import { insertMade } from '../made/service.ts';
import { applyPatch, type Person, type Ref, type TaskLink, timelineAt } from '../rules.ts';
import { stateOf } from '../state.ts';
import { type LockedTask, updateTaskRow } from '../store.ts';
import { notifications, nowFor } from '../write.ts';
import {
  completeTasks,
  emailsOf,
  type Gathered,
  holdThread as hold,
  insertEmail,
  lockOpenOfThread,
  writtenBy,
} from './store.ts';

// What e-mails of a thread make of its tasks. Whoever calls holds the thread.

/** An e-mail that was recorded, and the task that it is to make. */
export interface Email {
  readonly threadId: string;
  readonly at: Date;
  readonly activity: Ref;
  readonly link: TaskLink | null;
  readonly assignee: Person | null;
  readonly title: string;
}

/** What was made of it, as `commit()` wants to be told of it. */
export interface Worked {
  readonly taskUid: string | null;
  readonly events: readonly NewEvent[];
  readonly before: ReadonlyMap<bigint, string>;
  readonly at: Date;
}

/** Waits until nobody else records an e-mail of the thread, and keeps it so until the transaction ends. */
export const holdThread = (tx: Tx, threadId: string): Promise<void> => hold(tx, threadId);

// Machines that answer each other can write thousands, and each event would hold all that were there before it.
const MAX_TOLD = 100;

const emailId = ({ uid }: { readonly uid: string }) => encodeId('Activity', uid);
const subjectOf = ({ id, uid }: Ref) => ({ type: 'TASK', id, uid }) as const;

/** The first event of a task, of a kind that it has in any case, with the e-mails that came to it. */
function told(kind: 'TASK_CREATED' | 'TASK_UPDATED', task: Ref, events: readonly NewEvent[], emails: object) {
  const change = { field: 'emails', from: null, to: null, ...emails };
  const [first, ...rest] = events;
  if (first?.kind !== kind) return [{ kind, subject: subjectOf(task), changes: [change] }, ...events];
  return [{ ...first, changes: [...first.changes, change] }, ...rest];
}

/** The new INCOMING_EMAIL of a thread that has none open. */
async function begin(tx: Tx, viewer: Viewer, { at, ...email }: Email, now: Date) {
  const date = { instant: at.getTime() };
  const made = await insertMade(tx, viewer, { ...email, kind: 'INCOMING_EMAIL', type: 'EMAIL', date }, now);
  await insertEmail(tx, made.id, email.activity.id);
  return { ...made, events: told('TASK_CREATED', made, made.events, { to: [emailId(email.activity)] }) };
}

/** The ids of the newest hundred e-mails, the oldest of them first. */
const newest = (emails: readonly Gathered[]) => emails.slice(-MAX_TOLD).map(emailId);

const inOrder = (a: Gathered, b: Gathered) => Number(a.at) - Number(b.at) || Number(a.id - b.id);

/**
 * The e-mail joins the thread's open INCOMING_EMAIL [CLOSE-17], which keeps its assignee, and comes back to the inbox
 * unless a later e-mail is there already. One that is dated in the future, by a clock that is wrong, keeps nothing out of it.
 */
async function join(tx: Tx, viewer: Viewer, task: LockedTask, { at, activity, link }: Email, now: Date) {
  const there = await emailsOf(tx, task.id);
  const all = [...there, { ...activity, at }].sort(inOrder);
  await insertEmail(tx, task.id, activity.id);
  const before = stateOf(task);
  const isLatest = there.every((other) => other.at <= at || other.at > now);
  const after = {
    ...before,
    ...(isLatest && { date: { instant: Math.min(at.getTime(), now.getTime()) } }),
    ...(before.link === null && { link }),
  };
  const timeline = timelineAt(after, task.createdAt, viewer.organizationTimeZone);
  await updateTaskRow(tx, task, { state: after, timelineAt: timeline }, now);
  const events = taskEvents(subjectOf(task), before, after, notifications(viewer, after, true));
  return told('TASK_UPDATED', task, events, { from: newest(there), to: newest(all) });
}

/** The follow-ups that an e-mail answers are completed by the system [CLOSE-18]: nobody needs to ask again. */
async function completeFollowUps(tx: Tx, viewer: Viewer, open: readonly LockedTask[], at: Date, now: Date) {
  if (open.length === 0) return [];
  const originals = open.flatMap(({ activityId }) => (activityId === null ? [] : [activityId]));
  const answered = await writtenBy(tx, originals, at);
  const tasks = open.filter(({ activityId }) => activityId !== null && answered.has(activityId));
  if (tasks.length === 0) return [];
  const assistant = await findAssistant(tx);
  const ids = tasks.map(({ id }) => id);
  await completeTasks(tx, ids, now, assistant.id);
  return tasks.flatMap((task) => {
    const before = stateOf(task);
    const applied = applyPatch(before, { isComplete: true }, now, assistant, []);
    if (!applied.ok) throw new Error(`The follow-up ${task.uid} cannot be completed.`);
    return taskEvents(subjectOf(task), before, applied.state, notifications(viewer, applied.state, true));
  });
}

/** An e-mail that came in: it begins or joins the thread's INCOMING_EMAIL, and answers what was to be followed up. */
export async function gather(runtime: Runtime, tx: Tx, viewer: Viewer, email: Email): Promise<Worked> {
  const open = await lockOpenOfThread(tx, email.threadId);
  const task = open.find(({ kind }) => kind === 'INCOMING_EMAIL');
  const now = new Date(Math.max(runtime.now().getTime(), ...open.map((each) => nowFor(runtime, each).getTime())));
  const followUps = open.filter(({ kind }) => kind === 'EMAIL_FOLLOWUP');
  const completed = await completeFollowUps(tx, viewer, followUps, email.at, now);
  const made = task ? null : await begin(tx, viewer, email, now);
  const joined = task ? await join(tx, viewer, task, email, now) : [];
  return {
    taskUid: (task ?? made)?.uid ?? null,
    events: [...(made?.events ?? joined), ...completed],
    before: new Map(open.map(({ id, image }) => [id, image])),
    at: now,
  };
}

/** The task to follow up on an e-mail that went out, unless somebody answers [CLOSE-18]. */
export async function followUp(
  runtime: Runtime,
  tx: Tx,
  viewer: Viewer,
  { at: _at, ...email }: Email,
  date: TaskDate,
): Promise<Worked> {
  const now = runtime.now();
  const made = await insertMade(tx, viewer, { ...email, kind: 'EMAIL_FOLLOWUP', type: 'FOLLOW_UP', date }, now);
  return { taskUid: made.uid, events: made.events, before: new Map(), at: now };
}
