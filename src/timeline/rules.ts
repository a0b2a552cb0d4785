import type { Key, Walk } from '../graphql/paging.ts';

export type EntryKind = 'ACTIVITY' | 'TASK';

/** Where an entry stands in a timeline. */
export interface Place {
  /** In milliseconds. */
  readonly at: number;
  readonly kind: EntryKind;
  readonly id: bigint;
}

/** At the same moment activities come before the tasks that came out of them. */
const RANKS: Readonly<Record<EntryKind, number>> = { ACTIVITY: 0, TASK: 1 };

export const isEntryKind = (part: unknown): part is EntryKind => part === 'ACTIVITY' || part === 'TASK';

export const keyOf = ({ at, kind, id }: Place): Key => [at, kind, String(id)];
const placeOf = ([at, kind, id]: Key): Place => ({
  at: at as number,
  kind: kind as EntryKind,
  id: BigInt(id as string),
});

/** The order of a timeline: newest first, then activities before tasks, then what was made last. */
export const byTime = (a: Place, b: Place): number =>
  b.at - a.at || RANKS[a.kind] - RANKS[b.kind] || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/** Ids begin with 1; no row has one of these. */
const [BEFORE_ALL, AFTER_ALL] = [0n, 9_223_372_036_854_775_807n];

/** An instant and an id, which no row has, or which the walk has passed. */
export interface Bound {
  readonly at: Date | 'infinity' | '-infinity';
  readonly id: bigint;
}

/**
 * What a walk begins behind among entries of one kind: those whose (at, id) is smaller, or on the way back greater. Entries
 * of the other kind at the moment of a cursor lie on one side of it all together.
 */
export function boundOf(kind: EntryKind, { from, backward }: Walk): Bound {
  if (from === null) return backward ? { at: '-infinity', id: BEFORE_ALL } : { at: 'infinity', id: AFTER_ALL };
  const place = placeOf(from);
  const at = new Date(place.at);
  if (kind === place.kind) return { at, id: place.id };
  return { at, id: RANKS[kind] > RANKS[place.kind] ? AFTER_ALL : BEFORE_ALL };
}

/** A page in the walk's direction, of as many entries of each kind as it could need. */
export const pageOf = <Entry extends Place>(entries: readonly Entry[], { backward, limit }: Walk): Entry[] =>
  entries.toSorted((a, b) => (backward ? byTime(b, a) : byTime(a, b))).slice(0, limit);
