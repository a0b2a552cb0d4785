import type { Viewer } from '../auth/viewer.ts';
import type { Reader } from '../db/database.ts';
import type { Maybe } from '../db/filter.ts';
import type { List, Walk } from '../graphql/paging.ts';
import { boundPages } from '../graphql/shown.ts';
import type { TaskFilter, TaskView } from './filter/filter.ts';
import { type GroupBy, type GroupCount, groupsOf, groupsQuery } from './list/groups.ts';
import type { Asked, Parent } from './list/matching.ts';
import { type Asking, askedOf } from './list/service.ts';
import { countQuery, countsQuery, pageQuery, pagesQuery } from './list/statement.ts';
import { countTasks, countTasksBy, countTasksOf, readTasks, readTasksOf } from './list/store.ts';
import { comparator, isKeyOf, keyOf, signatureOf, type TaskOrder } from './order/order.ts';
import type { Task } from './store.ts';

export interface TaskListing {
  readonly filter: TaskFilter;
  readonly view: Maybe<TaskView>;
  readonly order: TaskOrder;
  /** When the list is read, in milliseconds: what is overdue, and which day is today. */
  readonly now: number;
  readonly logCursor: string | null;
}

const askingOf = ({ order, ...listing }: TaskListing): Asking => ({ ...listing, zone: order.zone });

/** Rows of a page's branches as the page: each branch gave as many as it has. */
const pageOf = (rows: readonly Task[], order: TaskOrder, { backward, limit }: Walk): Task[] =>
  rows.toSorted(comparator(order, backward)).slice(0, limit);

const ordered = ({ order, logCursor }: TaskListing) => ({
  signature: signatureOf(order),
  keyOf: (task: Task) => keyOf(order, task),
  isKey: isKeyOf(order),
  logCursor,
});

/** The tasks that a viewer sees, in an order, as one statement a page. */
export function taskList(db: Reader, viewer: Viewer, listing: TaskListing): List<Task> {
  const { organizationId } = viewer;
  let asked: Promise<Asked> | undefined;
  const ask = () => (asked ??= askedOf(db, viewer, askingOf(listing), null));
  return {
    ...ordered(listing),
    read: async (walk) =>
      pageOf(await readTasks(db, organizationId, pageQuery(await ask(), listing.order, walk)), listing.order, walk),
    count: async () => countTasks(db, organizationId, countQuery(await ask())),
  };
}

/** The same list of each of several parents: a page of all of them is one statement, and so are all counts. */
export function taskListsOf(db: Reader, viewer: Viewer, listing: TaskListing, parent: Parent) {
  const { organizationId } = viewer;
  let asked: Promise<Asked> | undefined;
  const ask = () => (asked ??= askedOf(db, viewer, askingOf(listing), parent));
  return {
    pages: async (ids: readonly bigint[], walk: Walk): Promise<Task[][]> => {
      boundPages(ids.length, walk.limit);
      const query = pagesQuery(await ask(), listing.order, walk, ids);
      const rows = Map.groupBy(await readTasksOf(db, organizationId, query), ({ of }) => of);
      return ids.map((id) => pageOf(rows.get(id) ?? [], listing.order, walk));
    },
    counts: async (ids: readonly bigint[]): Promise<number[]> => {
      const rows = await countTasksOf(db, organizationId, countsQuery(await ask(), ids));
      const counts = new Map(rows.map(({ of, count }) => [of, count]));
      return ids.map((id) => counts.get(id) ?? 0);
    },
  };
}

/** One parent's list among those that are read together. */
export const nestedTaskList = (
  lists: {
    readonly page: (walk: Walk, id: bigint) => Promise<Task[]>;
    readonly count: (id: bigint) => Promise<number>;
  },
  listing: TaskListing,
  id: bigint,
): List<Task> => ({
  ...ordered(listing),
  read: (walk) => lists.page(walk, id),
  count: () => lists.count(id),
});

/** How many tasks of a list there are of each group; by when they are due, the open ones of them. */
export async function taskGroups(
  db: Reader,
  viewer: Viewer,
  listing: TaskListing,
  groupBy: GroupBy,
): Promise<GroupCount[]> {
  const { filter } = listing;
  const counted = groupBy === 'DUE_GROUP' ? { and: [filter, { isOpen: true }] } : filter;
  const asked = await askedOf(db, viewer, askingOf({ ...listing, filter: counted }), null);
  return groupsOf(groupBy, await countTasksBy(db, viewer.organizationId, groupsQuery(asked, groupBy)));
}
