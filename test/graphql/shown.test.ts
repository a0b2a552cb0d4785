import { describe, expect, it } from 'vitest';
import type { Context } from '../../src/graphql/context.ts';
import { boundPages, countShown } from '../../src/graphql/shown.ts';

const context = () => ({ loaders: {} }) as unknown as Context;
const entries = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('what one answer shows', () => {
  it('is 50,000 entries of lists together, and not one more', () => {
    const answer = context();
    for (let page = 0; page < 500; page += 1) expect(countShown(answer, entries(100))).toHaveLength(100);
    expect(() => countShown(answer, [])).not.toThrow();
    expect(() => countShown(answer, entries(1))).toThrow('more than 50,000');
    // The next one begins anew.
    expect(countShown(context(), entries(1))).toEqual([0]);
  });
});

describe('what is read for several parents at once', () => {
  it('is 25,000 entries at most; the row that tells of another page does not count', () => {
    expect(() => boundPages(250, 101)).not.toThrow();
    expect(() => boundPages(251, 101)).toThrow('more than 25,000');
  });
});
