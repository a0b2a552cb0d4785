import type { TaskDate } from '../../dates.ts';
import type { TaskStatus } from '../../db/generated/prisma/enums.ts';
import { Invalid, type Refusal } from '../../refusals.ts';
import { type Span, spanBefore, timeOfDay } from '../../time.ts';
import { isOpen } from '../rules.ts';

/** The name of the job that sends what is due. */
export const TASK_REMINDERS = 'task.reminders';

/** The name of the job that plans a person's reminders anew. */
export const REMINDERS_REZONED = 'task.reminders.rezoned';

/** The job that moves a person's reminders to another zone, once that is written. */
export const rezoned = (userId: bigint) => ({
  kind: REMINDERS_REZONED,
  key: String(userId),
  due: { inMs: 0 },
  payload: { after: '0' },
});

const MAX_REMINDERS = 20;
const DAY_MINUTES = 24 * 60;
const MAX_MINUTES = 366 * DAY_MINUTES;
/** A day begins then, for reminders. */
const HOUR = 9;

/** When someone wants to be reminded: at an instant, or so long before the task's date. One of the two is null. */
export interface When {
  readonly at: Date | null;
  readonly before: string | null;
}

/** As the log tells of it; what reads the same is the same. */
export const textOf = ({ at, before }: When): string => before ?? (at as Date).toISOString();

const SPAN = /^P(?=\d|T)(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?)?$/;

/** An ISO 8601 duration of weeks, days, hours and minutes, of at most 366 days; null for any other text. */
export function parseSpan(text: string): Span | null {
  const found = SPAN.exec(text);
  if (!found) return null;
  const [weeks = 0, days = 0, hours = 0, minutes = 0] = found.slice(1).map((part) => Number(part ?? 0));
  const span = { days: weeks * 7 + days, minutes: hours * 60 + minutes };
  return span.days * DAY_MINUTES + span.minutes > MAX_MINUTES ? null : span;
}

type Words = { readonly [Field in keyof When]?: When[Field] | undefined };

/** Why a task cannot have these reminders. */
export function refuseReminders(words: readonly Words[]): Refusal[] {
  if (words.length > MAX_REMINDERS) return [new Invalid(`At most ${MAX_REMINDERS} reminders.`, ['reminders'])];
  return words.flatMap(({ at = null, before = null }, index) => {
    const path = ['reminders', String(index)];
    if ((at === null) === (before === null)) return [new Invalid('Give one of `at` and `before`.', path)];
    if (before === null || parseSpan(before)) return [];
    const form = 'A duration is in weeks, days, hours and minutes, such as P1D or PT1H30M, and at most 366 days long.';
    return [new Invalid(form, [...path, 'before'])];
  });
}

/**
 * What tells reminders apart: the instant, or the days and the minutes of a duration, however it is written. A day is not 24
 * hours, which is more or less than a day where clocks are put forward or back.
 */
function markOf(when: When): string {
  const span = when.before === null ? null : parseSpan(when.before);
  return span ? `${span.days} days ${span.minutes} minutes` : textOf(when);
}

/**
 * What is to be done so that a task has these reminders, each once: those that it has already stay as they are, sent or not,
 * and written as they were. `texts` are those that it has then.
 */
export function replaced<Row extends When>(there: readonly Row[], words: readonly Words[]) {
  const whens = words.map(({ at = null, before = null }) => ({ at, before }));
  // Of those that are the same, the first.
  const wanted = new Map(whens.toReversed().map((each) => [markOf(each), each]));
  const marks = [...new Set(whens.map(markOf))];
  const kept = new Map(there.toReversed().map((row) => [markOf(row), row]));
  return {
    gone: there.filter((row) => !wanted.has(markOf(row)) || kept.get(markOf(row)) !== row),
    added: marks.filter((mark) => !kept.has(mark)).map((mark) => wanted.get(mark) as When),
    texts: marks.map((mark) => textOf(kept.get(mark) ?? (wanted.get(mark) as When))),
  };
}

/** What of a task decides when its reminders are sent. */
export interface Facts {
  readonly status: TaskStatus;
  readonly date: TaskDate | null;
  readonly isDeleted: boolean;
  /** Where whoever is reminded is. */
  readonly zone: string;
}

/** The moment that a reminder is meant for; null while its task has no date. A day counts from 09:00. */
export function momentOf({ at, before }: When, { date, zone }: Pick<Facts, 'date' | 'zone'>): Date | null {
  if (before === null) return at;
  const span = parseSpan(before);
  if (date === null || span === null) return null;
  const from = 'day' in date ? timeOfDay(date.day, HOUR, zone) : date.instant;
  // What is long past is due at once, however long; and databases and texts disagree about years before the first.
  return new Date(Math.max(0, spanBefore(from, span, zone)));
}

/** A reminder as it stands. */
export interface Standing extends When {
  readonly remindAt: Date | null;
  readonly sentAt: Date | null;
}

interface Change {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

const reopens = ({ field, from, to }: Change): boolean =>
  field === 'status' && !isOpen(from as TaskStatus) && isOpen(to as TaskStatus);

/** Whether a task that changes so has its reminders planned anew: its date has moved, or it is reopened. */
export const plansAnew = (changes: readonly Change[]): boolean =>
  changes.some((change) => change.field === 'date' || reopens(change));

/**
 * How a reminder stands once its task is so; null when it is dropped, which it is once the task is done with. One that was
 * sent stays sent, unless the task's reminders are planned anew (`isAnew`) and it lies in the future by then: the date of a
 * task that is reopened may have moved while it was done with.
 */
export function planned(reminder: Standing, task: Facts, isAnew: boolean, now: Date) {
  const { remindAt, sentAt } = reminder;
  if (!isOpen(task.status)) return sentAt ? { remindAt, sentAt } : null;
  const moment = momentOf(reminder, task);
  if (sentAt === null) return { remindAt: task.isDeleted ? null : moment, sentAt };
  const again = isAnew && reminder.before !== null && !task.isDeleted && moment !== null && moment > now;
  return again ? { remindAt: moment, sentAt: null } : { remindAt, sentAt };
}
