import { expect, test } from 'vitest';
import { connect } from '../support/socket-client.ts';
import { post, send, useToy } from './harness.ts';

const held = useToy({ limits: { readyMs: 100 } });
const idFor = async (id: string) =>
  (await post(held.url, { query: '{a}' }, { 'x-request-id': id })).headers['x-request-id'];

test('a sane request id is the caller’s own; others are made', async () => {
  expect(await idFor('My-id_1.2')).toBe('My-id_1.2');
  const made = /^[0-9a-f-]{36}$/;
  for (const id of ['', 'a b', 'x'.repeat(65), 'a"b', '<script>']) expect(await idFor(id)).toMatch(made);
  expect((await send(new URL('/health', held.url).href)).headers['x-request-id']).toMatch(made);
  expect((await send(new URL('/nope', held.url).href)).headers['x-request-id']).toMatch(made);
  expect(await idFor('')).not.toBe(await idFor(''));
});

test('an operation is one line in the log, with its name and without what it holds', async () => {
  const query = 'mutation Save($v: String!) { set(value: $v) }';
  await post(held.url, { query, variables: { v: 's3cret' } }, { 'x-request-id': 'r1', authorization: 'Bearer t0ken' });
  expect(held.toy.logs).toMatchObject([
    {
      level: 30,
      msg: 'http',
      requestId: 'r1',
      method: 'POST',
      status: 200,
      operationName: 'Save',
      ms: expect.any(Number),
    },
  ]);
  expect(JSON.stringify(held.toy.logs)).not.toMatch(/s3cret|t0ken|mutation/);
});

test('an operation on a socket has an id and a line of its own', async () => {
  const socket = await connect(held.url, {
    params: { authorization: 'Bearer t0ken' },
    headers: { 'x-request-id': 'sock' },
  });
  const query = socket.subscribe({
    query: 'query Who($v: String) { whoami hello(name: $v) }',
    variables: { v: 's3cret' },
  });
  await query.next();
  await query.next();
  await socket.close();
  expect(held.toy.logs).toMatchObject([{ level: 30, msg: 'ws', requestId: 'sock.1', operationName: 'Who' }]);
  expect(JSON.stringify(held.toy.logs)).not.toMatch(/s3cret|t0ken/);
});

test('health is about the process, readiness about what is behind it', async () => {
  const probe = async (path: string) => {
    const { status, json } = await send(new URL(path, held.url).href);
    return [status, json.status];
  };
  expect(await probe('/health')).toEqual([200, 'ok']);
  expect(await probe('/ready?x=1')).toEqual([200, 'ready']);
  held.toy.ready = async () => false;
  expect(await probe('/ready')).toEqual([503, 'not ready']);
  held.toy.ready = async () => {
    throw new Error(held.toy.secret);
  };
  expect(await probe('/ready')).toEqual([503, 'not ready']);
  held.toy.ready = () => new Promise(() => {});
  expect(await probe('/ready')).toEqual([503, 'not ready']);
  expect(await probe('/health')).toEqual([200, 'ok']);
  // Probes are not operations.
  expect(held.toy.logs).toEqual([]);
});

test('is not ready once it drains', async () => {
  await held.server.close();
  const { status } = await held.server.fetch(new Request('http://gateway/ready'));
  expect(status).toBe(503);
});
