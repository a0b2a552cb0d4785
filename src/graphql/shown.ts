import { Fault } from '../refusals.ts';
import type { Context } from './context.ts';
import type { Loaders } from './loaders.ts';

/** Entries of lists in one answer, and in the pages that one statement reads for several parents. */
const MAX_SHOWN = 50_000;
export const MAX_READ = 25_000;

const shown = new WeakMap<Loaders, number>();

/**
 * Counts entries into what an answer shows; ends it when they are too many. What an operation may ask for by its pages is
 * judged before it runs (server/entries.ts); this holds where lists that are not paged multiply them.
 */
export function countShown<Entries extends readonly unknown[]>({ loaders }: Context, entries: Entries): Entries {
  const sum = (shown.get(loaders) ?? 0) + entries.length;
  shown.set(loaders, sum);
  if (sum > MAX_SHOWN) throw tooMany(MAX_SHOWN);
  return entries;
}

/** Refuses pages of so many parents together that they could not be held. */
export function boundPages(parents: number, limit: number): void {
  if (parents * (limit - 1) > MAX_READ) throw tooMany(MAX_READ);
}

/** Refuses rows of so many parents together that they could not be held; one more than that is asked for. */
export function boundRead<Rows extends readonly unknown[]>(rows: Rows): Rows {
  if (rows.length > MAX_READ) throw tooMany(MAX_READ);
  return rows;
}

const tooMany = (limit: number) =>
  new Fault(
    'LIMIT_EXCEEDED',
    `Lists within lists come to more than ${limit.toLocaleString('en')} entries. Ask for smaller pages.`,
    {
      limit,
    },
  );
