import { single } from '../../db/filter.ts';
import type { TaskFilter } from './filter.ts';

/** The same filter, where it must hold for one of a list of one: for it alone. */
export const simplified = (filter: TaskFilter): TaskFilter => ({
  ...filter,
  assignee: single(filter.assignee),
  membershipId: single(filter.membershipId),
  accountId: single(filter.accountId),
  stageId: single(filter.stageId),
  ...(filter.and != null && { and: filter.and.map(simplified) }),
});
