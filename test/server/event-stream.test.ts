import { type ClientRequest, request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { useToy } from './harness.ts';

interface Stream {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  /** The next event or comment, as text. */
  next(): Promise<string>;
  readonly ended: Promise<void>;
  readonly raw: ClientRequest;
}

/** Reads an event stream event by event. */
function open(url: string, query: string, headers: Record<string, string> = {}, method = 'POST'): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const raw = request(method === 'GET' ? `${url}?query=${encodeURIComponent(query)}` : url, {
      method,
      agent: false,
      headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...headers },
    });
    raw.on('error', reject);
    raw.on('response', (response) => {
      const parts: string[] = [];
      const asking: ((part: string) => void)[] = [];
      let text = '';
      response.on('error', () => {});
      response.on('data', (chunk) => {
        text += chunk;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const part = text.slice(0, end);
          text = text.slice(end + 2);
          const next = asking.shift();
          if (next) next(part);
          else parts.push(part);
        }
      });
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        raw,
        ended: new Promise((end) => response.on('close', () => end())),
        next: () => {
          const part = parts.shift();
          return part === undefined ? new Promise((give) => asking.push(give)) : Promise.resolve(part);
        },
      });
    });
    raw.end(method === 'GET' ? undefined : JSON.stringify({ query }));
  });
}

const ticks = 'subscription { ticks }';
const data = (part: string) => JSON.parse(part.replace(/^event: next\ndata: /, ''));

describe('an event stream', () => {
  const held = useToy({ limits: { tickMs: 10, heartbeatMs: 100_000, connectionsPerCaller: 2 } });

  test.each(['POST', 'GET'])('carries a subscription by %s to its end', async (method) => {
    const stream = await open(held.url, ticks, { authorization: 'Bearer ada' }, method);
    expect(stream).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
    const source = await held.toy.source();
    expect(await stream.next()).toBe(':');
    source.push('one');
    expect(await stream.next()).toBe('event: next\ndata: {"data":{"ticks":"one"}}');
    source.push('two');
    source.end();
    expect(data(await stream.next())).toEqual({ data: { ticks: 'two' } });
    expect(await stream.next()).toBe('event: complete\ndata:');
    await stream.ended;
  });

  test('says the id of each event that has one, for whom it was told with what the client came back', async () => {
    held.toy.tellsIds = true;
    const stream = await open(held.url, ticks, { 'last-event-id': 'old' });
    const source = await held.toy.source();
    expect(await stream.next()).toBe(':');
    source.push('one');
    expect(await stream.next()).toBe('id: old one\nevent: next\ndata: {"data":{"ticks":"one"}}');
    // One that failed was told of: coming back for it would meet it again, for ever.
    source.push('boom');
    expect(await stream.next()).toMatch(/^id: old boom\nevent: next\ndata: {"errors":/);
    source.push('later');
    expect(await stream.next()).toMatch(/^event: next\ndata: {"errors":/);
    await stream.ended;
  });

  test('masks errors, of a field and of the source', async () => {
    const stream = await open(held.url, ticks, { 'x-request-id': 'req-1' });
    const source = await held.toy.source();
    await stream.next();
    source.push('boom');
    const masked = { extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'req-1' } };
    expect(data(await stream.next())).toMatchObject({ errors: [masked], data: null });
    source.fail(new Error(held.toy.secret));
    const last = await stream.next();
    expect(data(last)).toMatchObject({ errors: [masked] });
    expect(last).not.toContain('hunter2');
    expect(await stream.next()).toBe('event: complete\ndata:');
    await stream.ended;
  });

  test('ends after an event that its caller may no longer have, in a way that has the client come back', async () => {
    const stream = await open(held.url, ticks, { authorization: 'Bearer ada' });
    const source = await held.toy.source();
    await stream.next();
    source.push('refused');
    expect(data(await stream.next())).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    await source.returned;
    await stream.ended;
  });

  test('goes on after an event that cannot be written as JSON', async () => {
    const stream = await open(held.url, 'subscription { unwritable }');
    const source = await held.toy.source();
    await stream.next();
    source.push('x');
    source.push('y');
    expect(data(await stream.next())).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
    await stream.next();
    stream.raw.destroy();
    await source.returned;
  });

  test('lets go of its source when the client goes, also of a parked one', async () => {
    const stream = await open(held.url, ticks);
    const source = await held.toy.source();
    stream.raw.destroy();
    await source.returned;
    expect(source.signal?.aborted).toBe(true);
    const parked = await open(held.url, 'subscription { parked }');
    await expect.poll(() => held.toy.open.size).toBe(1);
    parked.raw.destroy();
    await expect.poll(() => held.toy.open.size).toBe(0);
  });

  test('lets go of its source when a request without a port is aborted', async () => {
    const controller = new AbortController();
    const init = { method: 'POST', headers: { accept: 'text/event-stream', 'content-type': 'application/json' } };
    const asking = new Request('http://gateway/graphql', {
      ...init,
      body: JSON.stringify({ query: ticks }),
      signal: controller.signal,
    });
    expect((await held.server.fetch(asking)).status).toBe(200);
    const source = await held.toy.source();
    controller.abort();
    await source.returned;
  });

  test('never begins when the operation is refused: the status and JSON say why', async () => {
    const refused = await open(held.url, 'subscription { refused }');
    expect(refused).toMatchObject({ status: 410, headers: { 'content-type': 'application/json; charset=utf-8' } });
    expect((await open(held.url, '{ nope }')).status).toBe(200);
    expect((await open(held.url, ticks, { authorization: 'nonsense' })).status).toBe(401);
  });

  test('is needed for a subscription', async () => {
    const refused = await open(held.url, ticks, { accept: 'application/json' });
    expect(refused.status).toBe(406);
    expect(held.toy.open.size).toBe(0);
  });

  test('carries a query too, if that is all that the client reads', async () => {
    const stream = await open(held.url, '{ a }');
    await stream.next();
    expect(data(await stream.next())).toEqual({ data: { a: 'a' } });
    expect(await stream.next()).toBe('event: complete\ndata:');
    await stream.ended;
  });

  test('is one of so many of its caller', async () => {
    const first = await open(held.url, ticks, { authorization: 'Bearer ada' });
    const second = await open(held.url, ticks, { authorization: 'Bearer ada' });
    expect((await open(held.url, ticks, { authorization: 'Bearer ada' })).status).toBe(429);
    first.raw.destroy();
    await (await held.toy.source()).returned;
    const again = await open(held.url, ticks, { authorization: 'Bearer ada' });
    // A refused one gives its place back.
    await open(held.url, 'subscription { refused }', { authorization: 'Bearer bo' });
    await open(held.url, 'subscription { refused }', { authorization: 'Bearer bo' });
    const other = await open(held.url, ticks, { authorization: 'Bearer bo' });
    expect(other.status).toBe(200);
    for (const { raw } of [second, again, other]) raw.destroy();
  });

  test('gives its place back also when its client went before it began', async () => {
    const late = 'subscription { late }';
    for (let count = 0; count < 3; count += 1) {
      const headers = { accept: 'text/event-stream', 'content-type': 'application/json', authorization: 'Bearer ada' };
      const leaving = request(held.url, { method: 'POST', agent: false, headers });
      leaving.on('error', () => {});
      leaving.end(JSON.stringify({ query: late }));
      await expect.poll(() => held.toy.waiting.length).toBe(1);
      leaving.destroy();
      await expect.poll(() => held.toy.calls.at(-1)?.signal?.aborted).toBe(true);
      held.toy.release();
      await (await held.toy.source()).returned;
    }
    const next = await open(held.url, ticks, { authorization: 'Bearer ada' });
    expect(next.status).toBe(200);
    next.raw.destroy();
    // Nor is that a failure of ours.
    expect(held.toy.logs.filter(({ level }) => (level as number) >= 50)).toEqual([]);
  });

  test('ends when the credentials expire, in a way that has the client come back', async () => {
    held.toy.expiries.set('ada', new Date(Date.now() + 100));
    const stream = await open(held.url, ticks, { authorization: 'Bearer ada' });
    const source = await held.toy.source();
    expect(await stream.next()).toBe(':');
    await stream.ended;
    await source.returned;
  });
});

describe('an idle or stuck stream', () => {
  const held = useToy({ limits: { tickMs: 10, heartbeatMs: 50, stallMs: 200 } });

  test('has a heartbeat', async () => {
    const stream = await open(held.url, ticks);
    expect([await stream.next(), await stream.next(), await stream.next()]).toEqual([':', ':', ':']);
    stream.raw.destroy();
  });

  test('is cut off when its client has stopped reading', async () => {
    const stream = await open(held.url, ticks);
    const source = await held.toy.source();
    stream.raw.socket?.pause();
    for (let i = 0; i < 200; i += 1) source.push('x'.repeat(100_000));
    await source.returned;
    // What is left is our own end of it.
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    await expect.poll(sockets).toBe(1);
    stream.raw.destroy();
  });
});
