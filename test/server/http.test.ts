import { request } from 'node:http';
import { expect, test } from 'vitest';
import { post, send, useToy } from './harness.ts';

const held = useToy();
const query = (text: string) => `${held.url}?query=${encodeURIComponent(text)}`;
const codeOf = ({ json }: { json: { errors: { extensions: { code: string } }[] } }) => json.errors[0]?.extensions.code;

test('answers a POST', async () => {
  const { status, json, headers } = await post(held.url, { query: '{ hello }' });
  expect({ status, json }).toEqual({ status: 200, json: { data: { hello: 'hello world' } } });
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(headers['content-length']).toBe('32');
});

test('reads variables and the operation name', async () => {
  const document = 'query A($n: String) { hello(name: $n) } query B { a }';
  const body = { query: document, variables: { n: 'Ada' }, operationName: 'A', extensions: {}, unknown: 1 };
  expect((await post(held.url, body)).json).toEqual({ data: { hello: 'hello Ada' } });
  expect((await post(held.url, { ...body, operationName: 'B' })).json).toEqual({ data: { a: 'a' } });
  const { json } = await post(held.url, { ...body, operationName: null });
  expect(json.errors[0].message).toMatch(/several operations/);
  expect(codeOf(await post(held.url, { ...body, operationName: 'C' }))).toBe('BAD_USER_INPUT');
});

test('answers queries by GET', async () => {
  const url = `${query('query Q($n: String) { hello(name: $n) }')}&variables=${encodeURIComponent('{"n":"Bo"}')}&operationName=Q`;
  expect((await send(url)).json).toEqual({ data: { hello: 'hello Bo' } });
  expect(await send(`${query('{ a }')}&variables=nonsense`)).toMatchObject({ status: 400 });
});

test('never runs a mutation by GET', async () => {
  const { status, headers, json } = await send(query('mutation { set(value: "x") }'));
  expect({ status, allow: headers.allow, code: codeOf({ json }) }).toEqual({
    status: 405,
    allow: 'POST',
    code: 'BAD_USER_INPUT',
  });
  // Not by hiding it behind a query of the same document either.
  const two = `${query('query Q { a } mutation M { set(value: "x") }')}&operationName=M`;
  expect((await send(two)).status).toBe(405);
  expect(held.toy.writes).toEqual([]);
  // The control: by POST it runs.
  await post(held.url, { query: 'mutation { set(value: "x") }' });
  expect(held.toy.writes).toEqual(['x']);
});

test.each([
  ['a form', 'application/x-www-form-urlencoded', 'query=mutation%7Bset(value:"x")%7D'],
  [
    'multipart',
    'multipart/form-data; boundary=b',
    '--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{a}"}\r\n--b--',
  ],
  ['text', 'text/plain', '{"query":"mutation{set(value:\\"x\\")}"}'],
  ['text that says it is JSON', 'text/plain; application/json', '{"query":"mutation{set(value:\\"x\\")}"}'],
  ['a bare document', 'application/graphql', 'mutation{set(value:"x")}'],
  ['nothing said', '', '{"query":"mutation{set(value:\\"x\\")}"}'],
  ['another charset', 'application/json; charset=utf-16', '{"query":"{a}"}'],
])('refuses %s', async (_, type, body) => {
  const answer = await post(held.url, body, { 'content-type': type });
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 415, code: 'BAD_USER_INPUT' });
  expect(held.toy.writes).toEqual([]);
});

test('refuses compressed bodies', async () => {
  expect((await post(held.url, { query: '{a}' }, { 'content-encoding': 'gzip' })).status).toBe(415);
});

test.each([
  ['nothing', ''],
  ['broken JSON', '{"query": "secret'],
  ['a batch', '[{"query":"{a}"}]'],
  ['a text', '"{a}"'],
  ['null', 'null'],
  ['no query', '{}'],
])('refuses %s for a body, without repeating it', async (_, body) => {
  const answer = await post(held.url, body, { accept: 'application/json' });
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 400, code: 'BAD_USER_INPUT' });
  expect(answer.text).not.toMatch(/secret|originalError|stack/);
});

test('refuses a body above 256 KiB, with or without a length, and keeps the connection usable', async () => {
  const body = JSON.stringify({ query: '{a}', variables: { x: 'x'.repeat(5_000_000) } });
  for (const headers of [{ 'content-length': String(body.length) }, { 'transfer-encoding': 'chunked' }]) {
    const answer = await post(held.url, body, headers);
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 413, code: 'LIMIT_EXCEEDED' });
  }
  const fits = JSON.stringify({ query: '{a}', variables: { x: 'x'.repeat(250_000) } });
  expect((await post(held.url, fits)).status).toBe(200);
});

test('refuses by the length that is announced, before anything is sent', async () => {
  const headers = { 'content-type': 'application/json', 'content-length': '5000000' };
  const asking = request(held.url, { method: 'POST', agent: false, headers });
  asking.on('error', () => {});
  asking.flushHeaders();
  const status = await new Promise((resolve) => asking.on('response', (response) => resolve(response.statusCode)));
  expect(status).toBe(413);
  asking.destroy();
});

test('refuses other methods', async () => {
  const answer = await send(held.url, { method: 'PUT', body: '{}' });
  expect({ status: answer.status, allow: answer.headers.allow }).toEqual({ status: 405, allow: 'GET, POST, OPTIONS' });
});

test('has nothing at other paths, not even one that ends like ours', async () => {
  const { origin } = new URL(held.url);
  for (const path of ['/', '/graphql/', '/graphqlx', '/x/graphql', '/x?y=/graphql', '/x/health', '//graphql', '/%2e']) {
    const answer = await post(origin + path, { query: '{a}' });
    expect({ path, status: answer.status, code: codeOf(answer) }).toEqual({
      path,
      status: 404,
      code: 'BAD_USER_INPUT',
    });
  }
});

test('answers a host that is none without a stack', async () => {
  const { status, text } = await post(held.url, { query: '{a}' }, { host: '[::1' });
  expect({ status, text }).toEqual({ status: 400, text: '' });
});

test('answers in the type that was asked for', async () => {
  const typeFor = async (accept: string) =>
    (await post(held.url, { query: '{a}' }, { accept })).headers['content-type'];
  expect(await typeFor('application/graphql-response+json, application/json;q=0.9')).toMatch(
    /^application\/graphql-response/,
  );
  expect(await typeFor('application/graphql-response+json;q=0.5, application/json')).toMatch(/^application\/json/);
  expect(await typeFor('text/html, */*;q=0.1')).toMatch(/^application\/json/);
  expect(await typeFor('multipart/mixed, application/graphql-response+json')).toMatch(/^application\/graphql-response/);
  const none = await post(
    held.url,
    { query: 'mutation { set(value: "x") }' },
    { accept: 'image/png, application/json;q=0' },
  );
  expect({ status: none.status, writes: held.toy.writes }).toEqual({ status: 406, writes: [] });
});

test('takes the status of the refusal, by the type of the answer', async () => {
  const statuses = async (body: unknown, headers = {}) => [
    (await post(held.url, body, { accept: 'application/json', ...headers })).status,
    (await post(held.url, body, { accept: 'application/graphql-response+json', ...headers })).status,
  ];
  expect(await statuses({ query: '{' })).toEqual([200, 400]);
  expect(await statuses({ query: '{ nope }' })).toEqual([200, 400]);
  expect(await statuses({ query: 'query ($n: Int!) { page(first: $n) }' })).toEqual([200, 400]);
  expect(await statuses({ query: '{ a }' }, { authorization: 'Bearer forbidden' })).toEqual([403, 403]);
  expect(await statuses({ query: '{ a }' }, { authorization: 'nonsense' })).toEqual([401, 401]);
  expect(await statuses({ query: '{ a }' }, { authorization: 'Bearer ambiguous' })).toEqual([400, 400]);
  expect(await statuses({ query: '{ a }' }, { authorization: 'Bearer crash' })).toEqual([500, 500]);
  // What was executed is 200, as the specification asks, whatever failed in it.
  expect(await statuses({ query: '{ boom }' })).toEqual([200, 200]);
  expect(await statuses({ query: '{ missing }' })).toEqual([200, 200]);
  expect(await statuses({ query: '{ thrown(how: "fault") }' })).toEqual([200, 200]);
});

test('is 401 as a whole when no field was answered for want of credentials', async () => {
  const answer = await post(held.url, { query: '{ me }' });
  expect({ status: answer.status, json: answer.json, asks: answer.headers['www-authenticate'] }).toEqual({
    status: 401,
    asks: 'Bearer',
    json: {
      errors: [
        {
          message: 'Send a token.',
          locations: [{ line: 1, column: 3 }],
          path: ['me'],
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    },
  });
});

test('lets plain requests through that offer to switch to HTTP/2', async () => {
  const headers = {
    connection: 'Upgrade, HTTP2-Settings',
    upgrade: 'h2c',
    'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
  };
  expect((await post(held.url, { query: '{a}' }, headers)).json).toEqual({ data: { a: 'a' } });
});

test('tells a query that its client has gone', async () => {
  const leaving = request(held.url, { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } });
  leaving.on('error', () => {});
  leaving.end(JSON.stringify({ query: '{ slow }' }));
  await expect.poll(() => held.toy.waiting.length).toBe(1);
  expect(held.toy.calls[0]?.signal?.aborted).toBe(false);
  leaving.destroy();
  await expect.poll(() => held.toy.calls[0]?.signal?.aborted).toBe(true);
});

test('serves without a port', async () => {
  const asking = new Request('http://gateway/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer ada' },
    body: JSON.stringify({ query: '{ whoami }' }),
  });
  expect(await (await held.server.fetch(asking)).json()).toEqual({ data: { whoami: 'ada' } });
  expect((await held.server.fetch(new Request('http://gateway/x'))).status).toBe(404);
});
