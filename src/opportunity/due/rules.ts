import { type Day, dayAt, nextTimeOfDay, timeOfDay } from '../../time.ts';
import type { OpportunityStatus } from '../rules.ts';

/** The name of the job that makes, once a day, what is due then. */
export const OPPORTUNITY_DUE = 'opportunity.due';

const HOUR = 6;

/** How long it is until the job is due: at 06:00 where the organization is, today's while that is to come. */
export const untilNextRun = (now: number, zone: string): number => nextTimeOfDay(now, HOUR, zone) - now;

/**
 * How long it is until the job is due where the organization's zone has just become this one: at once where today's 06:00
 * has passed there, since in the zone before it may be yet to come.
 */
export const untilFirstRun = (now: number, zone: string): number =>
  Math.max(0, timeOfDay(dayAt(now, zone), HOUR, zone) - now);

/** What of an opportunity its OPPORTUNITY_DUE goes by. */
export interface Deal {
  readonly status: OpportunityStatus;
  readonly closeDate: Day | null;
}

/** What becomes of an opportunity's OPPORTUNITY_DUE: one way where it has an open one, another where it has none. */
export interface Plan {
  readonly open: {
    /** MOVE gives the task the close date as its own. */
    readonly deed: 'MOVE' | 'COMPLETE' | 'CANCEL';
    readonly remembers: Day | null;
  };
  readonly none: { readonly makes: boolean; readonly remembers: Day | null };
}

/**
 * What a write to an opportunity entails; null where it entails nothing. `remembered` is the close date that a task was
 * made for: it is not made again until that date changes, whatever became of it. `before` is null for a new one, and where
 * time alone has passed `before` and `after` are the same.
 */
export function planDue(before: Deal | null, after: Deal, remembered: Day | null, today: Day): Plan | null {
  const { status, closeDate } = after;
  const isClosed = status !== 'OPEN' && before !== null && before.status !== status;
  const isDated = before !== null && before.closeDate !== closeDate;
  // A date that has changed is another one, though it should come back.
  const kept = isDated ? null : remembered;
  const makes = status === 'OPEN' && closeDate !== null && closeDate <= today && closeDate !== kept;
  if (!isClosed && !isDated && !makes) return null;
  const none = { makes, remembers: makes ? closeDate : kept };
  if (isClosed) return { open: { deed: 'COMPLETE', remembers: kept }, none };
  return { open: { deed: closeDate === null ? 'CANCEL' : 'MOVE', remembers: closeDate }, none };
}

const SAYS = ' is due to close';
const MAX_TITLE = 255;

/** The title of such a task: at most 255 characters, of which the name gives way. */
export const dueTitle = (name: string): string =>
  [...name]
    .slice(0, MAX_TITLE - SAYS.length)
    .join('')
    .trimEnd() + SAYS;
