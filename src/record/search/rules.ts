import { phoneKey } from '../../addresses.ts';

/** A word that is searched for, in lower case. */
export interface SearchWord {
  readonly text: string;
  /** Whether it is found within words, too. One that no index of parts can serve is found where a word begins. */
  readonly isAnywhere: boolean;
}

/** What somebody typed to find a record. */
export interface Search {
  /** All of it, in lower case, with single spaces. */
  readonly whole: string;
  /** Each must be found. */
  readonly words: readonly SearchWord[];
  /** What a telephone number is found by, however it is written; null for what cannot be one. */
  readonly digits: string | null;
}

/** Letters and digits: the rest is looked past by the index. */
const HAS_LETTER = /[\p{L}\p{N}]/u;
/** Three in a row, marks not counted; or one of those that are indexed each by itself. */
const HAS_PART = /[\p{L}\p{N}]{3}|[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]/u;
const unmarked = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').normalize('NFC');
const MAY_BE_NUMBER = /^\+?[\d\s().\-/]+$/;
const FEWEST_DIGITS = 3;

/** The words of a text that is searched for; null when it has none. */
export function readSearch(query: string): Search | null {
  const parts = query.toLowerCase().split(/\s+/).filter(Boolean);
  const words = [...new Set(parts)]
    .filter((word) => HAS_LETTER.test(word))
    .map((text) => ({ text, isAnywhere: HAS_PART.test(unmarked(text)) }));
  if (words.length === 0) return null;
  const digits = MAY_BE_NUMBER.test(query.trim()) ? phoneKey(query) : null;
  return { whole: parts.join(' '), words, digits: digits && digits.length >= FEWEST_DIGITS ? digits : null };
}

/** How well a record fits, best first. */
export interface Fit {
  readonly rank: number;
  readonly updatedAt: Date;
  readonly id: bigint;
}

/** The better fit first; of equal ones the one that was updated last. */
export const compareFits = (a: Fit, b: Fit): number =>
  a.rank - b.rank || b.updatedAt.getTime() - a.updatedAt.getTime() || Number(b.id - a.id);
