import { addDays, dayAt, startOfDay } from '../../time.ts';
import type { Calendar } from './dates.ts';
import type { TaskFilter } from './filter.ts';

/**
 * Open, dated tasks of every kind that are overdue or due up to the end of the day so many days after today [PARSA-12].
 */
export function upcoming(
  days: number,
  assignee: NonNullable<TaskFilter['assignee']>,
  { zone, now }: Pick<Calendar, 'zone' | 'now'>,
): TaskFilter {
  const last = addDays(dayAt(now, zone), days);
  const due: TaskFilter = { date: { lte: { day: last } } };
  // Where clocks were set back over midnight they show a day that has ended: what became overdue since lies beyond it.
  const hasEnded = startOfDay(addDays(last, 1), zone) <= now;
  return { _type: { any: true }, isOpen: true, assignee, ...(hasEnded ? { or: [due, { due: 'OVERDUE' }] } : due) };
}
