import type { Tx } from '../../db/database.ts';
import { type Consequence, joined } from '../../event/consequences.ts';
import type { NewEvent } from '../../event/log.ts';
import type { Runtime } from '../../runtime.ts';
import { schedule } from '../../work/service.ts';
import { planned, TASK_REMINDERS, textOf } from './rules.ts';
import { deleteReminders, type Plan, type Reminding, standingOf, writePlans } from './store.ts';

/** What an update may change that reminders go by. */
const FIELDS = new Set(['date', 'status', 'reminders']);
const KINDS = new Set(['TASK_ASSIGNED', 'TASK_COMPLETED', 'TASK_RESTORED']);

const concerns = ({ kind, changes }: NewEvent): boolean =>
  KINDS.has(kind) || (kind === 'TASK_UPDATED' && changes.some(({ field }) => FIELDS.has(field)));

/** The tasks whose reminders may be due at another time by now, and of these the ones whose date has moved. */
function concerned(events: readonly NewEvent[]) {
  const ofTasks = events.filter(({ subject }) => subject.type === 'TASK');
  const created = new Set(ofTasks.filter(({ kind }) => kind === 'TASK_CREATED').map(({ subject }) => subject.id));
  const told = ofTasks.filter((event) => concerns(event) && !created.has(event.subject.id));
  const moved = told.filter(({ changes }) => changes.some(({ field }) => field === 'date'));
  return {
    ids: [...new Set(told.map(({ subject }) => subject.id))],
    moved: new Set(moved.map(({ subject }) => subject.id)),
  };
}

/** Tells of the reminders that tasks have lost, and of those that they keep. */
const dropped = (all: readonly Reminding[], drops: readonly Reminding[]): NewEvent[] =>
  [...Map.groupBy(drops, ({ task }) => task.id)].map(([taskId, lost]) => {
    const had = all.filter(({ task }) => task.id === taskId);
    const to = had.filter((each) => !lost.includes(each)).map(textOf);
    const { id, uid } = (lost[0] as Reminding).task;
    const changes = [{ field: 'reminders', from: had.map(textOf), to }];
    return { kind: 'TASK_UPDATED', subject: { type: 'TASK', id, uid }, changes };
  });

const sameTime = (a: Date | null, b: Date | null) => a?.getTime() === b?.getTime();

/** Plans the reminders of tasks anew; gives those that there were, and those that are dropped, the task being done with. */
export async function replan(
  runtime: Pick<Runtime, 'ringWork'>,
  tx: Tx,
  ids: readonly bigint[],
  now: Date,
  moved: ReadonlySet<bigint> = new Set(),
) {
  const all = ids.length === 0 ? [] : await standingOf(tx, ids);
  const drops: Reminding[] = [];
  const plans: Plan[] = [];
  for (const reminder of all) {
    const plan = planned(reminder, reminder.task, moved.has(reminder.task.id), now);
    if (!plan) drops.push(reminder);
    else if (!sameTime(plan.remindAt, reminder.remindAt) || !sameTime(plan.sentAt, reminder.sentAt))
      plans.push({ id: reminder.id, ...plan });
  }
  await deleteReminders(
    tx,
    drops.map(({ id }) => id),
  );
  await writePlans(tx, plans);
  const times = plans.flatMap(({ remindAt, sentAt }) => (remindAt && !sentAt ? [remindAt.getTime()] : []));
  if (times.length > 0) {
    const first = new Date(times.reduce((earliest, time) => Math.min(earliest, time)));
    await schedule(runtime, tx, { kind: TASK_REMINDERS, due: { at: first }, atLatest: true });
  }
  return { all, drops };
}

/**
 * Plans reminders anew when their task's date, assignee or completion changes, whoever changes it; and drops them once it
 * is done with [PARSA-15].
 */
export const followReminders =
  (runtime: Pick<Runtime, 'ringWork'>): Consequence =>
  async (tx, happened, { at: now }) => {
    const { ids, moved } = concerned(happened.events);
    const { all, drops } = await replan(runtime, tx, ids, now, moved);
    return drops.length === 0 ? happened : joined(happened, dropped(all, drops), new Map());
  };
