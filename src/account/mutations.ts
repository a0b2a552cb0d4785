import { builder } from '../graphql/builder.ts';
import { INPUTS, recordMutations } from '../record/mutations.ts';
import { Account } from './schema.ts';
import { createAccount, deleteAccount, restoreAccount, updateAccount } from './service.ts';

const DOMAIN = 'A host name, such as `acme.example`; kept in lower case.';

const CreateAccountInput = builder.inputType('CreateAccountInput', {
  description: 'A new account.',
  fields: (t) => ({
    name: t.string({ required: true, description: INPUTS.name }),
    domain: t.string({ description: DOMAIN }),
    ownerId: t.id({ description: INPUTS.owner }),
    tags: t.stringList({ required: true, defaultValue: [], description: INPUTS.tags }),
  }),
});

const AccountPatch = builder.inputType('AccountPatch', {
  description: 'An absent field is left alone; null clears what the account shows as nullable.',
  fields: (t) => ({
    name: t.string({ description: INPUTS.name }),
    domain: t.string({ description: DOMAIN }),
    ownerId: t.id({ description: INPUTS.owner }),
    tags: t.stringList({ description: INPUTS.tags }),
  }),
});

recordMutations('Account', {
  type: Account as never,
  create: CreateAccountInput,
  patch: AccountPatch,
  notNull: ['name'],
  words: {
    create: 'Creates an account.',
    remove:
      'Puts an account into the bin, with its contacts and opportunities and with the tasks and activities that are linked to any of them. Of more than 1,000 the rest follows soon after.',
    restore: 'Takes an account out of the bin, with exactly what its deletion took.',
  },
  deeds: { create: createAccount, update: updateAccount, remove: deleteAccount, restore: restoreAccount },
});
