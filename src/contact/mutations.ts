import { builder } from '../graphql/builder.ts';
import { INPUTS, recordMutations } from '../record/mutations.ts';
import { Contact } from './schema.ts';
import { createContact, deleteContact, restoreContact, updateContact } from './service.ts';

const ACCOUNT = 'An Account’s id; a contact belongs to one at most. Their tasks belong to it too.';

const CreateContactInput = builder.inputType('CreateContactInput', {
  description: 'A new contact, of whom at least one of names, e-mail and phone is known.',
  fields: (t) => ({
    firstName: t.string({ description: INPUTS.text }),
    lastName: t.string({ description: INPUTS.text }),
    email: t.string({ description: INPUTS.email }),
    phone: t.string({ description: INPUTS.phone }),
    accountId: t.id({ description: ACCOUNT }),
    ownerId: t.id({ description: INPUTS.owner }),
    tags: t.stringList({ required: true, defaultValue: [], description: INPUTS.tags }),
  }),
});

const ContactPatch = builder.inputType('ContactPatch', {
  description:
    'An absent field is left alone; null clears what the contact shows as nullable. One of names, e-mail and phone must remain.',
  fields: (t) => ({
    firstName: t.string({ description: INPUTS.text }),
    lastName: t.string({ description: INPUTS.text }),
    email: t.string({ description: INPUTS.email }),
    phone: t.string({ description: INPUTS.phone }),
    accountId: t.id({ description: ACCOUNT }),
    ownerId: t.id({ description: INPUTS.owner }),
    tags: t.stringList({ description: INPUTS.tags }),
  }),
});

recordMutations('Contact', {
  type: Contact as never,
  create: CreateContactInput,
  patch: ContactPatch,
  notNull: [],
  words: {
    create: 'Creates a contact.',
    remove: 'Puts a contact into the bin, with the tasks and activities that are linked to them directly.',
    restore:
      'Takes a contact out of the bin, with exactly what their deletion took. Refused while their account is deleted.',
  },
  deeds: { create: createContact, update: updateContact, remove: deleteContact, restore: restoreContact },
});
