import { Columns, jsonOf } from '../../db/params.ts';
import { type Asked, isListed } from '../list/matching.ts';
import { type Clock, clockOf, passesAt } from './clock.ts';

/** A list as it is judged at an instant: a condition on `task t` that many share, and the parameters of this one as `p`. */
export interface Judged {
  readonly shape: string;
  /** What `p` has. */
  readonly columns: readonly string[];
  readonly types: readonly string[];
  readonly values: readonly unknown[];
  /** The values as JSON, under their columns' names: who asks the same at the same time has the same. */
  readonly row: string;
}

/** A list that somebody follows: the conditions of `tasks` itself, with what the filter names looked up once. */
export class LiveList {
  readonly asked: Asked;
  readonly clock: Clock;
  readonly #last = new Map<string, { readonly from: number; readonly to: number; readonly judged: Judged }>();

  constructor(asked: Asked) {
    this.asked = asked;
    this.clock = clockOf(asked.filter, asked.view);
  }

  /** At an instant; under a prefix of its own where two stand in one text. */
  at(instant: number, prefix = 'c'): Judged {
    const last = this.#last.get(prefix);
    if (last && last.from <= instant && instant < last.to) return last.judged;
    const columns = new Columns(prefix);
    const shape = isListed({ ...this.asked, now: instant }, columns);
    const { declared, types, values } = columns;
    const judged = { shape, columns: declared, types, values, row: jsonOf(columns.row) };
    const to = this.clock === 'instant' ? instant + 1 : passesAt(this.clock, this.asked.zone, instant, null);
    this.#last.set(prefix, { from: instant, to, judged });
    return judged;
  }
}

/** Values that are not the same at two instants, smallest first. */
export interface Ranges {
  /** Days that the condition divides at. */
  readonly days: readonly (readonly [string, string])[];
  /** Instants. */
  readonly instants: readonly (readonly [string, string])[];
}

/**
 * Which dates' tasks can match at one of two instants only: a comparison with a date comes out differently only for what
 * lies between the two values that it is compared with. Nothing but dates is compared with what the clock says.
 */
export function rangesBetween(from: Judged, to: Judged): Ranges {
  const between = (type: string) => {
    const ranges = from.values.flatMap((value, index): [string, string][] => {
      const [a, b] = [String(value), String(to.values[index])];
      return from.types[index] !== type || a === b ? [] : [a < b ? [a, b] : [b, a]];
    });
    return [...new Map(ranges.map((range) => [range.join(), range])).values()];
  };
  return { days: between('date'), instants: between('timestamptz') };
}
