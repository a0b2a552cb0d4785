import { Temporal } from 'temporal-polyfill';

// The one place that knows time zones. SQL is given days and instants: its own idea of a zone's past and future differs
// from Temporal's.

/** A calendar day, `YYYY-MM-DD`. */
export type Day = string;

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const OFFSET = /^([+-])(\d{2}):(\d{2})$/;
const MIN_OFFSET = -12 * 60;
const MAX_OFFSET = 14 * 60;

/** Whether the text is a day that exists. */
export function isDay(text: string): text is Day {
  if (!DAY.test(text) || text.startsWith('0000')) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

const known = new Map<string, string | null>();

/** The zone's name as Temporal writes it (`Europe/Paris`, `-08:00`); null when there is none of that name. */
export function parseTimeZone(text: string): string | null {
  const found = known.get(text);
  if (found !== undefined) return found;
  const zone = resolveTimeZone(text);
  // Names come from callers: what is kept of them is bounded.
  if (known.size < 2_000) known.set(text, zone);
  return zone;
}

function resolveTimeZone(text: string): string | null {
  const offset = OFFSET.exec(text);
  if (offset) {
    const minutes = (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1);
    if (minutes < MIN_OFFSET || minutes > MAX_OFFSET || Number(offset[3]) > 59) return null;
  } else if (!/^[A-Za-z][A-Za-z0-9._+/-]{0,63}$/.test(text)) {
    return null;
  }
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId;
  } catch {
    return null;
  }
}

/** The zone of an offset in hours as Close sends it (`-8`, `5.5`, `+5.75`) [CLOSE-08]; null when there is none. */
export function offsetTimeZone(hours: string): string | null {
  if (!/^[+-]?\d{1,2}(\.\d{1,2})?$/.test(hours)) return null;
  const minutes = Math.round(Number(hours) * 60);
  const [h, m] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return parseTimeZone(`${minutes < 0 ? '-' : '+'}${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
}

const starts = new Map<string, number>();

/** When a day begins in a zone, in milliseconds since 1970: its first moment, whatever the clocks do around midnight. */
export function startOfDay(day: Day, zone: string): number {
  const key = `${zone} ${day}`;
  const found = starts.get(key);
  if (found !== undefined) return found;
  const start = Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds;
  if (starts.size >= 20_000) starts.clear();
  starts.set(key, start);
  return start;
}

/** The day after (or, with a negative count, before). */
export const addDays = (day: Day, count: number): Day => Temporal.PlainDate.from(day).add({ days: count }).toString();

/** The calendar day that a zone's clocks show at an instant. */
export const dayAt = (instant: number, zone: string): Day =>
  Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).toPlainDate().toString();

/**
 * The last day that has begun at an instant. Mostly the day that the clocks show; where they are set back over midnight
 * they show yesterday again although today has begun.
 */
export function lastDayBegun(instant: number, zone: string): Day {
  let day = dayAt(instant, zone);
  for (let next = addDays(day, 1); startOfDay(next, zone) <= instant; next = addDays(next, 1)) day = next;
  return day;
}

/** The first moment after an instant at which a zone's clocks show another day, be it the next or, set back, the one before. */
export function nextDayChange(instant: number, zone: string): number {
  let at = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone);
  const day = at.toPlainDate();
  for (;;) {
    // As long as the clocks are not moved, midnight is as far as they say.
    const sinceMidnight = at.toPlainTime().since(Temporal.PlainTime.from('00:00')).total('milliseconds');
    const midnight = at.epochMilliseconds + 86_400_000 - Math.floor(sinceMidnight);
    const moved = at.getTimeZoneTransition('next');
    if (!moved || midnight < moved.epochMilliseconds) return midnight;
    if (!moved.toPlainDate().equals(day)) return moved.epochMilliseconds;
    at = moved;
  }
}

/** The day of the week, Monday being 0. */
export const weekday = (day: Day): number => Temporal.PlainDate.from(day).dayOfWeek - 1;

/**
 * The moment at which a zone's clocks show a full hour of a day; the first of two where they show it twice, and as much
 * later as they are put forward where they skip it.
 */
export const timeOfDay = (day: Day, hour: number, zone: string): number =>
  Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: zone, plainTime: { hour } }).epochMilliseconds;

/** The next moment after an instant at which a zone's clocks show a full hour, as `timeOfDay` finds it. */
export function nextTimeOfDay(instant: number, hour: number, zone: string): number {
  let day = dayAt(instant, zone);
  for (;;) {
    const moment = timeOfDay(day, hour, zone);
    if (moment > instant) return moment;
    day = addDays(day, 1);
  }
}

/** So much time: days of the calendar, and minutes as they pass. */
export interface Span {
  readonly days: number;
  readonly minutes: number;
}

/**
 * The moment so long before an instant. Days go first, back to the same time on the zone's clocks: where they skip it as
 * much later, where they show it twice the first of the two.
 */
export function spanBefore(instant: number, { days, minutes }: Span, zone: string): number {
  const clock = days > 0 ? Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone) : null;
  return (clock?.subtract({ days }).epochMilliseconds ?? instant) - minutes * 60_000;
}
