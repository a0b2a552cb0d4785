import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareFits, readSearch } from '../../src/record/search/rules.ts';

describe('what is searched for', () => {
  it.each([
    ['Ada  GREENE', 'ada greene', ['ada', 'greene']],
    ['ad gre', 'ad gre', [' ad', 'gre']],
    ['a-b c.d@e', 'a-b c.d@e', [' a-b', ' c.d@e']],
    ['ada & ada', 'ada & ada', ['ada']],
    ['50% of', '50% of', [' 50%', ' of']],
  ])('%j is its words, the short ones where words begin', (query, whole, words) => {
    const search = readSearch(query);
    const shown = search?.words.map(({ text, isAnywhere }) => (isAnywhere ? text : ` ${text}`));
    expect([search?.whole, shown]).toEqual([whole, words]);
  });

  it.each([
    ['+1 (415) 555-0100', '14155550100'],
    ['0049 30 901820', '4930901820'],
    ['555.01', '55501'],
    ['12', null],
    ['+1 415 ada', null],
    ['1%415', null],
  ])('%j may be the number %j', (query, digits) => {
    expect(readSearch(query)?.digits).toBe(digits);
  });

  it.each(['', '  ', '&', '%_\\', '- .'])('%j is nothing', (query) => {
    expect(readSearch(query)).toBeNull();
  });

  it('is in lower case, once each, and has a letter or digit in every word', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (query) => {
        for (const { text } of readSearch(query)?.words ?? []) {
          expect(text).toBe(text.toLowerCase());
          expect(text).toMatch(/[\p{L}\p{N}]/u);
          expect(text).not.toMatch(/\s/);
        }
        const texts = readSearch(query)?.words.map(({ text }) => text) ?? [];
        expect(new Set(texts).size).toBe(texts.length);
      }),
    );
  });
});

it('fits are in one order: by rank, then the last updated, then the newest', () => {
  const fit = fc.record({
    rank: fc.integer({ min: 0, max: 3 }),
    updatedAt: fc.integer({ min: 0, max: 2 }).map((ms) => new Date(ms)),
    id: fc.bigInt({ min: 1n, max: 3n }),
  });
  fc.assert(
    fc.property(fit, fit, fit, (a, b, c) => {
      expect(Math.sign(compareFits(a, b))).toBe(-Math.sign(compareFits(b, a)) + 0);
      if (compareFits(a, b) <= 0 && compareFits(b, c) <= 0) expect(compareFits(a, c)).toBeLessThanOrEqual(0);
      if (a.rank < b.rank) expect(compareFits(a, b)).toBeLessThan(0);
      else if (a.rank === b.rank && a.updatedAt > b.updatedAt) expect(compareFits(a, b)).toBeLessThan(0);
    }),
  );
});
