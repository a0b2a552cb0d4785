import { GraphQLError } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createMask, refuse } from '../../src/graphql/errors.ts';
import { Fault } from '../../src/refusals.ts';
import { post, useToy } from './harness.ts';

const masked = 'Something went wrong on our side. Quote the request id when you ask.';

describe('over HTTP', () => {
  const held = useToy();
  const ask = async (query: string, variables = {}, headers = {}) => {
    const answer = await post(held.url, { query, variables }, { 'x-request-id': 'req-1', ...headers });
    expect(answer.text).not.toMatch(/hunter2|originalError|stack|node_modules/);
    return answer.json;
  };
  const errorLogs = () => held.toy.logs.filter(({ level }) => level === 50);

  test('hides what was thrown, and logs it once with the request id', async () => {
    const { data, errors } = await ask('{ a boom }');
    expect(data).toEqual({ a: 'a', boom: null });
    expect(errors).toEqual([
      {
        message: masked,
        locations: [{ line: 1, column: 5 }],
        path: ['boom'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'req-1' },
      },
    ]);
    expect(errorLogs()).toMatchObject([{ requestId: 'req-1', err: { message: `cannot reach ${held.toy.secret}` } }]);
  });

  test('logs one rejection once, though it fails many fields', async () => {
    expect((await ask('{ booms }')).errors).toHaveLength(3);
    expect(errorLogs()).toHaveLength(1);
  });

  test.each(['graphql', 'foreign code', 'internal code', 'disguised', 'text', 'abort', 'undefined'])(
    'hides a thrown %s',
    async (how) => {
      const { errors } = await ask('query ($how: String!) { thrown(how: $how) }', { how });
      expect(errors).toMatchObject([{ message: masked, extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
      expect(errorLogs()).toHaveLength(1);
    },
  );

  test.each(['{ missing }', '{ thing { name } }', '{ color }'])(
    'hides what graphql-js says of our values: %s',
    async (query) => {
      expect((await ask(query)).errors).toMatchObject([{ message: masked }]);
    },
  );

  test('shows refusals as they were meant', async () => {
    expect((await ask('{ thrown(how: "fault") }')).errors).toEqual([
      {
        message: 'Not for you.',
        locations: [{ line: 1, column: 3 }],
        path: ['thrown'],
        extensions: { code: 'FORBIDDEN', field: 'x' },
      },
    ]);
    expect((await ask('{ thrown(how: "refusal") }')).errors).toMatchObject([{ extensions: { code: 'TIMEOUT' } }]);
    expect(errorLogs()).toEqual([]);
  });

  test('hides what the context and the credentials fail over', async () => {
    held.toy.contextFails = true;
    expect(await ask('{ a }')).toEqual({
      errors: [{ message: masked, extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'req-1' } }],
    });
    expect(await ask('{ a }', {}, { authorization: 'Bearer crash' })).toMatchObject({ errors: [{ message: masked }] });
    expect(errorLogs()).toHaveLength(2);
  });

  test('hides that an answer cannot be written as JSON', async () => {
    const answer = await post(held.url, { query: '{ unwritable }' });
    expect(answer.status).toBe(500);
    expect(answer.json).toMatchObject({ errors: [{ message: masked }] });
    expect(errorLogs()).toHaveLength(1);
  });

  test('says what is wrong with the input', async () => {
    const wrong = async (query: string, variables = {}) => {
      const { errors } = await ask(query, variables);
      return errors.map(({ message, extensions: { code } }: GraphQLError) => [code, message]);
    };
    expect(await wrong('query ($n: Int!) { page(first: $n) }')).toEqual([
      ['BAD_USER_INPUT', 'Variable "$n" of required type "Int!" was not provided.'],
    ]);
    expect(await wrong('query ($n: Int!) { page(first: $n) }', { n: 'x' })).toEqual([
      ['BAD_USER_INPUT', 'Variable "$n" got invalid value "x"; Int cannot represent non-integer value: "x"'],
    ]);
    expect(await wrong('query ($d: Day) { day(on: $d) }', { d: 'x' })).toEqual([
      ['BAD_USER_INPUT', 'Variable "$d" got invalid value "x"; A Day is a day.'],
    ]);
    expect(await wrong('query ($n: Int = 1) { page(first: $n) }', { n: null })).toEqual([
      ['BAD_USER_INPUT', 'Argument "first" of non-null type "Int!" must not be null.'],
    ]);
    expect(await wrong('{ day(on: "x") }')).toEqual([['GRAPHQL_VALIDATION_FAILED', 'A Day is a day.']]);
    expect(await wrong('{ nope }')).toEqual([
      ['GRAPHQL_VALIDATION_FAILED', 'Cannot query field "nope" on type "Query".'],
    ]);
    expect(await wrong('{ a ')).toEqual([['GRAPHQL_PARSE_FAILED', 'Syntax Error: Expected Name, found <EOF>.']]);
    expect(errorLogs()).toEqual([]);
  });

  test('cuts off what a scalar stumbled over, by variable and in the document', async () => {
    const byVariable = (await ask('query ($b: Bug) { bug(on: $b) }', { b: 'x' })).errors;
    expect(byVariable).toMatchObject([
      { message: 'Variable "$b" got invalid value "x"; Expected type "Bug".', extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    expect((await ask('{ bug(on: "x") }')).errors).toMatchObject([
      { message: 'Expected value of type "Bug", found "x";', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
  });

  test('does not repeat a huge value for each of its faults', async () => {
    const by = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, 'x'.repeat(3_000)]));
    const answer = await post(held.url, { query: 'query ($by: Filter) { filter(by: $by) }', variables: { by } });
    expect(answer.json.errors.length).toBeGreaterThan(40);
    expect(answer.text.length).toBeLessThan(100_000);
    expect(answer.json.errors.at(-1)).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });
});

describe('the mask', () => {
  const reported: unknown[] = [];
  const mask = createMask('id', (bug) => reported.push(bug));

  test('keeps what HTTP is to say out of what is sent', () => {
    const { formatted, http } = mask(
      refuse('RATE_LIMITED', 'Slower.', {}, { status: 429, headers: { 'retry-after': '1' } }),
    );
    expect(formatted).toEqual({ message: 'Slower.', extensions: { code: 'RATE_LIMITED' } });
    expect(http).toEqual({ status: 429, headers: { 'retry-after': '1' } });
  });

  test('finds a Fault however deep graphql-js has wrapped it', () => {
    const fault = new Fault('TIMEOUT', 'Too long.');
    const wrapped = new GraphQLError(fault.message, {
      originalError: new GraphQLError('Too long.', { originalError: fault }),
    });
    expect(mask(wrapped)).toMatchObject({ code: 'TIMEOUT', http: { status: 504 } });
    expect(reported).toEqual([]);
  });
});
