import { sightOf } from '../auth/sight.ts';
import { builder } from '../graphql/builder.ts';
import type { Context } from '../graphql/context.ts';
import { Node } from '../graphql/node.ts';
import { encodeId, uidOf } from '../ids.ts';
import { User } from '../organization/schema.ts';
import type { RecordNode } from './loaders.ts';
import { RECORD_TYPES, type RecordName } from './names.ts';

export const RecordType = builder.enumType('RecordType', {
  description: 'The kinds of records that a task can be linked to.',
  values: ['ACCOUNT', 'CONTACT', 'LEAD', 'OPPORTUNITY'] as const,
});

/** What all records have in common; each noun implements it. */
export const LinkedRecord = builder.interfaceRef<RecordNode>('LinkedRecord').implement({
  description: 'A record that tasks can be linked to.',
  interfaces: [Node],
  resolveType: (record) => record.__typename,
  fields: (t) => ({
    displayName: t.string({
      description:
        'What people call it: the name of an account or opportunity; of a person their name, else their company, e-mail or phone.',
      resolve: ({ name }) => name,
    }),
    owner: t.field({
      type: User,
      nullable: true,
      description: 'Who looks after it. Null when nobody does.',
      resolve: ({ ownerId }, _args, { loaders }) => (ownerId === null ? null : loaders.user.load(ownerId)),
    }),
    tags: t.stringList({ description: 'In the order they were given.', resolve: ({ tags }) => tags }),
    creator: t.field({
      type: User,
      description: 'Who created it.',
      resolve: async ({ creatorId }, _args, { loaders }) => (await loaders.user.load(creatorId)) as never,
    }),
    createdAt: t.field({ type: 'DateTime', resolve: ({ createdAt }) => createdAt }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When a field of its own last changed.',
      resolve: ({ updatedAt }) => updatedAt,
    }),
    deletedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was deleted. Null unless it is in the bin.',
      resolve: ({ deletedAt }) => deletedAt,
    }),
    version: t.int({
      description: 'Grows by one with every change; give it as `expectedVersion`.',
      resolve: ({ version }) => version,
    }),
  }),
});

/** A record by its id as the viewer may see it; null for anything else. */
export async function findRecord<Name extends RecordName>(
  name: Name,
  id: string,
  { loaders, viewer }: Context,
): Promise<RecordNode<(typeof RECORD_TYPES)[Name]> | null> {
  const uid = uidOf(name, id);
  if (uid === null) return null;
  const found = await loaders.recordByUid(sightOf(viewer))[RECORD_TYPES[name]].load(uid);
  return found as RecordNode<(typeof RECORD_TYPES)[Name]> | null;
}

export const recordId = (record: RecordNode) => encodeId(record.__typename, record.uid);
