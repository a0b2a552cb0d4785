import type { GraphQLResolveInfo } from 'graphql';
import { builder } from '../graphql/builder.ts';
import type { Context } from '../graphql/context.ts';
import { nowOf } from '../graphql/now.ts';
import { connect, type PageArgs } from '../graphql/paging.ts';
import { LinkedRecord } from '../record/schema.ts';
import { checkTaskFilter, type TaskFilter } from './filter/filter.ts';
import type { ParentColumn } from './list/matching.ts';
import { type ListArgs, listArgs, listingOf, TaskConnection } from './listing.ts';
import { nestedTaskList } from './lists.ts';

/**
 * The tasks of a parent that a column of theirs names, with the meaning of `Query.tasks`. Under a list of parents all of
 * them are one statement, and their counts another. For the resolver of a field whose arguments are `listArgs`.
 */
export async function tasksOf(
  parent: ParentColumn,
  id: bigint,
  args: ListArgs & PageArgs,
  context: Context,
  info: GraphQLResolveInfo,
) {
  const listing = await listingOf(args, context, info, parent === 'stage_id');
  const lists = context.loaders.tasksOf(context.viewer, parent, listing);
  return connect(args, nestedTaskList(lists, listing, id));
}

/** How many tasks a parent has: what `tasksOf` gives as its `totalCount`. */
export async function taskCountOf(
  parent: ParentColumn,
  id: bigint,
  filter: TaskFilter | null | undefined,
  context: Context,
): Promise<number> {
  checkTaskFilter(filter ?? {});
  const order = { terms: [{ field: 'DATE', direction: 'ASC' }], zone: context.viewer.timeZone } as const;
  const listing = { filter: filter ?? {}, view: null, order, now: nowOf(context), logCursor: null };
  return context.loaders.tasksOf(context.viewer, parent, listing).count(id);
}

const COLUMNS = {
  Account: 'account_id',
  Contact: 'contact_id',
  Lead: 'lead_id',
  Opportunity: 'opportunity_id',
} as const;

builder.interfaceField(LinkedRecord, 'tasks', (t) =>
  t.field({
    type: TaskConnection,
    description:
      'The tasks that are linked to it, or to a record that it derives from, as far as the viewer may see them.',
    args: listArgs(t.arg),
    resolve: (record, args, context, info) => tasksOf(COLUMNS[record.__typename], record.id, args, context, info),
  }),
);
