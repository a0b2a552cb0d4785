import type { CreateTaskInput, TaskPatch, TaskRoomTaskFragment } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import type { World } from './world.ts';

export const TASK = graphql(`
  fragment TaskRoomTask on Task {
    id _type type category audience status priority title description date
    isComplete completedAt completedBy { id } outcome
    linkedRecord { __typename id } account { id } contact { id } lead { id } opportunity { id }
    assignee { id } creator { id } attachmentUrls tags isActive createdAt updatedAt deletedAt version
  }
`);

export const ERRORS = graphql(`
  fragment TaskRoomErrors on UserError { __typename code path message ... on ConflictError { currentVersion } }
`);

const CREATE = graphql(`
  mutation TaskRoomCreate($input: CreateTaskInput!) {
    createTask(input: $input) { task { ...TaskRoomTask } errors { ...TaskRoomErrors } }
  }
`);
const UPDATE = graphql(`
  mutation TaskRoomUpdate($input: UpdateTaskInput!) {
    updateTask(input: $input) { task { ...TaskRoomTask } errors { ...TaskRoomErrors } }
  }
`);
const COMPLETE = graphql(`
  mutation TaskRoomComplete($input: CompleteTaskInput!) {
    completeTask(input: $input) { task { ...TaskRoomTask } followUp { ...TaskRoomTask } errors { ...TaskRoomErrors } }
  }
`);
const DELETE = graphql(`
  mutation TaskRoomDelete($input: DeleteTaskInput!) {
    deleteTask(input: $input) { task { ...TaskRoomTask } errors { ...TaskRoomErrors } }
  }
`);
const READ = graphql(`
  query TaskRoomRead($id: ID!) {
    task(id: $id) {
      ...TaskRoomTask
      history(first: 100) { totalCount nodes { id kind at actor { id } actorKind subjectId changes { field from to } } }
    }
  }
`);

export type Shown = TaskRoomTaskFragment;
interface Answered {
  readonly task?: unknown;
  readonly errors: readonly { readonly code: string; readonly path: readonly string[]; readonly message: string }[];
}

/** The task that a mutation must have given. */
export function granted<Answer extends Answered>(answer: Answer): NonNullable<Answer['task']> {
  if (answer.errors.length > 0 || answer.task == null) throw new Error(JSON.stringify(answer));
  return answer.task;
}

/** Where a mutation was refused and why, `INVALID patch.title`; nothing was given then. */
export function refusals({ task, errors }: Answered): string[] {
  if ((task != null) === errors.length > 0) throw new Error('a task, or errors: one of the two');
  return errors.map(({ code, path }) => `${code} ${path.join('.')}`.trim());
}

/** Someone's writes, as a client sends them. */
export const writesOf = (world: World, caller: Caller) => ({
  create: async (input: CreateTaskInput) => (await world.gateway.ask(caller, CREATE, { input })).createTask,
  update: async (id: string, patch: TaskPatch, more: { expectedVersion?: number; notify?: boolean } = {}) =>
    (await world.gateway.ask(caller, UPDATE, { input: { id, patch, ...more } })).updateTask,
  complete: async (
    id: string,
    more: { expectedVersion?: number; outcome?: string | null; followUp?: CreateTaskInput } = {},
  ) => (await world.gateway.ask(caller, COMPLETE, { input: { id, ...more } })).completeTask,
  remove: async (id: string, expectedVersion?: number) =>
    (await world.gateway.ask(caller, DELETE, { input: { id, ...(expectedVersion && { expectedVersion }) } }))
      .deleteTask,
  read: async (id: string) => (await world.gateway.ask(caller, READ, { id })).task,
});

/** Everything that has been written for an organization: what a refused or empty mutation must leave as it was. */
export async function written({ prisma, organization }: World) {
  const where = { organizationId: organization.id };
  const [tasks, events, notifications, log] = await Promise.all([
    prisma.task.findMany({ where, orderBy: { id: 'asc' } }),
    prisma.event.count({ where }),
    prisma.notification.count({ where }),
    prisma.organizationLog.findUniqueOrThrow({ where }),
  ]);
  return { tasks, events, notifications, lastSeq: log.lastSeq };
}
