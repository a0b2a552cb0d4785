import { builder } from '../graphql/builder.ts';
import { INPUTS, recordMutations } from '../record/mutations.ts';
import { Lead, LeadStatus } from './schema.ts';
import { createLead, deleteLead, restoreLead, updateLead } from './service.ts';

const STATUS = 'Any but CONVERTED: converting a lead is a mutation of its own, and is not taken back.';

const CreateLeadInput = builder.inputType('CreateLeadInput', {
  description: 'A new lead, of whom at least one of names, company, e-mail and phone is known.',
  fields: (t) => ({
    firstName: t.string({ description: INPUTS.text }),
    lastName: t.string({ description: INPUTS.text }),
    company: t.string({ description: INPUTS.text }),
    email: t.string({ description: INPUTS.email }),
    phone: t.string({ description: INPUTS.phone }),
    source: t.string({ description: INPUTS.text }),
    status: t.field({ type: LeadStatus, required: true, defaultValue: 'NEW', description: STATUS }),
    ownerId: t.id({ description: INPUTS.owner }),
    tags: t.stringList({ required: true, defaultValue: [], description: INPUTS.tags }),
  }),
});

const LeadPatch = builder.inputType('LeadPatch', {
  description:
    'An absent field is left alone; null clears what the lead shows as nullable. One of names, company, e-mail and phone must remain.',
  fields: (t) => ({
    firstName: t.string({ description: INPUTS.text }),
    lastName: t.string({ description: INPUTS.text }),
    company: t.string({ description: INPUTS.text }),
    email: t.string({ description: INPUTS.email }),
    phone: t.string({ description: INPUTS.phone }),
    source: t.string({ description: INPUTS.text }),
    status: t.field({ type: LeadStatus, description: STATUS }),
    ownerId: t.id({ description: INPUTS.owner }),
    tags: t.stringList({ description: INPUTS.tags }),
  }),
});

recordMutations('Lead', {
  type: Lead as never,
  create: CreateLeadInput,
  patch: LeadPatch,
  notNull: ['status'],
  words: {
    create: 'Creates a lead.',
    remove: 'Puts a lead into the bin, with the tasks and activities that are linked to them directly.',
    restore: 'Takes a lead out of the bin, with exactly what their deletion took.',
  },
  deeds: { create: createLead, update: updateLead, remove: deleteLead, restore: restoreLead },
});
