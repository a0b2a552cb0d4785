import type { ArgBuilder, ObjectRef } from '@pothos/core';
import { builder, type Types } from './builder.ts';
import type { Connection, Edge, Page } from './paging.ts';
import { countShown } from './shown.ts';

const PageInfo = builder.objectRef<Page<unknown>>('PageInfo').implement({
  description: 'Where a page lies in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', {
      description: 'Whether there is more after this page. Paging backward: whether `before` was given.',
    }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'Whether there is more before this page. Paging forward: whether `after` was given.',
    }),
    startCursor: t.string({
      nullable: true,
      description: 'Of the first entry; null on an empty page.',
      resolve: ({ edges }) => edges[0]?.cursor ?? null,
    }),
    endCursor: t.string({
      nullable: true,
      description:
        'Of the last entry, or, in the log, of where it was read to; null on an empty page of any other list.',
      resolve: ({ edges, endCursor }) => endCursor ?? edges.at(-1)?.cursor ?? null,
    }),
  }),
});

export interface ConnectionOptions {
  /** "tasks": how descriptions speak of the entries. */
  readonly of: string;
  /** Whether it tells where the log stood. */
  readonly logCursor?: boolean;
}

/** The connection and edge types of a noun: `TaskConnection`, `TaskEdge`. */
export function connectionType<Node extends object>(
  name: string,
  node: ObjectRef<Types, Node>,
  { of, logCursor }: ConnectionOptions,
) {
  const EdgeType = builder.objectRef<Edge<Node>>(`${name}Edge`).implement({
    description: `An entry of a page of ${of}.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'Opaque. Give it as `after` or `before` to page on from here.' }),
      node: t.field({ type: node, resolve: (edge) => edge.node as never }),
    }),
  });
  return builder.objectRef<Connection<Node>>(`${name}Connection`).implement({
    description: `A page of ${of}.`,
    fields: (t) => ({
      edges: t.field({
        type: [EdgeType],
        resolve: async ({ page }, _args, context) => countShown(context, (await page()).edges) as Edge<Node>[],
      }),
      nodes: t.field({
        type: [node],
        description: 'The entries without their cursors.',
        resolve: async ({ page }, _args, context) =>
          countShown(context, (await page()).edges).map((edge) => edge.node) as never,
      }),
      pageInfo: t.field({ type: PageInfo, resolve: ({ page }) => page() }),
      totalCount: t.int({
        description: 'How many there are on all pages together. Costs a count of its own: ask only where you show it.',
        resolve: ({ totalCount }) => totalCount(),
      }),
      ...(logCursor && {
        logCursor: t.string({
          description:
            'Where the log stood before the rows were read: the `after` for a subscription that keeps the list.',
          resolve: (connection) => connection.logCursor as string,
        }),
      }),
    }),
  });
}

type Args = ArgBuilder<Types>;

/** `first`, `after`, `last`, `before`. */
export const pageArgs = (arg: Args) => ({
  first: arg.int({ description: 'Entries from the front, 1 to 100; 25 when neither `first` nor `last` is given.' }),
  after: arg.string({ description: 'A cursor; the page begins behind it.' }),
  last: arg.int({ description: 'Entries from the back, 1 to 100.' }),
  before: arg.string({ description: 'A cursor; the page ends in front of it.' }),
});
