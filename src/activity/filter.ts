import {
  bins,
  type Comparison,
  compare,
  compareDeleted,
  compareInstants,
  compareWords,
  type Deleted,
  everyFilter,
  hasWords,
  type InstantComparison,
  type Maybe,
  mustHold,
  type NullableComparison,
  renderTree,
  single,
  type Tree,
} from '../db/filter.ts';
import type { ActivityStatus, ActivityType } from '../db/generated/prisma/enums.ts';
import { idsIn, type KnownIds } from '../db/known-ids.ts';
import type { Parameters } from '../db/params.ts';
import { uidOf } from '../ids.ts';

/** What callers may ask of activities, in the API's words. An absent or null condition does not filter. */
export interface ActivityFilter extends Tree<ActivityFilter> {
  readonly id?: Maybe<Comparison<string>>;
  readonly accountId?: Maybe<NullableComparison<string>>;
  readonly type?: Maybe<Comparison<ActivityType>>;
  readonly status?: Maybe<Comparison<ActivityStatus>>;
  readonly activityTimestamp?: Maybe<InstantComparison>;
  readonly createdAt?: Maybe<InstantComparison>;
  readonly creatorId?: Maybe<Comparison<string>>;
  readonly search?: Maybe<string>;
  readonly deleted?: Maybe<Deleted>;
}

/** The same filter, where it must hold for one of a list of one: for it alone. */
export const simplified = (filter: ActivityFilter): ActivityFilter => ({
  ...filter,
  accountId: single(filter.accountId),
  creatorId: single(filter.creatorId),
  ...(filter.and != null && { and: filter.and.map(simplified) }),
});

/** The ids whose inner ones a filter needs before it can be rendered. */
export const namedIn = (filter: ActivityFilter): string[] =>
  everyFilter(filter).flatMap(({ accountId, creatorId }) => [...idsIn(accountId), ...idsIn(creatorId)]);

const uidsOf = (ids: readonly string[]) => ids.map((id) => uidOf('Activity', id)).filter((uid) => uid !== null);

// As the index of words has it.
const WORDS = `coalesce(a.title, '') || ' ' || coalesce(a.description, '')`;

const own =
  (known: KnownIds, params: Parameters) =>
  ({ id, accountId, type, status, activityTimestamp, createdAt, creatorId, search, deleted }: ActivityFilter) => [
    ...compare(id, 'a.uid', 'text', params, uidsOf),
    ...compare(accountId, 'a.account_id', 'bigint', params, known.of('Account')),
    ...compare(type, 'a.type', 'activity_type', params),
    ...compare(status, 'a.status', 'activity_status', params),
    ...compareInstants(activityTimestamp, 'a.activity_timestamp', params),
    ...compareInstants(createdAt, 'a.created_at', params),
    ...compare(creatorId, 'a.creator_id', 'bigint', params, known.of('User')),
    ...compareWords(search, WORDS, params),
    ...compareDeleted(deleted, 'a.deleted_at', params),
  ];

/** The filter as conditions on `activity a`, all of which must hold, the bin aside. */
export const renderFilter = (filter: ActivityFilter, known: KnownIds, params: Parameters): string[] =>
  renderTree(filter, own(known, params));

const LIVE = 'a.deleted_at IS NULL';
const BIN = 'a.deleted_at IS NOT NULL';

/** The conditions under which live activities, and those in the bin, can match; the bin only where the filter names it. */
export const binConditions = (filter: ActivityFilter): readonly string[] =>
  bins(filter).map((inBin) => (inBin ? BIN : LIVE));

/** What leaves few enough activities, so that they are gathered and then sorted. */
export type Reach =
  /** All of the organization's. */
  | 'everything'
  /** One account's or one person's, of which there is a range in the order of their time. */
  | 'range'
  /** What an index finds in no order that helps. */
  | 'gathered';

const isOne = (comparison: Maybe<Comparison<string>>) => comparison?.eq != null;
const isSome = (comparison: Maybe<Comparison<string>>) => comparison?.eq != null || comparison?.in != null;

/** How far a filter reaches, by the conditions that must hold. */
export function reachOf(filter: ActivityFilter): Reach {
  const held = mustHold(filter);
  if (held.some(({ id, search }) => isSome(id) || hasWords(search))) return 'gathered';
  if (held.some(({ accountId, creatorId }) => isOne(accountId) || isOne(creatorId))) return 'range';
  return held.some(({ accountId, creatorId }) => isSome(accountId) || isSome(creatorId)) ? 'gathered' : 'everything';
}
