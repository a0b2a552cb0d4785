import { isIdPart, keyOfParts, type List } from '../graphql/paging.ts';
import type { EventRow } from './history.ts';
import type { createEventLoaders } from './loaders.ts';

/** What happened to a task, newest first. */
export const historyOfTask = (loaders: ReturnType<typeof createEventLoaders>, taskId: bigint): List<EventRow> => ({
  signature: `history.seq ${taskId}`,
  keyOf: ({ seq }) => [String(seq)],
  isKey: keyOfParts(isIdPart),
  read: ({ from, backward, limit }) =>
    loaders.history({ from: from && BigInt(from[0] as string), backward, limit }).load(taskId),
  count: () => loaders.historyCount(taskId),
});
