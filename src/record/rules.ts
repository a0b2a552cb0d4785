import { encodeId } from '../ids.ts';
import { isStorable, refuseTags, tidyTags, tidyText } from '../limits.ts';
import { Invalid, type Refusal } from '../refusals.ts';

/** Someone or something, inside and outside. */
export interface Ref {
  readonly id: bigint;
  readonly uid: string;
}

/** Another record that a record names, and the account that this one belongs to. */
export interface NamedRecord extends Ref {
  readonly accountId: bigint | null;
}

/** What all records have in common. */
export interface RecordState {
  readonly owner: Ref | null;
  readonly tags: readonly string[];
}

export type Path = readonly string[];

export type Applied<State> =
  | { readonly ok: true; readonly state: State }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

export const applied = <State>(state: State, refusals: readonly (Refusal | null)[]): Applied<State> => {
  const found = refusals.filter((refusal) => refusal !== null);
  return found.length > 0 ? { ok: false, refusals: found } : { ok: true, state };
};

/** The tags and the owner after a patch. */
export const common = ({ owner, tags }: Partial<RecordState>): Partial<RecordState> => ({
  ...(owner !== undefined && { owner }),
  ...(tags !== undefined && { tags: tidyTags(tags) }),
});

export const refuseCommon = ({ tags }: Partial<RecordState>, path: Path) => refuseTags(tags ?? [], [...path, 'tags']);

/** The short texts of a patch, tidied. */
export const tidyTexts = <Field extends string>(
  patch: { readonly [Name in Field]?: string | null },
  fields: readonly Field[],
): { readonly [Name in Field]?: string | null } =>
  Object.fromEntries(
    fields.filter((field) => patch[field] !== undefined).map((field) => [field, tidyText(patch[field] ?? null)]),
  ) as { [Name in Field]?: string | null };

/** Characters as PostgreSQL counts them, not UTF-16's halves. */
const isShort = (text: string, max: number) => [...text.trim()].length <= max && isStorable(text);

/** A text of at most 255 characters, or none. */
export const refuseShort = (text: string | null | undefined, path: Path, what: string, max = 255): Refusal | null =>
  text == null || isShort(text, max)
    ? null
    : new Invalid(`${what} has at most ${max} characters of valid Unicode, without U+0000.`, path);

const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;

/** An address as people write it. What it is compared with is lower case on both sides, so that it is kept as it came. */
export const refuseEmail = (email: string | null | undefined, path: Path): Refusal | null => {
  const tidy = tidyText(email ?? null);
  return tidy === null || (EMAIL.test(tidy) && isShort(tidy, 254))
    ? null
    : new Invalid('An e-mail address is such as ada@acme.example, of at most 254 characters.', path);
};

// Kept as it comes; calls match it by its key (src/addresses.ts).
export const refusePhone = (phone: string | null | undefined, path: Path): Refusal | null =>
  refuseShort(phone, path, 'A phone number', 64);

/** What lists show and sort by: the first of these that there is, up to 255 characters. */
export function displayName(...candidates: readonly (string | null)[]): string {
  const name = candidates.find((candidate) => candidate) ?? '';
  return [...name].slice(0, 255).join('').trim();
}

/** A person's full name; empty when neither is known. */
export const fullName = (first: string | null, last: string | null): string =>
  [first, last].filter((part) => part !== null).join(' ');

/** Someone must be known by something; the path is that of what was taken away, else of the first. */
export function refuseNameless(
  name: string,
  patch: Readonly<Record<string, unknown>>,
  known: readonly string[],
  words: string,
  path: Path,
): Refusal | null {
  if (name !== '') return null;
  const field = known.find((each) => patch[each] !== undefined) ?? (known[0] as string);
  return new Invalid(`At least one of ${words} is needed.`, [...path, field]);
}

export const userId = (owner: Ref | null): string | null => owner && encodeId('User', owner.uid);
