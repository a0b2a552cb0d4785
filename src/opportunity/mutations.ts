import { builder } from '../graphql/builder.ts';
import { INPUTS, recordMutations } from '../record/mutations.ts';
import { Opportunity, OpportunityStatus } from './schema.ts';
import { createOpportunity, deleteOpportunity, restoreOpportunity, updateOpportunity } from './service.ts';

const FIELDS = {
  newName: `${INPUTS.name} Its open task of kind OPPORTUNITY_DUE is called after it.`,
  account: 'An Account’s id. Its tasks belong to it too.',
  contact: 'A Contact’s id. One who belongs to another account than `accountId` is refused.',
  lead: 'A Lead’s id: where it came from. One that was converted to another account than `accountId` is refused.',
  value: 'At most 20 digits before the point and 10 after it.',
  currency: 'A code of ISO 4217 in capitals, such as `EUR`.',
  closeDate:
    'The day on which it is expected to close. An open opportunity gets a task of kind OPPORTUNITY_DUE on that day, at 06:00 in the organization’s time zone, or at once when it is written with a day that has come already: for its owner, else its account’s owner. It is not made again until the close date changes.',
  newCloseDate:
    'The day on which it is expected to close. Another day moves its open task of kind OPPORTUNITY_DUE, null cancels that. Where none is open, a day that has come gets one at once, and one to come when it does.',
  newStatus: 'WON and LOST complete its open task of kind OPPORTUNITY_DUE, in the name of the assistant.',
} as const;

export const CreateOpportunityInput = builder.inputType('CreateOpportunityInput', {
  description: 'A new opportunity.',
  fields: (t) => ({
    name: t.string({ required: true, description: INPUTS.name }),
    accountId: t.id({ description: FIELDS.account }),
    contactId: t.id({ description: FIELDS.contact }),
    leadId: t.id({ description: FIELDS.lead }),
    value: t.field({ type: 'Decimal', description: FIELDS.value }),
    currency: t.string({ description: FIELDS.currency }),
    status: t.field({ type: OpportunityStatus, required: true, defaultValue: 'OPEN' }),
    closeDate: t.field({ type: 'LocalDate', description: FIELDS.closeDate }),
    ownerId: t.id({ description: INPUTS.owner }),
    tags: t.stringList({ required: true, defaultValue: [], description: INPUTS.tags }),
  }),
});

const OpportunityPatch = builder.inputType('OpportunityPatch', {
  description: 'An absent field is left alone; null clears what the opportunity shows as nullable.',
  fields: (t) => ({
    name: t.string({ description: FIELDS.newName }),
    accountId: t.id({ description: FIELDS.account }),
    contactId: t.id({ description: FIELDS.contact }),
    leadId: t.id({ description: FIELDS.lead }),
    value: t.field({ type: 'Decimal', description: FIELDS.value }),
    currency: t.string({ description: FIELDS.currency }),
    status: t.field({ type: OpportunityStatus, description: FIELDS.newStatus }),
    closeDate: t.field({ type: 'LocalDate', description: FIELDS.newCloseDate }),
    ownerId: t.id({ description: INPUTS.owner }),
    tags: t.stringList({ description: INPUTS.tags }),
  }),
});

recordMutations('Opportunity', {
  type: Opportunity as never,
  create: CreateOpportunityInput,
  patch: OpportunityPatch,
  notNull: ['name', 'status'],
  words: {
    create: 'Creates an opportunity.',
    remove: 'Puts an opportunity into the bin, with the tasks and activities that are linked to it directly.',
    restore:
      'Takes an opportunity out of the bin, with exactly what its deletion took. Refused while its account is deleted. Where its close date has come meanwhile, it gets its task of kind OPPORTUNITY_DUE at once; one that comes back with its account gets it at the next 06:00.',
  },
  deeds: {
    create: createOpportunity,
    update: updateOpportunity,
    remove: deleteOpportunity,
    restore: restoreOpportunity,
  },
});
