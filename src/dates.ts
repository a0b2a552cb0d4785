import { type Day, isDay, startOfDay } from './time.ts';

/** A day or an instant, as it was given [CLOSE-06]. Instants are milliseconds since 1970. */
export type TaskDate = { readonly day: Day } | { readonly instant: number };

const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt]([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;
// A day is kept free at either end: whatever the zone, an instant falls on a day, and a day begins at an instant, whose
// year has four digits.
const EARLIEST_DAY = '0001-01-02';
const LATEST_DAY = '9999-12-30';
const EARLIEST = Date.parse('0001-01-02T00:00:00.000Z');
const LATEST = Date.parse('9999-12-30T23:59:59.999Z');

/** An RFC 3339 instant in milliseconds; null when the text is none, has no offset or names a moment that does not exist. */
export function parseInstant(text: string): number | null {
  if (!INSTANT.test(text) || !isDay(text.slice(0, 10))) return null;
  // More digits than milliseconds are cut off, not rounded into the future.
  const instant = Date.parse(text.toUpperCase().replace(/(\.\d{3})\d+/, '$1'));
  return isInstant(instant) ? instant : null;
}

/** Whether a number is an instant that a date can have. */
export const isInstant = (instant: number): boolean =>
  Number.isInteger(instant) && instant >= EARLIEST && instant <= LATEST;

/** Null when the text is neither a day nor an instant. */
export function parseTaskDate(text: string): TaskDate | null {
  if (isDay(text)) return text >= EARLIEST_DAY && text <= LATEST_DAY ? { day: text } : null;
  const instant = parseInstant(text);
  return instant === null ? null : { instant };
}

export const formatTaskDate = (date: TaskDate): string =>
  'day' in date ? date.day : new Date(date.instant).toISOString();

/** The date in a row's two columns, at most one of which is set. */
export function taskDateOf({
  dueOn,
  dueAt,
}: {
  readonly dueOn: Date | null;
  readonly dueAt: Date | null;
}): TaskDate | null {
  if (dueOn) return { day: dueOn.toISOString().slice(0, 10) };
  return dueAt ? { instant: dueAt.getTime() } : null;
}

export const dateColumns = (date: TaskDate | null) => ({
  dueOn: date && 'day' in date ? new Date(`${date.day}T00:00:00.000Z`) : null,
  dueAt: date && 'instant' in date ? new Date(date.instant) : null,
});

/** The moment that a date stands for in a zone: a day is its first one. */
export const momentOf = (date: TaskDate, zone: string): number =>
  'day' in date ? startOfDay(date.day, zone) : date.instant;
