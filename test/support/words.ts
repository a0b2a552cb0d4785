// How a search sees a text, in the model's words: the database's own form of texts (search_form) is judged by it.

const LETTERS: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ı: 'i', ς: 'σ' };

// Accents, the points of Hebrew and Arabic, and what nobody sees.
const UNWRITTEN =
  /[\ufe00-\ufe0f\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u0652\u0670\u00ad\u061c\u200c-\u200f\u2060\ufeff]/g;

const folded = (text: string) =>
  text
    .normalize('NFKD')
    .replace(UNWRITTEN, '')
    .toLowerCase()
    .replace(/[ßæœøłđıς]/g, (letter) => LETTERS[letter] as string)
    .normalize('NFC')
    // The v of a version is a word.
    .replace(/(?<![\p{L}\p{N}\p{M}])v(?=\d+\.\d)/gu, 'v ');

const ALONE = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]`;
const WORD = new RegExp(String.raw`${ALONE}|(?:(?!${ALONE})[\p{L}\p{N}\p{M}])+`, 'gu');

const wordsIn = (text: string): readonly string[] => folded(text).match(WORD) ?? [];

/** Whether all words that are asked for stand in a text; those that are written as one, one behind the other. */
export function holdsWords(text: string, asked: string): boolean {
  const there = wordsIn(text);
  return asked.split(/\s+/).every((part) => {
    const wanted = wordsIn(part);
    return there.some((_, at) => wanted.every((word, n) => there[at + n] === word)) || wanted.length === 0;
  });
}
