import { getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { connect } from '../support/socket-client.ts';
import { post, useToy } from './harness.ts';

const held = useToy();
const deep = (levels: number) => `${'{self'.repeat(levels)}{a}${'}'.repeat(levels)}`;
const aliases = (count: number) => `{${Array.from({ length: count }, (_, i) => `a${i}:a `).join('')}}`;
/** Fragments that spread the next one twice: 2^n fields from n tokens. */
const doubling = (levels: number) =>
  `{...F0} ${Array.from({ length: levels }, (_, i) => `fragment F${i} on Query{x:self{...F${i + 1}}y:self{...F${i + 1}}}`).join(' ')} fragment F${levels} on Query{a}`;
const unaliased = (levels: number) =>
  `{...F0} ${Array.from({ length: levels }, (_, i) => `fragment F${i} on Query{a whoami self{...F${i + 1}}...F${i + 1}}`).join(' ')} fragment F${levels} on Query{a}`;

describe.each([
  ['20,000 levels', '{a'.repeat(20_000) + '}'.repeat(20_000)],
  ['20,000 aliases', aliases(20_000)],
  ['tokens', `{${'a '.repeat(2_001)}}`],
  ['levels', deep(21)],
  ['aliases', aliases(101)],
  ['aliases spread by fragments', doubling(8)],
  ['fields spread by fragments', unaliased(18)],
  ['fields to compare', `{${'a '.repeat(1_500)}}`],
  ['directives', `{${'a @skip(if: false) '.repeat(51)}}`],
  ['directives of an operation', `query ${'@x '.repeat(51)}{a}`],
])('too many: %s', (_, query) => {
  test('is a 400, at once', async () => {
    await post(held.url, { query: '{a}' });
    // Of work, not of waiting: other tests run beside this one. Without limits the worst of these take a second.
    const before = process.cpuUsage();
    const { status, json } = await post(held.url, { query });
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(250);
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
    expect(json.errors).toHaveLength(1);
  });

  test('is an error message, and closes no socket', async () => {
    const socket = await connect(held.url, { params: { authorization: 'Bearer ada' } });
    const ticks = socket.subscribe({ query: 'subscription { ticks }' });
    const source = await held.toy.source();
    const { type, payload } = await socket.subscribe({ query }).next();
    expect({ type, payload }).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
    source.push('still here');
    expect((await ticks.next()).payload).toEqual({ data: { ticks: 'still here' } });
    await socket.close();
  });
});

test('what is within limits passes', async () => {
  for (const query of [
    deep(19),
    aliases(100),
    doubling(5),
    `{${'a @skip(if: false) '.repeat(50)}}`,
    `{${'a '.repeat(500)}}`,
  ]) {
    expect((await post(held.url, { query })).json.errors).toBeUndefined();
  }
});

test('the most generous introspection query passes', async () => {
  const query = getIntrospectionQuery({
    descriptions: true,
    directiveIsRepeatable: true,
    inputValueDeprecation: true,
    oneOf: true,
    schemaDescription: true,
    specifiedByUrl: true,
  });
  expect((await post(held.url, { query })).json.data.__schema.types.length).toBeGreaterThan(5);
});

test('a cycle of fragments is a validation error', async () => {
  const { json } = await post(held.url, {
    query: '{...A} fragment A on Query{self{...B}} fragment B on Query{self{...A}}',
  });
  expect(json.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
});

test('variables are nested so deep and no deeper', async () => {
  const query = 'query ($by: Filter) { filter(by: $by) }';
  const nested = (levels: number) => `${'{"not":'.repeat(levels)}{}${'}'.repeat(levels)}`;
  const ask = (levels: number) =>
    post(held.url, `{"query":${JSON.stringify(query)},"variables":{"by":${nested(levels)}}}`);
  expect((await ask(20)).json).toEqual({ data: { filter: 1 } });
  for (const levels of [33, 30_000]) {
    const { status, json } = await ask(levels);
    expect([status, json.errors[0].extensions.code]).toEqual([400, 'LIMIT_EXCEEDED']);
  }
});

test('a thousand faults are not a thousand errors', async () => {
  const { json } = await post(held.url, { query: `{${Array.from({ length: 1_000 }, (_, i) => `x${i} `).join('')}}` });
  expect(json.errors.length).toBeLessThan(25);
});
