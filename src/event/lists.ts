import type { Viewer } from '../auth/viewer.ts';
import type { Reader } from '../db/database.ts';
import { isIdPart, keyOfParts, type List } from '../graphql/paging.ts';
import { countHistory, type EventRow, listHistory } from './history.ts';

/** What happened to a task, newest first. */
export const historyOfTask = (db: Reader, { organizationId }: Viewer, taskId: bigint): List<EventRow> => ({
  signature: 'history.seq',
  keyOf: ({ seq }) => [String(seq)],
  isKey: keyOfParts(isIdPart),
  read: ({ from, backward, limit }) =>
    listHistory(db, organizationId, taskId, { from: from && BigInt(from[0] as string), backward, limit }),
  count: () => countHistory(db, organizationId, taskId),
});
