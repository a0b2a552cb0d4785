import type { Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import { deleteRecord, restoreRecord } from '../record/deletion/service.ts';
import type { Noun } from '../record/noun.ts';
import { addRecord, createRecord, type RecordUpdate, updateRecord, type Words } from '../record/write/service.ts';
import type { Runtime } from '../runtime.ts';
import { type AccountState, applyToAccount, blankAccount, tellAccount } from './rules.ts';

const ACCOUNT: Noun<'ACCOUNT', AccountState> = {
  type: 'ACCOUNT',
  blank: blankAccount,
  apply: applyToAccount,
  stateOf: ({ name, domain, tags }, { owner }) => ({ name, domain, tags, owner }),
  columnsOf: ({ owner, tags, ...own }) => ({ ...own, tags: [...tags], ownerId: owner?.id ?? null }),
  outward: tellAccount,
  derived: () => ({ accountId: null, leadId: null }),
};

export type AccountWords = Words<AccountState>;
/** What `createAccount` must be told. */
export type NewAccount = AccountWords & Pick<AccountState, 'name'>;

export const createAccount = (runtime: Runtime, viewer: Viewer, input: NewAccount) =>
  createRecord(runtime, viewer, ACCOUNT, input);

/** An account that has been judged, in a transaction that does more. */
export const addAccount = (tx: Tx, viewer: Viewer, state: AccountState, now: Date) =>
  addRecord(tx, viewer, ACCOUNT, state, now);

export const updateAccount = (runtime: Runtime, viewer: Viewer, input: RecordUpdate<AccountState>) =>
  updateRecord(runtime, viewer, ACCOUNT, input);

/** Takes its contacts and opportunities along. */
export const deleteAccount = (runtime: Runtime, viewer: Viewer, input: Parameters<typeof deleteRecord>[3]) =>
  deleteRecord(runtime, viewer, 'ACCOUNT', input);

export const restoreAccount = (runtime: Runtime, viewer: Viewer, input: Parameters<typeof restoreRecord>[3]) =>
  restoreRecord(runtime, viewer, ACCOUNT, input);
