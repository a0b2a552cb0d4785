import { refusalsOf, refuseName, refuseTags } from '../limits.ts';
import { Invalid, type Refusal } from '../refusals.ts';

export interface AccountInput {
  readonly name: string;
  readonly domain: string | null;
  readonly tags: readonly string[];
}

const HOST_NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$/;

/** A domain as it is kept: lower case, without surrounding space; an empty one is none. */
export const tidyDomain = (domain: string | null): string | null => domain?.trim().toLowerCase() || null;

/** Every reason why an account cannot be like this. */
export function refuseAccount({ name, domain, tags }: AccountInput): Refusal[] {
  const tidy = tidyDomain(domain);
  return refusalsOf(
    refuseName(name, ['name']),
    tidy !== null && !HOST_NAME.test(tidy)
      ? new Invalid('A domain is a host name such as acme.example.', ['domain'])
      : null,
    refuseTags(tags, ['tags']),
  );
}
