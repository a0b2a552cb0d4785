import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connect } from '../support/socket-client.ts';
import { useToy } from './harness.ts';

const held = useToy();
const ada = { params: { Authorization: 'Bearer ada' } };
const masked = 'Something went wrong on our side. Quote the request id when you ask.';

test('runs queries, mutations and subscriptions', async () => {
  const socket = await connect(held.url, ada);
  const query = socket.subscribe({ query: 'query ($n: String) { whoami hello(name: $n) }', variables: { n: 'Bo' } });
  expect(await query.next()).toMatchObject({ type: 'next', payload: { data: { whoami: 'ada', hello: 'hello Bo' } } });
  expect((await query.next()).type).toBe('complete');
  await socket.subscribe({ query: 'mutation { set(value: "x") }' }).next();
  expect(held.toy.writes).toEqual(['x']);

  const ticks = socket.subscribe({ query: 'subscription { ticks }' });
  const source = await held.toy.source();
  source.push('one');
  source.push('two');
  expect(await ticks.next()).toMatchObject({ payload: { data: { ticks: 'one' } } });
  expect(await ticks.next()).toMatchObject({ payload: { data: { ticks: 'two' } } });
  source.end();
  expect((await ticks.next()).type).toBe('complete');
  await socket.close();
});

test('works with the client that frontends use', async () => {
  const client = createClient({
    url: held.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: 'Bearer ada' },
  });
  const ticks = client.iterate({ query: 'subscription { ticks }' });
  const first = ticks.next();
  (await held.toy.source()).push('one');
  expect((await first).value).toEqual({ data: { ticks: 'one' } });
  await client.dispose();
});

test.each([
  ['a refused token', { Authorization: 'nonsense' }, 4403, 'UNAUTHENTICATED: The token is not valid.'],
  ['no credentials', undefined, 4403, 'UNAUTHENTICATED: Send credentials in connectionParams.'],
  ['a forbidden key', { Authorization: 'Bearer forbidden' }, 4403, 'FORBIDDEN: This key is of another organization.'],
  [
    'an ambiguous caller',
    { Authorization: 'Bearer ambiguous' },
    4403,
    'BAD_USER_INPUT: Choose one with X-Organization-ID.',
  ],
  ['a fault of ours', { Authorization: 'Bearer crash' }, 1013, 'INTERNAL_SERVER_ERROR'],
])('turns away %s at connection_init', async (_, params, code, reason) => {
  const socket = await connect(held.url, { init: false });
  socket.send({ type: 'connection_init', payload: params });
  expect(await socket.closed).toEqual({ code, reason });
});

test('reads connectionParams by name, in any case, before the headers of the upgrade', async () => {
  const whoami = async (options: Parameters<typeof connect>[1]) => {
    const socket = await connect(held.url, options);
    const { payload } = await socket.subscribe({ query: '{ whoami }' }).next();
    await socket.close();
    return payload.data.whoami;
  };
  const headers = { authorization: 'Bearer header' };
  expect(await whoami({ params: { AUTHORIZATION: 'Bearer param' }, headers })).toBe('param');
  expect(await whoami({ headers })).toBe('header');
  // Only texts, and only what was sent: nothing of an object's own.
  expect(
    await whoami({
      params: { authorization: { toString: 'x' }, ['__proto__']: { authorization: 'Bearer x' } },
      headers,
    }),
  ).toBe('header');
  expect(held.toy.calls.at(-1)?.header('constructor')).toBeUndefined();
  expect(held.toy.calls.at(-1)?.transport).toBe('ws');
});

test('asks again who it is for every operation', async () => {
  const socket = await connect(held.url, ada);
  const sibling = socket.subscribe({ query: 'subscription { ticks }' });
  const source = await held.toy.source();
  held.toy.revoked.add('ada');
  const late = socket.subscribe({ query: '{ a }' });
  expect(await late.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  expect(await socket.closed).toEqual({ code: 4403, reason: 'UNAUTHENTICATED' });
  await source.returned;
  await expect(sibling.next()).rejects.toThrow('4403');
});

test('survives a fault of ours while an operation begins', async () => {
  const socket = await connect(held.url, ada);
  held.toy.contextFails = true;
  expect(await socket.subscribe({ query: '{ a }' }).next()).toMatchObject({
    type: 'error',
    payload: [{ message: masked }],
  });
  held.toy.contextFails = false;
  expect((await socket.subscribe({ query: '{ a }' }).next()).payload).toEqual({ data: { a: 'a' } });
  await socket.close();
});

test('closes 4403 when the credentials expire', async () => {
  held.toy.expiries.set('ada', new Date(Date.now() + 150));
  const socket = await connect(held.url, ada);
  socket.subscribe({ query: 'subscription { ticks }' });
  const source = await held.toy.source();
  expect(await socket.closed).toEqual({ code: 4403, reason: 'UNAUTHENTICATED: The credentials have expired.' });
  await source.returned;
});

test('hears nothing more from a peer that it has closed on', async () => {
  held.toy.expiries.set('ada', new Date(Date.now() + 50));
  const socket = await connect(held.url, ada);
  // So that it does not see our close, and goes on talking.
  socket.raw.pause();
  await new Promise((resolve) => setTimeout(resolve, 150));
  socket.subscribe({ query: 'mutation { set(value: "late") }' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(held.toy.writes).toEqual([]);
  socket.raw.resume();
  expect((await socket.closed).code).toBe(4403);
});

test.each([
  ['a syntax error', '{', 'GRAPHQL_PARSE_FAILED'],
  ['a validation error', '{ nope }', 'GRAPHQL_VALIDATION_FAILED'],
  ['a wrong variable', 'query ($n: Int!) { page(first: $n) }', 'BAD_USER_INPUT'],
  ['several operations', 'query A { a } query B { a }', 'BAD_USER_INPUT'],
  ['a refusing source', 'subscription { refused }', 'RESYNC_REQUIRED'],
  ['a failing field', '{ boom }', 'INTERNAL_SERVER_ERROR'],
])('a sibling goes on after %s', async (_, query, code) => {
  const socket = await connect(held.url, ada);
  const ticks = socket.subscribe({ query: 'subscription { ticks }' });
  const source = await held.toy.source();
  const { type, payload } = await socket.subscribe({ query }).next();
  const [error] = type === 'error' ? payload : payload.errors;
  expect(error.extensions.code).toBe(code);
  expect(JSON.stringify(error)).not.toMatch(/hunter2|stack|originalError/);
  source.push('still here');
  expect((await ticks.next()).payload).toEqual({ data: { ticks: 'still here' } });
  await socket.close();
  await source.returned;
});

test('a sibling goes on after a throwing context and a failing source', async () => {
  const socket = await connect(held.url, ada);
  const ticks = socket.subscribe({ query: 'subscription { ticks }' });
  const source = await held.toy.source();
  held.toy.contextFails = true;
  const failed = await socket.subscribe({ query: '{ a }' }).next();
  expect(failed).toMatchObject({
    type: 'error',
    payload: [{ message: masked, extensions: { requestId: expect.any(String) } }],
  });
  held.toy.contextFails = false;

  const other = socket.subscribe({ query: 'subscription { ticks }' });
  (await held.toy.source()).fail(new Error(held.toy.secret));
  expect(await other.next()).toMatchObject({ type: 'error', payload: [{ message: masked }] });

  source.push('boom');
  expect((await ticks.next()).payload).toMatchObject({ data: null, errors: [{ message: masked, path: ['ticks'] }] });
  source.push('still here');
  expect((await ticks.next()).payload).toEqual({ data: { ticks: 'still here' } });
  expect(held.toy.logs.filter(({ level }) => level === 50)).toHaveLength(3);
  await socket.close();
});

test('a sibling goes on after an answer that cannot be written as JSON', async () => {
  const socket = await connect(held.url, ada);
  const query = socket.subscribe({ query: '{ unwritable }' });
  expect(await query.next()).toMatchObject({ type: 'error', payload: [{ message: masked }] });
  const events = socket.subscribe({ query: 'subscription { unwritable }' });
  const source = await held.toy.source();
  source.push('x');
  expect(await events.next()).toMatchObject({ type: 'error', payload: [{ message: masked }] });
  await source.returned;
  expect((await socket.subscribe({ query: '{ a }' }, query.id).next()).payload).toEqual({ data: { a: 'a' } });
  await socket.close();
});

test('lets go of a source as soon as its client wants no more, or is gone', async () => {
  const socket = await connect(held.url, ada);
  const ticks = socket.subscribe({ query: 'subscription { ticks }' });
  const first = await held.toy.source();
  ticks.complete();
  await first.returned;
  expect(first.signal?.aborted).toBe(true);
  socket.subscribe({ query: 'subscription { ticks }' });
  const second = await held.toy.source();
  socket.raw.terminate();
  await second.returned;
  expect(second.signal?.aborted).toBe(true);
});

test('lets go of a source that is parked on an await, and of one that was not ready yet', async () => {
  const socket = await connect(held.url, ada);
  const parked = socket.subscribe({ query: 'subscription { parked }' });
  await expect.poll(() => held.toy.open.size).toBe(1);
  parked.complete();
  await expect.poll(() => held.toy.open.size).toBe(0);
  // Its id is free again, although the generator never ends.
  const again = socket.subscribe({ query: '{ a }' }, parked.id);
  expect((await again.next()).payload).toEqual({ data: { a: 'a' } });

  const late = socket.subscribe({ query: 'subscription { late }' });
  await expect.poll(() => held.toy.waiting.length).toBe(1);
  late.complete();
  await socket.subscribe({ query: '{ a }' }).next();
  held.toy.release();
  await (await held.toy.source()).returned;
  await socket.close();
});

test('does not begin a mutation whose client went while it was being let in', async () => {
  const socket = await connect(held.url, { params: { authorization: 'Bearer slow' }, init: false });
  socket.send({ type: 'connection_init', payload: { authorization: 'Bearer slow' } });
  await expect.poll(() => held.toy.waiting.length).toBe(1);
  held.toy.release();
  await socket.next();
  socket.subscribe({ query: 'mutation { set(value: "late") }' });
  await expect.poll(() => held.toy.waiting.length).toBe(1);
  await socket.close();
  await expect.poll(() => held.toy.calls.at(-1)?.signal?.aborted).toBe(true);
  held.toy.release();
  await new Promise((resolve) => setImmediate(resolve));
  expect(held.toy.writes).toEqual([]);
});

test('keeps to the protocol: codes, and no words of ours in the reasons', async () => {
  const early = await connect(held.url, { init: false });
  early.subscribe({ query: '{ a }' });
  expect(await early.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
  const twice = await connect(held.url, ada);
  twice.send({ type: 'connection_init' });
  expect((await twice.closed).code).toBe(4429);
  for (const message of [
    '{',
    '"x"',
    { type: 'nonsense' },
    { type: 'connection_ack' },
    { type: 'next', id: '1', payload: {} },
  ]) {
    const socket = await connect(held.url, ada);
    socket.send(message);
    expect((await socket.closed).code).toBe(4400);
  }
  await expect(connect(held.url, { protocol: 'graphql-ws', init: false })).rejects.toThrow('no subprotocol');
  const same = await connect(held.url, ada);
  same.subscribe({ query: 'subscription { ticks }' }, 'x');
  same.subscribe({ query: 'subscription { ticks }' }, 'x');
  expect((await same.closed).code).toBe(4409);
});

test('answers pings, also one too deep to be written back', async () => {
  const socket = await connect(held.url, ada);
  socket.send(`{"type":"ping","payload":{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`);
  expect(await socket.next()).toEqual({ type: 'pong' });
  await socket.close();
});
