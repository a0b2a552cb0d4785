import { Account } from '../account/schema.ts';
import { sightOf } from '../auth/sight.ts';
import { Contact } from '../contact/schema.ts';
import { builder } from '../graphql/builder.ts';
import { Node, registerNode } from '../graphql/node.ts';
import type { RecordNode } from '../record/loaders.ts';
import { recordQueries } from '../record/queries.ts';
import { LinkedRecord, recordId } from '../record/schema.ts';

const UNKNOWN = 'Null when it is not known.';
const UNCONVERTED = 'Null until it is converted.';

export const LeadStatus = builder.enumType('LeadStatus', {
  description: 'How far a lead has come.',
  values: ['NEW', 'CONTACTED', 'QUALIFIED', 'NURTURING', 'UNQUALIFIED', 'CONVERTED', 'LOST'] as const,
});

export const Lead = builder.objectRef<RecordNode<'LEAD'>>('Lead').implement({
  description: 'Someone who may become a customer.',
  interfaces: [Node, LinkedRecord],
  fields: (t) => ({
    id: t.id({ resolve: recordId }),
    firstName: t.exposeString('firstName', { nullable: true, description: UNKNOWN }),
    lastName: t.exposeString('lastName', { nullable: true, description: UNKNOWN }),
    company: t.exposeString('company', { nullable: true, description: UNKNOWN }),
    email: t.exposeString('email', { nullable: true, description: UNKNOWN }),
    phone: t.exposeString('phone', { nullable: true, description: `As it was given. ${UNKNOWN}` }),
    source: t.exposeString('source', { nullable: true, description: `Where it came from. ${UNKNOWN}` }),
    status: t.expose('status', { type: LeadStatus }),
    convertedAccount: t.field({
      type: Account,
      nullable: true,
      description: UNCONVERTED,
      resolve: ({ convertedAccountId: id }, _args, { loaders, viewer }) =>
        id === null ? null : loaders.recordOf(sightOf(viewer)).ACCOUNT.load(id),
    }),
    convertedContact: t.field({
      type: Contact,
      nullable: true,
      description: UNCONVERTED,
      resolve: ({ convertedContactId: id }, _args, { loaders, viewer }) =>
        id === null ? null : loaders.recordOf(sightOf(viewer)).CONTACT.load(id),
    }),
  }),
});
registerNode('Lead', ({ uid }, { loaders, viewer }) => loaders.recordByUid(sightOf(viewer)).LEAD.load(uid));

recordQueries('Lead', {
  type: Lead,
  fields: ['lead', 'leads'],
  search: 'A part of the name, company, e-mail or phone, regardless of case and of accents.',
});
