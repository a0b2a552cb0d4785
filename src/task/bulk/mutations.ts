import { sightOf } from '../../auth/sight.ts';
import { builder } from '../../graphql/builder.ts';
import type { Context } from '../../graphql/context.ts';
import { nowOf } from '../../graphql/now.ts';
import { INPUT, payloadType } from '../../graphql/payload.ts';
import { argumentsBelow } from '../../graphql/selects.ts';
import { countShown } from '../../graphql/shown.ts';
import { Fault, Invalid, type Refusal, refused } from '../../refusals.ts';
import { TaskView } from '../enums.ts';
import { checkTaskFilter, type TaskFilter as Filter } from '../filter/filter.ts';
import { TaskFilter } from '../filter-inputs.ts';
import { Task } from '../schema.ts';
import { MAX_TASKS } from './rules.ts';
import { type BulkUpdated, bulkUpdateTasks } from './service.ts';

const BulkTaskSet = builder.inputType('BulkTaskSet', {
  description:
    'Exactly what every kind of task lets one change; at least one of the three. An absent field is left alone.',
  fields: (t) => ({
    assigneeId: t.id({
      description:
        'A User’s id. Null leaves the tasks to nobody, which one that has an assignee refuses where the organization wants one on every task.',
    }),
    date: t.field({ type: 'TaskDate', description: 'A day or an instant. Null leaves the tasks undated.' }),
    isComplete: t.boolean({
      description: 'True completes them; false reopens those that are complete, each with the status that it had.',
    }),
  }),
});

const BulkUpdateTasksInput = builder.inputType('BulkUpdateTasksInput', {
  description: 'Which tasks, and what to change on all of them.',
  fields: (t) => ({
    filter: t.field({
      type: TaskFilter,
      required: true,
      description:
        'As in `tasks`, LEAD alone when no `_type` stands in it; naming the ids of tasks that only this leaves out is refused. Without a `view` it needs a condition besides `_type` and `deleted`, and so does each filter of an `or`.',
    }),
    view: t.field({ type: TaskView, description: 'Only those in this view, which the filter narrows further.' }),
    timeZone: t.field({
      type: 'TimeZone',
      description: 'Where days begin, in the filter, the view and the order; the viewer’s zone when absent.',
    }),
    set: t.field({ type: BulkTaskSet, required: true }),
    dryRun: t.boolean({
      required: true,
      defaultValue: false,
      description: 'True changes nothing, and answers what would be changed or refused.',
    }),
    notify: t.boolean({
      required: true,
      defaultValue: true,
      description: 'False sends no notification of what this changes.',
    }),
  }),
});

/** Refuses a size that cannot be, as pages do. */
function checkFirst(first: unknown): void {
  if (typeof first === 'number' && first >= 1 && first <= MAX_TASKS) return;
  const most = MAX_TASKS.toLocaleString('en');
  throw new Fault('BAD_USER_INPUT', `This list shows 1 to ${most} tasks.`, { argument: 'first' });
}

/** Tasks as they are after the commit, so many of those that the viewer may see. */
async function shown(uids: readonly string[], first: number, context: Context) {
  const sight = sightOf(context.viewer);
  const loader = context.loaders.taskByUid(sight);
  // Who sees everything misses none; of anyone else's some may have left their sight, and others take their place.
  const asked = sight === 'ALL' ? uids.slice(0, first) : uids;
  const tasks = await Promise.all(asked.map((uid) => loader.load(uid)));
  return countShown(context, tasks.filter((task) => task !== null).slice(0, first));
}

const BulkUpdateTasksPayload = payloadType<BulkUpdated>('BulkUpdateTasksPayload', {
  description: 'What a bulk update changed; with `dryRun` what it would change.',
  fields: (t) => ({
    matchedCount: t.int({
      description: 'How many tasks match; 0 when it was refused.',
      resolve: ({ value }) => value?.matched ?? 0,
    }),
    updatedCount: t.int({
      description: 'How many of them were changed: those that are so already are not. 0 when it was refused.',
      resolve: ({ value }) => value?.uids.length ?? 0,
    }),
    batchId: t.id({
      nullable: true,
      description: 'What ties its notifications together. Null when nothing was changed, as with `dryRun`.',
      resolve: ({ value }) => value?.batchId ?? null,
    }),
    tasks: t.field({
      type: [Task],
      description:
        'The changed ones, with `dryRun` those that would be, as they are now; without those that left the viewer’s sight by it. In the order in which `tasks` listed them before: by date, or in the view ARCHIVE the latest completed first.',
      args: {
        first: t.arg.int({ required: true, defaultValue: 100, description: 'At most so many: 1 to 1,000.' }),
      },
      resolve: ({ value }, { first }, context) => shown(value?.uids ?? [], first, context),
    }),
  }),
});

/** What asks for too much ends a query; here it is a mistake in the input like any other. */
function refuseFilter(filter: Filter): Refusal[] {
  try {
    checkTaskFilter(filter);
    return [];
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return [new Invalid(fault.message, String(fault.extensions['argument']).split('.'))];
  }
}

builder.mutationFields((t) => ({
  bulkUpdateTasks: t.field({
    type: BulkUpdateTasksPayload,
    description:
      'Changes assignee, date or completion of all tasks that a filter or a view lets through, at most 1,000, in one transaction; each as `updateTask` would, with events of its own. When one refuses, such as a task in the bin, or one that cannot be opened again since another has its place, nothing is changed, and `path` is `["filter", "task_…"]` of each that does. More than 1,000 are refused with their number.',
    args: { input: t.arg({ type: BulkUpdateTasksInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, context, info) => {
      // Before anything is done, not when it is shown.
      for (const { first } of argumentsBelow(info, 'tasks')) checkFirst(first);
      const refusals = refuseFilter(input.filter);
      if (refusals.length > 0) return refused(...refusals);
      const { runtime, viewer } = context;
      const { filter, view, timeZone, set, dryRun, notify } = input;
      const asking = { filter, view, zone: timeZone ?? viewer.timeZone, now: nowOf(context) };
      return bulkUpdateTasks(runtime, viewer, { ...asking, set, dryRun, notify });
    },
  }),
}));
