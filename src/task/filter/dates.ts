import type { TaskDate } from '../../dates.ts';
import type { Maybe } from '../../db/filter.ts';
import type { Weekday } from '../../db/generated/prisma/enums.ts';
import type { Parameters } from '../../db/params.ts';
import { addDays, type Day, dayAt, lastDayBegun, startOfDay, weekday } from '../../time.ts';
import { FORM_CONDITIONS, type Form, IS_OPEN } from '../form.ts';
import type { DateComparison, DueBucket, TaskView } from './filter.ts';

// Dates compare as the order does: a day counts as its midnight in the zone and comes before an instant at that moment.
// Zones are Temporal's business: each bound becomes a day for the days and an instant for the instants, and SQL compares
// like with like.

/** When and where dates are judged. */
export interface Calendar {
  readonly zone: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly weekStartsOn: Weekday;
}

/** A condition on days and one on instants, as the branch of each form says it; on every form together where it is null. */
function onForms(form: Form | null, day: () => string, instant: () => string, undated = false): string {
  if (form === 'day') return day();
  if (form === 'instant') return instant();
  if (form === 'undated') return String(undated);
  const dated = `${day()} OR ${instant()}`;
  return undated ? `((${FORM_CONDITIONS.undated}) OR ${dated})` : `(${dated})`;
}

const iso = (instant: number) => new Date(instant).toISOString();
const lastMoment = (day: Day, zone: string) => startOfDay(addDays(day, 1), zone) - 1;

/**
 * The day and the instant that a bound divides each form at. A day as a bound stands for all of it: `lte` and `gt` divide
 * at its end, `gte` and `lt` at its beginning. Days are always divided behind the day that is given.
 */
function divide(bound: TaskDate, atEnd: boolean, zone: string): { readonly day: Day; readonly instant: number } {
  if ('instant' in bound) return { day: lastDayBegun(bound.instant, zone), instant: bound.instant };
  if (atEnd) return { day: bound.day, instant: lastMoment(bound.day, zone) };
  return { day: addDays(bound.day, -1), instant: startOfDay(bound.day, zone) };
}

const BOUNDS = [
  { name: 'lt', day: '<=', instant: '<', atEnd: false },
  { name: 'lte', day: '<=', instant: '<=', atEnd: true },
  { name: 'gt', day: '>', instant: '>', atEnd: true },
  { name: 'gte', day: '>', instant: '>=', atEnd: false },
] as const;

/** The comparators of a date, in one form or in all. */
export function compareDate(
  comparison: Maybe<DateComparison>,
  form: Form | null,
  { zone }: Calendar,
  params: Parameters,
): string[] {
  const conditions: string[] = [];
  for (const { name, day, instant, atEnd } of BOUNDS) {
    const bound = comparison?.[name];
    if (bound == null) continue;
    const at = divide(bound, atEnd, zone);
    conditions.push(
      onForms(
        form,
        () => `t.due_on ${day} ${params.add(at.day, 'date')}`,
        () => `t.due_at ${instant} ${params.add(iso(at.instant), 'timestamptz')}`,
      ),
    );
  }
  const { eq, isNull } = comparison ?? {};
  if (eq != null) conditions.push(equal(eq, form, zone, params));
  if (isNull != null) {
    const undated = { day: 'false', instant: 'false', undated: 'true', all: `(${FORM_CONDITIONS.undated})` };
    conditions.push(`${undated[form ?? 'all']} = ${params.add(isNull, 'boolean')}`);
  }
  return conditions;
}

/** A day is itself and every instant of it; an instant is itself and no day. */
function equal(date: TaskDate, form: Form | null, zone: string, params: Parameters): string {
  const [day, first, last] =
    'day' in date
      ? [date.day, startOfDay(date.day, zone), lastMoment(date.day, zone)]
      : [null, date.instant, date.instant];
  return onForms(
    form,
    () => `t.due_on = ${params.add(day, 'date')}`,
    () =>
      `(t.due_at >= ${params.add(iso(first), 'timestamptz')} AND t.due_at <= ${params.add(iso(last), 'timestamptz')})`,
  );
}

/** The days of a bucket, the instants, and whether closed tasks are in it; the ends are outside. */
function rangeOf(bucket: DueBucket, { zone, now, weekStartsOn }: Calendar) {
  const today = dayAt(now, zone);
  if (bucket === 'OVERDUE') {
    return { days: ['-infinity', today], instants: ['-infinity', iso(now)], closed: false } as const;
  }
  const first = bucket === 'TODAY' ? today : weekOf(today, weekStartsOn);
  const end = addDays(first, bucket === 'TODAY' ? 1 : 7);
  const instants = [iso(startOfDay(first, zone)), iso(startOfDay(end, zone))] as const;
  return { days: [first, end], instants, closed: true } as const;
}
const WEEKDAYS: readonly Weekday[] = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];

/** The first day of the week that a day is in. */
const weekOf = (day: Day, first: Weekday): Day => addDays(day, -((weekday(day) - WEEKDAYS.indexOf(first) + 7) % 7));

/** What is overdue, due today or this week, by the calendar of the zone [PARSA-19]. */
export function compareDue(
  bucket: Maybe<DueBucket>,
  form: Form | null,
  calendar: Calendar,
  params: Parameters,
): string[] {
  if (bucket == null) return [];
  const { days, instants, closed } = rangeOf(bucket, calendar);
  const within = (column: string, type: string, [from, to]: readonly [string, string]) =>
    `(${column} >= ${params.add(from, type)} AND ${column} < ${params.add(to, type)})`;
  const range = onForms(
    form,
    () => within('t.due_on', 'date', days),
    () => within('t.due_at', 'timestamptz', instants),
  );
  return [range, `(${IS_OPEN} OR ${params.add(closed, 'boolean')})`];
}

/** What is in a view [CLOSE-26, CLOSE-27, CLOSE-28]: the same as `viewOf` says of each task. */
export function inView(view: Maybe<TaskView>, form: Form | null, calendar: Calendar, params: Parameters): string[] {
  if (view == null) return [];
  if (view === 'ARCHIVE') return [`t.status = 'COMPLETED'`];
  const tomorrow = addDays(dayAt(calendar.now, calendar.zone), 1);
  const operator = view === 'INBOX' ? '<' : '>=';
  const range = onForms(
    form,
    () => `t.due_on ${operator} ${params.add(tomorrow, 'date')}`,
    () => `t.due_at ${operator} ${params.add(iso(startOfDay(tomorrow, calendar.zone)), 'timestamptz')}`,
    view === 'INBOX',
  );
  return [IS_OPEN, range];
}

/** Groups of open tasks by when they are due: each task is in one. */
export const DUE_GROUPS = ['OVERDUE', 'TODAY', 'THIS_WEEK', 'LATER', 'UNDATED'] as const;
type DueGroup = (typeof DUE_GROUPS)[number];

/** The group of an open task, as an expression: the first that fits, with the ends that the due buckets have. */
export function dueGroup({ zone, now, weekStartsOn }: Calendar, params: Parameters): string {
  const today = dayAt(now, zone);
  const when = (group: DueGroup, day: Day, instant: number) =>
    `WHEN t.due_on < ${params.add(day, 'date')} OR t.due_at < ${params.add(iso(instant), 'timestamptz')} THEN '${group}'`;
  const before = (group: DueGroup, day: Day) => when(group, day, startOfDay(day, zone));
  return `CASE WHEN ${FORM_CONDITIONS.undated} THEN 'UNDATED' ${when('OVERDUE', today, now)}
    ${before('TODAY', addDays(today, 1))} ${before('THIS_WEEK', addDays(weekOf(today, weekStartsOn), 7))} ELSE 'LATER' END`;
}
