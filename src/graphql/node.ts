import { type DecodedId, decodeId, type IdType } from '../ids.ts';
import { Fault } from '../refusals.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';

const MAX_NODES = 100;

/** A row that knows its GraphQL type, as interfaces and unions need it. */
export type Typed<Row, Name extends string = string> = Row & { readonly __typename: Name };

type Lookup = (id: DecodedId, context: Context) => Promise<object | null>;

const lookups = new Map<IdType, Lookup>();

export const Node = builder.interfaceRef<object>('Node').implement({
  description: 'Anything that has an id of its own.',
  resolveType: (value) => (value as Typed<object>).__typename,
});

builder.interfaceFields(Node, (t) => ({
  id: t.id({ description: 'Opaque and stable; begins with what it is the id of, such as `task_`.', resolve: () => '' }),
}));

/** Makes a type reachable by `node(id)`. The lookup gives null for what the viewer may not see. */
export function registerNode<Row extends object>(
  type: IdType,
  lookup: (id: DecodedId, context: Context) => Promise<Row | null>,
): void {
  lookups.set(type, async (id, context) => {
    const row = await lookup(id, context);
    return row && Object.assign(row, { __typename: type });
  });
}

/** What an id names; null when there is no such thing, or the viewer may not see it. */
export async function nodeOf(text: string, context: Context): Promise<never> {
  const id = decodeId(text);
  return ((id && (await lookups.get(id.type)?.(id, context))) ?? null) as never;
}

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    nullable: true,
    description: 'Anything by its id. Null when there is no such thing, or the caller may not see it.',
    args: { id: t.arg.id({ required: true, description: 'Any id that the API gave.' }) },
    resolve: (_root, { id }, context) => nodeOf(id, context),
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description: `Up to ${MAX_NODES} things by their ids, in the order asked, null for each that is not there.`,
    args: { ids: t.arg.idList({ required: true, description: `At most ${MAX_NODES}.` }) },
    resolve: (_root, { ids }, context) => {
      if (ids.length > MAX_NODES)
        throw new Fault('BAD_USER_INPUT', `At most ${MAX_NODES} ids at once.`, { argument: 'ids' });
      return ids.map((id) => nodeOf(id, context));
    },
  }),
}));
