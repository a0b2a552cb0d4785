import { everyFilter, type Maybe } from '../../db/filter.ts';
import { nextDayChange } from '../../time.ts';
import type { TaskFilter, TaskView } from '../filter/filter.ts';

/** What moves tasks into a list and out of it while nobody touches them: nothing, a new day, or any instant. */
export type Clock = 'none' | 'day' | 'instant';

/** By views and buckets, which are relative to now; ranges of dates are not. */
export function clockOf(filter: TaskFilter, view: Maybe<TaskView>): Clock {
  const buckets = everyFilter(filter).map(({ due }) => due);
  if (buckets.includes('OVERDUE')) return 'instant';
  return view === 'INBOX' || view === 'FUTURE' || buckets.some((due) => due != null) ? 'day' : 'none';
}

const changes = new Map<string, { readonly from: number; readonly to: number }>();

/** `nextDayChange`, worked out once for a zone and day. */
function dayEndsAt(instant: number, zone: string): number {
  const known = changes.get(zone);
  if (known && known.from <= instant && instant < known.to) return known.to;
  const to = nextDayChange(instant, zone);
  // Names come from callers: what is kept of them is bounded.
  if (changes.size >= 1_000) changes.clear();
  changes.set(zone, { from: instant, to });
  return to;
}

/**
 * The first instant after `at` at which time may move a task into a list or out of it: until then it is the same list.
 * `nextDue` is the first instant, `at` or later, that an open task of the organization is due at: it is overdue after that.
 */
export function passesAt(clock: Clock, zone: string, at: number, nextDue: number | null): number {
  if (clock === 'none') return Number.POSITIVE_INFINITY;
  const day = dayEndsAt(at, zone);
  return clock === 'day' || nextDue === null ? day : Math.min(day, nextDue + 1);
}
