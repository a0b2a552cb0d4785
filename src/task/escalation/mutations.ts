import { builder } from '../../graphql/builder.ts';
import { INPUT } from '../../graphql/payload.ts';
import { taskPayload } from '../mutations.ts';
import { escalateTask } from './service.ts';

const EscalateTaskInput = builder.inputType('EscalateTaskInput', {
  description: 'Which task, and why it needs someone else.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'A task that is open and not in the bin.' }),
    reason: t.string({ required: true, description: '1 to 2,000 characters; they stand in the task’s history.' }),
  }),
});

builder.mutationField('escalateTask', (t) =>
  t.field({
    type: taskPayload('EscalateTaskPayload', 'The escalated task.'),
    description:
      'Tells whoever answers for the customer, and the task’s watchers, that it needs them. That is the owner of the task’s linked record, or its account’s where that has none, or one who is not active any more, cannot see the task or escalates it themselves. Who has muted TASK_ESCALATED is not told, and nobody in their place. Where there is neither owner nor watcher it is no error: nobody is told. The task itself does not change, nor does its version; its history has TASK_ESCALATED with the reason in any case.',
    args: { input: t.arg({ type: EscalateTaskInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => escalateTask(runtime, viewer, input),
  }),
);
