import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

// The module runs wherever Taskwire's clients do, Node 20 and browsers of 2022 among them, as it is: nobody fills in for it
// what they lack. The compiler holds it to ES2022; this holds the compiler to that, and names what `any` would let through.

const CLIENT = resolve(import.meta.dirname, '../../src/client');
const sources = readdirSync(CLIENT).filter((name) => name.endsWith('.ts'));

const newer = [
  'withResolvers',
  'Promise.try',
  'fromAsync',
  'groupBy',
  'Iterator.from',
  'toSorted',
  'toReversed',
  'toSpliced',
  'AbortSignal.any',
  'isWellFormed',
  'asyncDispose',
  'await using',
];

describe('the client module', () => {
  it('is compiled against the library of ES2022, and for it', () => {
    const { target, lib } = JSON.parse(readFileSync(join(CLIENT, 'tsconfig.json'), 'utf8')).compilerOptions;
    expect(target).toBe('es2022');
    expect(lib).toEqual(['es2022', 'dom', 'dom.iterable']);
  });

  it.each(sources)('asks nothing newer of its platform in %s', (name) => {
    // Comments may name what is done without.
    const code = readFileSync(join(CLIENT, name), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    expect(newer.filter((word) => code.includes(word))).toEqual([]);
    // Helpers of iterators: `.values().map(…)` and the like.
    expect(code).not.toMatch(/\.(values|keys|entries)\(\)\s*\.\w/);
  });
});
