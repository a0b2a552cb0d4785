import type {
  AddCommentInput,
  CompleteActivityInput,
  EscalateTaskInput,
  RemoveAttachmentInput,
} from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import type { World } from '../task/world.ts';

export const COMMENT = graphql(`
  fragment CommentRoomComment on Comment { id body author { id } mentions { id } createdAt version }
`);
const ADD = graphql(`
  mutation CommentRoomAdd($input: AddCommentInput!) {
    addComment(input: $input) { comment { ...CommentRoomComment } errors { code path message } }
  }
`);
const WATCH = graphql(`
  mutation CommentRoomWatch($id: ID!) {
    watchTask(input: { id: $id }) { task { id version watchers { id } } errors { code path message } }
  }
`);
const UNWATCH = graphql(`
  mutation CommentRoomUnwatch($id: ID!) {
    unwatchTask(input: { id: $id }) { task { id version watchers { id } } errors { code path message } }
  }
`);
const ESCALATE = graphql(`
  mutation CommentRoomEscalate($input: EscalateTaskInput!) {
    escalateTask(input: $input) { task { id version } errors { code path message } }
  }
`);
const COMPLETE = graphql(`
  mutation CommentRoomComplete($input: CompleteActivityInput!) {
    completeActivity(input: $input) {
      activity { id status version participants { name user { id } attended } comments { totalCount nodes { ...CommentRoomComment } } }
      followUps { id title account { id } linkedRecord { id } activity { id } assignee { id } }
      errors { code path message ... on ConflictError { currentVersion } }
    }
  }
`);
const DETACH = graphql(`
  mutation CommentRoomDetach($input: RemoveAttachmentInput!) {
    removeAttachment(input: $input) {
      subject { __typename id ... on Task { attachmentUrls version } ... on Activity { attachmentUrls version } }
      errors { code path message }
    }
  }
`);
const OF_TASK = graphql(`
  query CommentRoomOfTask($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    task(id: $id) {
      version updatedAt watchers { id }
      comments(first: $first, after: $after, last: $last, before: $before) {
        totalCount nodes { ...CommentRoomComment } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
      history(first: 100) { nodes { kind changes { field from to } } }
    }
  }
`);
const OF_ACTIVITY = graphql(`
  query CommentRoomOfActivity($id: ID!) {
    activity(id: $id) { version comments { totalCount nodes { ...CommentRoomComment } } }
  }
`);
const NODE = graphql(`query CommentRoomNode($id: ID!) { node(id: $id) { id ...CommentRoomComment } }`);
const TOLD = graphql(`
  query CommentRoomTold { notifications(first: 100) { nodes { kind taskId activity { id } actor { id } } } }
`);

export interface Page {
  readonly first?: number;
  readonly after?: string | null;
  readonly last?: number;
  readonly before?: string | null;
}

/** What someone asks and does, as a client sends it. */
export const deskOf = ({ gateway }: World, caller: Caller) => ({
  say: async (subjectId: string, body = 'Well', mentionIds: AddCommentInput['mentionIds'] = []) =>
    (await gateway.ask(caller, ADD, { input: { subjectId, body, mentionIds } })).addComment,
  watch: async (id: string) => (await gateway.ask(caller, WATCH, { id })).watchTask,
  unwatch: async (id: string) => (await gateway.ask(caller, UNWATCH, { id })).unwatchTask,
  escalate: async (id: string, reason: EscalateTaskInput['reason'] = 'Stuck') =>
    (await gateway.ask(caller, ESCALATE, { input: { id, reason } })).escalateTask,
  complete: async (id: string, more: Omit<CompleteActivityInput, 'id'> = {}) =>
    (await gateway.ask(caller, COMPLETE, { input: { id, ...more } })).completeActivity,
  detach: async (input: RemoveAttachmentInput) => (await gateway.ask(caller, DETACH, { input })).removeAttachment,
  task: async (id: string, page: Page = {}) => (await gateway.ask(caller, OF_TASK, { id, ...page })).task,
  activity: async (id: string) => (await gateway.ask(caller, OF_ACTIVITY, { id })).activity,
  node: async (id: string) => (await gateway.ask(caller, NODE, { id })).node,
  /** Kinds of notifications about something, oldest first. */
  told: async (id: string) =>
    (await gateway.ask(caller, TOLD)).notifications.nodes
      .filter(({ taskId, activity }) => taskId === id || activity?.id === id)
      .map(({ kind }) => kind)
      .reverse(),
});

interface Answered {
  readonly errors: readonly { readonly code: string; readonly path: readonly string[]; readonly message: string }[];
}

/** Where a mutation was refused and why, `INVALID body`; empty when it was not. */
export const refusals = ({ errors }: Answered): string[] =>
  errors.map(({ code, path }) => `${code} ${path.join('.')}`.trim());
