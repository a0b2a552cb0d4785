// How a search sees a text, in the model's words: the database's own form of texts (search_form) is judged by it.

const LETTERS: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ı: 'i', ς: 'σ' };

const folded = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[ßæœøłđıς]/g, (letter) => LETTERS[letter] as string)
    .normalize('NFC');

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
