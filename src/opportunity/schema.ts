import { Account } from '../account/schema.ts';
import { sightOf } from '../auth/sight.ts';
import { Contact } from '../contact/schema.ts';
import { builder } from '../graphql/builder.ts';
import { pageArgs } from '../graphql/connection.ts';
import { Node, registerNode } from '../graphql/node.ts';
import { connect } from '../graphql/paging.ts';
import { Lead } from '../lead/schema.ts';
import { listOfAccount } from '../record/listing/lists.ts';
import type { RecordNode } from '../record/loaders.ts';
import { recordQueries } from '../record/queries.ts';
import { LinkedRecord, recordId } from '../record/schema.ts';
import { decimalText } from './service.ts';

export const OpportunityStatus = builder.enumType('OpportunityStatus', {
  description: 'How a deal stands.',
  values: ['OPEN', 'WON', 'LOST'] as const,
});

export const Opportunity = builder.objectRef<RecordNode<'OPPORTUNITY'>>('Opportunity').implement({
  description: 'A deal that may be won.',
  interfaces: [Node, LinkedRecord],
  fields: (t) => ({
    id: t.id({ resolve: recordId }),
    name: t.exposeString('name'),
    account: t.field({
      type: Account,
      nullable: true,
      description: 'Null when it is with no account yet.',
      resolve: ({ accountId: id }, _args, { loaders, viewer }) =>
        id === null ? null : loaders.recordOf(sightOf(viewer)).ACCOUNT.load(id),
    }),
    contact: t.field({
      type: Contact,
      nullable: true,
      description: 'Null when nobody is named.',
      resolve: ({ contactId: id }, _args, { loaders, viewer }) =>
        id === null ? null : loaders.recordOf(sightOf(viewer)).CONTACT.load(id),
    }),
    lead: t.field({
      type: Lead,
      nullable: true,
      description: 'Null when it came from no lead.',
      resolve: ({ leadId: id }, _args, { loaders, viewer }) =>
        id === null ? null : loaders.recordOf(sightOf(viewer)).LEAD.load(id),
    }),
    value: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'With two decimals or more. Null when it is not known.',
      resolve: ({ value }) => value && decimalText(value),
    }),
    currency: t.exposeString('currency', {
      nullable: true,
      description: 'ISO 4217. Null when none was given: a value may stand without one.',
    }),
    status: t.expose('status', { type: OpportunityStatus }),
    closeDate: t.field({
      type: 'LocalDate',
      nullable: true,
      description: 'The day on which it is expected to close. Null when none is set.',
      resolve: ({ closeDate }) => closeDate?.toISOString().slice(0, 10) ?? null,
    }),
  }),
});
registerNode('Opportunity', ({ uid }, { loaders, viewer }) =>
  loaders.recordByUid(sightOf(viewer)).OPPORTUNITY.load(uid),
);

const OpportunityConnection = recordQueries('Opportunity', {
  type: Opportunity,
  fields: ['opportunity', 'opportunities'],
  search: 'A part of the name, regardless of case and of accents.',
});

builder.objectField(Account, 'opportunities', (t) =>
  t.field({
    type: OpportunityConnection,
    description: 'Its opportunities by name, without those in the bin. Empty without CRM access.',
    args: pageArgs(t.arg),
    resolve: ({ id }, page, { loaders, viewer }) => connect(page, listOfAccount(loaders, viewer, 'OPPORTUNITY', id)),
  }),
);
