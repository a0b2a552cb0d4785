import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/cluster.ts';
import { holdsWords } from '../support/words.ts';

// The one form of all spellings of a text, and what follows for words and parts, by the database's own functions.

let database: TestDatabase;
let session: pg.Client;
beforeAll(async () => {
  database = await createDatabase();
  session = new pg.Client({ connectionString: database.url });
  await session.connect();
});
afterAll(async () => {
  await session.end();
  await database.drop();
});

const formsOf = async (texts: readonly string[]): Promise<string[]> => {
  const { rows } = await session.query<{ form: string }>(
    'SELECT search_form(given) AS form FROM unnest($1::text[]) WITH ORDINALITY AS g(given, n) ORDER BY n',
    [texts],
  );
  return rows.map(({ form }) => form);
};

describe('the form that texts are searched in', () => {
  it.each([
    [['José', 'Jose\u0301', 'JOSÉ', 'jose', 'Ｊosé'], 'jose'],
    [['Straße', 'STRASSE', 'STRAẞE', 'strasse'], 'strasse'],
    [['İstanbul', 'ISTANBUL', 'ıstanbul', 'i\u0307stanbul'], 'istanbul'],
    [['Đà Nẵng', 'đa\u0300 na\u0306\u0303ng', 'DA NANG'], 'da nang'],
    [['Æsir', 'ÆSIR', 'aesir'], 'aesir'],
    [['ΟΔΌΣ', 'οδός', 'οδοσ'], 'οδοσ'],
    [['O’Brien', "O'Brien"], "o'brien"],
    [['co\u00adop', 'co\u200cop', 'co\u200d\u2060\ufeffop', 'co\u200e\ufe0fop', 'coop'], 'coop'],
    [['co‐op', 'co\u2011op', 'co\u2012op', 'co-op'], 'co-op'],
    [['שָׁלוֹם', 'שׁלום', 'שלום'], 'שלום'],
    [['مُحَمَّد', 'مُحمد', 'محمد'], 'محمد'],
    [['ไทย\u200bแท้', 'ไทย แท้'], 'ไทย แท้'],
    [['€500', '₩500', '500'].map((text) => text.padStart(4)), ' 500'],
  ])('is the same for %j', async (texts, form) => {
    expect(new Set(await formsOf(texts))).toEqual(new Set([form]));
  });

  it.each(['آدم', 'हिन्दी', 'שלום', 'ไทยแท้', 'Москва'.toLowerCase()])(
    'keeps the marks of scripts in which they are letters: %s',
    async (text) => {
      expect(await formsOf([text])).toEqual([text.normalize('NFKD').normalize('NFC')]);
    },
  );

  it('sets apart what is written without spaces, whichever of its forms it came in', async () => {
    expect(new Set(await formsOf(['ガラス', 'ｶﾞﾗｽ', 'ガラス'.normalize('NFD')]))).toEqual(new Set([',ガ,,ラ,,ス,']));
    expect(new Set(await formsOf(['한국', '한국'.normalize('NFD')]))).toEqual(new Set([',한,,국,']));
    expect(await formsOf(['abc東x', '𠮷野'])).toEqual(['abc,東,x', ',𠮷,,野,']);
  });

  it('has no other form, and is the same for all of Unicode’s', async () => {
    const texts = fc.sample(fc.string({ unit: 'grapheme', maxLength: 20 }), { numRuns: 300, seed: 1 });
    const forms = await formsOf(texts);
    for (const name of ['NFC', 'NFD'] as const) {
      expect(await formsOf(texts.map((text) => text.normalize(name)))).toEqual(forms);
    }
  });

  it('leaves the signs of patterns and of queries as they are', async () => {
    const signs = String.raw`%_\-"é"`;
    expect(await formsOf([signs])).toEqual([String.raw`%_\-"e"`]);
  });
});

/** Which of the texts are found by what is asked for. */
const found = async (cases: readonly (readonly [string, string])[]): Promise<boolean[]> => {
  const { rows } = await session.query<{ found: boolean }>(
    `SELECT search_words(t) @@ search_query(q) AS found
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS g(t, q, n) ORDER BY n`,
    [cases.map(([text]) => text), cases.map(([, asked]) => asked)],
  );
  return rows.map((row) => row.found);
};

describe('words', () => {
  it.each([
    ['Call/email the buyer', ['call', 'email', 'call/email', '"call email the"']],
    ['Pay INV-123 -500 +50', ['123', 'inv-123', '500', '50', '"-500"', '+50']],
    ['Q3/Q4 plan, 24/7', ['q3', 'Q4', '24', '7', '24/7']],
    ['Äpfel/Birnen', ['apfel', 'birnen', 'birnen -apfel-birne']],
    ['Beyoncé/Jay-Z', ['beyonce', 'jay', 'jay-z', 'z']],
    ['Done.Call again', ['done', 'call']],
    ['Read report.pdf', ['report', 'pdf', 'report.pdf']],
    ['https://acme.example/pricing?x=1#top', ['pricing', 'acme', 'acme.example', 'https://acme.example/pricing']],
    ['Offer €500 or 20£', ['500', '€500', '20']],
    ['Kick-off/Review', ['review', 'kick', 'kick-off']],
    ['co‐op, Mon–Fri', ['co-op', 'co‐op', 'op', 'mon', 'fri']],
    ['Write to ada.byron@acme.example', ['ada', 'acme', 'ada.byron@acme.example', '@acme']],
    ['Release v1.2.3 of 3.5', ['1.2.3', 'v1.2.3', '3.5', 'v1.2']],
    ['<urgent>&amp;C:\\plan', ['urgent', '<urgent>', 'plan', 'c:\\plan']],
    ['Acme - renewal', ['acme - renewal', 'Acme – renewal', '- renewal', 'acme -']],
    ['תל־אביב', ['תל', 'אביב']],
  ])('of %j are found by each of %j', async (text, asked) => {
    expect(await found(asked.map((each) => [text, each]))).toEqual(asked.map(() => true));
  });

  it.each([
    [
      'Call/email the buyer',
      ['-email', 'email-call', '"email call"', 'call -"the buyer"', '-call/email', 'phone or fax'],
    ],
    ['Pay INV-123', ['12', 'inv-12', '123-inv', '-123']],
    ['Jay and Z', ['jay-z', 'jay/z']],
    ['Release v12', ['2', '12']],
  ])('of %j are not found by any of %j', async (text, asked) => {
    expect(await found(asked.map((each) => [text, each]))).toEqual(asked.map(() => false));
  });
});

it('a word is found exactly where the model finds it, in whichever of its spellings', async () => {
  const parts = [
    'José',
    'jose',
    'Straße',
    'STRASSE',
    '東京',
    '新東京タワー',
    'タワー',
    '서울회사',
    '회사',
    'Việt',
    'مُحَمَّد',
    'محمد',
    'שָׁלוֹם',
    'שלום',
    'late',
    '、',
    '—',
    '“offer”',
  ];
  const text = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 4 }).map((some) => some.join(' '));
  const glued = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 3 }).map((some) => some.join(''));
  const asked = fc.constantFrom(...parts.filter((part) => /\p{L}/u.test(part)));
  const spelled = (given: fc.Arbitrary<string>) =>
    fc.tuple(given, fc.constantFrom('NFC', 'NFD')).map(([each, form]) => each.normalize(form));
  const cases = fc.sample(fc.tuple(spelled(fc.oneof(text, glued)), spelled(asked)), { numRuns: 600, seed: 2 });
  const judged = await found(cases);
  expect(cases.filter(([there, wanted], index) => judged[index] !== holdsWords(there, wanted))).toEqual([]);
  expect(judged.filter(Boolean).length).toBeGreaterThan(50);
});

it('whatever signs stand beside words, they are found where the model finds them', async () => {
  // Digits that follow an e are an exponent to the parser, which is of no matter to people: there is none here.
  const word = fc.constantFrom('call', 'Mail', 'acme', 'x', 'v', 'v1', '12', '7', 'q3', 'José');
  const sign = fc.constantFrom(
    ...[...'!#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~"'],
    ' ',
    '  ',
    '\n',
    '€',
    '–',
    '‐',
    '×',
    '\u200b',
  );
  const between = fc.array(sign, { minLength: 1, maxLength: 3 }).map((some) => some.join(''));
  const text = fc.array(fc.tuple(word, between), { minLength: 1, maxLength: 5 }).map((some) => some.flat().join(''));
  // What excludes, and what quotes, are the language of queries, and signs alone are a question of their own.
  const joint = fc.array(fc.constantFrom(..."#$%&'+,-./:;=?@\\_~"), { minLength: 1, maxLength: 2 });
  const asked = fc.oneof(
    word,
    fc.tuple(word, joint, word).map(([a, by, b]) => `${a}${by.join('')}${b}`),
  );
  const given = fc.tuple(between, text).map(([first, rest]) => first + rest);
  const cases = fc.sample(fc.tuple(given, asked), { numRuns: 4_000, seed: 3 });
  const judged = await found(cases);
  expect(cases.filter(([there, wanted], index) => judged[index] !== holdsWords(there, wanted))).toEqual([]);
  expect(judged.filter(Boolean).length).toBeGreaterThan(500);
});
