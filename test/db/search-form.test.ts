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
    [['co\u00adop', 'coop'], 'coop'],
  ])('is the same for %j', async (texts, form) => {
    expect(new Set(await formsOf(texts))).toEqual(new Set([form]));
  });

  it.each(['مُحَمَّد', 'हिन्दी', 'שָׁלוֹם', 'ไทยแท้', 'Москва'.toLowerCase()])(
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
  const { rows } = await session.query<{ found: boolean }>(
    `SELECT to_tsvector('simple', search_form(t)) @@ websearch_to_tsquery('simple', search_form(q)) AS found
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS g(t, q, n) ORDER BY n`,
    [cases.map(([each]) => each), cases.map(([, each]) => each)],
  );
  const wrong = cases.filter(([there, wanted], index) => rows[index]?.found !== holdsWords(there, wanted));
  expect(wrong).toEqual([]);
  expect(rows.filter(({ found }) => found).length).toBeGreaterThan(50);
});
