import type { Params } from '../db/params.ts';
import { isIdPart, isInstantPart, type Key, keyOfParts } from '../graphql/paging.ts';
import type { Activity } from './store.ts';

export interface OrderTerm {
  readonly field: 'ACTIVITY_TIMESTAMP' | 'CREATED_AT';
  readonly direction: 'ASC' | 'DESC';
}

/** Newest first. */
export const DEFAULT_ORDER: readonly OrderTerm[] = [{ field: 'ACTIVITY_TIMESTAMP', direction: 'DESC' }];

const COLUMNS = { ACTIVITY_TIMESTAMP: 'a.activity_timestamp', CREATED_AT: 'a.created_at' } as const;

export const signatureOf = (terms: readonly OrderTerm[]): string =>
  ['activities', ...terms.map(({ field, direction }) => `${field}.${direction}`)].join(' ');

/** An activity's place: for each term its instant, then its id. */
export const keyOf = (terms: readonly OrderTerm[], activity: Activity): Key => [
  ...terms.map(({ field }) => (field === 'CREATED_AT' ? activity.createdAt : activity.activityTimestamp).getTime()),
  String(activity.id),
];

export const isKeyOf = (terms: readonly OrderTerm[]) => keyOfParts(...terms.map(() => isInstantPart), isIdPart);

const walked = (terms: readonly OrderTerm[], backward: boolean) =>
  terms.map(({ field, direction }) => ({ column: COLUMNS[field], ascending: (direction === 'ASC') !== backward }));

/** ORDER BY of a walk; it ends in `id`, in the last term's direction. */
export function orderBy(terms: readonly OrderTerm[], backward: boolean): string {
  const along = walked(terms, backward);
  return [...along, { column: 'a.id', ascending: along.at(-1)?.ascending ?? true }]
    .map(({ column, ascending }) => `${column} ${ascending ? 'ASC' : 'DESC'}`)
    .join(', ');
}

/** The condition for what lies behind a key on a walk. A comparison of rows bounds the index; OR alone does not. */
export function boundary(terms: readonly OrderTerm[], key: Key, backward: boolean, params: Params): string {
  const along = walked(terms, backward);
  const behind = (index: number): string => {
    const term = along[index] as (typeof along)[0];
    const operator = term.ascending ? '>' : '<';
    const value = params.add(new Date(key[index] as number), 'timestamptz');
    if (index === along.length - 1) {
      return `(${term.column}, a.id) ${operator} (${value}, ${params.add(BigInt(key.at(-1) as string), 'bigint')})`;
    }
    return `(${term.column} ${operator}= ${value} AND (${term.column} ${operator} ${value} OR ${behind(index + 1)}))`;
  };
  return behind(0);
}
