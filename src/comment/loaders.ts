import DataLoader from 'dataloader';
import { byLooking } from '../activity/loaders.ts';
import type { Reader } from '../db/database.ts';
import { loaderBy } from '../db/loader.ts';
import type { Walk } from '../graphql/paging.ts';
import { boundPages } from '../graphql/shown.ts';
import { type Comment, commentsByUids, countComments, listComments, type SubjectType } from './store.ts';

/** The comments of all subjects of a type: nested under a list they cost one statement a page, not one a row. */
function commentsOf(db: Reader, organizationId: bigint, type: SubjectType) {
  const pages = new Map<string, DataLoader<bigint, readonly Comment[]>>();
  const pageLoader = ({ from, backward, limit }: Walk) =>
    new DataLoader<bigint, readonly Comment[]>(async (ids) => {
      boundPages(ids.length, limit);
      const place = from && { at: new Date(from[0] as number), id: BigInt(from[1] as string) };
      const rows = await listComments(db, organizationId, type, ids, { from: place, backward, limit });
      const by = Map.groupBy(rows, ({ of }) => of);
      return ids.map((id) => by.get(id) ?? []);
    });
  const count = loaderBy(
    (ids: readonly bigint[]) => countComments(db, organizationId, type, ids),
    ({ of }) => of,
  );
  return {
    page: (walk: Walk, id: bigint) => {
      const key = JSON.stringify(walk);
      const found = pages.get(key) ?? pageLoader(walk);
      pages.set(key, found);
      return found.load(id);
    },
    count: async (id: bigint) => (await count.load(id))?.count ?? 0,
  };
}

export const createCommentLoaders = (db: Reader, organizationId: bigint) => ({
  /** By whom they may be seen is by whom their subject may. */
  commentByUid: byLooking((viewer) =>
    loaderBy(
      (uids: readonly string[]) => commentsByUids(db, organizationId, viewer, uids),
      ({ uid }) => uid,
    ),
  ),
  comments: { TASK: commentsOf(db, organizationId, 'TASK'), ACTIVITY: commentsOf(db, organizationId, 'ACTIVITY') },
});
