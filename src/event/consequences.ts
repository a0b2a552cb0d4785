import type { Tx } from '../db/database.ts';
import { EventKind } from '../db/generated/prisma/enums.ts';
import type { Actor, NewEvent } from './log.ts';

/** What a transaction has done so far. */
export interface Happened {
  /** In order; those of one task stand together. */
  readonly events: readonly NewEvent[];
  /** By task: its row before the write, as the database's JSON. */
  readonly before: ReadonlyMap<bigint, string>;
}

/** Whose deed it was, and when. */
export interface Deed {
  readonly actor: Actor;
  readonly at: Date;
}

/**
 * What follows by itself from what happened, whoever made it happen: a task that is not blocked any more, a watcher who is
 * told. It runs in the same transaction after the use case, and gives back all that has happened then. It looks at nothing
 * but events, so that no use case can forget it. Given by the app: the log knows no noun.
 */
export type Consequence = (tx: Tx, happened: Happened, deed: Deed) => Promise<Happened>;

const KINDS = Object.values(EventKind);
// What has been tagged is told before what has been changed; for the rest, kinds come as they are declared.
const rank = (kind: EventKind): number =>
  kind === 'TAG_ADDED' ? KINDS.indexOf('TASK_UPDATED') - 0.5 : KINDS.indexOf(kind);

const isSame = ({ subject: a }: NewEvent, { subject: b }: NewEvent) => a.type === b.type && a.id === b.id;

/** An event beside what happened already: next to those of its subject, and as a part of the one of its kind. */
export function alongside(events: readonly NewEvent[], added: NewEvent): NewEvent[] {
  const twin = events.findIndex((each) => isSame(each, added) && each.kind === added.kind);
  if (twin >= 0) {
    const { changes, notify = [], ...same } = events[twin] as NewEvent;
    const both = { ...same, changes: [...changes, ...added.changes], notify: [...notify, ...(added.notify ?? [])] };
    return events.with(twin, both);
  }
  const after = events.findLastIndex((each) => isSame(each, added) && rank(each.kind) < rank(added.kind));
  const first = events.findIndex((each) => isSame(each, added));
  const at = after >= 0 ? after + 1 : first >= 0 ? first : events.length;
  return events.toSpliced(at, 0, added);
}

/** What happened, and what came of it: `before` holds the rows of tasks that were not written to until then. */
export const joined = (
  { events, before }: Happened,
  added: readonly NewEvent[],
  images: ReadonlyMap<bigint, string>,
): Happened => ({
  events: added.reduce<readonly NewEvent[]>(alongside, events),
  // A row that was written twice is told of as it was before the first time.
  before: new Map([...images, ...before]),
});
