import type { RecordType } from '../db/generated/prisma/enums.ts';
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
}
