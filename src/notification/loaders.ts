import type DataLoader from 'dataloader';
import type { Reader } from '../db/database.ts';
import { loaderBy } from '../db/loader.ts';
import type { NotificationRow } from '../event/store.ts';
import { notificationsBySeqs } from './store.ts';

export function createNotificationLoaders(db: Reader, organizationId: bigint) {
  const byRecipient = new Map<bigint, DataLoader<bigint, NotificationRow | null>>();
  return {
    /** Someone's notifications by their places in the log. */
    notificationBySeq: (userId: bigint) => {
      const found =
        byRecipient.get(userId) ??
        loaderBy(
          (seqs: readonly bigint[]) => notificationsBySeqs(db, organizationId, userId, seqs),
          ({ seq }) => seq,
        );
      byRecipient.set(userId, found);
      return found;
    },
  };
}
