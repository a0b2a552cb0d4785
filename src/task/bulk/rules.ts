import type { TaskDate } from '../../dates.ts';
import type { Maybe } from '../../db/filter.ts';
import { Invalid, type Refusal } from '../../refusals.ts';
import type { TaskFilter, TaskView } from '../filter/filter.ts';

/** The most tasks that one bulk update changes. */
export const MAX_TASKS = 1_000;

/** Exactly what every kind of task lets one change [CLOSE-32]; absent leaves it alone, null clears. */
export interface BulkSet {
  readonly assigneeId?: string | null | undefined;
  readonly date?: TaskDate | null | undefined;
  readonly isComplete?: boolean | null | undefined;
}

/**
 * What a filter leaves of all tasks: all of them, all of some kinds (or of the bin, or not of it), those that meet some
 * condition, or none. Said of the words alone: which tasks there are does not matter.
 */
export type Breadth = 'all' | 'kinds' | 'some' | 'none';

const NARROWEST: readonly Breadth[] = ['none', 'some', 'kinds', 'all'];
const BROADEST = NARROWEST.toReversed();
const NEGATED = { all: 'none', kinds: 'kinds', some: 'some', none: 'all' } as const;

/** The first of an order that stands among some; `otherwise` where there are none. */
const first = (order: readonly Breadth[], among: readonly Breadth[], otherwise: Breadth): Breadth =>
  order.find((breadth) => among.includes(breadth)) ?? otherwise;
const allHold = (parts: readonly Breadth[]) => first(NARROWEST, parts, 'all');
const anyHolds = (parts: readonly Breadth[]) => first(BROADEST, parts, 'none');

/** One condition, or one comparator of it. */
function ofValue(name: string, value: unknown): Breadth {
  if (value == null) return 'all';
  if (Array.isArray(value) && value.length === 0) return name === 'notIn' ? 'all' : 'none';
  if (Array.isArray(value) || value instanceof Date) return 'some';
  // A date's bound is an object too, a day or an instant in it; neither is a comparator, and both narrow.
  if (typeof value === 'object') return allHold(Object.entries(value).map(([each, inner]) => ofValue(each, inner)));
  return name === 'search' && String(value).trim() === '' ? 'all' : 'some';
}

/** Where tasks came from, and whether they are in the bin, says nothing of which ones are meant. */
const OF_KINDS = new Set(['_type', 'deleted']);

function ofCondition(name: string, value: unknown): Breadth {
  const breadth = ofValue(name, value);
  return OF_KINDS.has(name) && breadth !== 'all' ? 'kinds' : breadth;
}

/** What a filter leaves. Each branch of an `or` must narrow, and what matches nothing is narrow enough. */
export function breadthOf({ and, or, not, ...own }: TaskFilter): Breadth {
  return allHold([
    ...Object.entries(own).map(([name, value]) => ofCondition(name, value)),
    ...(and ?? []).map(breadthOf),
    ...(or == null ? [] : [anyHolds(or.map(breadthOf))]),
    ...(not == null ? [] : [NEGATED[breadthOf(not)]]),
  ]);
}

/** What is wrong with a bulk update whatever tasks there are. */
export function refuseBulk({
  filter,
  view,
  set,
}: {
  readonly filter: TaskFilter;
  readonly view: Maybe<TaskView>;
  readonly set: BulkSet;
}): Refusal[] {
  const refusals: Refusal[] = [];
  const breadth = breadthOf(filter);
  if (view == null && (breadth === 'all' || breadth === 'kinds')) {
    const why =
      'This would change every task: say which ones by a view, or by a condition besides `_type` and `deleted`; in an `or`, each filter needs one.';
    refusals.push(new Invalid(why, ['filter']));
  }
  if (Object.values(set).every((value) => value === undefined)) {
    refusals.push(new Invalid('Set at least one of assigneeId, date and isComplete.', ['set']));
  }
  if (set.isComplete === null) refusals.push(new Invalid('This cannot be null.', ['set', 'isComplete']));
  return refusals;
}

/** Why so many tasks are not changed. */
export const refuseMany = (count: number): Refusal => {
  const [matching, most] = [count, MAX_TASKS].map((number) => number.toLocaleString('en'));
  return new Invalid(`${matching} tasks match, and a bulk update changes at most ${most}. Ask for fewer.`, ['filter']);
};
