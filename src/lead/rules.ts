import {
  type Applied,
  applied,
  common,
  displayName,
  fullName,
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
import { Invalid, NotAllowed, type Refusal } from '../refusals.ts';

export type LeadStatus = 'NEW' | 'CONTACTED' | 'QUALIFIED' | 'NURTURING' | 'UNQUALIFIED' | 'CONVERTED' | 'LOST';

export interface LeadState extends RecordState {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly company: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly source: string | null;
  readonly status: LeadStatus;
}

/** Statuses and fields are Parsa's [PARSA-45]. */
export const blankLead: LeadState = {
  firstName: null,
  lastName: null,
  company: null,
  email: null,
  phone: null,
  source: null,
  status: 'NEW',
  owner: null,
  tags: [],
};

const KNOWN_BY = ['firstName', 'lastName', 'company', 'email', 'phone'] as const;

/** What people call a lead; empty when nothing is known of them. */
export const leadName = ({ firstName, lastName, company, email, phone }: LeadState): string =>
  displayName(fullName(firstName, lastName), company, email, phone);

/** Converting a lead makes other records too: it has a mutation of its own, and is not taken back. */
function refuseStatus(before: LeadStatus, after: LeadStatus, path: Path): Refusal | null {
  if (before === after) return null;
  if (before === 'CONVERTED') return new NotAllowed('A converted lead stays converted.', path);
  return after === 'CONVERTED' ? new Invalid('A lead becomes CONVERTED by being converted only.', path) : null;
}

/** A lead after a patch, or every reason against it. */
export function applyToLead(state: LeadState, patch: Partial<LeadState>, path: Path): Applied<LeadState> {
  const { status = state.status } = patch;
  const after = { ...state, ...common(patch), ...tidyTexts(patch, [...KNOWN_BY, 'source']), status };
  return applied(after, [
    refuseNameless(leadName(after), patch, KNOWN_BY, 'first name, last name, company, e-mail and phone', path),
    refuseShort(patch.firstName, [...path, 'firstName'], 'A first name'),
    refuseShort(patch.lastName, [...path, 'lastName'], 'A last name'),
    refuseShort(patch.company, [...path, 'company'], 'A company'),
    refuseEmail(patch.email, [...path, 'email']),
    refusePhone(patch.phone, [...path, 'phone']),
    refuseShort(patch.source, [...path, 'source'], 'A source'),
    refuseStatus(state.status, status, [...path, 'status']),
    refuseCommon(patch, path),
  ]);
}

/** A lead in the API's names and values, tags aside. */
export const tellLead = ({ owner, tags: _, ...own }: LeadState) => ({ ...own, ownerId: userId(owner) });
