import { type AccountState, blankAccount } from '../../account/rules.ts';
import { applyToContact, blankContact, type ContactState } from '../../contact/rules.ts';
import { Conflict, Invalid, type Refusal } from '../../refusals.ts';
import { type LeadState, leadName } from '../rules.ts';

/** What a lead becomes where no account is named for it: one called like its company, else like the person. */
export const accountOf = (lead: LeadState): AccountState => ({
  ...blankAccount,
  name: lead.company ?? leadName(lead),
  owner: lead.owner,
});

const KNOWN_BY = ['firstName', 'lastName', 'email', 'phone'] as const;

/** Why a lead cannot become a contact: nothing is known of them but a company. */
export const refuseFaceless = (lead: LeadState): Refusal | null =>
  KNOWN_BY.some((field) => lead[field] !== null)
    ? null
    : new Invalid('A lead becomes a contact by a name, an e-mail address or a phone number: give it one first.', [
        'id',
      ]);

/** The contact that a lead becomes, always [PARSA-45]: they keep what is known of them, their owner and their tags. */
export function contactOf(lead: LeadState, account: NonNullable<ContactState['account']>): ContactState {
  const { firstName, lastName, email, phone, owner, tags } = lead;
  const applied = applyToContact(blankContact, { firstName, lastName, email, phone, owner, tags, account }, []);
  if (!applied.ok) throw new Error('A lead cannot be a contact as it is.');
  return applied.state;
}

/** What a conversion is asked to make of a lead. */
export interface Wish {
  /** The inner id of the account that they are to belong to; null where none is named. */
  readonly accountId: bigint | null;
  readonly wantsOpportunity: boolean;
}

/**
 * Why a lead that is converted already cannot be converted so. What is asked for once more, and is so, is no mistake: whoever
 * did not hear the first answer gets it.
 */
export function refuseAgain(
  { convertedAccountId, version }: { readonly convertedAccountId: bigint | null; readonly version: number },
  { accountId, wantsOpportunity }: Wish,
): Refusal | null {
  const elsewhere = accountId !== null && accountId !== convertedAccountId;
  if (!elsewhere && !wantsOpportunity) return null;
  const path = [elsewhere ? 'accountId' : 'opportunity'];
  return new Conflict('This lead is converted already, and is converted once.', path, version);
}
