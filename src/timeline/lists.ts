import DataLoader from 'dataloader';
import type { Viewer } from '../auth/viewer.ts';
import type { Reader } from '../db/database.ts';
import type { RecordType } from '../db/generated/prisma/enums.ts';
import type { Typed } from '../graphql/node.ts';
import { isIdPart, isInstantPart, keyOfParts, type List, nothing, type Walk } from '../graphql/paging.ts';
import { boundPages } from '../graphql/shown.ts';
import { boundOf, isEntryKind, keyOf, type Place, pageOf } from './rules.ts';
import { type Activity, countEntries, type Of, readActivities, readTasks, type Task } from './store.ts';

/** Whose sight decides: private activities are each person's own. */
export type Looking = Pick<Viewer, 'userId' | 'crmAccess'>;

export interface Entry extends Place {
  readonly item: Typed<Activity, 'Activity'> | Typed<Task, 'Task'>;
}

type OfRecord = Entry & { readonly of: bigint };

const taskEntry = ({ of, ...task }: Of<Task>): OfRecord => ({
  of,
  at: task.timelineAt.getTime(),
  kind: 'TASK',
  id: task.id,
  item: { ...task, __typename: 'Task' },
});

const activityEntry = ({ of, ...activity }: Of<Activity>): OfRecord => ({
  of,
  at: activity.activityTimestamp.getTime(),
  kind: 'ACTIVITY',
  id: activity.id,
  item: { ...activity, __typename: 'Activity' },
});

/** The timelines of all records of a kind, read together. */
export interface Timelines {
  readonly page: (id: bigint, walk: Walk) => Promise<readonly Entry[]>;
  readonly count: (id: bigint) => Promise<number>;
}

/** One page of all of them is two statements, one a kind of entry; and their counts are another, whatever their number. */
export function timelinesOf(db: Reader, organizationId: bigint, { userId }: Looking, type: RecordType): Timelines {
  const pages = new Map<string, DataLoader<bigint, readonly Entry[]>>();
  const pageLoader = (walk: Walk) =>
    new DataLoader<bigint, readonly Entry[]>(async (ids) => {
      boundPages(ids.length, walk.limit);
      const { backward, limit } = walk;
      const [tasks, activities] = await Promise.all([
        readTasks(db, organizationId, type, ids, { bound: boundOf('TASK', walk), backward, limit }),
        readActivities(db, organizationId, type, ids, userId, { bound: boundOf('ACTIVITY', walk), backward, limit }),
      ]);
      const entries = Map.groupBy([...tasks.map(taskEntry), ...activities.map(activityEntry)], ({ of }) => of);
      return ids.map((id) => pageOf(entries.get(id) ?? [], walk));
    });
  const counts = new DataLoader<bigint, number>(async (ids) => {
    const rows = await countEntries(db, organizationId, type, ids, userId);
    const of = new Map(rows.map((row) => [row.of, row.count]));
    return ids.map((id) => of.get(id) ?? 0);
  });
  return {
    page: (id, walk) => {
      const key = JSON.stringify(walk);
      const loader = pages.get(key) ?? pageLoader(walk);
      pages.set(key, loader);
      return loader.load(id);
    },
    count: (id) => counts.load(id),
  };
}

/** One record's timeline as a list. Without CRM access it is empty. */
export const timelineOf = ({ crmAccess }: Looking, timelines: Timelines, id: bigint): List<Entry> => ({
  signature: 'timeline',
  keyOf,
  isKey: keyOfParts(isInstantPart, isEntryKind, isIdPart),
  ...(crmAccess ? { read: (walk) => timelines.page(id, walk), count: () => timelines.count(id) } : nothing),
});
