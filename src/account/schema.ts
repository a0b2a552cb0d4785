import { sightOf } from '../auth/sight.ts';
import { builder } from '../graphql/builder.ts';
import { Node, registerNode } from '../graphql/node.ts';
import type { RecordNode } from '../record/loaders.ts';
import { recordQueries } from '../record/queries.ts';
import { LinkedRecord, recordId } from '../record/schema.ts';

export const Account = builder.objectRef<RecordNode<'ACCOUNT'>>('Account').implement({
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

recordQueries('Account', {
  type: Account,
  fields: ['account', 'accounts'],
  search: 'A part of the name or domain, regardless of case and of accents.',
});
