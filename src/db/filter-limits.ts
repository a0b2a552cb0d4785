import { Fault } from '../refusals.ts';
import type { Tree } from './filter.ts';

const MAX_DEPTH = 8;
const MAX_CONDITIONS = 100;
const MAX_ENTRIES = 1_000;
/** PostgreSQL has no words of more than 2,046 bytes. */
const MAX_SEARCH = 500;

const exceeded = (message: string, path: readonly string[]) =>
  new Fault('LIMIT_EXCEEDED', message, { argument: path.join('.') });

/** What somebody typed to search for: without the space around it; null when nothing is left. `argument` is where it stands. */
export function tidySearch(search: string | null | undefined, argument = 'search'): string | null {
  const tidy = search?.trim() ?? '';
  if (tidy.length > MAX_SEARCH) throw tooLong([argument]);
  return tidy === '' ? null : tidy;
}

const tooLong = (path: readonly string[]) =>
  exceeded(`What is searched for has at most ${MAX_SEARCH} characters.`, path);

/** Texts that are searched for; others are compared, and are equal to nothing when they are too long. */
const SEARCHED = new Set(['search', 'contains']);

/** One condition: a flag, a text, or comparators of texts and lists. */
function checkCondition(value: unknown, path: readonly string[]): void {
  if (typeof value === 'string' && value.length > MAX_SEARCH && SEARCHED.has(path.at(-1) as string)) {
    throw tooLong(path);
  }
  if (Array.isArray(value)) {
    if (value.length > MAX_ENTRIES) {
      throw exceeded(`A list in a filter has at most ${MAX_ENTRIES.toLocaleString('en')} entries.`, path);
    }
    return;
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return;
  for (const [name, inner] of Object.entries(value)) checkCondition(inner, [...path, name]);
}

/** The same of one comparison by itself: 1,000 entries in a list. `argument` is where it stands. */
export const checkComparison = (comparison: object, argument: string): void => checkCondition(comparison, [argument]);

/**
 * Refuses a filter that asks for too much before anything is read: more than 8 levels, 100 conditions, 1,000 entries in a
 * list or 500 characters to search for. `argument` is where it stands.
 */
export function checkFilter<Filter extends Tree<Filter>>(filter: Filter, argument = 'filter'): void {
  let conditions = 0;
  const visit = (node: Filter, depth: number, path: readonly string[]): void => {
    if (depth > MAX_DEPTH) throw exceeded(`A filter is at most ${MAX_DEPTH} levels deep.`, path);
    const { and, or, not, ...own } = node;
    const given = Object.entries(own).filter(([, value]) => value != null);
    const inner = [
      ...(and ?? []).map((each, index) => [each, ['and', String(index)]] as const),
      ...(or ?? []).map((each, index) => [each, ['or', String(index)]] as const),
      ...(not == null ? [] : [[not, ['not']] as const]),
    ];
    // One that says nothing counts as well, or there could be any number of them.
    conditions += given.length || (inner.length === 0 ? 1 : 0);
    if (conditions > MAX_CONDITIONS) throw exceeded(`A filter has at most ${MAX_CONDITIONS} conditions.`, path);
    for (const [name, value] of given) checkCondition(value, [...path, name]);
    for (const [each, way] of inner) visit(each, depth + 1, [...path, ...way]);
  };
  visit(filter, 1, [argument]);
}
