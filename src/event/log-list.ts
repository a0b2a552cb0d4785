import type { Viewer } from '../auth/viewer.ts';
import { type Connection, type PageArgs, sizeOf } from '../graphql/paging.ts';
import { Fault } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import { decodeCursor, encodeCursor, type LogCursor } from './cursor.ts';
import type { EventRow } from './history.ts';
import { countEvents, readStretch } from './pages.ts';
import { notOfThisLog, resyncRequired } from './pull.ts';

/** An event's place in its organization's log. */
export const eventCursor = ({ organizationUid }: Viewer, { seq, at }: Pick<EventRow, 'seq' | 'at'>): string =>
  encodeCursor({ organizationUid, seq, at: at.getTime() });

function placeOf({ organizationUid }: Viewer, after: string): LogCursor {
  const cursor = decodeCursor(after);
  if (cursor === null) throw new Fault('BAD_USER_INPUT', 'This is no log cursor.', { argument: 'after' });
  if (cursor.organizationUid !== organizationUid) throw notOfThisLog();
  return cursor;
}

/**
 * The organization's log, oldest first, as far as the viewer sees it. A page ends where it is full, or where as much of the
 * log was looked at as one page may: then it is shorter, and its end lies behind what was hidden.
 */
export function pageLog(
  { db, now }: Pick<Runtime, 'db' | 'now'>,
  viewer: Viewer,
  { first, after }: Pick<PageArgs, 'first' | 'after'>,
): Connection<EventRow> {
  const size = sizeOf(first, 'first');
  const from = after == null ? null : placeOf(viewer, after);

  const read = async () => {
    const { events, ...stretch } = await readStretch(db, viewer, from?.seq ?? null, size + 1);
    if (from && from.seq > stretch.lastSeq) throw notOfThisLog();
    if (stretch.pruned) throw resyncRequired();
    const shown = events.slice(0, size);
    const last = shown.at(-1);
    const isFull = events.length > size && last !== undefined;
    const end = isFull ? last : { seq: stretch.to, at: stretch.toAt ?? now() };
    return {
      edges: shown.map((node) => ({
        node,
        get cursor() {
          return eventCursor(viewer, node);
        },
      })),
      hasNextPage: isFull || stretch.to < stretch.lastSeq,
      hasPreviousPage: from !== null,
      endCursor: from?.seq === end.seq ? (after as string) : eventCursor(viewer, end),
    };
  };

  let page: ReturnType<typeof read> | undefined;
  let count: Promise<number> | undefined;
  return {
    page: () => (page ??= read()),
    totalCount: () => (count ??= countEvents(db, viewer)),
    logCursor: null,
  };
}
