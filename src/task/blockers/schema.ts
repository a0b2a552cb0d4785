import type { GraphQLResolveInfo } from 'graphql';
import { builder } from '../../graphql/builder.ts';
import { pageArgs } from '../../graphql/connection.ts';
import type { Context } from '../../graphql/context.ts';
import { connect, type PageArgs } from '../../graphql/paging.ts';
import { INPUT } from '../../graphql/payload.ts';
import type { Parent } from '../list/matching.ts';
import { listingOf, TaskConnection } from '../listing.ts';
import { nestedTaskList } from '../lists.ts';
import { taskPayload } from '../mutations.ts';
import { Task } from '../schema.ts';
import { MAX_BLOCKERS } from './rules.ts';
import { addBlocker, removeBlocker } from './service.ts';

const LISTED = 'as far as the viewer may see them: of every kind, open and closed, not those in the bin; by DATE';

/** Tasks on one side of a task, batched over all tasks of an operation. */
async function beside(parent: Parent, id: bigint, page: PageArgs, context: Context, info: GraphQLResolveInfo) {
  const listing = await listingOf({ filter: { _type: { any: true } } }, context, info);
  return connect(page, nestedTaskList(context.loaders.tasksOf(context.viewer, parent, listing), listing, id));
}

builder.objectFields(Task, (t) => ({
  isBlocked: t.boolean({
    description:
      'Whether a task that is open and not deleted blocks it, one that the viewer may not see included. It informs: a blocked task may be completed all the same. It follows the blockers without a new version: with them, or a moment later where many wait or somebody is writing to the task.',
    resolve: ({ openBlockers }) => openBlockers > 0,
  }),
  blockedBy: t.field({
    type: TaskConnection,
    description: `The tasks that it waits for, ${LISTED}.`,
    args: pageArgs(t.arg),
    resolve: ({ id }, page, context, info) => beside('blocks', id, page, context, info),
  }),
  blocks: t.field({
    type: TaskConnection,
    description: `The tasks that wait for it, ${LISTED}.`,
    args: pageArgs(t.arg),
    resolve: ({ id }, page, context, info) => beside('blocked_by', id, page, context, info),
  }),
}));

const AddBlockerInput = builder.inputType('AddBlockerInput', {
  description: 'Which task waits for which.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The task that waits.' }),
    blockerId: t.id({ required: true, description: 'The task that is to be done first.' }),
  }),
});

const RemoveBlockerInput = builder.inputType('RemoveBlockerInput', {
  description: 'Which task waits for which no longer.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The task that waited.' }),
    blockerId: t.id({ required: true, description: 'The task that was to be done first; it may be in the bin.' }),
  }),
});

builder.mutationFields((t) => ({
  addBlocker: t.field({
    type: taskPayload('AddBlockerPayload', 'The task that waits.'),
    description: `Has a task wait for another one, of any kind. It is blocked while one of its blockers is open and not deleted; its assignee is told when the last one is completed. INVALID, naming the way round, where the blocker waits for the task itself, through others or not, and where the task has ${MAX_BLOCKERS} blockers. Adding a blocker again changes nothing.`,
    args: { input: t.arg({ type: AddBlockerInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => addBlocker(runtime, viewer, input),
  }),
  removeBlocker: t.field({
    type: taskPayload('RemoveBlockerPayload', 'The task that waited.'),
    description: 'Has a task wait for another one no longer. Removing what blocks it not changes nothing.',
    args: { input: t.arg({ type: RemoveBlockerInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => removeBlocker(runtime, viewer, input),
  }),
}));
