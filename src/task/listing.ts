import type { ArgBuilder } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Maybe } from '../db/filter.ts';
import { readLogCursor } from '../event/service.ts';
import type { Types } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import type { Context } from '../graphql/context.ts';
import type { Loaders } from '../graphql/loaders.ts';
import { nowOf } from '../graphql/now.ts';
import { selects } from '../graphql/selects.ts';
import { Fault } from '../refusals.ts';
import { TaskView } from './enums.ts';
import { checkTaskFilter, type TaskFilter as Filter, type TaskView as View } from './filter/filter.ts';
import { reachOf } from './filter/reach.ts';
import { simplified } from './filter/simplify.ts';
import { TaskFilter } from './filter-inputs.ts';
import type { TaskListing } from './lists.ts';
import { defaultTerms, type OrderTerm } from './order/order.ts';
import { TaskOrder } from './order-inputs.ts';
import { Task, type TaskRow } from './schema.ts';

const MAX_TERMS = 2;

export const TaskConnection = connectionType<TaskRow>('Task', Task, { of: 'tasks', logCursor: true });

/** The arguments that say which tasks. */
export const whichArgs = (arg: ArgBuilder<Types>, zoned = 'the order, the filter and the view') => ({
  filter: arg({ type: TaskFilter, description: 'Which ones; all of kind LEAD when absent.' }),
  view: arg({ type: TaskView, description: 'Only those in this view, which the filter narrows further.' }),
  timeZone: arg({
    type: 'TimeZone',
    description: `Where days begin, in ${zoned}; the viewer’s zone when absent.`,
  }),
});

/** The arguments of every list of tasks. */
export const listArgs = (
  arg: ArgBuilder<Types>,
  defaultOrder = 'DATE ASC; in the view ARCHIVE, COMPLETED_AT DESC',
) => ({
  ...whichArgs(arg),
  orderBy: arg({ type: [TaskOrder], description: `At most two terms. Without it: ${defaultOrder}.` }),
  ...pageArgs(arg),
});

/** What those arguments are once graphql-js has read them. */
export interface WhichArgs {
  readonly filter?: Maybe<Filter>;
  readonly view?: Maybe<View>;
  readonly timeZone?: Maybe<string>;
}
export interface ListArgs extends WhichArgs {
  readonly orderBy?: Maybe<readonly OrderTerm[]>;
}

const logCursors = new WeakMap<Loaders, Promise<string>>();

/** Where the log stood before any list of the operation was read: right for each of them, and read once. */
function logCursorOf(context: Context): Promise<string> {
  const { loaders, runtime, viewer } = context;
  const found = logCursors.get(loaders) ?? readLogCursor(runtime, viewer, nowOf(context));
  logCursors.set(loaders, found);
  return found;
}

function termsOf({ orderBy, view }: ListArgs, ofStage: boolean): readonly OrderTerm[] {
  if (!orderBy?.length) {
    return ofStage && view !== 'ARCHIVE' ? [{ field: 'POSITION', direction: 'ASC' }] : defaultTerms(view);
  }
  if (orderBy.length > MAX_TERMS || new Set(orderBy.map(({ field }) => field)).size < orderBy.length) {
    throw new Fault('BAD_USER_INPUT', 'Order by at most two different fields.', { argument: 'orderBy' });
  }
  return orderBy;
}

/** A list as its arguments ask for it; refuses what cannot be, before anything is read. */
export async function listingOf(
  args: ListArgs,
  context: Context,
  info: GraphQLResolveInfo,
  ofStage = false,
): Promise<TaskListing> {
  const filter = args.filter ?? {};
  checkTaskFilter(filter);
  const terms = termsOf(args, ofStage);
  if (
    terms.some(({ field }) => field === 'POSITION') &&
    !ofStage &&
    !reachOf(simplified(filter), args.view).isOfStage
  ) {
    throw new Fault(
      'BAD_USER_INPUT',
      'Places are within a stage: order by POSITION in Stage.tasks, or with filter.stageId.eq.',
      { argument: 'orderBy' },
    );
  }
  return {
    filter,
    view: args.view,
    order: { terms, zone: args.timeZone ?? context.viewer.timeZone },
    now: nowOf(context),
    logCursor: selects(info, 'logCursor') ? await logCursorOf(context) : null,
  };
}

/** A list of which only counts are asked. */
export function countedOf({ filter, view, timeZone }: WhichArgs, context: Context): TaskListing {
  checkTaskFilter(filter ?? {});
  const order = { terms: [{ field: 'DATE', direction: 'ASC' }], zone: timeZone ?? context.viewer.timeZone } as const;
  return { filter: filter ?? {}, view, order, now: nowOf(context), logCursor: null };
}
