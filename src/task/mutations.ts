import { sightOf } from '../auth/sight.ts';
import { builder } from '../graphql/builder.ts';
import type { Context } from '../graphql/context.ts';
import { INPUT, payloadType } from '../graphql/payload.ts';
import { Invalid, NotAllowed, type Refusal, refused } from '../refusals.ts';
import { deleteTask } from './bin/service.ts';
import { TaskCategory, TaskKind, TaskPriority, TaskStatus, TaskType } from './enums.ts';
import { Task } from './schema.ts';
import { completeTask, createTask, type NewTask, updateTask, type Written } from './service.ts';

/** A task as it is after the commit. */
const written = (uid: string | null | undefined, { loaders, viewer }: Context) =>
  uid == null ? null : loaders.taskByUid(sightOf(viewer)).load(uid);

/** A payload whose object is a task. */
export const taskPayload = (name: string, description: string) =>
  payloadType<Written>(name, {
    description,
    fields: (t) => ({
      task: t.field({
        type: Task,
        nullable: true,
        description: 'Null when it was refused, or when the change took it out of the viewer’s sight.',
        resolve: ({ value }, _args, context) => written(value?.uid, context),
      }),
    }),
  });

export const VERSION = 'Refuses with CONFLICT unless the task is at this version.';
const NOTIFY = 'False sends no notification of the assignment.';

export const CreateTaskInput = builder.inputType('CreateTaskInput', {
  description: 'A new task. It needs a title and a record to be about.',
  fields: (t) => ({
    _type: t.field({
      type: TaskKind,
      required: true,
      defaultValue: 'LEAD',
      description: 'Only LEAD: the others come from calls, e-mails, SMS and dates.',
    }),
    title: t.string({ required: true, description: '1 to 255 characters.' }),
    description: t.string({ description: 'At most 32 KiB.' }),
    type: t.field({ type: TaskType, required: true, defaultValue: 'FOLLOW_UP' }),
    category: t.field({ type: TaskCategory }),
    status: t.field({ type: TaskStatus, description: 'PENDING when absent, COMPLETED when created in the won stage.' }),
    priority: t.field({ type: TaskPriority, required: true, defaultValue: 'LOW' }),
    date: t.field({ type: 'TaskDate', description: 'A day or an instant; which of the two it was is kept.' }),
    assigneeId: t.id({ description: 'A User’s id.' }),
    accountId: t.id({
      description:
        'At least one of `accountId` and `linkedRecordId`, except for a follow-up; alone it links to the account.',
    }),
    linkedRecordId: t.id({
      description:
        'An account’s, contact’s, lead’s or opportunity’s id. An `accountId` beside it must be that record’s.',
    }),
    activityId: t.id({ description: 'The activity that it came out of, which may be of another account.' }),
    pipelineId: t.id({
      description:
        'The pipeline that it is to stand in: in its default stage, or in its won stage when created complete, unless `stageId` says where.',
    }),
    stageId: t.id({
      description: 'A stage of that pipeline; alone it says the pipeline too. The won stage completes the task.',
    }),
    attachmentUrls: t.stringList({ required: true, defaultValue: [], description: 'At most 20, of http or https.' }),
    tags: t.stringList({ required: true, defaultValue: [], description: 'At most 50, each of 1 to 64 characters.' }),
    notify: t.boolean({ required: true, defaultValue: true, description: NOTIFY }),
  }),
});

const TaskPatch = builder.inputType('TaskPatch', {
  description: 'An absent field is left alone; null clears what the task shows as nullable.',
  fields: (t) => ({
    title: t.string(),
    description: t.string(),
    type: t.field({ type: TaskType }),
    category: t.field({ type: TaskCategory }),
    status: t.field({ type: TaskStatus }),
    isComplete: t.boolean({
      description:
        'True completes it; false reopens it with the status that it had, unless another open task has its place (see `reopenTask`).',
    }),
    priority: t.field({ type: TaskPriority }),
    date: t.field({ type: 'TaskDate' }),
    assigneeId: t.id({ description: 'A User’s id.' }),
    linkedRecordId: t.id(),
    activityId: t.id({ description: 'The activity that it came out of, which may be of another account.' }),
    pipelineId: t.id({
      description:
        'Puts it into this pipeline: into its default stage, or its won stage when it is complete, unless `stageId` says where. Null takes it out of its pipeline and leaves its status alone.',
    }),
    stageId: t.id({
      description:
        'A stage of its pipeline, or of the one that `pipelineId` names; of any, when it is in none. The won stage completes it, leaving that one reopens it. Null only beside `pipelineId: null`.',
    }),
    attachmentUrls: t.stringList(),
    tags: t.stringList(),
  }),
});

const UpdateTaskInput = builder.inputType('UpdateTaskInput', {
  description: 'Which task, and what to change on it.',
  fields: (t) => ({
    id: t.id({ required: true }),
    expectedVersion: t.int({ description: VERSION }),
    patch: t.field({ type: TaskPatch, required: true }),
    notify: t.boolean({ required: true, defaultValue: true, description: NOTIFY }),
  }),
});

const CompleteTaskInput = builder.inputType('CompleteTaskInput', {
  description: 'Which task, what came of it, and what comes next.',
  fields: (t) => ({
    id: t.id({ required: true }),
    expectedVersion: t.int({ description: VERSION }),
    outcome: t.string({ description: 'What came of it; at most 32 KiB.' }),
    followUp: t.field({
      type: CreateTaskInput,
      description:
        'A task to create in the same transaction. Where it names neither an account nor another record, it is about the record that the completed task is linked to. Everything else is as it says, the assignee too.',
    }),
  }),
});

const DeleteTaskInput = builder.inputType('DeleteTaskInput', {
  description: 'Which task to put into the bin.',
  fields: (t) => ({ id: t.id({ required: true }), expectedVersion: t.int({ description: VERSION }) }),
});

type CreateTaskWords = typeof CreateTaskInput.$inferInput;
type PatchWords = typeof TaskPatch.$inferInput;

export const onlyLead = ({ _type }: CreateTaskWords, path: readonly string[]): Refusal[] =>
  _type === 'LEAD' ? [] : [new NotAllowed('Only tasks of kind LEAD can be created.', [...path, '_type'])];

/** What was not given is left out; where it is given as null, it is the same for a task that is new. */
export function toNewTask({ _type, ...input }: CreateTaskWords): NewTask {
  const { status, description, category, date, ...words } = input;
  return {
    ...words,
    ...(status != null && { status }),
    description: description ?? null,
    category: category ?? null,
    date: date ?? null,
  };
}

const NOT_NULL = ['title', 'type', 'status', 'isComplete', 'priority'] as const;

/** Null clears a nullable field and empties a list; on every other field it is a mistake. */
function toPatch({ tags, attachmentUrls, ...patch }: PatchWords) {
  const refusals = NOT_NULL.filter((field) => patch[field] === null).map(
    (field) => new Invalid('This cannot be null.', ['patch', field]),
  );
  const lists = {
    ...(tags !== undefined && { tags: tags ?? [] }),
    ...(attachmentUrls !== undefined && { attachmentUrls: attachmentUrls ?? [] }),
  };
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return { refusals, patch: { ...given, ...lists } };
}

const CompleteTaskPayload = payloadType<Written & { readonly followUpUid: string | null }>('CompleteTaskPayload', {
  description: 'The completed task and its follow-up.',
  fields: (t) => ({
    task: t.field({
      type: Task,
      nullable: true,
      description: 'Null when it was refused.',
      resolve: ({ value }, _args, context) => written(value?.uid, context),
    }),
    followUp: t.field({
      type: Task,
      nullable: true,
      description: 'Null when none was asked for, or the task was complete already.',
      resolve: ({ value }, _args, context) => written(value?.followUpUid, context),
    }),
  }),
});

builder.mutationFields((t) => ({
  createTask: t.field({
    type: taskPayload('CreateTaskPayload', 'The new task.'),
    description: 'Creates a task and tells its assignee.',
    args: { input: t.arg({ type: CreateTaskInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => {
      const refusals = onlyLead(input, []);
      return refusals.length > 0 ? refused(...refusals) : createTask(runtime, viewer, toNewTask(input));
    },
  }),
  updateTask: t.field({
    type: taskPayload('UpdateTaskPayload', 'The changed task.'),
    description:
      'Changes a task. Assignee, date and completion on every kind; the other fields on LEAD only. In a pipeline with a won stage a task is complete exactly when it is in that stage, whichever of the two is changed. A change that changes nothing makes no new version.',
    args: { input: t.arg({ type: UpdateTaskInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => {
      const { refusals, patch } = toPatch(input.patch);
      if (refusals.length > 0) return refused(...refusals);
      const { id, expectedVersion, notify } = input;
      return updateTask(runtime, viewer, { id, expectedVersion: expectedVersion ?? null, patch, notify });
    },
  }),
  completeTask: t.field({
    type: CompleteTaskPayload,
    description: 'Completes a task, with what came of it and a follow-up. Completing a complete task changes nothing.',
    args: { input: t.arg({ type: CompleteTaskInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => {
      const { id, expectedVersion, outcome, followUp } = input;
      const refusals = followUp ? onlyLead(followUp, ['followUp']) : [];
      if (refusals.length > 0) return refused(...refusals);
      return completeTask(runtime, viewer, {
        id,
        expectedVersion: expectedVersion ?? null,
        outcome: outcome ?? null,
        followUp: followUp ? toNewTask(followUp) : null,
      });
    },
  }),
  deleteTask: t.field({
    type: taskPayload('DeleteTaskPayload', 'The task in the bin.'),
    description:
      'Puts a task into the bin, where it is found by its id and by `deleted: ONLY` or `INCLUDE` in lists, until it is deleted for good at its `expiresAt`.',
    args: { input: t.arg({ type: DeleteTaskInput, required: true, description: INPUT }) },
    resolve: (_root, { input: { id, expectedVersion } }, { runtime, viewer }) =>
      deleteTask(runtime, viewer, { id, expectedVersion: expectedVersion ?? null }),
  }),
}));
