import type { Viewer } from '../auth/viewer.ts';
import type { Reader } from '../db/database.ts';
import { encodeCursor } from '../event/cursor.ts';
import type { NotificationRow } from '../event/store.ts';
import { isIdPart, keyOfParts, type List } from '../graphql/paging.ts';
import { countNotifications, countUnread, listNotifications } from './store.ts';

/** The viewer's notifications, newest first. */
export const notificationList = (
  db: Reader,
  { organizationId, userId }: Viewer,
  unreadOnly: boolean,
  logCursor: string | null,
): List<NotificationRow> => ({
  signature: 'notifications.seq',
  keyOf: ({ seq }) => [String(seq)],
  isKey: keyOfParts(isIdPart),
  read: ({ from, backward, limit }) =>
    listNotifications(db, organizationId, userId, {
      unreadOnly,
      from: from && BigInt(from[0] as string),
      backward,
      limit,
    }),
  count: () => (unreadOnly ? countUnread : countNotifications)(db, organizationId, userId),
  logCursor,
});

/** A notification's place in the log: `after` for a subscription. */
export const notificationCursor = ({ organizationUid }: Viewer, { seq, createdAt }: NotificationRow): string =>
  encodeCursor({ organizationUid, seq, at: createdAt.getTime() });
