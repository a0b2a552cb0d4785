import { refuseName } from '../limits.ts';
import { type Applied, applied, common, type Path, type RecordState, refuseCommon, userId } from '../record/rules.ts';
import { Invalid, type Refusal } from '../refusals.ts';

export interface AccountState extends RecordState {
  readonly name: string;
  readonly domain: string | null;
}

export const blankAccount: AccountState = { name: '', domain: null, owner: null, tags: [] };

const HOST_NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$/;

/** A domain as it is kept: lower case, without surrounding space; an empty one is none. */
const tidyDomain = (domain: string | null): string | null => domain?.trim().toLowerCase() || null;

function refuseDomain(domain: string | null, path: Path): Refusal | null {
  const tidy = tidyDomain(domain);
  return tidy === null || HOST_NAME.test(tidy)
    ? null
    : new Invalid('A domain is a host name such as acme.example.', path);
}

/** An account after a patch, or every reason against it. */
export function applyToAccount(state: AccountState, patch: Partial<AccountState>, path: Path): Applied<AccountState> {
  const { name, domain } = patch;
  const after = {
    ...state,
    ...common(patch),
    ...(name !== undefined && { name: name.trim() }),
    ...(domain !== undefined && { domain: tidyDomain(domain) }),
  };
  return applied(after, [
    refuseName(after.name, [...path, 'name']),
    refuseDomain(domain ?? null, [...path, 'domain']),
    refuseCommon(patch, path),
  ]);
}

/** An account in the API's names and values, tags aside. */
export const tellAccount = ({ name, domain, owner }: AccountState) => ({ name, domain, ownerId: userId(owner) });
