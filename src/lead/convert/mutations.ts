import { Account } from '../../account/schema.ts';
import { Contact } from '../../contact/schema.ts';
import { builder } from '../../graphql/builder.ts';
import { INPUT, payloadType } from '../../graphql/payload.ts';
import { CreateOpportunityInput } from '../../opportunity/mutations.ts';
import { Opportunity } from '../../opportunity/schema.ts';
import type { NewOpportunity } from '../../opportunity/service.ts';
import { Lead } from '../schema.ts';
import { type Converted, convertLead } from './service.ts';

const ConvertLeadInput = builder.inputType('ConvertLeadInput', {
  description: 'Which lead to convert, and into what.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'A Lead’s id. One of whom nothing but a company is known is refused.' }),
    expectedVersion: t.int({ description: 'Refuses with CONFLICT unless the lead is at this version.' }),
    accountId: t.id({
      description:
        'The account that they belong to. When absent a new one is made, called like the lead’s company, else like the person, and owned by the lead’s owner.',
    }),
    opportunity: t.field({
      type: CreateOpportunityInput,
      description:
        'An opportunity to make of it; none when absent. It goes to the account, the contact and the lead of the conversion, which need not be named: naming others is refused. Without `ownerId` it is owned by the lead’s owner while they are an active member, else by nobody.',
    }),
  }),
});

const REFUSED = 'Null when it was refused.';

const ConvertLeadPayload = payloadType<Converted>('ConvertLeadPayload', {
  description: 'The converted lead, and what it has become.',
  fields: (t) => ({
    lead: t.field({
      type: Lead,
      nullable: true,
      description: REFUSED,
      resolve: ({ value }, _args, { loaders }) => value && loaders.record.LEAD.load(value.leadId),
    }),
    account: t.field({
      type: Account,
      nullable: true,
      description: `The account that they belong to now. ${REFUSED}`,
      resolve: ({ value }, _args, { loaders }) =>
        value?.accountId == null ? null : loaders.record.ACCOUNT.load(value.accountId),
    }),
    contact: t.field({
      type: Contact,
      nullable: true,
      description: `The contact that the lead has become. ${REFUSED}`,
      resolve: ({ value }, _args, { loaders }) =>
        value?.contactId == null ? null : loaders.record.CONTACT.load(value.contactId),
    }),
    opportunity: t.field({
      type: Opportunity,
      nullable: true,
      description: 'The new opportunity. Null when none was asked for, or it was refused.',
      resolve: ({ value }, _args, { loaders }) =>
        value?.opportunityId == null ? null : loaders.record.OPPORTUNITY.load(value.opportunityId),
    }),
  }),
});

/** Absent fields are left out, so that they count as not given. */
const given = (words: object) =>
  Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined)) as NewOpportunity;

builder.mutationFields((t) => ({
  convertLead: t.field({
    type: ConvertLeadPayload,
    description:
      'Makes a customer of a lead, in one transaction: a contact with the lead’s names, e-mail, phone, tags and owner, at an account that is new unless one is named, and an opportunity if one is asked for. The lead’s owner owns them all; where that one is no active member any more, nobody does, as where `ownerId` is absent. The lead becomes CONVERTED, for good, and its tasks gain the account. So do opportunities that came from it earlier and belong to none, with their tasks; they gain the contact, too, unless they name one, and one whose contact is at another account stays as it is. Of more than 1,000 the rest follows soon after. Its activities keep the account that they name. A lead that is converted already stays as it is and is answered with what it became; CONFLICT when another account, or an opportunity, is asked for. Needs CRM access.',
    args: { input: t.arg({ type: ConvertLeadInput, required: true, description: INPUT }) },
    resolve: (_root, { input: { id, expectedVersion, accountId, opportunity } }, { runtime, viewer }) =>
      convertLead(runtime, viewer, {
        id,
        expectedVersion: expectedVersion ?? null,
        accountId: accountId ?? null,
        opportunity: opportunity ? given(opportunity) : null,
      }),
  }),
}));
