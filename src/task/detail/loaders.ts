import DataLoader from 'dataloader';
import { byLooking } from '../../activity/loaders.ts';
import type { Reader } from '../../db/database.ts';
import { boundRead, MAX_READ } from '../../graphql/shown.ts';
import { type Gathered, gatheredEmails } from './store.ts';

/** The most e-mails that one task shows. */
export const MAX_EMAILS = 1_000;

export const createDetailLoaders = (db: Reader, organizationId: bigint) => ({
  /** The e-mails that a task gathered, oldest first, as far as the viewer may see them: those of all tasks in one statement. */
  emailsOf: byLooking(
    (viewer) =>
      new DataLoader<bigint, readonly Gathered[]>(async (taskIds) => {
        const most = { ofEach: MAX_EMAILS, ofAll: MAX_READ + 1 };
        const rows = boundRead(await gatheredEmails(db, organizationId, viewer, taskIds, most));
        const of = Map.groupBy(rows, ({ taskId }) => taskId);
        return taskIds.map((id) => of.get(id) ?? []);
      }),
  ),
});
