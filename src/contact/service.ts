import { emailKey, phoneKey } from '../addresses.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import { deleteRecord, restoreRecord } from '../record/deletion/service.ts';
import type { Noun } from '../record/noun.ts';
import { addRecord, createRecord, type RecordUpdate, updateRecord, type Words } from '../record/write/service.ts';
import type { Runtime } from '../runtime.ts';
import { applyToContact, blankContact, type ContactState, contactName, tellContact } from './rules.ts';

const CONTACT: Noun<'CONTACT', ContactState> = {
  type: 'CONTACT',
  blank: blankContact,
  apply: applyToContact,
  stateOf: ({ firstName, lastName, email, phone, tags }, { owner, account }) => ({
    ...{ firstName, lastName, email, phone, tags, owner, account },
  }),
  columnsOf: (state) => {
    const { owner, account, tags, ...texts } = state;
    const ids = { accountId: account?.id ?? null, ownerId: owner?.id ?? null };
    const keys = { emailKey: emailKey(texts.email), phoneKey: phoneKey(texts.phone) };
    return { ...texts, ...ids, ...keys, name: contactName(state), tags: [...tags] };
  },
  outward: tellContact,
  derived: ({ account }) => ({ accountId: account?.id ?? null, leadId: null }),
};

export type ContactWords = Words<ContactState>;

export const createContact = (runtime: Runtime, viewer: Viewer, input: ContactWords) =>
  createRecord(runtime, viewer, CONTACT, input);

/** A contact that has been judged, in a transaction that does more. */
export const addContact = (tx: Tx, viewer: Viewer, state: ContactState, now: Date) =>
  addRecord(tx, viewer, CONTACT, state, now);

export const updateContact = (runtime: Runtime, viewer: Viewer, input: RecordUpdate<ContactState>) =>
  updateRecord(runtime, viewer, CONTACT, input);

export const deleteContact = (runtime: Runtime, viewer: Viewer, input: Parameters<typeof deleteRecord>[3]) =>
  deleteRecord(runtime, viewer, 'CONTACT', input);

/** Refused while their account is deleted. */
export const restoreContact = (runtime: Runtime, viewer: Viewer, input: Parameters<typeof restoreRecord>[3]) =>
  restoreRecord(runtime, viewer, CONTACT, input);
