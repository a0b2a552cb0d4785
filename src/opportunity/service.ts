import type { Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import { deleteRecord, restoreRecord } from '../record/deletion/service.ts';
import type { Noun } from '../record/noun.ts';
import { addRecord, createRecord, type RecordUpdate, updateRecord, type Words } from '../record/write/service.ts';
import type { Runtime } from '../runtime.ts';
import { followDue } from './due/service.ts';
import { applyToOpportunity, blankOpportunity, type OpportunityState, tellOpportunity, tidyDecimal } from './rules.ts';

/** A value as the driver gives it, which is text by one way and Prisma's Decimal by the other. */
export const decimalText = (value: string | { toFixed(): string }): string =>
  tidyDecimal(typeof value === 'string' ? value : value.toFixed());

const OPPORTUNITY: Noun<'OPPORTUNITY', OpportunityState> = {
  type: 'OPPORTUNITY',
  blank: blankOpportunity,
  apply: applyToOpportunity,
  stateOf: ({ name, value, currency, status, closeDate, tags }, named) => ({
    ...{ name, currency, status, tags, ...named },
    value: value && decimalText(value),
    closeDate: closeDate?.toISOString().slice(0, 10) ?? null,
  }),
  columnsOf: ({ account, contact, lead, owner, tags, closeDate, ...own }) => ({
    ...own,
    closeDate: closeDate === null ? null : new Date(`${closeDate}T00:00:00Z`),
    tags: [...tags],
    accountId: account?.id ?? null,
    contactId: contact?.id ?? null,
    leadId: lead?.id ?? null,
    ownerId: owner?.id ?? null,
  }),
  outward: tellOpportunity,
  derived: ({ account, lead }) => ({ accountId: account?.id ?? null, leadId: lead?.id ?? null }),
  entails: followDue,
};

export type OpportunityWords = Words<OpportunityState>;
/** What `createOpportunity` must be told. */
export type NewOpportunity = OpportunityWords & Pick<OpportunityState, 'name'>;

export const createOpportunity = (runtime: Runtime, viewer: Viewer, input: NewOpportunity) =>
  createRecord(runtime, viewer, OPPORTUNITY, input);

/** An opportunity that has been judged, in a transaction that does more. */
export const addOpportunity = (tx: Tx, viewer: Viewer, state: OpportunityState, now: Date) =>
  addRecord(tx, viewer, OPPORTUNITY, state, now);

export const updateOpportunity = (runtime: Runtime, viewer: Viewer, input: RecordUpdate<OpportunityState>) =>
  updateRecord(runtime, viewer, OPPORTUNITY, input);

export const deleteOpportunity = (runtime: Runtime, viewer: Viewer, input: Parameters<typeof deleteRecord>[3]) =>
  deleteRecord(runtime, viewer, 'OPPORTUNITY', input);

/** Refused while its account is deleted. */
export const restoreOpportunity = (runtime: Runtime, viewer: Viewer, input: Parameters<typeof restoreRecord>[3]) =>
  restoreRecord(runtime, viewer, OPPORTUNITY, input);
