import type { Reader, Tx } from '../db/database.ts';
import { Params } from '../db/params.ts';
import { composed, fixed } from '../db/statement.ts';
import { NOTIFICATION_COLUMNS, type NotificationRow } from '../event/store.ts';

const unread = fixed(
  'notification.unread',
  `SELECT count(*)::int AS count FROM notification n
   WHERE n.organization_id = $1 AND n.user_id = $2 AND n.read_at IS NULL`,
);
const all = fixed(
  'notification.count',
  'SELECT count(*)::int AS count FROM notification n WHERE n.organization_id = $1 AND n.user_id = $2',
);

const countBy = (statement: typeof unread) => async (db: Reader, organizationId: bigint, userId: bigint) =>
  (await db.rows<{ count: number }>(statement, organizationId, [userId]))[0]?.count ?? 0;

export const countUnread = countBy(unread);
export const countNotifications = countBy(all);

export interface NotificationPage {
  readonly unreadOnly: boolean;
  /** The seq of the row to start behind. */
  readonly from: bigint | null;
  /** Newest first, unless read backward. */
  readonly backward: boolean;
  readonly limit: number;
}

/** Someone's notifications, newest first. */
export function listNotifications(db: Reader, organizationId: bigint, userId: bigint, page: NotificationPage) {
  const params = new Params();
  const bound = page.from === null ? '' : `AND n.seq ${page.backward ? '>' : '<'} ${params.add(page.from)}`;
  const text = `SELECT ${NOTIFICATION_COLUMNS} FROM notification n
    WHERE n.organization_id = $1 AND n.user_id = ${params.add(userId)} ${page.unreadOnly ? 'AND n.read_at IS NULL' : ''} ${bound}
    ORDER BY n.seq ${page.backward ? 'ASC' : 'DESC'} LIMIT ${params.add(page.limit)}`;
  return db.rows<NotificationRow>(composed('notification.list', text), organizationId, params.values);
}

const bySeqs = fixed(
  'notification.bySeqs',
  `SELECT ${NOTIFICATION_COLUMNS} FROM notification n
   WHERE n.organization_id = $1 AND n.user_id = $2 AND n.seq = ANY ($3::bigint[])`,
);

/** Someone's notifications by their places in the log. */
export const notificationsBySeqs = (db: Reader, organizationId: bigint, userId: bigint, seqs: readonly bigint[]) =>
  db.rows<NotificationRow>(bySeqs, organizationId, [userId, seqs]);

const known = fixed(
  'notification.known',
  'SELECT n.seq FROM notification n WHERE n.organization_id = $1 AND n.user_id = $2 AND n.seq = ANY ($3::bigint[])',
);

/** Of places in the log, those at which someone was told something. */
export const knownSeqs = async (tx: Tx, userId: bigint, seqs: readonly bigint[]): Promise<bigint[]> =>
  (await tx.rows<{ seq: bigint }>(known, [userId, seqs])).map(({ seq }) => seq);

const read = fixed(
  'notification.read',
  `UPDATE notification n SET read_at = $4
   WHERE n.organization_id = $1 AND n.user_id = $2 AND n.seq = ANY ($3::bigint[]) AND n.read_at IS NULL`,
);

export const markRead = (tx: Tx, userId: bigint, seqs: readonly bigint[], at: Date) =>
  tx.rows(read, [userId, seqs, at]);

const readUpTo = fixed(
  'notification.readUpTo',
  `UPDATE notification n SET read_at = $4
   WHERE n.organization_id = $1 AND n.user_id = $2 AND n.read_at IS NULL AND n.seq <= COALESCE($3::bigint, 9223372036854775807)`,
);

/** Marks what is unread up to a place in the log; all of it when that is null. */
export const markReadUpTo = (tx: Tx, userId: bigint, seq: bigint | null, at: Date) =>
  tx.rows(readUpTo, [userId, seq, at]);
