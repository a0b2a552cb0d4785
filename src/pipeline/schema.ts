import { builder } from '../graphql/builder.ts';
import { Node, registerNode } from '../graphql/node.ts';
import { present } from '../graphql/present.ts';
import { encodeId, uidOf } from '../ids.ts';
import { listPipelines } from './service.ts';
import type { Pipeline as PipelineRow, Stage as StageRow } from './store.ts';

export const Stage = builder.objectRef<StageRow>('Stage').implement({
  description: 'A step of a pipeline: a column of its board.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: ({ uid }) => encodeId('Stage', uid) }),
    name: t.exposeString('name', { description: '1 to 255 characters.' }),
    color: t.exposeString('color', { description: '`#RRGGBB`.' }),
    sortOrder: t.exposeInt('sortOrder', { description: 'Its place among the pipeline’s stages: they ascend by it.' }),
    isDefault: t.exposeBoolean('isDefault', {
      description:
        'Whether tasks that enter the pipeline without a stage start here. Exactly one stage of a pipeline is.',
    }),
    isWon: t.exposeBoolean('isWon', {
      description:
        'Whether a task is complete exactly when it is in this stage: completing it moves it here, moving it here completes it. At most one stage of a pipeline is.',
    }),
  }),
});
registerNode('Stage', ({ uid }, { loaders }) => loaders.stageByUid.load(uid));

export const Pipeline = builder.objectRef<PipelineRow>('Pipeline').implement({
  description: 'A way that tasks take, from stage to stage.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: ({ uid }) => encodeId('Pipeline', uid) }),
    name: t.exposeString('name', { description: '1 to 255 characters.' }),
    stages: t.field({
      type: [Stage],
      description: 'In their order; at least one.',
      resolve: ({ id }, _args, { loaders }) => loaders.stagesOf.load(id),
    }),
    defaultStage: t.field({
      type: Stage,
      description: 'Where tasks start that enter the pipeline without a stage.',
      resolve: async ({ id }, _args, { loaders }) =>
        present((await loaders.stagesOf.load(id)).find(({ isDefault }) => isDefault) ?? null),
    }),
    wonStage: t.field({
      type: Stage,
      nullable: true,
      description: 'Where complete tasks stand, and no others. Null when no stage completes a task.',
      resolve: async ({ id }, _args, { loaders }) =>
        (await loaders.stagesOf.load(id)).find(({ isWon }) => isWon) ?? null,
    }),
    version: t.exposeInt('version', { description: 'Grows by one with every change.' }),
  }),
});
registerNode('Pipeline', ({ uid }, { loaders }) => loaders.pipelineByUid.load(uid));

builder.objectField(Stage, 'pipeline', (t) =>
  t.field({
    type: Pipeline,
    description: 'Whose stage it is.',
    resolve: async ({ pipelineId }, _args, { loaders }) => present(await loaders.pipeline.load(pipelineId)),
  }),
);

builder.queryFields((t) => ({
  pipeline: t.field({
    type: Pipeline,
    nullable: true,
    description: 'A pipeline by its id. Null when there is none.',
    args: { id: t.arg.id({ required: true, description: 'A pipeline’s id; any other finds nothing.' }) },
    resolve: (_root, { id }, { loaders }) => {
      const uid = uidOf('Pipeline', id);
      return uid === null ? null : loaders.pipelineByUid.load(uid);
    },
  }),
  pipelines: t.field({
    type: [Pipeline],
    description: 'The organization’s pipelines, by name. Every member reads them: one’s own tasks stand in them.',
    resolve: (_root, _args, { runtime, viewer }) => listPipelines(runtime, viewer),
  }),
}));
