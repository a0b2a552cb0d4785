import { emailKey, phoneKey } from '../addresses.ts';
import type { Viewer } from '../auth/viewer.ts';
import { deleteRecord, restoreRecord } from '../record/deletion/service.ts';
import type { Noun } from '../record/noun.ts';
import { createRecord, type RecordUpdate, updateRecord, type Words } from '../record/write/service.ts';
import type { Runtime } from '../runtime.ts';
import { applyToLead, blankLead, type LeadState, leadName, tellLead } from './rules.ts';

/** What a lead has of its own among records. */
export const LEAD: Noun<'LEAD', LeadState> = {
  type: 'LEAD',
  blank: blankLead,
  apply: applyToLead,
  stateOf: ({ firstName, lastName, company, email, phone, source, status, tags }, { owner }) => ({
    ...{ firstName, lastName, company, email, phone, source, status, tags, owner },
  }),
  columnsOf: (state) => {
    const { owner, tags, ...own } = state;
    const keys = { emailKey: emailKey(own.email), phoneKey: phoneKey(own.phone) };
    return { ...own, ...keys, name: leadName(state), tags: [...tags], ownerId: owner?.id ?? null };
  },
  outward: tellLead,
  // The account that its tasks derive from it comes with its conversion, which is not written here.
  derived: () => ({ accountId: null, leadId: null }),
};

export type LeadWords = Words<LeadState>;

export const createLead = (runtime: Runtime, viewer: Viewer, input: LeadWords) =>
  createRecord(runtime, viewer, LEAD, input);

export const updateLead = (runtime: Runtime, viewer: Viewer, input: RecordUpdate<LeadState>) =>
  updateRecord(runtime, viewer, LEAD, input);

export const deleteLead = (runtime: Runtime, viewer: Viewer, input: Parameters<typeof deleteRecord>[3]) =>
  deleteRecord(runtime, viewer, 'LEAD', input);

export const restoreLead = (runtime: Runtime, viewer: Viewer, input: Parameters<typeof restoreRecord>[3]) =>
  restoreRecord(runtime, viewer, LEAD, input);
