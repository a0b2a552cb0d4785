import { describe, expect, it } from 'vitest';
import { shaped } from '../../src/db/statement.ts';

// A process's shapes are for good: these tests follow one another.

describe('a statement of few shapes', () => {
  it('is prepared when it comes again, each text under a name of its own', () => {
    expect(shaped('test.list', 'SELECT 1')).toEqual({
      name: 'test.list',
      text: '/* test.list */ SELECT 1',
      prepared: false,
    });
    expect(shaped('test.list', 'SELECT 2').prepared).toBe(false);
    const [one, two] = [shaped('test.list', 'SELECT 1'), shaped('test.list', 'SELECT 2')];
    expect(one).toEqual({ name: 'test.list.0', text: '/* test.list */ SELECT 1', prepared: true });
    expect(two).toEqual({ name: 'test.list.1', text: '/* test.list */ SELECT 2', prepared: true });
    expect(shaped('test.list', 'SELECT 1')).toEqual(one);
  });

  it('is not kept in mind for ever when it comes once', () => {
    for (let n = 0; n < 10_000; n += 1) expect(shaped('test.odd', `SELECT ${n}`).prepared).toBe(false);
    expect(shaped('test.odd', 'SELECT 3').prepared, 'long forgotten').toBe(false);
  });

  it('is prepared in 50 shapes at most, which stay', () => {
    for (let n = 0; n < 200; n += 1) for (const _time of [1, 2]) shaped('test.many', `SELECT ${n}`);
    const prepared = Array.from({ length: 200 }, (_, n) => shaped('test.many', `SELECT ${n}`)).filter(
      (one) => one.prepared,
    );
    expect(new Set(prepared.map(({ name }) => name)).size).toBe(48);
    expect(shaped('test.list', 'SELECT 1').prepared).toBe(true);
  });
});
