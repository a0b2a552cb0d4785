import type { Comparison, Maybe } from '../../db/filter.ts';
import type { TaskFilter } from './filter.ts';

const single = <Compared extends Comparison<string>>(comparison: Maybe<Compared>): Maybe<Compared> => {
  const [only, ...more] = comparison?.in ?? [];
  return comparison != null && comparison.eq == null && only !== undefined && more.length === 0
    ? { ...comparison, eq: only, in: null }
    : comparison;
};

/**
 * The same filter, where it must hold for one of a list of one: for it alone. An index keeps its order behind `=`, and
 * loses it behind `ANY`.
 */
export const simplified = (filter: TaskFilter): TaskFilter => ({
  ...filter,
  assignee: single(filter.assignee),
  membershipId: single(filter.membershipId),
  accountId: single(filter.accountId),
  stageId: single(filter.stageId),
  ...(filter.and != null && { and: filter.and.map(simplified) }),
});
