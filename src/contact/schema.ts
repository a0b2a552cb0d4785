import { Account } from '../account/schema.ts';
import { sightOf } from '../auth/sight.ts';
import { builder } from '../graphql/builder.ts';
import { pageArgs } from '../graphql/connection.ts';
import { Node, registerNode } from '../graphql/node.ts';
import { connect } from '../graphql/paging.ts';
import { listOfAccount } from '../record/listing/lists.ts';
import type { RecordNode } from '../record/loaders.ts';
import { recordQueries } from '../record/queries.ts';
import { LinkedRecord, recordId } from '../record/schema.ts';

const UNKNOWN = 'Null when it is not known.';

export const Contact = builder.objectRef<RecordNode<'CONTACT'>>('Contact').implement({
  description: 'A person at a customer.',
  interfaces: [Node, LinkedRecord],
  fields: (t) => ({
    id: t.id({ resolve: recordId }),
    firstName: t.exposeString('firstName', { nullable: true, description: UNKNOWN }),
    lastName: t.exposeString('lastName', { nullable: true, description: UNKNOWN }),
    email: t.exposeString('email', { nullable: true, description: UNKNOWN }),
    phone: t.exposeString('phone', { nullable: true, description: `As it was given. ${UNKNOWN}` }),
    account: t.field({
      type: Account,
      nullable: true,
      description: 'Null when they belong to none.',
      resolve: ({ accountId }, _args, { loaders, viewer }) =>
        accountId === null ? null : loaders.recordOf(sightOf(viewer)).ACCOUNT.load(accountId),
    }),
  }),
});
registerNode('Contact', ({ uid }, { loaders, viewer }) => loaders.recordByUid(sightOf(viewer)).CONTACT.load(uid));

const ContactConnection = recordQueries('Contact', {
  type: Contact,
  fields: ['contact', 'contacts'],
  search: 'A part of the name, e-mail or phone, regardless of case and of accents.',
});

builder.objectField(Account, 'contacts', (t) =>
  t.field({
    type: ContactConnection,
    description: 'Its contacts by name, without those in the bin. Empty without CRM access.',
    args: pageArgs(t.arg),
    resolve: ({ id }, page, { loaders, viewer }) => connect(page, listOfAccount(loaders, viewer, 'CONTACT', id)),
  }),
);
