import { builder } from '../graphql/builder.ts';
import { INPUT, payloadType } from '../graphql/payload.ts';
import { Invalid, type Refusal, refused } from '../refusals.ts';
import { addStage, reorderStages, updatePipeline, updateStage, type Written } from './change/service.ts';
import { type Deleted, deletePipeline, deleteStage } from './deletion/service.ts';
import { Pipeline } from './schema.ts';
import { createPipeline } from './service.ts';

const NAME = '1 to 255 characters.';
const COLOR = '`#RRGGBB`.';
const VERSION = 'Refuses with CONFLICT unless the pipeline is at this version.';

const StageInput = builder.inputType('StageInput', {
  description: 'A new stage.',
  fields: (t) => ({
    name: t.string({ required: true, description: NAME }),
    color: t.string({ required: true, description: COLOR }),
    isDefault: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Whether tasks that enter the pipeline without a stage start here: exactly one stage’s.',
    }),
    isWon: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Whether this stage completes a task: at most one’s, and never the default one’s.',
    }),
  }),
});

const CreatePipelineInput = builder.inputType('CreatePipelineInput', {
  description: 'A new pipeline.',
  fields: (t) => ({
    name: t.string({ required: true, description: NAME }),
    stages: t.field({ type: [StageInput], required: true, description: '1 to 50, in their order.' }),
  }),
});

const UpdatePipelineInput = builder.inputType('UpdatePipelineInput', {
  description: 'Which pipeline, and what to change on it. An absent field is left alone.',
  fields: (t) => ({
    id: t.id({ required: true }),
    expectedVersion: t.int({ description: VERSION }),
    name: t.string({ description: NAME }),
    defaultStageId: t.id({
      description:
        'The stage of this pipeline that tasks start in from now on. Those that are there stay where they are.',
    }),
    wonStageId: t.id({
      description:
        'The stage of this pipeline that completes a task from now on: complete tasks of the other stages move into it. CONFLICT while tasks of what was deleted are still on their way to it. Null leaves the pipeline without one, and its tasks as they are.',
    }),
    completeTasks: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'Completes the tasks that stand in the new won stage and are not complete, cancelled ones too, instead of refusing. What is still on its way to a stage when that is deleted meanwhile stays as it is.',
    }),
  }),
});

const DeletePipelineInput = builder.inputType('DeletePipelineInput', {
  description: 'Which pipeline to delete.',
  fields: (t) => ({
    id: t.id({ required: true }),
    expectedVersion: t.int({ description: VERSION }),
    moveTasksToStageId: t.id({
      description:
        'A stage of another pipeline; needed when this one has tasks. Complete ones go into that pipeline’s won stage, if it has one, all others into this stage, which is no won stage unless all are complete.',
    }),
  }),
});

const AddStageInput = builder.inputType('AddStageInput', {
  description: 'A new stage of a pipeline. As the default or the won one it takes the role from the one that had it.',
  fields: (t) => ({
    pipelineId: t.id({ required: true }),
    stage: t.field({ type: StageInput, required: true }),
    afterStageId: t.id({
      description: 'Puts it directly behind this stage of the pipeline; null puts it first, absent last.',
    }),
  }),
});

const UpdateStageInput = builder.inputType('UpdateStageInput', {
  description: 'Which stage, and what to change on it. An absent field is left alone.',
  fields: (t) => ({
    id: t.id({ required: true }),
    name: t.string({ description: NAME }),
    color: t.string({ description: COLOR }),
  }),
});

const ReorderStagesInput = builder.inputType('ReorderStagesInput', {
  description: 'All of the pipeline’s stages, in their new order.',
  fields: (t) => ({
    pipelineId: t.id({ required: true }),
    stageIds: t.idList({ required: true, description: 'Each of them once.' }),
  }),
});

const DeleteStageInput = builder.inputType('DeleteStageInput', {
  description: 'Which stage to delete, and what takes its place. The others are stages of the same pipeline.',
  fields: (t) => ({
    id: t.id({ required: true }),
    moveTasksToStageId: t.id({
      description:
        'Needed when the stage has tasks. Complete ones go into the won stage, if there is one then, all others into this stage, which is no won stage unless all are complete.',
    }),
    newDefaultStageId: t.id({
      description:
        'The stage that tasks start in from now on; needed when the default stage is deleted, and only then.',
    }),
    newWonStageId: t.id({
      description:
        'The stage that completes a task from now on, when the won stage is deleted; without it there is none. CONFLICT while tasks of what was deleted are still on their way to it.',
    }),
  }),
});

/** A payload whose object is a pipeline, as it is after the commit. */
const pipelinePayload = (name: string, description: string) =>
  payloadType<Written>(name, {
    description,
    fields: (t) => ({
      pipeline: t.field({
        type: Pipeline,
        nullable: true,
        description: 'Null when it was refused.',
        resolve: ({ value }, _args, { loaders }) => value && loaders.pipelineByUid.load(value.uid),
      }),
    }),
  });

const DeletePipelinePayload = payloadType<Deleted>('DeletePipelinePayload', {
  description: 'The pipeline that is no more.',
  fields: (t) => ({
    pipeline: t.field({
      type: Pipeline,
      nullable: true,
      description: 'As it was, with its stages. Null when it was refused.',
      resolve: ({ value }) => value?.pipeline ?? null,
    }),
  }),
});

/** What cannot be cleared, of what a caller gave as null. */
const refuseNull = (input: Readonly<Record<string, unknown>>, ...fields: readonly string[]): Refusal[] =>
  fields.filter((field) => input[field] === null).map((field) => new Invalid('This cannot be null.', [field]));

const MANY = 'Of more than 1,000 tasks the rest follows soon after.';

builder.mutationFields((t) => ({
  createPipeline: t.field({
    type: pipelinePayload('CreatePipelinePayload', 'The new pipeline.'),
    description: 'Creates a pipeline with its stages. Needs CRM access.',
    args: { input: t.arg({ type: CreatePipelineInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => createPipeline(runtime, viewer, input),
  }),
  updatePipeline: t.field({
    type: pipelinePayload('UpdatePipelinePayload', 'The changed pipeline.'),
    description: `Changes a pipeline’s name, its default and its won stage. A new won stage is refused while tasks stand in it that are not complete, unless \`completeTasks\` is true. ${MANY} A change that changes nothing makes no new version. Needs CRM access.`,
    args: { input: t.arg({ type: UpdatePipelineInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => {
      const refusals = refuseNull(input, 'name', 'defaultStageId');
      if (refusals.length > 0) return refused(...refusals);
      const { id, expectedVersion, completeTasks, name, defaultStageId, wonStageId } = input;
      return updatePipeline(runtime, viewer, {
        ...{ id, completeTasks, expectedVersion: expectedVersion ?? null },
        ...(name != null && { name }),
        ...(defaultStageId != null && { defaultStageId }),
        ...(wonStageId !== undefined && { wonStageId }),
      });
    },
  }),
  deletePipeline: t.field({
    type: DeletePipelinePayload,
    description: `Deletes a pipeline for good. Its tasks move behind those that stand in the other pipeline’s stages, in the order that they had. ${MANY} Tasks in the bin keep naming it, and come back without a pipeline. Needs CRM access.`,
    args: { input: t.arg({ type: DeletePipelineInput, required: true, description: INPUT }) },
    resolve: (_root, { input: { id, expectedVersion, moveTasksToStageId } }, { runtime, viewer }) =>
      deletePipeline(runtime, viewer, {
        id,
        expectedVersion: expectedVersion ?? null,
        moveTasksToStageId: moveTasksToStageId ?? null,
      }),
  }),
  addStage: t.field({
    type: pipelinePayload('AddStagePayload', 'The pipeline with its new stage.'),
    description: `Adds a stage to a pipeline, which has at most 50. Complete tasks move into a new won stage. ${MANY} Needs CRM access.`,
    args: { input: t.arg({ type: AddStageInput, required: true, description: INPUT }) },
    resolve: (_root, { input: { pipelineId, stage, afterStageId } }, { runtime, viewer }) =>
      addStage(runtime, viewer, { pipelineId, stage, afterStageId }),
  }),
  updateStage: t.field({
    type: pipelinePayload('UpdateStagePayload', 'The pipeline with its changed stage.'),
    description:
      'Gives a stage another name or color, which makes a new version of its pipeline unless nothing changes. Needs CRM access.',
    args: { input: t.arg({ type: UpdateStageInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => {
      const refusals = refuseNull(input, 'name', 'color');
      if (refusals.length > 0) return refused(...refusals);
      const { id, name, color } = input;
      return updateStage(runtime, viewer, { id, ...(name != null && { name }), ...(color != null && { color }) });
    },
  }),
  reorderStages: t.field({
    type: pipelinePayload('ReorderStagesPayload', 'The pipeline with its stages in their new order.'),
    description: 'Puts a pipeline’s stages into another order. Needs CRM access.',
    args: { input: t.arg({ type: ReorderStagesInput, required: true, description: INPUT }) },
    resolve: (_root, { input: { pipelineId, stageIds } }, { runtime, viewer }) =>
      reorderStages(runtime, viewer, { pipelineId, stageIds }),
  }),
  deleteStage: t.field({
    type: pipelinePayload('DeleteStagePayload', 'The pipeline without the stage.'),
    description: `Deletes a stage for good. Its tasks move behind those that stand where they go, in the order that they had. ${MANY} Tasks in the bin keep naming it, and come back to where tasks enter the pipeline. Needs CRM access.`,
    args: { input: t.arg({ type: DeleteStageInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => {
      const { id, moveTasksToStageId, newDefaultStageId, newWonStageId } = input;
      return deleteStage(runtime, viewer, {
        id,
        moveTasksToStageId: moveTasksToStageId ?? null,
        newDefaultStageId: newDefaultStageId ?? null,
        newWonStageId: newWonStageId ?? null,
      });
    },
  }),
}));
