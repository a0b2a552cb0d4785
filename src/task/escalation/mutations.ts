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
      'Tells the owner of the task’s linked record, or of its account when that has none, and the task’s watchers that it needs them. The task itself does not change, nor does its version; its history has TASK_ESCALATED with the reason.',
    args: { input: t.arg({ type: EscalateTaskInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => escalateTask(runtime, viewer, input),
  }),
);
