import DataLoader from 'dataloader';
import type { Viewer } from '../auth/viewer.ts';
import type { Reader } from '../db/database.ts';
import { KnownIds } from '../db/known-ids.ts';
import { Params } from '../db/params.ts';
import { type List, nothing, type Walk } from '../graphql/paging.ts';
import { boundPages } from '../graphql/shown.ts';
import { namedIn } from './filter.ts';
import { isKeyOf, keyOf, signatureOf } from './order.ts';
import { type ActivityListing, countCondition, nestedStatement, pageStatement } from './pages.ts';
import {
  type Activity,
  countActivities,
  countActivitiesOf,
  type Looking,
  readActivities,
  readNestedActivities,
} from './store.ts';

const common = ({ terms }: ActivityListing) => ({
  signature: signatureOf(terms),
  keyOf: (activity: Activity) => keyOf(terms, activity),
  isKey: isKeyOf(terms),
});

/** What a filter names is looked up once, in one statement, when a page or a count first needs it. */
function lookingUp(db: Reader, organizationId: bigint, { filter }: ActivityListing) {
  let known: Promise<KnownIds> | undefined;
  return () => (known ??= KnownIds.of(db, organizationId, namedIn(filter)));
}

/** The activities that a viewer sees, in an order, as one statement a page. Without CRM access none. */
export function activityList(db: Reader, viewer: Viewer, listing: ActivityListing): List<Activity> {
  const { organizationId, userId, crmAccess } = viewer;
  if (!crmAccess) return { ...common(listing), ...nothing };
  const lookUp = lookingUp(db, organizationId, listing);
  return {
    ...common(listing),
    read: async (walk) => {
      const asked = pageStatement(listing, await lookUp(), userId, walk);
      return asked ? readActivities(db, organizationId, asked.text, asked.params.values) : [];
    },
    count: async () => {
      const params = new Params();
      const where = countCondition(listing.filter, await lookUp(), userId, params);
      return where === null ? 0 : countActivities(db, organizationId, where, params.values);
    },
  };
}

/** The same list of every account, read together. */
export interface NestedActivities {
  readonly page: (accountId: bigint, walk: Walk) => Promise<readonly Activity[]>;
  readonly count: (accountId: bigint) => Promise<number>;
}

/** Under a list of accounts: one statement for all their pages, and one for all their counts. */
export function nestedActivities(
  db: Reader,
  organizationId: bigint,
  { userId }: Looking,
  listing: ActivityListing,
): NestedActivities {
  const lookUp = lookingUp(db, organizationId, listing);
  const pages = new Map<string, DataLoader<bigint, readonly Activity[]>>();
  const pageLoader = (walk: Walk) =>
    new DataLoader<bigint, readonly Activity[]>(async (ids) => {
      boundPages(ids.length, walk.limit);
      const asked = nestedStatement(listing, await lookUp(), userId, ids, walk);
      const rows = asked ? await readNestedActivities(db, organizationId, asked.text, asked.params.values) : [];
      const of = Map.groupBy(rows, ({ accountId }) => accountId);
      return ids.map((id) => of.get(id) ?? []);
    });
  const counts = new DataLoader<bigint, number>(async (ids) => {
    const params = new Params();
    const accounts = `a.account_id = ANY (${params.add([...ids], 'bigint[]')})`;
    const where = countCondition(listing.filter, await lookUp(), userId, params);
    const rows =
      where === null ? [] : await countActivitiesOf(db, organizationId, `${accounts} AND ${where}`, params.values);
    const of = new Map(rows.map(({ accountId, count }) => [accountId, count]));
    return ids.map((id) => of.get(id) ?? 0);
  });
  return {
    page: (accountId, walk) => {
      const key = JSON.stringify(walk);
      const loader = pages.get(key) ?? pageLoader(walk);
      pages.set(key, loader);
      return loader.load(accountId);
    },
    count: (accountId) => counts.load(accountId),
  };
}

/** One account's activities as a list. Without CRM access none. */
export const activitiesOfAccount = (
  { crmAccess }: Looking,
  listing: ActivityListing,
  nested: NestedActivities,
  accountId: bigint,
): List<Activity> => ({
  ...common(listing),
  ...(crmAccess ? { read: (walk) => nested.page(accountId, walk), count: () => nested.count(accountId) } : nothing),
});
