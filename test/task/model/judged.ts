import { addDays, type Day, dayAt, startOfDay } from '../../../src/time.ts';
import { holdsWords } from '../../support/words.ts';

// The task list as the contract and DESIGN 2 say it, one task at a time, in plain TypeScript: what the gateway renders to
// SQL is held against this. It shares nothing with that but what a zone's days are (test/time.test.ts).

/** A task in the API's words. */
export interface ModelTask {
  readonly key: string;
  /** Its inner id: the last of every order. */
  readonly id: bigint;
  readonly _type: string;
  readonly type: string;
  readonly category: string | null;
  readonly status: string;
  readonly priority: string;
  readonly title: string;
  readonly description: string | null;
  /** A day, an instant in milliseconds, or undated. */
  readonly date: Day | number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly completedAt: number | null;
  readonly assignee: string | null;
  readonly assigneeMembership: string | null;
  readonly creator: string;
  readonly linkedType: string | null;
  readonly account: string | null;
  readonly contact: string | null;
  readonly lead: string | null;
  readonly opportunity: string | null;
  readonly activity: string | null;
  readonly pipeline: string | null;
  readonly stage: string | null;
  readonly automation: string | null;
  readonly tags: readonly string[];
  readonly isBlocked: boolean;
  readonly isDeleted: boolean;
  readonly isQueueRow: boolean;
}

/** Who asks, when and where. */
export interface Asked {
  readonly me: string;
  readonly seesAll: boolean;
  readonly now: number;
  readonly zone: string;
  /** 1 for Monday to 7 for Sunday. */
  readonly weekStartsOn: number;
}

export type Filter = Readonly<Record<string, unknown>>;

const OPEN = ['PENDING', 'IN_PROGRESS', 'ON_HOLD'];
const CUSTOMER = ['FOLLOW_UP_CALL', 'ACCOUNT_REVIEW', 'TRAINING_SESSION', 'ISSUE_RESOLUTION'];

export const isOpen = ({ status }: ModelTask) => OPEN.includes(status);
const given = (filter: Filter) => Object.entries(filter).filter(([, value]) => value != null);

/** Holds when every comparator that is given does. */
const all = (comparison: unknown, comparators: Readonly<Record<string, (wanted: never) => boolean>>): boolean =>
  given(comparison as Filter).every(([name, wanted]) => {
    const comparator = comparators[name];
    if (!comparator) throw new Error(`The model knows no comparator ${name}.`);
    return comparator(wanted as never);
  });

/** What has no value matches complements, and nothing else. */
const compared = (value: string | null) => ({
  eq: (wanted: string) => value === wanted,
  in: (among: readonly string[]) => value !== null && among.includes(value),
  notIn: (among: readonly string[]) => value === null || !among.includes(value),
  isNull: (wanted: boolean) => (value === null) === wanted,
});

const timed = (value: number | null) => {
  const against = (judge: (value: number, wanted: number) => boolean) => (wanted: string) =>
    value !== null && judge(value, Date.parse(wanted));
  return {
    lt: against((a, b) => a < b),
    lte: against((a, b) => a <= b),
    gt: against((a, b) => a > b),
    gte: against((a, b) => a >= b),
  };
};

/** A bound that is a day is all of it; one that is an instant lies behind the day that begins with it. */
function dated(date: Day | number | null, zone: string) {
  const start = (day: Day) => startOfDay(day, zone);
  const isDay = (bound: string) => !bound.includes('T');
  const before = (bound: string, inclusive: boolean): boolean => {
    if (date === null) return false;
    if (isDay(bound)) {
      const end = inclusive ? addDays(bound, 1) : bound;
      return typeof date === 'string' ? date < end : date < start(end);
    }
    const instant = Date.parse(bound);
    if (typeof date === 'string') return start(date) <= instant;
    return inclusive ? date <= instant : date < instant;
  };
  return {
    lt: (bound: string) => before(bound, false),
    lte: (bound: string) => before(bound, true),
    gt: (bound: string) => date !== null && !before(bound, true),
    gte: (bound: string) => date !== null && !before(bound, false),
    eq: (bound: string) => (isDay(bound) ? before(bound, true) && !before(bound, false) : date === Date.parse(bound)),
    isNull: (wanted: boolean) => (date === null) === wanted,
  };
}

export function inBucket(task: ModelTask, bucket: string, { now, zone, weekStartsOn }: Asked): boolean {
  const { date } = task;
  if (date === null) return false;
  const today = dayAt(now, zone);
  const within = (first: Day, behind: Day) =>
    typeof date === 'string'
      ? date >= first && date < behind
      : date >= startOfDay(first, zone) && date < startOfDay(behind, zone);
  if (bucket === 'OVERDUE') return isOpen(task) && (typeof date === 'string' ? date < today : date < now);
  if (bucket === 'TODAY') return within(today, addDays(today, 1));
  const weekday = new Date(`${today}T00:00:00Z`).getUTCDay() || 7;
  const first = addDays(today, -((weekday - weekStartsOn + 7) % 7));
  return within(first, addDays(first, 7));
}

/** Every condition of TaskFilter; one that is not here throws. */
const CONDITIONS: Readonly<Record<string, (task: ModelTask, wanted: never, asked: Asked) => boolean>> = {
  and: (task, filters: readonly Filter[], asked) => filters.every((filter) => holds(task, filter, asked)),
  or: (task, filters: readonly Filter[], asked) => filters.some((filter) => holds(task, filter, asked)),
  not: (task, filter: Filter, asked) => !holds(task, filter, asked),
  id: ({ key }, wanted) => all(wanted, compared(key)),
  _type: ({ _type }, wanted) => all(wanted, { ...compared(_type), any: () => true }),
  type: ({ type }, wanted) => all(wanted, compared(type)),
  category: ({ category }, wanted) => all(wanted, compared(category)),
  audience: ({ category }, wanted: string) =>
    category !== null && (CUSTOMER.includes(category) ? 'CUSTOMER' : 'INTERNAL') === wanted,
  status: ({ status }, wanted) => all(wanted, compared(status)),
  priority: ({ priority }, wanted) => all(wanted, compared(priority)),
  isComplete: ({ status }, wanted: boolean) => (status === 'COMPLETED') === wanted,
  isOpen: (task, wanted: boolean) => isOpen(task) === wanted,
  isBlocked: ({ isBlocked }, wanted: boolean) => isBlocked === wanted,
  date: ({ date }, wanted, { zone }) => all(wanted, dated(date, zone)),
  due: inBucket,
  createdAt: ({ createdAt }, wanted) => all(wanted, timed(createdAt)),
  updatedAt: ({ updatedAt }, wanted) => all(wanted, timed(updatedAt)),
  completedAt: ({ completedAt }, wanted) => all(wanted, timed(completedAt)),
  assignee: ({ assignee }, wanted, { me }) =>
    all(wanted, { ...compared(assignee), isMe: (mine: boolean) => (assignee === me) === mine }),
  membershipId: ({ assigneeMembership }, wanted) => all(wanted, compared(assigneeMembership)),
  creatorId: ({ creator }, wanted) => all(wanted, compared(creator)),
  leadId: ({ lead }, wanted) => all(wanted, compared(lead)),
  accountId: ({ account }, wanted) => all(wanted, compared(account)),
  contactId: ({ contact }, wanted) => all(wanted, compared(contact)),
  opportunityId: ({ opportunity }, wanted) => all(wanted, compared(opportunity)),
  activityId: ({ activity }, wanted) => all(wanted, compared(activity)),
  linkedRecordType: ({ linkedType }, wanted) => all(wanted, compared(linkedType)),
  pipelineId: ({ pipeline }, wanted) => all(wanted, compared(pipeline)),
  stageId: ({ stage }, wanted) => all(wanted, compared(stage)),
  automationId: ({ automation }, wanted) => all(wanted, compared(automation)),
  tag: ({ tags }, wanted) =>
    all(wanted, {
      eq: (tag: string) => tags.includes(tag),
      in: (among: readonly string[]) => tags.some((tag) => among.includes(tag)),
      contains: (part: string) => tags.some((tag) => tag.toLowerCase().includes(part.toLowerCase())),
    }),
  search: ({ title, description }, wanted: string) => holdsWords(`${title} ${description ?? ''}`, wanted),
  deleted: ({ isDeleted }, wanted: string) => wanted === 'INCLUDE' || isDeleted === (wanted === 'ONLY'),
};

function holds(task: ModelTask, filter: Filter, asked: Asked): boolean {
  return given(filter).every(([name, wanted]) => {
    const condition = CONDITIONS[name];
    if (!condition) throw new Error(`The model knows no condition ${name}.`);
    return condition(task, wanted as never, asked);
  });
}

/** Whether a condition stands anywhere in a filter's tree, with something to compare. */
function stands(filter: Filter, condition: string): boolean {
  return given(filter).some(([name, value]) => {
    if (name === 'not') return stands(value as Filter, condition);
    if (name === 'and' || name === 'or') return (value as Filter[]).some((inner) => stands(inner, condition));
    return name === condition && (typeof value !== 'object' || given(value as Filter).length > 0);
  });
}

/** The view that a task is in; null when it is cancelled. */
export function viewOfModel(task: ModelTask, { now, zone }: Asked): string | null {
  if (task.status === 'COMPLETED') return 'ARCHIVE';
  if (!isOpen(task)) return null;
  const tomorrow = addDays(dayAt(now, zone), 1);
  const { date } = task;
  if (date === null) return 'INBOX';
  return (typeof date === 'string' ? date < tomorrow : date < startOfDay(tomorrow, zone)) ? 'INBOX' : 'FUTURE';
}

/** Whether a task is in the list of this filter and view. */
export function isListed(task: ModelTask, filter: Filter, view: string | null, asked: Asked): boolean {
  if (task.isQueueRow) return false;
  if (!asked.seesAll && task.assignee !== asked.me && task.creator !== asked.me) return false;
  if (!stands(filter, '_type') && task._type !== 'LEAD') return false;
  if (!stands(filter, 'deleted') && task.isDeleted) return false;
  if (view !== null && viewOfModel(task, asked) !== view) return false;
  return holds(task, filter, asked);
}
