import { Account } from '../account/schema.ts';
import { checkFilter } from '../db/filter-limits.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import { DateTimeFilter, DeletedFilter, IdFilter, NullableIdFilter, OrderDirection } from '../graphql/filters.ts';
import { connect } from '../graphql/paging.ts';
import { uidOf } from '../ids.ts';
import { Fault } from '../refusals.ts';
import { ActivityStatus, ActivityType } from './enums.ts';
import { type ActivityFilter as Filter, simplified } from './filter.ts';
import { activitiesOfAccount, activityList } from './lists.ts';
import { DEFAULT_ORDER, type OrderTerm } from './order.ts';
import type { ActivityListing } from './pages.ts';
import { Activity } from './schema.ts';
import type { Activity as ActivityRow } from './store.ts';

const ActivityTypeFilter = builder.inputType('ActivityTypeFilter', {
  description: 'Compares how people met.',
  fields: (t) => ({
    eq: t.field({ type: ActivityType }),
    in: t.field({ type: [ActivityType] }),
    notIn: t.field({ type: [ActivityType] }),
  }),
});

const ActivityStatusFilter = builder.inputType('ActivityStatusFilter', {
  description: 'Compares a status.',
  fields: (t) => ({
    eq: t.field({ type: ActivityStatus }),
    in: t.field({ type: [ActivityStatus] }),
    notIn: t.field({ type: [ActivityStatus] }),
  }),
});

const ActivityFilter = builder.inputRef<Filter>('ActivityFilter').implement({
  description:
    'Which activities. All that is given must hold; an absent or null condition does not filter; `in: []` and `or: []` match nothing, `notIn: []` and `and: []` everything. At most 8 levels and 100 conditions.',
  fields: (t) => ({
    and: t.field({ type: [ActivityFilter], description: 'All of these hold.' }),
    or: t.field({ type: [ActivityFilter], description: 'At least one of these holds.' }),
    not: t.field({ type: ActivityFilter, description: 'This does not hold; what has no value matches.' }),
    id: t.field({ type: IdFilter }),
    accountId: t.field({ type: NullableIdFilter, description: 'Of the customer.' }),
    type: t.field({ type: ActivityTypeFilter }),
    status: t.field({ type: ActivityStatusFilter }),
    activityTimestamp: t.field({ type: DateTimeFilter, description: 'When it takes place, or took place.' }),
    createdAt: t.field({ type: DateTimeFilter, description: 'When it was logged.' }),
    creatorId: t.field({ type: IdFilter, description: 'Of the User who logged it.' }),
    search: t.string({
      description:
        'Words in the title or description, regardless of case and of accents; all of them, `"…"` for a phrase, `or` and `-` as people write them. Signs part words: `email` finds `call/email`, and of what is asked for as one, such as `INV-123`, the parts must follow each other. Whole words, but in Chinese, Japanese and Korean also parts of what is written without spaces. At most 500 characters; a blank one does not filter.',
    }),
    deleted: t.field({
      type: DeletedFilter,
      description: 'When it stands nowhere in the filter, those in the bin are left out.',
    }),
  }),
});

const ActivityOrderField = builder.enumType('ActivityOrderField', {
  description: 'What activities are ordered by.',
  values: {
    ACTIVITY_TIMESTAMP: { description: 'When it takes place, or took place.' },
    CREATED_AT: { description: 'When it was logged.' },
  },
});

const ActivityOrder = builder.inputType('ActivityOrder', {
  description: 'One term of an order. Ties go by `id`.',
  fields: (t) => ({
    field: t.field({ type: ActivityOrderField, required: true }),
    direction: t.field({ type: OrderDirection, required: true, defaultValue: 'ASC' }),
  }),
});

const ActivityConnection = connectionType<ActivityRow>('Activity', Activity, { of: 'activities' });

/** Which list is asked for; refuses what asks for too much. */
function listingOf(
  filter: Filter | null | undefined,
  orderBy: readonly OrderTerm[] | null | undefined,
): ActivityListing {
  const terms = orderBy?.length ? orderBy : DEFAULT_ORDER;
  if (new Set(terms.map(({ field }) => field)).size < terms.length) {
    throw new Fault('BAD_USER_INPUT', 'Order by at most two different fields.', { argument: 'orderBy' });
  }
  checkFilter(filter ?? {});
  return { filter: simplified(filter ?? {}), terms };
}

const ORDER = 'At most two terms. Without it: ACTIVITY_TIMESTAMP DESC.';

builder.queryFields((t) => ({
  activity: t.field({
    type: Activity,
    nullable: true,
    description: 'An activity by its id, deleted ones included. Null when there is none that the viewer may see.',
    args: { id: t.arg.id({ required: true, description: 'An activity’s id; any other finds nothing.' }) },
    resolve: (_root, { id }, { loaders, viewer }) => {
      const uid = uidOf('Activity', id);
      return uid === null ? null : loaders.activityByUid(viewer).load(uid);
    },
  }),
  activities: t.field({
    type: ActivityConnection,
    description: 'Activities that the viewer may see, newest first. Empty without CRM access.',
    args: {
      filter: t.arg({ type: ActivityFilter, description: 'Which ones; all but those in the bin when absent.' }),
      orderBy: t.arg({ type: [ActivityOrder], description: ORDER }),
      ...pageArgs(t.arg),
    },
    resolve: (_root, { filter, orderBy, ...page }, { runtime, viewer }) =>
      connect(page, activityList(runtime.db, viewer, listingOf(filter, orderBy))),
  }),
}));

builder.objectField(Account, 'activities', (t) =>
  t.field({
    type: ActivityConnection,
    description:
      'What happened with this customer, newest first, as far as the viewer may see it. Empty without CRM access.',
    args: {
      filter: t.arg({ type: ActivityFilter, description: 'Which of them; all but those in the bin when absent.' }),
      orderBy: t.arg({ type: [ActivityOrder], description: ORDER }),
      ...pageArgs(t.arg),
    },
    resolve: ({ id }, { filter, orderBy, ...page }, { loaders, viewer }) => {
      const listing = listingOf(filter, orderBy);
      const nested = loaders.activitiesOfAccounts(viewer)(listing);
      return connect(page, activitiesOfAccount(viewer, listing, nested, id));
    },
  }),
);
