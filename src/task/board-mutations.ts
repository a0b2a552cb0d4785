import { builder } from '../graphql/builder.ts';
import { INPUT } from '../graphql/payload.ts';
import { restoreTask } from './bin/service.ts';
import { moveTask, reopenTask } from './move/service.ts';
import { taskPayload, VERSION } from './mutations.ts';

const ReopenTaskInput = builder.inputType('ReopenTaskInput', {
  description: 'Which task to open again.',
  fields: (t) => ({ id: t.id({ required: true }), expectedVersion: t.int({ description: VERSION }) }),
});

const MoveTaskInput = builder.inputType('MoveTaskInput', {
  description: 'Which task to move, and where to.',
  fields: (t) => ({
    id: t.id({ required: true }),
    stageId: t.id({
      required: true,
      description:
        'A stage of the task’s pipeline; of any pipeline, for a task that is in none. To move it to another pipeline, update its `pipelineId` and `stageId`.',
    }),
    expectedVersion: t.int({ description: VERSION }),
    afterTaskId: t.id({
      description: 'Puts it directly behind this task of that stage; null puts it first, absent last.',
    }),
  }),
});

const RestoreTaskInput = builder.inputType('RestoreTaskInput', {
  description: 'Which task to take out of the bin.',
  fields: (t) => ({ id: t.id({ required: true }) }),
});

builder.mutationFields((t) => ({
  reopenTask: t.field({
    type: taskPayload('ReopenTaskPayload', 'The opened task.'),
    description:
      'Opens a task again: a complete one with the status that it had, in the stage where it stood before the won one, and without its outcome; a cancelled one as PENDING. CONFLICT, naming the other, where another open task has its place: that of the same thread for INCOMING_EMAIL, of the same opportunity for OPPORTUNITY_DUE. Opening an open task changes nothing.',
    args: { input: t.arg({ type: ReopenTaskInput, required: true, description: INPUT }) },
    resolve: (_root, { input: { id, expectedVersion } }, { runtime, viewer }) =>
      reopenTask(runtime, viewer, { id, expectedVersion: expectedVersion ?? null }),
  }),
  moveTask: t.field({
    type: taskPayload('MoveTaskPayload', 'The moved task.'),
    description:
      'Moves a task to a stage and to a place within it. Into the won stage it is completed, out of it reopened; between other stages its status stays. Moving it to where it stands changes nothing.',
    args: { input: t.arg({ type: MoveTaskInput, required: true, description: INPUT }) },
    resolve: (_root, { input: { id, stageId, expectedVersion, afterTaskId } }, { runtime, viewer }) => {
      const spot = afterTaskId === undefined ? 'LAST' : afterTaskId === null ? 'FIRST' : { behind: afterTaskId };
      return moveTask(runtime, viewer, { id, stageId, expectedVersion: expectedVersion ?? null, spot });
    },
  }),
  restoreTask: t.field({
    type: taskPayload('RestoreTaskPayload', 'The restored task.'),
    description:
      'Takes a task out of the bin, back to its stage and its place there. Refused when the record that it is linked to is deleted, and with CONFLICT, naming the other, when it is open and another open task has its place: that of the same thread for INCOMING_EMAIL, of the same opportunity for OPPORTUNITY_DUE. Restoring a task that is not in the bin changes nothing.',
    args: { input: t.arg({ type: RestoreTaskInput, required: true, description: INPUT }) },
    resolve: (_root, { input: { id } }, { runtime, viewer }) => restoreTask(runtime, viewer, id),
  }),
}));
