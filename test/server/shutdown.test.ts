import { Agent, request } from 'node:http';
import { createConnection } from 'node:net';
import { createClient } from 'graphql-ws';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { apartMs } from '../../src/server/departures.ts';
import { connect } from '../support/socket-client.ts';
import { post, useToy } from './harness.ts';

const held = useToy();
const ada = { params: { authorization: 'Bearer ada' } };

/** A client that keeps its connections alive, as frontends' do. */
function createAgent() {
  const agent = new Agent({ keepAlive: true });
  const ask = (query: string, accept = 'application/json', begun = () => {}) =>
    new Promise<{ text: string; connection: string | undefined }>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', accept };
      const asking = request(held.url, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.once('data', begun);
        response.on('error', reject);
        response.on('end', () => resolve({ text, connection: response.headers.connection }));
      });
      asking.on('error', reject).end(JSON.stringify({ query }));
    });
  return { ask, destroy: () => agent.destroy() };
}

const quickly = async (work: Promise<unknown>) => {
  const begin = performance.now();
  await work;
  expect(performance.now() - begin).toBeLessThan(1_000);
};

test('lets a request in flight end, and takes no new ones', async () => {
  const { ask, destroy } = createAgent();
  expect(await ask('{ a }')).toEqual({ text: '{"data":{"a":"a"}}', connection: 'keep-alive' });
  const answer = ask('{ slow }');
  await expect.poll(() => held.toy.waiting.length).toBe(1);
  let isClosed = false;
  const closed = held.server.close().then(() => {
    isClosed = true;
  });
  await expect(post(held.url, { query: '{ a }' })).rejects.toThrow('ECONNREFUSED');
  expect(isClosed).toBe(false);
  held.toy.release();
  expect(await answer).toEqual({ text: '{"data":{"slow":"slow"}}', connection: 'close' });
  await quickly(closed);
  destroy();
});

test('gives up on what does not end in time', async () => {
  const answer = post(held.url, { query: '{ slow }' });
  const socket = await connect(held.url, ada);
  socket.subscribe({ query: 'mutation { slow }' });
  await expect.poll(() => held.toy.waiting.length).toBe(2);
  const begin = performance.now();
  await Promise.all([held.server.close(200), expect(answer).rejects.toThrow('socket hang up')]);
  expect(performance.now() - begin).toBeLessThan(1_000);
  expect((await socket.closed).code).toBe(1001);
});

test('closes sockets 1001, which clients retry, and their sources', async () => {
  const sockets = await Promise.all(Array.from({ length: 20 }, () => connect(held.url, ada)));
  for (const socket of sockets) socket.subscribe({ query: 'subscription { ticks }' });
  const source = await held.toy.source();
  await held.server.close();
  await source.returned;
  const codes = await Promise.all(sockets.map(({ closed }) => closed));
  expect(new Set(codes.map(({ code, reason }) => `${code} ${reason}`))).toEqual(new Set(['1001 Going away']));
});

test('answers a mutation that runs on a socket before it closes, so that its client does not send it again', async () => {
  const client = createClient({
    url: held.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: ada.params,
    retryWait: async () => {},
  });
  const result = client.iterate({ query: 'mutation { slow }' });
  const answer = result.next();
  await expect.poll(() => held.toy.waiting.length).toBe(1);
  const closed = held.server.close(5_000);
  setTimeout(held.toy.release, 50);
  expect((await answer).value).toEqual({ data: { slow: 'done' } });
  expect((await result.next()).done).toBe(true);
  await closed;
  expect(held.toy.writes).toEqual(['slow']);
  await client.dispose();
});

test('answers also a mutation whose caller was still being let in', async () => {
  const slow = { authorization: 'Bearer slow' };
  const socket = await connect(held.url, { init: false });
  socket.send({ type: 'connection_init', payload: slow });
  await expect.poll(() => held.toy.waiting.length).toBe(1);
  held.toy.release();
  await socket.next();
  const mutation = socket.subscribe({ query: 'mutation { set(value: "x") }' });
  await expect.poll(() => held.toy.waiting.length).toBe(1);
  const closed = held.server.close(5_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  held.toy.release();
  expect((await mutation.next()).payload).toEqual({ data: { set: 'x' } });
  expect((await mutation.next()).type).toBe('complete');
  await closed;
});

test('begins nothing new on a socket while it drains', async () => {
  const socket = await connect(held.url, ada);
  socket.subscribe({ query: 'mutation { slow }' });
  await expect.poll(() => held.toy.waiting.length).toBe(1);
  const closed = held.server.close(5_000);
  const refused = await socket.subscribe({ query: 'mutation { set(value: "x") }' }).next();
  expect(refused).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
  held.toy.release();
  await closed;
  expect(held.toy.writes).toEqual(['slow']);
});

test('ends event streams without saying complete, so that their clients come back', async () => {
  const { ask, destroy } = createAgent();
  let begun = () => {};
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const answer = ask('subscription { ticks }', 'text/event-stream', begun);
  await hasBegun;
  const source = await held.toy.source();
  await quickly(held.server.close(5_000));
  await source.returned;
  expect(await answer).toEqual({ text: ':\n\n', connection: 'keep-alive' });
  destroy();
});

describe('many are told to go', () => {
  const spread = (times: readonly number[]) => Math.max(...times) - Math.min(...times);

  test('one after the other, sockets', async () => {
    const sockets = await Promise.all(Array.from({ length: 30 }, () => connect(held.url, ada)));
    const times = sockets.map(({ closed }) => closed.then(() => performance.now()));
    await held.server.close();
    expect(spread(await Promise.all(times))).toBeGreaterThan(200);
  });

  test('one after the other, event streams', async () => {
    const { ask, destroy } = createAgent();
    const begun: Promise<void>[] = [];
    const times = Array.from({ length: 30 }, () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      begun.push(promise);
      return ask('subscription { ticks }', 'text/event-stream', resolve).then(() => performance.now());
    });
    await Promise.all(begun);
    await held.server.close();
    expect(spread(await Promise.all(times))).toBeGreaterThan(200);
    destroy();
  });

  test('a lone socket at once', async () => {
    const socket = await connect(held.url, ada);
    await quickly(held.server.close());
    expect((await socket.closed).code).toBe(1001);
  });

  test('over three seconds at most, however many they are, and over less where there is less time', () => {
    expect(apartMs(1, 4_000)).toBe(10);
    expect(apartMs(300, 4_000)).toBe(10);
    expect(apartMs(5_000, 4_000) * 5_000).toBeCloseTo(3_000);
    expect(apartMs(5_000, 100) * 5_000).toBeCloseTo(100);
  });
});

test('takes in no one whose request was only beginning', async () => {
  const begin = async (text: string) => {
    const { hostname, port } = new URL(held.url);
    const socket = createConnection(Number(port), hostname);
    const answer = new Promise<string>((resolve) => {
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk;
      });
      socket.on('close', () => resolve(received));
    });
    socket.write(`${text} HTTP/1.1\r\nhost: localhost\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { finish: (rest: string) => socket.write(rest), answer };
  };
  const upgrade = await begin('GET /graphql');
  const query = await begin('GET /graphql?query={a}');
  const closed = held.server.close(5_000);
  upgrade.finish('connection: upgrade\r\nupgrade: websocket\r\n\r\n');
  query.finish('\r\n');
  expect(await upgrade.answer).toMatch(/^HTTP\/1.1 503/);
  expect(await query.answer).toMatch(/^HTTP\/1.1 200 OK\r\n(.*\r\n)*connection: close/i);
  await quickly(closed);
});

test('can be closed before it listens, and twice', async () => {
  await Promise.all([held.server.close(), held.server.close()]);
  const { createServer } = await import('../../src/server/edge.ts');
  await createServer(held.toy.edge).close();
});

test('says when its address is taken', async () => {
  const { createServer } = await import('../../src/server/edge.ts');
  const port = Number(new URL(held.url).port);
  await expect(createServer(held.toy.edge).listen(port, '127.0.0.1')).rejects.toThrow('EADDRINUSE');
});
