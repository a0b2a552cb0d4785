import type { Tx } from '../../db/database.ts';
import { type Consequence, joined } from '../../event/consequences.ts';
import type { NewEvent } from '../../event/log.ts';
import type { Runtime } from '../../runtime.ts';
import { schedule } from '../../work/service.ts';
import { planned, plansAnew, TASK_REMINDERS, textOf } from './rules.ts';
import {
  deleteReminders,
  lockTasks,
  type Plan,
  pendingAfter,
  type Reminding,
  standingOf,
  writePlans,
} from './store.ts';

/** What an update may change that reminders go by. */
const FIELDS = new Set(['date', 'status', 'reminders']);
const KINDS = new Set(['TASK_ASSIGNED', 'TASK_COMPLETED', 'TASK_REOPENED', 'TASK_RESTORED']);

const concerns = ({ kind, changes }: NewEvent): boolean =>
  KINDS.has(kind) || (kind === 'TASK_UPDATED' && changes.some(({ field }) => FIELDS.has(field)));

/** The tasks whose reminders may be due at another time by now, and of these the ones that have them planned anew. */
function concerned(events: readonly NewEvent[]) {
  const ofTasks = events.filter(({ subject }) => subject.type === 'TASK');
  const created = new Set(ofTasks.filter(({ kind }) => kind === 'TASK_CREATED').map(({ subject }) => subject.id));
  const told = ofTasks.filter((event) => concerns(event) && !created.has(event.subject.id));
  const anew = told.filter(({ changes }) => plansAnew(changes));
  return {
    ids: [...new Set(told.map(({ subject }) => subject.id))],
    anew: new Set(anew.map(({ subject }) => subject.id)),
  };
}

/** Tells of the reminders that tasks have lost, and of those that they keep; looks at each of them once. */
export function dropped(all: readonly Reminding[], drops: readonly Reminding[]): NewEvent[] {
  const lost = new Set(drops);
  return [...Map.groupBy(all, ({ task }) => task.id).values()].flatMap((had): NewEvent[] => {
    const kept = had.filter((each) => !lost.has(each));
    if (kept.length === had.length) return [];
    const { id, uid } = (had[0] as Reminding).task;
    const changes = [{ field: 'reminders', from: had.map(textOf), to: kept.map(textOf) }];
    return [{ kind: 'TASK_UPDATED', subject: { type: 'TASK', id, uid }, changes }];
  });
}

const sameTime = (a: Date | null, b: Date | null) => a?.getTime() === b?.getTime();

const isOther = (plan: Pick<Plan, 'remindAt' | 'sentAt'>, { remindAt, sentAt }: Reminding) =>
  !sameTime(plan.remindAt, remindAt) || !sameTime(plan.sentAt, sentAt);

/** Has the first of what is planned be sent in time. */
function scheduleFirst(runtime: Pick<Runtime, 'ringWork'>, tx: Tx, plans: readonly Plan[]): void {
  const times = plans.flatMap(({ remindAt, sentAt }) => (remindAt && !sentAt ? [remindAt.getTime()] : []));
  if (times.length === 0) return;
  const first = new Date(times.reduce((earliest, time) => Math.min(earliest, time)));
  schedule(runtime, tx, { kind: TASK_REMINDERS, due: { at: first }, atLatest: true });
}

/** Of all reminders of tasks, those that are to be sent at another time than is planned. What is dropped is another's. */
async function movedOf(tx: Tx, taskIds: readonly bigint[], now: Date): Promise<readonly (Plan & { taskId: bigint })[]> {
  return (await standingOf(tx, taskIds)).flatMap((reminder) => {
    const plan = planned(reminder, reminder.task, false, now);
    return plan && isOther(plan, reminder) ? [{ id: reminder.id, taskId: reminder.task.id, ...plan }] : [];
  });
}

/** Plans the reminders of tasks anew where whoever is reminded is in another zone by now. Locks those that have any to move. */
export async function replan(
  runtime: Pick<Runtime, 'ringWork' | 'now'>,
  tx: Tx,
  taskIds: readonly bigint[],
): Promise<void> {
  const now = runtime.now();
  const moved = await movedOf(tx, taskIds, now);
  if (moved.length === 0) return;
  const ids = [...new Set(moved.map(({ taskId }) => taskId))];
  await lockTasks(tx, ids);
  const plans = await movedOf(tx, ids, now);
  await writePlans(tx, plans);
  scheduleFirst(runtime, tx, plans);
}

/**
 * Plans some of the reminders before a date anew that are to come, where whoever is reminded is in another zone by now.
 * Gives the last one looked at; null at the end.
 */
export async function replanAfter(
  runtime: Pick<Runtime, 'ringWork' | 'now'>,
  tx: Tx,
  after: bigint,
  limit: number,
): Promise<bigint | null> {
  const found = await pendingAfter(tx, after, limit);
  await replan(runtime, tx, [...new Set(found.map(({ taskId }) => taskId))]);
  return found.length < limit ? null : (found.at(-1)?.id ?? null);
}

/**
 * Plans reminders anew when their task's date, assignee or completion changes, whoever changes it; and drops them once it
 * is done with [PARSA-15].
 */
export const followReminders =
  (runtime: Pick<Runtime, 'ringWork'>): Consequence =>
  async (tx, happened, { at: now }) => {
    const { ids, anew } = concerned(happened.events);
    const all = ids.length === 0 ? [] : await standingOf(tx, ids);
    if (all.length === 0) return happened;
    const drops: Reminding[] = [];
    const plans: Plan[] = [];
    for (const reminder of all) {
      const plan = planned(reminder, reminder.task, anew.has(reminder.task.id), now);
      if (!plan) drops.push(reminder);
      else if (isOther(plan, reminder)) plans.push({ id: reminder.id, ...plan });
    }
    await deleteReminders(
      tx,
      drops.map(({ id }) => id),
    );
    await writePlans(tx, plans);
    scheduleFirst(runtime, tx, plans);
    return drops.length === 0 ? happened : joined(happened, dropped(all, drops), new Map());
  };
