import { sightOf } from '../auth/sight.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import { DeletedFilter } from '../graphql/filters.ts';
import { Node, registerNode } from '../graphql/node.ts';
import { connect } from '../graphql/paging.ts';
import { INPUT, payloadType } from '../graphql/payload.ts';
import type { RecordNode } from '../record/loaders.ts';
import { findRecord, LinkedRecord, recordId } from '../record/schema.ts';
import { accountList } from './lists.ts';
import { createAccount } from './service.ts';

type AccountNode = RecordNode<'ACCOUNT'>;

export const Account = builder.objectRef<AccountNode>('Account').implement({
  description: 'A customer.',
  interfaces: [Node, LinkedRecord],
  fields: (t) => ({
    id: t.id({ resolve: recordId }),
    name: t.exposeString('name'),
    domain: t.exposeString('domain', {
      nullable: true,
      description: 'Such as `acme.example`. Null when it is not known.',
    }),
  }),
});
registerNode('Account', ({ uid }, { loaders, viewer }) => loaders.recordByUid(sightOf(viewer)).ACCOUNT.load(uid));

const AccountConnection = connectionType<AccountNode>('Account', Account, { of: 'accounts' });

builder.queryFields((t) => ({
  account: t.field({
    type: Account,
    nullable: true,
    description: 'An account by its id, deleted ones included. Null when there is none that the viewer may see.',
    args: { id: t.arg.id({ required: true, description: 'An account’s id; any other finds nothing.' }) },
    resolve: (_root, { id }, context) => findRecord('Account', id, context),
  }),
  accounts: t.field({
    type: AccountConnection,
    description: 'The organization’s accounts by name. Empty without CRM access.',
    args: {
      search: t.arg.string({ description: 'A part of the name or domain.' }),
      deleted: t.arg({
        type: DeletedFilter,
        description: 'Whether those in the bin are included; EXCLUDE when absent.',
      }),
      ...pageArgs(t.arg),
    },
    resolve: (_root, { search, deleted, ...page }, { runtime, viewer }) =>
      connect(page, accountList(runtime.db, viewer, { search: search ?? null, deleted: deleted ?? 'EXCLUDE' })),
  }),
}));

const CreateAccountInput = builder.inputType('CreateAccountInput', {
  description: 'A new account.',
  fields: (t) => ({
    name: t.string({ required: true, description: '1 to 255 characters.' }),
    domain: t.string({ description: 'A host name, such as `acme.example`.' }),
    ownerId: t.id({ description: 'A User’s id.' }),
    tags: t.stringList({ required: true, defaultValue: [], description: 'At most 50, each of 1 to 64 characters.' }),
  }),
});

const CreateAccountPayload = payloadType<{ readonly uid: string }>('CreateAccountPayload', {
  description: 'The new account.',
  fields: (t) => ({
    account: t.field({
      type: Account,
      nullable: true,
      description: 'Null when it was refused.',
      resolve: ({ value }, _args, { loaders }) => value && loaders.recordByUid('ALL').ACCOUNT.load(value.uid),
    }),
  }),
});

builder.mutationField('createAccount', (t) =>
  t.field({
    type: CreateAccountPayload,
    description: 'Creates an account. Needs CRM access.',
    args: { input: t.arg({ type: CreateAccountInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) =>
      createAccount(runtime, viewer, { ...input, domain: input.domain ?? null, ownerId: input.ownerId ?? null }),
  }),
);
