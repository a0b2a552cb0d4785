import { encodeId } from '../ids.ts';
import {
  type Applied,
  applied,
  common,
  displayName,
  fullName,
  type NamedRecord,
  type Path,
  type RecordState,
  refuseCommon,
  refuseEmail,
  refuseNameless,
  refusePhone,
  refuseShort,
  tidyTexts,
  userId,
} from '../record/rules.ts';

export interface ContactState extends RecordState {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  /** At most one [PARSA-46]. */
  readonly account: NamedRecord | null;
}

export const blankContact: ContactState = {
  firstName: null,
  lastName: null,
  email: null,
  phone: null,
  account: null,
  owner: null,
  tags: [],
};

const TEXTS = ['firstName', 'lastName', 'email', 'phone'] as const;

/** What people call a contact; empty when nothing is known of them. */
export const contactName = ({ firstName, lastName, email, phone }: ContactState): string =>
  displayName(fullName(firstName, lastName), email, phone);

/** A contact after a patch, or every reason against it. */
export function applyToContact(state: ContactState, patch: Partial<ContactState>, path: Path): Applied<ContactState> {
  const { account } = patch;
  const after = { ...state, ...common(patch), ...tidyTexts(patch, TEXTS), ...(account !== undefined && { account }) };
  return applied(after, [
    refuseNameless(contactName(after), patch, TEXTS, 'first name, last name, e-mail and phone', path),
    refuseShort(patch.firstName, [...path, 'firstName'], 'A first name'),
    refuseShort(patch.lastName, [...path, 'lastName'], 'A last name'),
    refuseEmail(patch.email, [...path, 'email']),
    refusePhone(patch.phone, [...path, 'phone']),
    refuseCommon(patch, path),
  ]);
}

/** A contact in the API's names and values, tags aside. */
export const tellContact = ({ account, owner, tags: _, ...texts }: ContactState) => ({
  ...texts,
  accountId: account && encodeId('Account', account.uid),
  ownerId: userId(owner),
});
