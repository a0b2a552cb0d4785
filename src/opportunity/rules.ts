import { parseTaskDate } from '../dates.ts';
import { encodeId } from '../ids.ts';
import { refuseName } from '../limits.ts';
import {
  type Applied,
  applied,
  common,
  type NamedRecord,
  type Path,
  type RecordState,
  refuseCommon,
  userId,
} from '../record/rules.ts';
import { Invalid, type Refusal } from '../refusals.ts';

export type OpportunityStatus = 'OPEN' | 'WON' | 'LOST';

export interface OpportunityState extends RecordState {
  readonly name: string;
  readonly account: NamedRecord | null;
  readonly contact: NamedRecord | null;
  readonly lead: NamedRecord | null;
  /** An exact decimal number in its one spelling. */
  readonly value: string | null;
  readonly currency: string | null;
  readonly status: OpportunityStatus;
  readonly closeDate: string | null;
}

export const blankOpportunity: OpportunityState = {
  name: '',
  account: null,
  contact: null,
  lead: null,
  value: null,
  currency: null,
  status: 'OPEN',
  closeDate: null,
  owner: null,
  tags: [],
};

/** A decimal number in its one spelling: no zeros around it, but at least two decimals (`1250.00`, `0.125`). */
export function tidyDecimal(text: string): string {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(text) ?? [];
  const digits = `${whole}.${fraction.padEnd(2, '0')}`;
  return /[1-9]/.test(digits) ? sign + digits : digits;
}

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

const refuseCurrency = (currency: string | null | undefined, path: Path): Refusal | null =>
  currency == null || CURRENCIES.has(currency)
    ? null
    : new Invalid('A currency is a code of ISO 4217 in capitals, such as EUR.', path);

const refuseDay = (day: string | null | undefined, path: Path): Refusal | null =>
  day == null || parseTaskDate(day) !== null
    ? null
    : new Invalid('A day lies between 0001-01-02 and 9999-12-30.', path);

/** Whom it is about must not belong to another account than it does. Looked at when one of the two changes. */
function refuseLinks(
  before: OpportunityState,
  { account, contact, lead }: OpportunityState,
  patch: Partial<OpportunityState>,
  path: Path,
): Refusal[] {
  const moves = account?.id !== before.account?.id;
  const contradicts = (named: NamedRecord | null) =>
    account !== null && named !== null && named.accountId !== null && named.accountId !== account.id;
  const refuse = (field: 'contact' | 'lead', named: NamedRecord | null) => {
    const changes = named?.id !== before[field]?.id;
    if (!(moves || changes) || !contradicts(named)) return null;
    const at = changes && patch[field] !== undefined ? `${field}Id` : 'accountId';
    return new Invalid(`This ${field} belongs to another account than the opportunity.`, [...path, at]);
  };
  return [refuse('contact', contact), refuse('lead', lead)].filter((refusal) => refusal !== null);
}

/** An opportunity after a patch, or every reason against it. */
export function applyToOpportunity(
  state: OpportunityState,
  patch: Partial<OpportunityState>,
  path: Path,
): Applied<OpportunityState> {
  const { name, value, tags: _tags, owner: _owner, ...rest } = patch;
  const after = {
    ...state,
    ...rest,
    ...common(patch),
    ...(name !== undefined && { name: name.trim() }),
    ...(value !== undefined && { value: value && tidyDecimal(value) }),
  };
  return applied(after, [
    refuseName(after.name, [...path, 'name']),
    ...refuseLinks(state, after, patch, path),
    refuseCurrency(patch.currency, [...path, 'currency']),
    refuseDay(patch.closeDate, [...path, 'closeDate']),
    refuseCommon(patch, path),
  ]);
}

/** An opportunity in the API's names and values, tags aside. */
export const tellOpportunity = ({ account, contact, lead, owner, tags: _, ...own }: OpportunityState) => ({
  ...own,
  accountId: account && encodeId('Account', account.uid),
  contactId: contact && encodeId('Contact', contact.uid),
  leadId: lead && encodeId('Lead', lead.uid),
  ownerId: userId(owner),
});
