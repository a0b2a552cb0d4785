import { Invalid, type Refusal } from './refusals.ts';

// The limits that several rooms share (DESIGN 2).

const MAX_TAGS = 50;
const MAX_TAG = 64;
const MAX_NAME = 255;

/** A text of 1 to 255 characters that is not only space. */
export const refuseName = (name: string, path: readonly string[], what = 'A name'): Refusal | null =>
  name.trim() === '' || name.trim().length > MAX_NAME
    ? new Invalid(`${what} has 1 to ${MAX_NAME} characters.`, path)
    : null;

/** At most 50 tags, each of 1 to 64 characters. */
export function refuseTags(tags: readonly string[], path: readonly string[]): Refusal | null {
  if (tags.length > MAX_TAGS) return new Invalid(`At most ${MAX_TAGS} tags.`, path);
  const index = tags.findIndex((tag) => tag.trim() === '' || tag.trim().length > MAX_TAG);
  return index < 0 ? null : new Invalid(`A tag has 1 to ${MAX_TAG} characters.`, [...path, String(index)]);
}

/** Tags as they are kept: without surrounding space, each once, in the order given. */
export const tidyTags = (tags: readonly string[]): string[] => [...new Set(tags.map((tag) => tag.trim()))];

const MAX_TEXT = 32 * 1024;
const MAX_URLS = 20;
const MAX_URL = 2_048;

/** A longer text: at most 32 KiB. */
export const refuseText = (text: string | null, path: readonly string[], what: string): Refusal | null =>
  text !== null && Buffer.byteLength(text) > MAX_TEXT ? new Invalid(`${what} has at most 32 KiB.`, path) : null;

const isWebAddress = (text: string) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);

/** At most 20 addresses of http or https, each of at most 2,048 characters. */
export function refuseUrls(urls: readonly string[], path: readonly string[]): Refusal | null {
  if (urls.length > MAX_URLS) return new Invalid(`At most ${MAX_URLS} attachments.`, path);
  const index = urls.findIndex((text) => text.length > MAX_URL || !isWebAddress(text));
  const at = [...path, String(index)];
  return index < 0 ? null : new Invalid(`An attachment is an http or https URL of at most ${MAX_URL} characters.`, at);
}

/** The refusals among several checks. */
export const refusalsOf = (...checks: readonly (Refusal | null)[]): Refusal[] =>
  checks.filter((refusal) => refusal !== null);
