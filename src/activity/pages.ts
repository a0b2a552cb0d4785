import { listedActivityVisibleTo } from '../auth/activity-sight.ts';
import type { KnownIds } from '../db/known-ids.ts';
import { Params } from '../db/params.ts';
import type { Walk } from '../graphql/paging.ts';
import { type ActivityFilter, binConditions, reachOf, renderFilter } from './filter.ts';
import { boundary, type OrderTerm, orderBy } from './order.ts';
import { ACTIVITY_COLUMNS } from './store.ts';

/** Which activities, in which order. */
export interface ActivityListing {
  readonly filter: ActivityFilter;
  readonly terms: readonly OrderTerm[];
}

/** A statement's text and its parameters; null when nothing can match. */
export interface Asked {
  readonly text: string;
  readonly params: Params;
}

const either = (conditions: readonly string[]) =>
  conditions.length === 1 ? (conditions[0] as string) : `(${conditions.join(' OR ')})`;

/** What must hold of activities that a filter lets a viewer see in a list, bar the bin. */
const matching = (filter: ActivityFilter, known: KnownIds, viewerId: bigint, params: Params) =>
  [
    'a.organization_id = $1',
    listedActivityVisibleTo(params.add(viewerId, 'bigint')),
    ...renderFilter(filter, known, params),
  ].join(' AND ');

/**
 * One statement for a page. What an index has in the list's order is one range of it, limited to the page. What is narrower
 * is gathered by its own index, then sorted: there are few of them. Those in the bin are gathered.
 */
export function pageStatement(
  { filter, terms }: ActivityListing,
  known: KnownIds,
  viewerId: bigint,
  { from, backward, limit }: Walk,
): Asked | null {
  const params = new Params();
  const where = matching(filter, known, viewerId, params);
  const behind = from === null ? '' : ` AND ${boundary(terms, from, backward, params)}`;
  const page = `ORDER BY ${orderBy(terms, backward)} LIMIT ${params.add(limit, 'bigint')}`;
  const found = binConditions(filter);
  if (found.length === 0) return null;
  const range = (bin: string) =>
    `SELECT ${ACTIVITY_COLUMNS} FROM activity a WHERE ${where} AND ${bin}${behind} ${page}`;
  const gathered = (bin: string) =>
    `WITH found AS MATERIALIZED (
       SELECT a.id, a.activity_timestamp, a.created_at FROM activity a WHERE ${where} AND ${bin}${behind}
     ), page AS MATERIALIZED (SELECT a.* FROM found a ${page})
     SELECT ${ACTIVITY_COLUMNS} FROM page JOIN activity a ON a.organization_id = $1 AND a.id = page.id
     ORDER BY ${orderBy(terms, backward)}`;
  const reach = reachOf(filter);
  const isRange = reach === 'range' && terms[0]?.field === 'ACTIVITY_TIMESTAMP';
  if (isRange) return { text: range(either(found)), params };
  if (reach !== 'everything') return { text: gathered(either(found)), params };
  const parts = found.map((bin) => (bin.endsWith('NOT NULL') ? gathered(bin) : range(bin)));
  if (parts.length === 1) return { text: parts[0] as string, params };
  const columns = orderBy(terms, backward)
    .replaceAll('a.activity_timestamp', 'a."activityTimestamp"')
    .replaceAll('a.created_at', 'a."createdAt"');
  const text = `SELECT a.* FROM (${parts.map((part) => `(${part})`).join(' UNION ALL ')}) a
    ORDER BY ${columns} LIMIT ${params.add(limit, 'bigint')}`;
  return { text, params };
}

/** The condition for counting a whole list. */
export function countCondition(
  filter: ActivityFilter,
  known: KnownIds,
  viewerId: bigint,
  params: Params,
): string | null {
  const found = binConditions(filter);
  return found.length === 0 ? null : `${matching(filter, known, viewerId, params)} AND ${either(found)}`;
}

/** The same page of each account's activities, in one statement for all of them: each one range of the accounts' index. */
export function nestedStatement(
  { filter, terms }: ActivityListing,
  known: KnownIds,
  viewerId: bigint,
  accountIds: readonly bigint[],
  { from, backward, limit }: Walk,
): Asked | null {
  const params = new Params();
  const accounts = params.add([...accountIds], 'bigint[]');
  const where = countCondition(filter, known, viewerId, params);
  if (where === null) return null;
  const behind = from === null ? '' : ` AND ${boundary(terms, from, backward, params)}`;
  const text = `SELECT page.* FROM unnest(${accounts}) WITH ORDINALITY AS of(id, place) CROSS JOIN LATERAL (
      SELECT ${ACTIVITY_COLUMNS}, row_number() OVER (ORDER BY ${orderBy(terms, backward)}) AS nth
      FROM activity a WHERE a.account_id = of.id AND ${where}${behind}
      ORDER BY ${orderBy(terms, backward)} LIMIT ${params.add(limit, 'bigint')}
    ) page ORDER BY of.place, page.nth`;
  return { text, params };
}
