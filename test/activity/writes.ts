import type { ActivityPatch, ActivityRoomActivityFragment, CreateActivityInput } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import type { World } from '../task/world.ts';

export const ACTIVITY = graphql(`
  fragment ActivityRoomActivity on Activity {
    id account { id name } linkedRecord { __typename id } type status visibility title description
    activityTimestamp duration location
    participants { name email user { id } contact { id } attended }
    attachmentUrls tags direction threadId remotePhone localPhone
    creator { id name email } isActive createdAt updatedAt deletedAt version
  }
`);

const CREATE = graphql(`
  mutation ActivityRoomCreate($input: CreateActivityInput!) {
    createActivity(input: $input) { activity { ...ActivityRoomActivity } errors { code path message } }
  }
`);
const UPDATE = graphql(`
  mutation ActivityRoomUpdate($input: UpdateActivityInput!) {
    updateActivity(input: $input) {
      activity { ...ActivityRoomActivity } errors { code path message ... on ConflictError { currentVersion } }
    }
  }
`);
const DELETE = graphql(`
  mutation ActivityRoomDelete($input: DeleteActivityInput!) {
    deleteActivity(input: $input) { activity { ...ActivityRoomActivity } errors { code path message } }
  }
`);
const RESTORE = graphql(`
  mutation ActivityRoomRestore($input: RestoreActivityInput!) {
    restoreActivity(input: $input) { activity { ...ActivityRoomActivity } errors { code path message } }
  }
`);
const READ = graphql(`
  query ActivityRoomRead($id: ID!) { activity(id: $id) { ...ActivityRoomActivity } }
`);

export type Shown = ActivityRoomActivityFragment;

interface Answered {
  readonly activity?: unknown;
  readonly errors: readonly { readonly code: string; readonly path: readonly string[]; readonly message: string }[];
}

/** The activity that a mutation must have given. */
export function granted<Answer extends Answered>(answer: Answer): NonNullable<Answer['activity']> {
  if (answer.errors.length > 0 || answer.activity == null) throw new Error(JSON.stringify(answer));
  return answer.activity;
}

/** Where a mutation was refused and why, `INVALID patch.title`; nothing was given then. */
export function refusals({ activity, errors }: Answered): string[] {
  if ((activity != null) === errors.length > 0) throw new Error('an activity, or errors: one of the two');
  return errors.map(({ code, path }) => `${code} ${path.join('.')}`.trim());
}

/** Someone's writes, as a client sends them. */
export const writesOf = ({ gateway }: World, caller: Caller) => ({
  create: async (input: CreateActivityInput) => (await gateway.ask(caller, CREATE, { input })).createActivity,
  update: async (id: string, patch: ActivityPatch, expectedVersion?: number) =>
    (await gateway.ask(caller, UPDATE, { input: { id, patch, ...(expectedVersion && { expectedVersion }) } }))
      .updateActivity,
  remove: async (id: string, expectedVersion?: number) =>
    (await gateway.ask(caller, DELETE, { input: { id, ...(expectedVersion && { expectedVersion }) } })).deleteActivity,
  restore: async (id: string) => (await gateway.ask(caller, RESTORE, { input: { id } })).restoreActivity,
  read: async (id: string) => (await gateway.ask(caller, READ, { id })).activity,
});

/** The least that an activity needs. */
export const least = (accountId: string): CreateActivityInput => ({
  accountId,
  activityTimestamp: '2026-01-12T10:00:00.000Z',
  duration: 30,
  location: 'Phone',
});

/** Everything that has been written for an organization: what a refused or empty mutation must leave as it was. */
export async function written({ prisma, organization }: World) {
  const where = { organizationId: organization.id };
  const [activities, events, log] = await Promise.all([
    prisma.activity.findMany({ where, orderBy: { id: 'asc' } }),
    prisma.event.count({ where }),
    prisma.organizationLog.findUniqueOrThrow({ where }),
  ]);
  return { activities, events, lastSeq: log.lastSeq };
}

/** The last events of an organization, oldest first. */
export async function lastEvents({ prisma, organization }: World, count: number) {
  const rows = await prisma.event.findMany({
    where: { organizationId: organization.id },
    orderBy: { seq: 'desc' },
    take: count,
  });
  return rows.reverse();
}
