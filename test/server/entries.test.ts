import { getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../src/server/entries.ts';
import { useGateway } from '../support/gateway.ts';

const entries = (query: string, variables?: Record<string, unknown>) => {
  const document = parse(query);
  const definition = getOperationAST(document);
  if (!definition) throw new Error('There is no operation.');
  return entriesOf(document, definition, variables);
};

describe('an operation asks for', () => {
  it.each([
    ['nothing of lists', '{ viewer { user { name } } }', 0],
    ['a page of 25 when it does not say', '{ tasks { nodes { id } } }', 25],
    ['as many as it says', '{ tasks(last: 3) { edges { cursor } } }', 3],
    ['lists within lists', '{ a(first: 100) { nodes { b(first: 50) { nodes { id } } c { nodes { id } } } } }', 7_600],
    ['several lists', '{ a(first: 5) { nodes { id } } b: a(first: 7) { nodes { id } } }', 12],
    ['no entries where only the count is shown', '{ a(first: 10) { nodes { b { totalCount } } } }', 10],
    ['a page by a fragment', '{ a { ...P } } fragment P on X { nodes { b(first: 2) { ... { nodes { id } } } } }', 75],
    ['what is too large as the largest there is', '{ a(first: 1000000) { nodes { id } } }', 100],
    ['as many of a list without pages as it says', '{ a(first: 1000) { b(first: 3) { nodes { id } } } }', 4_000],
    ['no more of one than there can be', '{ a(first: 1000000) { id } }', 1_000],
    ['nothing by a negative size', '{ a(first: -5) { nodes { b { nodes { id } } } } }', 0],
    ['a default page by null', '{ a(first: null) { nodes { id } } }', 25],
  ])('%s', (_what, query, expected) => {
    expect(entries(query)).toBe(expected);
  });

  it('what its variables say, else their defaults', () => {
    const query = 'query ($n: Int = 4, $m: Int) { a(first: $n) { nodes { b(first: $m) { nodes { id } } } } }';
    expect(entries(query, { n: 2, m: 3 })).toBe(8);
    expect(entries(query, { m: 3 })).toBe(16);
    expect(entries(query, { n: null, m: null })).toBe(25 * 26);
  });

  it('what its fragments ask for, counted once however often they spread each other', () => {
    const chain = Array.from(
      { length: 25 },
      (_, n) => `fragment F${n} on X { a { ...F${n + 1} b: a { ...F${n + 1} } } }`,
    );
    const query = `{ ...F0 } ${chain.join(' ')} fragment F25 on X { a(first: 1) { nodes { id } } }`;
    expect(entries(query)).toBe(2 ** 25);
    expect(entries('{ ...A } fragment A on X { a(first: 2) { nodes { ...A } } }')).toBe(2);
  });
});

describe('over HTTP', () => {
  const gateway = useGateway();
  it('what asks for more than can be answered is refused before anything is read', async () => {
    const organization = await gateway().organization('Ours');
    const admin = await gateway().member(organization, { email: 'ada@ours.example', role: 'ADMIN' });
    const query = (size: number) =>
      `{ accounts(first: 100) { nodes { tasks(first: 100) { nodes { history(first: ${size}) { nodes { id } } } } } } }`;
    const statements = await gateway().statementsOf(async () => {
      const { status, errors } = await gateway().send(admin, query(2));
      expect({ status, errors }).toMatchObject({
        status: 400,
        errors: [{ extensions: { code: 'LIMIT_EXCEEDED', limit: 25_000 } }],
      });
      expect(errors?.[0]?.message).toContain('this one asks for up to 30,100');
    });
    expect(statements.filter((name) => !name.startsWith('auth.'))).toEqual([]);
    expect((await gateway().send(admin, query(1))).errors).toBeUndefined();
  });
});
