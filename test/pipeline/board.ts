import type { CreatePipelineInput, CreateTaskInput, MoveTaskInput, TaskPatch } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import type { World } from '../task/world.ts';
import { ERRORS, granted } from '../task/writes.ts';

export const BOARD_TASK = graphql(`
  fragment BoardTask on Task {
    id title status isComplete completedAt completedBy { id } outcome version updatedAt isActive deletedAt
    pipeline { id } stage { id } position
  }
`);

export const PIPELINE = graphql(`
  fragment BoardPipeline on Pipeline {
    id name version
    stages { id name color sortOrder isDefault isWon pipeline { id } }
    defaultStage { id } wonStage { id }
  }
`);

const CREATE_PIPELINE = graphql(`
  mutation BoardCreatePipeline($input: CreatePipelineInput!) {
    createPipeline(input: $input) { pipeline { ...BoardPipeline } errors { ...TaskRoomErrors } }
  }
`);
const CREATE = graphql(`
  mutation BoardCreate($input: CreateTaskInput!) {
    createTask(input: $input) { task { ...BoardTask } errors { ...TaskRoomErrors } }
  }
`);
const UPDATE = graphql(`
  mutation BoardUpdate($input: UpdateTaskInput!) {
    updateTask(input: $input) { task { ...BoardTask } errors { ...TaskRoomErrors } }
  }
`);
const COMPLETE = graphql(`
  mutation BoardComplete($input: CompleteTaskInput!) {
    completeTask(input: $input) { task { ...BoardTask } followUp { ...BoardTask } errors { ...TaskRoomErrors } }
  }
`);
const REOPEN = graphql(`
  mutation BoardReopen($input: ReopenTaskInput!) {
    reopenTask(input: $input) { task { ...BoardTask } errors { ...TaskRoomErrors } }
  }
`);
const MOVE = graphql(`
  mutation BoardMove($input: MoveTaskInput!) {
    moveTask(input: $input) { task { ...BoardTask } errors { ...TaskRoomErrors } }
  }
`);
const RESTORE = graphql(`
  mutation BoardRestore($input: RestoreTaskInput!) {
    restoreTask(input: $input) { task { ...BoardTask } errors { ...TaskRoomErrors } }
  }
`);
const READ = graphql(`
  query BoardRead($id: ID!) {
    task(id: $id) { ...BoardTask history(first: 100) { totalCount nodes { kind changes { field from to } } } }
  }
`);
void [BOARD_TASK, PIPELINE, ERRORS];

type Versioned = { expectedVersion?: number };

/** Someone's writes on boards, as a client sends them. */
export const boardOf = ({ gateway }: World, caller: Caller) => ({
  createPipeline: async (input: CreatePipelineInput) =>
    (await gateway.ask(caller, CREATE_PIPELINE, { input })).createPipeline,
  create: async (input: CreateTaskInput) => (await gateway.ask(caller, CREATE, { input })).createTask,
  update: async (id: string, patch: TaskPatch, more: Versioned = {}) =>
    (await gateway.ask(caller, UPDATE, { input: { id, patch, ...more } })).updateTask,
  complete: async (id: string, more: Versioned & { outcome?: string; followUp?: CreateTaskInput } = {}) =>
    (await gateway.ask(caller, COMPLETE, { input: { id, ...more } })).completeTask,
  reopen: async (id: string, more: Versioned = {}) =>
    (await gateway.ask(caller, REOPEN, { input: { id, ...more } })).reopenTask,
  move: async (id: string, stageId: string, more: Omit<MoveTaskInput, 'id' | 'stageId'> = {}) =>
    (await gateway.ask(caller, MOVE, { input: { id, stageId, ...more } })).moveTask,
  restore: async (id: string) => (await gateway.ask(caller, RESTORE, { input: { id } })).restoreTask,
  read: async (id: string) => (await gateway.ask(caller, READ, { id })).task,
});

export type BoardWrites = ReturnType<typeof boardOf>;

export interface KnownPipeline {
  readonly id: string;
  /** Drafted, sent, approved, done: the first is the default one, the last the won one if there is one. */
  readonly stages: readonly [string, string, string, string];
}

/** A pipeline of four stages, made as a client makes it [PARSA-28]. */
export async function plantPipeline(world: World, hasWon = true, name = 'Contracts'): Promise<KnownPipeline> {
  const names = ['Drafted', 'Sent for review', 'Approved', 'Done'];
  const { pipeline, errors } = await boardOf(world, world.admin).createPipeline({
    name,
    stages: names.map((each, index) => ({
      name: each,
      color: '#00aaFF',
      isDefault: index === 0,
      isWon: hasWon && index === 3,
    })),
  });
  if (!pipeline) throw new Error(JSON.stringify(errors));
  return { id: pipeline.id, stages: pipeline.stages.map(({ id }) => id) as unknown as KnownPipeline['stages'] };
}

/** Cards in a stage, in this order. */
export async function plantCards(world: World, stageId: string, count: number, accountId: string): Promise<string[]> {
  const { create } = boardOf(world, world.admin);
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push(granted(await create({ title: `Card ${n}`, accountId, stageId })).id);
  return ids;
}
