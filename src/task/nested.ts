import type { GraphQLResolveInfo } from 'graphql';
import { Activity } from '../activity/schema.ts';
import { builder } from '../graphql/builder.ts';
import type { Context } from '../graphql/context.ts';
import { connect, type PageArgs } from '../graphql/paging.ts';
import { Stage } from '../pipeline/schema.ts';
import { LinkedRecord } from '../record/schema.ts';
import { TaskFilter as TaskFilterInput } from './filter-inputs.ts';
import type { ParentColumn } from './list/matching.ts';
import { countedOf, type ListArgs, listArgs, listingOf, TaskConnection, type WhichArgs } from './listing.ts';
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
  args: Pick<WhichArgs, 'filter' | 'timeZone'>,
  context: Context,
): Promise<number> {
  const listing = countedOf(args, context);
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

builder.objectField(Activity, 'tasks', (t) =>
  t.field({
    type: TaskConnection,
    description: 'The follow-ups that came out of it, as far as the viewer may see them [THENA-A18].',
    args: listArgs(t.arg),
    resolve: ({ id }, args, context, info) => tasksOf('activity_id', id, args, context, info),
  }),
);

builder.objectFields(Stage, (t) => ({
  tasks: t.field({
    type: TaskConnection,
    description: 'The tasks that stand in it, as far as the viewer may see them [PARSA-28].',
    args: listArgs(t.arg, 'POSITION ASC; in the view ARCHIVE, COMPLETED_AT DESC'),
    resolve: ({ id }, args, context, info) => tasksOf('stage_id', id, args, context, info),
  }),
  taskCount: t.int({
    description: 'How many tasks `tasks` lists with this filter in this zone.',
    args: {
      filter: t.arg({ type: TaskFilterInput, description: 'Which ones; all of kind LEAD when absent.' }),
      timeZone: t.arg({
        type: 'TimeZone',
        description: 'Where days begin in the filter; the viewer’s zone when absent.',
      }),
    },
    resolve: ({ id }, args, context) => taskCountOf('stage_id', id, args, context),
  }),
}));
