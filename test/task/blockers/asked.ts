import { graphql } from '../../generated/index.ts';
import type { Caller } from '../../support/gateway.ts';
import type { World } from '../world.ts';
import { ERRORS, granted } from '../writes.ts';

const ADD = graphql(`
  mutation BlockersAdd($input: AddBlockerInput!) {
    addBlocker(input: $input) { task { id isBlocked version updatedAt } errors { ...TaskRoomErrors } }
  }
`);
const REMOVE = graphql(`
  mutation BlockersRemove($input: RemoveBlockerInput!) {
    removeBlocker(input: $input) { task { id isBlocked version updatedAt } errors { ...TaskRoomErrors } }
  }
`);
const READ = graphql(`
  query BlockersRead($ids: [ID!]!, $first: Int, $after: String, $last: Int, $before: String) {
    nodes(ids: $ids) {
      __typename
      ... on Task {
        id isBlocked isComplete version updatedAt
        blockedBy(first: $first, after: $after, last: $last, before: $before) {
          totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
        blocks { totalCount nodes { id } }
      }
    }
  }
`);
const LISTED = graphql(`
  query BlockersListed($isBlocked: Boolean!) {
    tasks(filter: { _type: { any: true }, deleted: INCLUDE, isBlocked: $isBlocked }, first: 100) { totalCount nodes { id } }
  }
`);
const HISTORY = graphql(`
  query BlockersHistory($id: ID!) {
    task(id: $id) { history(first: 100) { nodes { kind actor { id } changes { field from to } } } }
  }
`);
const TOLD = graphql(`
  query BlockersTold { notifications(first: 100) { nodes { kind taskId actor { id } batchId } } }
`);
void ERRORS;

type Page = { first?: number; after?: string | null; last?: number; before?: string | null };

/** Someone's dealings with blockers, as a client sends them. */
export const blockersOf = ({ gateway }: World, caller: Caller) => {
  const add = async (id: string, blockerId: string) =>
    (await gateway.ask(caller, ADD, { input: { id, blockerId } })).addBlocker;
  const nodes = async (ids: readonly string[], page: Page = {}) =>
    (await gateway.ask(caller, READ, { ids: [...ids], ...page })).nodes.map((node) => {
      if (node?.__typename !== 'Task') throw new Error('no task');
      return node;
    });
  return {
    add,
    /** Blockers that must not be refused. */
    added: async (id: string, ...blockerIds: readonly string[]) => {
      for (const blockerId of blockerIds) granted(await add(id, blockerId));
    },
    remove: async (id: string, blockerId: string) =>
      (await gateway.ask(caller, REMOVE, { input: { id, blockerId } })).removeBlocker,
    read: async (id: string, page: Page = {}) => {
      const [node] = await nodes([id], page);
      if (!node) throw new Error('no task');
      return node;
    },
    isBlocked: async (...ids: readonly string[]) => (await nodes(ids)).map(({ isBlocked }) => isBlocked),
    listed: async (isBlocked: boolean) => {
      const { tasks } = await gateway.ask(caller, LISTED, { isBlocked });
      return tasks.nodes.map(({ id }) => id);
    },
    history: async (id: string) => (await gateway.ask(caller, HISTORY, { id })).task?.history.nodes ?? [],
    told: async () => (await gateway.ask(caller, TOLD)).notifications.nodes,
  };
};

export type Blockers = ReturnType<typeof blockersOf>;
