import type { Tx } from '../db/database.ts';
import { alongside } from './alongside.ts';
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

/** What happened, and what came of it: `before` holds the rows of tasks that were not written to until then. */
export const joined = (
  { events, before }: Happened,
  added: readonly NewEvent[],
  images: ReadonlyMap<bigint, string>,
): Happened => ({
  events: alongside(events, added),
  // A row that was written twice is told of as it was before the first time.
  before: new Map([...images, ...before]),
});
