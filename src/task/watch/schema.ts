import { builder } from '../../graphql/builder.ts';
import { INPUT } from '../../graphql/payload.ts';
import { countShown } from '../../graphql/shown.ts';
import { User } from '../../organization/schema.ts';
import { taskPayload } from '../mutations.ts';
import { Task } from '../schema.ts';
import { watchTask } from './service.ts';

builder.objectField(Task, 'watchers', (t) =>
  t.field({
    type: [User],
    description:
      'Who is told when it is completed, commented or escalated, by name: its creator, unless they said otherwise, and whoever chose to. People of the organization who may see it now.',
    resolve: async ({ id }, _args, context) => [...countShown(context, await context.loaders.watchersOf.load(id))],
  }),
);

const WatchTaskInput = builder.inputType('WatchTaskInput', {
  description: 'Which task to watch.',
  fields: (t) => ({ id: t.id({ required: true, description: 'A task that is not in the bin.' }) }),
});
const UnwatchTaskInput = builder.inputType('UnwatchTaskInput', {
  description: 'Which task not to watch any more.',
  fields: (t) => ({ id: t.id({ required: true, description: 'A task that is not in the bin.' }) }),
});

builder.mutationFields((t) => ({
  watchTask: t.field({
    type: taskPayload('WatchTaskPayload', 'The task that the viewer watches.'),
    description:
      'Has the viewer told of the task’s completion, comments and escalations. It changes nothing of the task, and watching twice is the same as once. Viewers may, too; API keys may not.',
    args: { input: t.arg({ type: WatchTaskInput, required: true, description: INPUT }) },
    resolve: (_root, { input: { id } }, { runtime, viewer }) => watchTask(runtime, viewer, { id, isWatching: true }),
  }),
  unwatchTask: t.field({
    type: taskPayload('UnwatchTaskPayload', 'The task that the viewer does not watch.'),
    description:
      'Ends what `watchTask` began; a creator need not watch either. Whoever is assigned to the task is still told of it.',
    args: { input: t.arg({ type: UnwatchTaskInput, required: true, description: INPUT }) },
    resolve: (_root, { input: { id } }, { runtime, viewer }) => watchTask(runtime, viewer, { id, isWatching: false }),
  }),
}));
