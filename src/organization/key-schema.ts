import { builder } from '../graphql/builder.ts';
import { Node, registerNode } from '../graphql/node.ts';
import { INPUT, payloadType } from '../graphql/payload.ts';
import { present } from '../graphql/present.ts';
import { encodeId } from '../ids.ts';
import { Membership, Role } from './schema.ts';
import { createApiKey, revokeApiKey } from './service.ts';
import type { KeyRow } from './store.ts';

const ApiKey = builder.objectRef<KeyRow>('ApiKey').implement({
  description: 'A key that a program calls with. It is a member of its own, named after the key.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: ({ uid }) => encodeId('ApiKey', uid) }),
    name: t.exposeString('name'),
    prefix: t.exposeString('prefix', { description: 'Enough of the key to recognise it by.' }),
    membership: t.field({
      type: Membership,
      description: 'What it may do, and whom it acts as.',
      resolve: async ({ userId }, _args, { loaders }) => present(await loaders.membership.load(userId)),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'To the minute. Null before its first use.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'Null when it never does.' }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'Null while it is valid.' }),
  }),
});
registerNode('ApiKey', async ({ uid }, { loaders, viewer }) =>
  viewer.role === 'ADMIN' ? loaders.apiKeyByUid.load(uid) : null,
);

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'A new key, and what it may do.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'For people, 1 to 255 characters.' }),
    role: t.field({ type: Role, required: true, defaultValue: 'MEMBER' }),
    crmAccess: t.boolean({ required: true, defaultValue: true }),
    expiresAt: t.field({ type: 'DateTime', description: 'Absent or null: never.' }),
  }),
});

const CreateApiKeyPayload = payloadType<{ readonly uid: string; readonly secret: string }>('CreateApiKeyPayload', {
  description: '`secret` is shown here and never again.',
  fields: (t) => ({
    apiKey: t.field({
      type: ApiKey,
      nullable: true,
      description: 'Null when it was refused.',
      resolve: ({ value }, _args, { loaders }) => value && loaders.apiKeyByUid.load(value.uid),
    }),
    secret: t.string({
      nullable: true,
      description: 'The key itself. Null when it was refused.',
      resolve: ({ value }) => value?.secret ?? null,
    }),
  }),
});

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'Which key to end.',
  fields: (t) => ({ id: t.id({ required: true }) }),
});

const RevokeApiKeyPayload = payloadType<{ readonly uid: string }>('RevokeApiKeyPayload', {
  description: 'The key that no longer opens anything.',
  fields: (t) => ({
    apiKey: t.field({
      type: ApiKey,
      nullable: true,
      description: 'Null when it was refused.',
      resolve: ({ value }, _args, { loaders }) => value && loaders.apiKeyByUid.load(value.uid),
    }),
  }),
});

builder.mutationFields((t) => ({
  createApiKey: t.field({
    type: CreateApiKeyPayload,
    description: 'Makes an API key. For admins.',
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) =>
      createApiKey(runtime, viewer, { ...input, expiresAt: input.expiresAt ?? null }),
  }),
  revokeApiKey: t.field({
    type: RevokeApiKeyPayload,
    description: 'Ends an API key at once. For admins.',
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => revokeApiKey(runtime, viewer, input.id),
  }),
}));
