import { Account } from '../account/schema.ts';
import { sightOf } from '../auth/sight.ts';
import { builder } from '../graphql/builder.ts';
import { Node, registerNode } from '../graphql/node.ts';
import type { RecordNode } from '../record/loaders.ts';
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
    phone: t.exposeString('phone', { nullable: true, description: `In E.164 where it parses. ${UNKNOWN}` }),
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
