import type { When } from '../kind.ts';

/** A job that is to be planned. */
export interface NewJob {
  /** Without a space. */
  readonly kind: string;
  /** Of one kind and key there is one job: scheduling it again moves it. */
  readonly key?: string;
  readonly due: When;
  readonly payload?: object;
  /** Where there is such a job already, it is never put off. */
  readonly atLatest?: boolean;
}

/** The earlier of the two, as far as they are given: an instant, and so long after the database's now. */
export interface Earliest {
  readonly at: Date | null;
  readonly inMs: number | null;
}

/** A job as a transaction leaves it: all that it has planned of one kind and key. */
export interface Planned extends Required<Omit<NewJob, 'due'>> {
  readonly due: Earliest;
}

/** What tells jobs apart. */
export const nameOf = ({ kind, key }: { readonly kind: string; readonly key: string }): string => `${kind} ${key}`;

const least = <Value extends Date | number>(a: Value | null, b: Value | null): Value | null =>
  a === null || (b !== null && b < a) ? b : a;

/** What is left to be planned when a job is planned once more: as if one had been written after the other. */
export function merged(
  there: Planned | undefined,
  { kind, key = '', due: when, payload = {}, atLatest = false }: NewJob,
): Planned {
  const due: Earliest = 'at' in when ? { at: when.at, inMs: null } : { at: null, inMs: when.inMs };
  if (!there || !atLatest) return { kind, key, due, payload, atLatest };
  const sooner = { at: least(there.due.at, due.at), inMs: least(there.due.inMs, due.inMs) };
  return { kind, key, due: sooner, payload, atLatest: there.atLatest };
}
