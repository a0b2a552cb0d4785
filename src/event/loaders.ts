import DataLoader from 'dataloader';
import type { Viewer } from '../auth/viewer.ts';
import type { Reader } from '../db/database.ts';
import { loaderBy } from '../db/loader.ts';
import { boundPages } from '../graphql/shown.ts';
import { countHistories, type EventRow, eventsBySeqs, type HistoryPage, listHistories } from './history.ts';

/** Histories and single events; nested under a list they cost one statement, not one a row. */
export function createEventLoaders(db: Reader, organizationId: bigint) {
  const histories = new Map<string, DataLoader<bigint, EventRow[]>>();
  const count = loaderBy(
    (taskIds: readonly bigint[]) => countHistories(db, organizationId, taskIds),
    ({ taskId }) => taskId,
  );
  const bySeq = new Map<Viewer, DataLoader<bigint, EventRow | null>>();
  return {
    /** The same page of each task's history. */
    history: (page: HistoryPage) => {
      const key = `${page.from} ${page.backward} ${page.limit}`;
      const found = histories.get(key) ?? historyLoader(db, organizationId, page);
      histories.set(key, found);
      return found;
    },
    historyCount: async (taskId: bigint) => (await count.load(taskId))?.count ?? 0,
    /** Events by their places in the log, null for what the viewer may not see. */
    eventBySeq: (viewer: Viewer) => {
      const found =
        bySeq.get(viewer) ??
        loaderBy(
          (seqs: readonly bigint[]) => eventsBySeqs(db, viewer, seqs),
          ({ seq }) => seq,
        );
      bySeq.set(viewer, found);
      return found;
    },
  };
}

const historyLoader = (db: Reader, organizationId: bigint, page: HistoryPage) =>
  new DataLoader<bigint, EventRow[]>(async (taskIds) => {
    boundPages(taskIds.length, page.limit);
    const rows = await listHistories(db, organizationId, taskIds, page);
    const byTask = Map.groupBy(rows, ({ subjectId }) => subjectId);
    return taskIds.map((id) => byTask.get(id) ?? []);
  });
