import { checkComparison } from '../db/filter-limits.ts';
import { builder } from '../graphql/builder.ts';
import { pageArgs } from '../graphql/connection.ts';
import { nowOf } from '../graphql/now.ts';
import { connect } from '../graphql/paging.ts';
import { countShown } from '../graphql/shown.ts';
import { Fault } from '../refusals.ts';
import { upcoming } from './filter/upcoming.ts';
import { AssigneeFilter } from './filter-inputs.ts';
import type { GroupCount } from './list/groups.ts';
import { countedOf, listingOf, TaskConnection, whichArgs } from './listing.ts';
import { taskGroups, taskList } from './lists.ts';

// What a dashboard shows: what is due soon, and how much there is.

const MAX_DAYS = 366;

builder.enumType('DueGroup', {
  description: 'When open tasks are due, on the calendar of the list’s zone; each is in the first group that fits.',
  values: {
    OVERDUE: { description: 'Its day is over or its instant past.' },
    TODAY: { description: 'Dated today, and not past.' },
    THIS_WEEK: { description: 'Dated later in the week that today is in, from the organization’s first weekday.' },
    LATER: { description: 'Dated after that week.' },
    UNDATED: { description: 'Without a date.' },
  },
});

const TaskGroupBy = builder.enumType('TaskGroupBy', {
  description: 'What counts of tasks are grouped by, and what the keys are.',
  values: {
    STATUS: { description: 'Values of TaskStatus, from PENDING to CANCELLED.' },
    STAGE: { description: 'Ids of Stages; null for those in no pipeline.' },
    ASSIGNEE: { description: 'Ids of Users; null for those of nobody.' },
    DUE_GROUP: {
      description: 'Values of DueGroup, from OVERDUE to UNDATED, of open tasks; closed ones are not counted.',
    },
    TYPE: { description: 'Values of TaskType, from FOLLOW_UP to DEMO.' },
    PRIORITY: { description: 'Values of TaskPriority, from LOW to HIGH.' },
  },
});

const TaskCount = builder.objectRef<GroupCount>('TaskCount').implement({
  description: 'How many tasks there are of one group.',
  fields: (t) => ({
    key: t.exposeString('key', {
      nullable: true,
      description: 'The enum’s value or the id; null for tasks without a stage or an assignee.',
    }),
    count: t.exposeInt('count'),
  }),
});

builder.queryFields((t) => ({
  taskCounts: t.field({
    type: [TaskCount],
    description:
      'How many tasks of each group `tasks` lists with the same arguments. Grouped by an enum, each of its values is there, always in the same order, with 0 where there are none; by an id only those that have tasks, most first, what has none at last.',
    args: {
      ...whichArgs(t.arg, 'the filter, the view and the due groups'),
      groupBy: t.arg({ type: TaskGroupBy, required: true, description: 'What the counts are of.' }),
    },
    resolve: async (_root, { groupBy, ...which }, context) =>
      countShown(context, await taskGroups(context.runtime.db, context.viewer, countedOf(which, context), groupBy)),
  }),
  upcomingTasks: t.field({
    type: TaskConnection,
    description:
      'Open, dated tasks of every kind, the overdue ones and those up to the end of the day `days` after today (0: today), by date: what has been due longest comes first [PARSA-12].',
    args: {
      days: t.arg.int({ required: true, defaultValue: 7, description: `How many days after today: 0 to ${MAX_DAYS}.` }),
      assignee: t.arg({
        type: AssigneeFilter,
        description: 'Whose; the viewer’s when absent. An empty one does not filter: everyone’s.',
      }),
      timeZone: t.arg({
        type: 'TimeZone',
        description: 'Where days begin, in the range and the order; the viewer’s zone when absent.',
      }),
      ...pageArgs(t.arg),
    },
    resolve: async (_root, { days, assignee, timeZone, ...page }, context, info) => {
      if (days < 0 || days > MAX_DAYS) {
        throw new Fault('BAD_USER_INPUT', `Days after today are 0 to ${MAX_DAYS}.`, { argument: 'days' });
      }
      checkComparison(assignee ?? {}, 'assignee');
      const calendar = { zone: timeZone ?? context.viewer.timeZone, now: nowOf(context) };
      const filter = upcoming(days, assignee ?? { isMe: true }, calendar);
      const listing = await listingOf({ filter, timeZone }, context, info);
      return connect(page, taskList(context.runtime.db, context.viewer, listing));
    },
  }),
}));
