import { Invalid, type Refusal } from './refusals.ts';

// The limits that several rooms share (DESIGN 2).

const MAX_TAGS = 50;
const MAX_TAG = 64;
const MAX_NAME = 255;

const VALID = ' of valid Unicode, without U+0000';
const SEEN = ', at least one of which can be seen';

/** Whether PostgreSQL can hold a text: it has neither U+0000 nor half a character (a lone surrogate). */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

// Space, and what nobody sees by itself: joiners, marks of direction, soft hyphens, fillers, control characters. The blank
// of Braille is a letter to Unicode, the null notehead of music a symbol, and what annotations stand between a format.
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}\p{Cc}\u2800\ufff9-\ufffb\u{1d159}]/u;

/** Whether there is nothing to be seen in a text. The one rule for all that must not be blank, or is none when it is. */
export const isBlank = (text: string | null | undefined): boolean => text == null || !VISIBLE.test(text);

/** A longer text as it is kept: as it came, layout and all; a blank one is none. */
export const textOrNone = (text: string | null): string | null => (isBlank(text) ? null : text);

/** A short text as it is kept: without surrounding space; a blank one is none. */
export const tidyText = (text: string | null | undefined): string | null =>
  text == null || isBlank(text) ? null : text.trim();

/**
 * 1 to `max` characters that are not all invisible, space around them not counted; characters as PostgreSQL counts them, not
 * UTF-16's halves.
 */
export const hasLength = (text: string, max: number): boolean =>
  !isBlank(text) && [...text.trim()].length <= max && isStorable(text);

/** A text of 1 to 255 characters that is not blank. */
export const refuseName = (name: string, path: readonly string[], what = 'A name'): Refusal | null =>
  hasLength(name, MAX_NAME) ? null : new Invalid(`${what} has 1 to ${MAX_NAME} characters${VALID}${SEEN}.`, path);

/** At most 50 tags, each of 1 to 64 characters. */
export function refuseTags(tags: readonly string[], path: readonly string[]): Refusal | null {
  if (tags.length > MAX_TAGS) return new Invalid(`At most ${MAX_TAGS} tags.`, path);
  const index = tags.findIndex((tag) => !hasLength(tag, MAX_TAG));
  return index < 0
    ? null
    : new Invalid(`A tag has 1 to ${MAX_TAG} characters${VALID}${SEEN}.`, [...path, String(index)]);
}

/** Tags as they are kept: without surrounding space, each once, in the order given. */
export const tidyTags = (tags: readonly string[]): string[] => [...new Set(tags.map((tag) => tag.trim()))];

const MAX_TEXT = 32 * 1024;
const MAX_URLS = 20;
const MAX_URL = 2_048;

/** A longer text: at most 32 KiB. */
export const refuseText = (text: string | null, path: readonly string[], what: string): Refusal | null =>
  text !== null && (Buffer.byteLength(text) > MAX_TEXT || !isStorable(text))
    ? new Invalid(`${what} has at most 32 KiB${VALID}.`, path)
    : null;

// URL itself overlooks space and control characters that would be kept as they came.
const isWebAddress = (text: string) => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text) && isStorable(text);

/** An address of http or https, of at most 2,048 characters. */
export const isUrl = (text: string): boolean => text.length <= MAX_URL && isWebAddress(text);

/** At most 20 addresses of http or https, each of at most 2,048 characters. */
export function refuseUrls(urls: readonly string[], path: readonly string[]): Refusal | null {
  if (urls.length > MAX_URLS) return new Invalid(`At most ${MAX_URLS} attachments.`, path);
  const index = urls.findIndex((text) => !isUrl(text));
  const at = [...path, String(index)];
  return index < 0 ? null : new Invalid(`An attachment is an http or https URL of at most ${MAX_URL} characters.`, at);
}

/** The refusals among several checks. */
export const refusalsOf = (...checks: readonly (Refusal | null)[]): Refusal[] =>
  checks.filter((refusal) => refusal !== null);
