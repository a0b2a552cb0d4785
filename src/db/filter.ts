import { isStorable } from '../limits.ts';
import { escapeLike } from './like.ts';
import type { Parameters } from './params.ts';

// Filters as SQL, over any alias. What is absent or null does not filter; what stands together must all hold; `not` and
// `notIn` are complements, which what has no value matches. A text follows from which conditions stand there; what they
// hold is in parameters, so that equal questions are one prepared statement whatever they name.

export type Maybe<Value> = Value | null | undefined;

export interface Comparison<Value> {
  readonly eq?: Maybe<Value>;
  readonly in?: Maybe<readonly Value[]>;
  readonly notIn?: Maybe<readonly Value[]>;
}

/**
 * The same comparison, where one of a list of one is asked for: that one. An index keeps its order behind `=`, and loses
 * it behind `ANY`.
 */
export function single<Compared extends Comparison<string>>(comparison: Maybe<Compared>): Maybe<Compared> {
  const [only, ...more] = comparison?.in ?? [];
  return comparison != null && comparison.eq == null && only !== undefined && more.length === 0
    ? { ...comparison, eq: only, in: null }
    : comparison;
}

export interface NullableComparison<Value> extends Comparison<Value> {
  readonly isNull?: Maybe<boolean>;
}

export interface InstantComparison {
  readonly lt?: Maybe<Date>;
  readonly lte?: Maybe<Date>;
  readonly gt?: Maybe<Date>;
  readonly gte?: Maybe<Date>;
}

export interface TextComparison {
  readonly eq?: Maybe<string>;
  readonly in?: Maybe<readonly string[]>;
  readonly contains?: Maybe<string>;
}

/** A filter that may hold filters. */
export interface Tree<Filter> {
  readonly and?: Maybe<readonly Filter[]>;
  readonly or?: Maybe<readonly Filter[]>;
  readonly not?: Maybe<Filter>;
}

/** All of them hold. */
export const all = (conditions: readonly string[]): string =>
  conditions.length === 0 ? 'true' : conditions.join(' AND ');

const any = (conditions: readonly string[]): string =>
  conditions.length === 0 ? 'false' : `(${conditions.map((condition) => `(${condition})`).join(' OR ')})`;

/** It does not hold: of what has no value, nothing does. */
export const complement = (condition: string): string => `(${condition}) IS NOT TRUE`;

/** Whether something is so, as a caller says it. */
export const flag = (wanted: Maybe<boolean>, condition: string, params: Parameters): string[] =>
  wanted == null ? [] : [`(${condition}) = ${params.add(wanted, 'boolean')}`];

/** A filter with all that it holds, as conditions that must all hold; `own` renders what one filter says itself. */
export function renderTree<Filter extends Tree<Filter>>(filter: Filter, own: (filter: Filter) => string[]): string[] {
  const within = (inner: Filter): string => all(renderTree(inner, own));
  const conditions = own(filter);
  for (const inner of filter.and ?? []) conditions.push(`(${within(inner)})`);
  if (filter.or != null) conditions.push(any(filter.or.map(within)));
  if (filter.not != null) conditions.push(complement(within(filter.not)));
  return conditions;
}

/** Every filter in a tree, itself first. */
export const everyFilter = <Filter extends Tree<Filter>>(filter: Filter): Filter[] => [
  filter,
  ...[...(filter.and ?? []), ...(filter.or ?? []), ...(filter.not == null ? [] : [filter.not])].flatMap(everyFilter),
];

/** The filters in a tree that each must hold: itself and what stands in `and`. */
export const mustHold = <Filter extends Tree<Filter>>(filter: Filter): Filter[] => [
  filter,
  ...(filter.and ?? []).flatMap(mustHold),
];

const same = <Value>(values: readonly Value[]): readonly unknown[] => values;

/**
 * `eq`, `in`, `notIn` and `isNull` of a column. `stored` gives the values as the column has them and leaves out what
 * cannot be there, such as ids of nothing: those match nothing and exclude nothing.
 */
export function compare<Value>(
  comparison: Maybe<NullableComparison<Value>>,
  column: string,
  type: string,
  params: Parameters,
  stored: (values: readonly Value[]) => readonly unknown[] = same,
): string[] {
  if (comparison == null) return [];
  const { eq, in: among, notIn, isNull } = comparison;
  const oneOf = (values: readonly Value[]) => `${column} = ANY (${params.add([...stored(values)], `${type}[]`)})`;
  const conditions: string[] = [];
  if (eq != null) conditions.push(`${column} = ${params.add(stored([eq])[0] ?? null, type)}`);
  if (among != null) conditions.push(oneOf(among));
  if (notIn != null) conditions.push(complement(oneOf(notIn)));
  return [...conditions, ...flag(isNull, `${column} IS NULL`, params)];
}

const OPERATORS = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

/** A range of instants. */
export const compareInstants = (comparison: Maybe<InstantComparison>, column: string, params: Parameters): string[] =>
  (['lt', 'lte', 'gt', 'gte'] as const).flatMap((name) => {
    const bound = comparison?.[name];
    return bound == null ? [] : [`${column} ${OPERATORS[name]} ${params.add(bound.toISOString(), 'timestamptz')}`];
  });

const storable = (texts: readonly string[]) => texts.filter(isStorable);
// ICU's rules: the database's own locale may know ASCII's letters only.
const like = (part: string, params: Parameters) =>
  params.add(isStorable(part) ? `%${escapeLike(part)}%` : null, 'text');

/** A column of texts (`text[]`): one of them is so; `contains` regardless of case. */
export function compareTexts(comparison: Maybe<TextComparison>, column: string, params: Parameters): string[] {
  const { eq, in: among, contains } = comparison ?? {};
  const conditions: string[] = [];
  if (eq != null) conditions.push(`${column} @> ${params.add(isStorable(eq) ? [eq] : null, 'text[]')}`);
  if (among != null) conditions.push(`${column} && ${params.add(storable(among), 'text[]')}`);
  if (contains != null) {
    const part = like(contains, params);
    conditions.push(`EXISTS (SELECT 1 FROM unnest(${column}) AS entry WHERE entry COLLATE "und-x-icu" ILIKE ${part})`);
  }
  return conditions;
}

/** Whether words are asked for at all: a blank search does not filter. */
export const hasWords = (search: Maybe<string>): search is string => search != null && search.trim() !== '';

/**
 * Words in a text, as the indexes of words have them: in the one form of all spellings. `text` is an expression. What no
 * database can hold is in none.
 */
export const compareWords = (search: Maybe<string>, text: string, params: Parameters): string[] =>
  hasWords(search)
    ? [`search_words(${text}) @@ search_query(${params.add(isStorable(search) ? search : null, 'text')})`]
    : [];

/** What to do with what is in the bin. */
export type Deleted = 'EXCLUDE' | 'INCLUDE' | 'ONLY';
const IN_BIN: Readonly<Record<Deleted, readonly boolean[]>> = {
  EXCLUDE: [false],
  INCLUDE: [false, true],
  ONLY: [true],
};

export const compareDeleted = (deleted: Maybe<Deleted>, column: string, params: Parameters): string[] =>
  deleted == null ? [] : [`(${column} IS NOT NULL) = ANY (${params.add(IN_BIN[deleted], 'boolean[]')})`];

/**
 * Whether what is live and what is in the bin can match: the bin only where `deleted` stands somewhere in the filter.
 * Each is a range of its own in the indexes.
 */
export function bins<Filter extends Tree<Filter> & { readonly deleted?: Maybe<Deleted> }>(
  filter: Filter,
): readonly boolean[] {
  if (everyFilter(filter).every(({ deleted }) => deleted == null)) return [false];
  const demanded = mustHold(filter).flatMap(({ deleted }) => (deleted == null ? [] : [IN_BIN[deleted]]));
  return [false, true].filter((bin) => demanded.every((allowed) => allowed.includes(bin)));
}
