import type { Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import type { RecordType } from '../db/generated/prisma/enums.ts';
import type { Batch } from '../event/batch.ts';
import type { Outward } from '../event/changes.ts';
import type { Applied, NamedRecord, Path, RecordState, Ref } from './rules.ts';
import type { RecordRows } from './store.ts';

/** Who and what a row names, with their ULIDs. */
export interface Named {
  readonly owner: Ref | null;
  readonly account: NamedRecord | null;
  readonly contact: NamedRecord | null;
  readonly lead: NamedRecord | null;
}

/**
 * A write to a record: its row as it was locked, and its state before and after, the same of one that comes out of the bin;
 * neither row nor `before` of a new one.
 */
export interface Entailing<Type extends RecordType, State> {
  readonly record: Ref;
  readonly row: RecordRows[Type] | null;
  readonly before: State | null;
  readonly after: State;
  readonly now: Date;
}

/** What a write has done to tasks beside. */
export type Entailed = Pick<Batch, 'events' | 'before'>;

/** What one kind of record has of its own; the rest of writing one is the same for all. */
export interface Noun<Type extends RecordType, State extends RecordState> {
  readonly type: Type;
  /** One before anything is set on it. */
  readonly blank: State;
  /** The record after a patch, or every reason against it. `path` is where the patch stands in the mutation's input. */
  readonly apply: (state: State, patch: Partial<State>, path: Path) => Applied<State>;
  readonly stateOf: (row: RecordRows[Type], named: Named) => State;
  /** The columns that a state is kept in. */
  readonly columnsOf: (state: State) => Readonly<Record<string, unknown>>;
  /** In the API's names and values, tags aside. */
  readonly outward: (state: State) => Outward;
  /** What its tasks derive from it; an account's nothing. */
  readonly derived: (state: State) => { readonly accountId: bigint | null; readonly leadId: bigint | null };
  /** What a write to one entails for tasks, in the same transaction, once its row is written. */
  readonly entails?: (tx: Tx, viewer: Viewer, write: Entailing<Type, State>) => Promise<Entailed | null>;
}
