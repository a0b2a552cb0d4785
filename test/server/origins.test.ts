import { describe, expect, test } from 'vitest';
import { createOrigins } from '../../src/server/origins.ts';
import { connect } from '../support/socket-client.ts';
import { send, useToy } from './harness.ts';

const preflight = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization, content-type',
};

/** What CORS says to a page of this origin, asked before and with the request; and whether it may open a socket. */
async function judge(url: string, origin: string) {
  const asked = await send(url, { method: 'OPTIONS', headers: { origin, ...preflight } });
  const answer = await send(url, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: '{"query":"{a}"}',
  });
  const socket = await connect(url, { headers: { origin }, init: false }).catch((error: Error) => error.message);
  if (typeof socket !== 'string') await socket.close();
  expect(answer.headers.vary).toBe('Origin');
  expect(asked.headers['access-control-allow-credentials']).toBeUndefined();
  return [
    asked.status,
    asked.headers['access-control-allow-origin'],
    answer.headers['access-control-allow-origin'],
    typeof socket === 'string' ? socket : 'socket',
  ];
}

const allowed = (origin: string) => [204, origin, origin, 'socket'];
const refused = [403, undefined, undefined, 'Unexpected server response: 403'];

describe('loopback', () => {
  const held = useToy({ corsOrigins: 'loopback' });

  test.each(['http://localhost:3000', 'https://localhost', 'http://127.0.0.1:5173', 'http://[::1]:8080'])(
    'lets in %s',
    async (origin) => expect(await judge(held.url, origin)).toEqual(allowed(origin)),
  );

  test.each([
    'https://evil.example',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'null',
    'file://',
    'nonsense',
  ])('keeps out %s', async (origin) => expect(await judge(held.url, origin)).toEqual(refused));

  test('tells a preflight what it may send', async () => {
    const { headers } = await send(held.url, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:1', ...preflight },
    });
    expect(headers).toMatchObject({
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-max-age': '600',
      vary: 'Origin, Access-Control-Request-Headers',
    });
  });

  test('lets in what is not a browser', async () => {
    await (await connect(held.url, { init: false })).close();
    const answer = await send(held.url, { method: 'OPTIONS' });
    expect({ status: answer.status, allow: answer.headers.allow }).toEqual({
      status: 204,
      allow: 'GET, POST, OPTIONS',
    });
  });

  test('answers no foreign name that leads here: DNS rebinding', async () => {
    const host = `rebound.example:${new URL(held.url).port}`;
    for (const path of ['/graphql', '/health']) {
      const { status, json } = await send(new URL(path, held.url).href, { headers: { host, accept: 'text/html' } });
      expect([status, json.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
    }
    // As the browser would send it: this page counts as our own.
    await expect(connect(held.url, { headers: { host, origin: `http://${host}` }, init: false })).rejects.toThrow(
      '403',
    );
    // By our own names it is fine.
    const { status } = await send(`${held.url}?query={a}`, { headers: { host: 'localhost:1234' } });
    expect(status).toBe(200);
  });

  test('has sockets at one path', async () => {
    await expect(connect(held.url.replace('/graphql', '/other'), { init: false })).rejects.toThrow('404');
  });
});

describe('a list', () => {
  const held = useToy({ corsOrigins: ['https://app.example', 'https://Other.example:8443/'] });

  test.each(['https://app.example', 'https://other.example:8443'])('lets in %s', async (origin) =>
    expect(await judge(held.url, origin)).toEqual(allowed(origin)),
  );

  test.each([
    'http://app.example',
    'https://app.example:444',
    'https://x.app.example',
    'http://localhost:3000',
    'null',
  ])('keeps out %s', async (origin) => expect(await judge(held.url, origin)).toEqual(refused));

  test('answers by any name: which ones lead here is known to whoever set the list', async () => {
    expect((await send(`${held.url}?query={a}`, { headers: { host: 'api.example' } })).status).toBe(200);
  });
});

describe('none', () => {
  const held = useToy({ corsOrigins: 'none' });

  test('keeps out all but our own pages', async () => {
    expect(await judge(held.url, 'http://localhost:3000')).toEqual(refused);
    const { origin } = new URL(held.url);
    expect(await judge(held.url, origin)).toEqual(allowed(origin));
  });
});

test('a star lets in every page there is, but not what has no origin to name', () => {
  const { allows } = createOrigins(['*']);
  expect([allows('https://any.example', 'x'), allows('null', 'x')]).toEqual([true, false]);
});

test('the port of the scheme may be left out', () => {
  const { allows } = createOrigins('none');
  expect(allows('https://api.example', 'api.example:443')).toBe(true);
  expect(allows('https://api.example:444', 'api.example')).toBe(false);
  expect(allows('https://api.example', 'not a host')).toBe(false);
});

test('names matter only on loopback', () => {
  const { serves } = createOrigins('loopback');
  expect(serves('gateway:4000', '172.17.0.2')).toBe(true);
  expect(serves('gateway:4000', '::ffff:127.0.0.1')).toBe(false);
  expect(serves('[::1]:4000', '::1')).toBe(true);
  expect(serves('LOCALHOST', '127.0.0.1')).toBe(true);
  expect(serves('localhost:4000.evil.example', '127.0.0.1')).toBe(false);
});
