import type {
  AddStageInput,
  DeletePipelineInput,
  DeleteStageInput,
  UpdatePipelineInput,
  UpdateStageInput,
} from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import type { World } from '../task/world.ts';

const UPDATE = graphql(`
  mutation StagesUpdatePipeline($input: UpdatePipelineInput!) {
    answer: updatePipeline(input: $input) { pipeline { ...BoardPipeline } errors { ...TaskRoomErrors } }
  }
`);
const REMOVE_PIPELINE = graphql(`
  mutation StagesDeletePipeline($input: DeletePipelineInput!) {
    answer: deletePipeline(input: $input) { pipeline { ...BoardPipeline } errors { ...TaskRoomErrors } }
  }
`);
const ADD = graphql(`
  mutation StagesAdd($input: AddStageInput!) {
    answer: addStage(input: $input) { pipeline { ...BoardPipeline } errors { ...TaskRoomErrors } }
  }
`);
const UPDATE_STAGE = graphql(`
  mutation StagesUpdate($input: UpdateStageInput!) {
    answer: updateStage(input: $input) { pipeline { ...BoardPipeline } errors { ...TaskRoomErrors } }
  }
`);
const REORDER = graphql(`
  mutation StagesReorder($input: ReorderStagesInput!) {
    answer: reorderStages(input: $input) { pipeline { ...BoardPipeline } errors { ...TaskRoomErrors } }
  }
`);
const REMOVE = graphql(`
  mutation StagesDelete($input: DeleteStageInput!) {
    answer: deleteStage(input: $input) { pipeline { ...BoardPipeline } errors { ...TaskRoomErrors } }
  }
`);
const READ = graphql(`query StagesRead($id: ID!) { pipeline(id: $id) { ...BoardPipeline } }`);

type Rest<Input> = Omit<Input, 'id'>;

/** Someone's changes to pipelines, as a client sends them. */
export const stagesOf = ({ gateway }: World, caller: Caller) => ({
  update: async (id: string, more: Rest<UpdatePipelineInput>) =>
    (await gateway.ask(caller, UPDATE, { input: { id, ...more } })).answer,
  remove: async (id: string, more: Rest<DeletePipelineInput> = {}) =>
    (await gateway.ask(caller, REMOVE_PIPELINE, { input: { id, ...more } })).answer,
  addStage: async (pipelineId: string, more: Omit<AddStageInput, 'pipelineId'>) =>
    (await gateway.ask(caller, ADD, { input: { pipelineId, ...more } })).answer,
  updateStage: async (id: string, more: Rest<UpdateStageInput>) =>
    (await gateway.ask(caller, UPDATE_STAGE, { input: { id, ...more } })).answer,
  reorder: async (pipelineId: string, stageIds: string[]) =>
    (await gateway.ask(caller, REORDER, { input: { pipelineId, stageIds } })).answer,
  removeStage: async (id: string, more: Rest<DeleteStageInput> = {}) =>
    (await gateway.ask(caller, REMOVE, { input: { id, ...more } })).answer,
  read: async (id: string) => (await gateway.ask(caller, READ, { id })).pipeline,
});

export type StageWrites = ReturnType<typeof stagesOf>;

interface Answered {
  readonly pipeline?: unknown;
  readonly errors: readonly { readonly code: string; readonly path: readonly string[]; readonly message: string }[];
}

/** The pipeline that a mutation must have given. */
export function given<Answer extends Answered>(answer: Answer): NonNullable<Answer['pipeline']> {
  if (answer.errors.length > 0 || answer.pipeline == null) throw new Error(JSON.stringify(answer));
  return answer.pipeline;
}

/** Where it was refused and why, `INVALID stageIds.2`; nothing was given then. */
export function refusedAt({ pipeline, errors }: Answered): string[] {
  if ((pipeline != null) === errors.length > 0) throw new Error('a pipeline, or errors: one of the two');
  return errors.map(({ code, path }) => `${code} ${path.join('.')}`.trim());
}

/** What the log says of something, oldest first. */
export async function logOf({ prisma, organization }: World, subjectUid: string) {
  return prisma.event.findMany({
    where: { organizationId: organization.id, subjectUid },
    orderBy: { seq: 'asc' },
    select: { seq: true, kind: true, changes: true, actorId: true },
  });
}
