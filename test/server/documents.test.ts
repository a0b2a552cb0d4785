import { buildSchema, type DocumentNode } from 'graphql';
import { expect, test } from 'vitest';
import { createDocuments } from '../../src/server/documents.ts';
import { defaultLimits } from '../../src/server/limits.ts';

const schema = buildSchema('type Query { a: String b: String }');

/** Reads documents; the same text gives the same object as long as it is kept. */
function createReader(cachedTokens = defaultLimits.cachedTokens) {
  const check = createDocuments(schema, { ...defaultLimits, cachedTokens });
  return (source: string): DocumentNode => (check(source) as { document: DocumentNode }).document;
}

test('a document is parsed and validated once', () => {
  const read = createReader();
  expect(read('{ a }')).toBe(read('{ a }'));
  expect(read('{ a }')).not.toBe(read('{ b }'));
});

test('the one not used for longest goes first, and the whole stays within its weight', () => {
  // Each weighs 3 tokens, and 1 for its text.
  const read = createReader(8);
  const [a, b] = [read('{ a }'), read('{ b }')];
  expect(read('{ a }')).toBe(a);
  read('{ a } ');
  expect(read('{ a }')).toBe(a);
  expect(read('{ b }')).not.toBe(b);
});

test('a long text weighs more than its tokens', () => {
  const read = createReader(100);
  const long = `{ a } # ${'x'.repeat(100_000)}`;
  expect(read(long)).not.toBe(read(long));
});

test('faulty documents are not kept, so a flood of them pushes nothing out', () => {
  const read = createReader(100);
  const kept = read('{ b }');
  for (let i = 0; i < 50; i += 1) read(`{ nope${i} }`);
  expect(read('{ b }')).toBe(kept);
});
