import { describe, expect, test } from 'vitest';
import { closeReason, createBucket, createWatch } from '../../src/server/socket-limits.ts';
import { connect } from '../support/socket-client.ts';
import { useToy } from './harness.ts';

const ada = { params: { authorization: 'Bearer ada' } };

describe('a socket', () => {
  const held = useToy({
    limits: { operationsPerSocket: 3, connectionsPerCaller: 2, messageBurst: 20, messagesPerSecond: 1, initMs: 100 },
  });

  test('has so many operations at once, and says so to the next alone', async () => {
    const socket = await connect(held.url, ada);
    const [first] = [1, 2, 3].map(() => socket.subscribe({ query: 'subscription { ticks }' }));
    const source = await held.toy.source();
    const refused = await socket.subscribe({ query: 'subscription { ticks }' }).next();
    expect(refused).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'LIMIT_EXCEEDED', limit: 3 } }] });
    source.push('one');
    expect((await first?.next())?.payload).toEqual({ data: { ticks: 'one' } });
    // An end makes room.
    source.end();
    await first?.next();
    expect((await socket.subscribe({ query: '{ a }' }).next()).type).toBe('next');
    await socket.close();
  });

  test('is one of so many of its caller', async () => {
    const sockets = [await connect(held.url, ada), await connect(held.url, ada)];
    const third = await connect(held.url, { init: false });
    third.send({ type: 'connection_init', payload: ada.params });
    expect((await third.closed).code).toBe(1013);
    // Another caller has places of their own; a place given back can be taken.
    await (await connect(held.url, { params: { authorization: 'Bearer bo' } })).close();
    await sockets[0]?.close();
    const again = await connect(held.url, ada);
    await Promise.all([again.close(), sockets[1]?.close()]);
  });

  test('may send so many messages', async () => {
    const socket = await connect(held.url, ada);
    for (let i = 0; i < 30; i += 1) socket.send({ type: 'pong' });
    expect(await socket.closed).toEqual({ code: 1013, reason: 'Too many messages' });
  });

  test.each(['ping', 'pong'] as const)('may send so many %s frames', async (kind) => {
    const socket = await connect(held.url, ada);
    for (let i = 0; i < 30; i += 1) socket.raw[kind]();
    expect((await socket.closed).code).toBe(1013);
  });

  test('must say who it is in time', async () => {
    const begin = performance.now();
    const socket = await connect(held.url, { init: false });
    expect((await socket.closed).code).toBe(4408);
    expect(performance.now() - begin).toBeLessThan(1_000);
  });
});

describe('sockets of whom nobody knows yet whose they are', () => {
  const held = useToy({ limits: { connections: 3 } });

  test('are so many in all', async () => {
    const silent = await Promise.all([1, 2, 3].map(() => connect(held.url, { init: false })));
    await expect(connect(held.url, { init: false })).rejects.toThrow('503');
    await silent[0]?.close();
    await expect.poll(() => connect(held.url, ada).then((socket) => socket.close())).toBeTruthy();
    for (const socket of silent) await socket.close();
  });
});

describe('frames and peers', () => {
  const held = useToy({ limits: { pingMs: 60 } });

  test('a frame above 256 KiB is not read', async () => {
    const socket = await connect(held.url, { init: false });
    socket.send({ type: 'connection_init', payload: { x: 'x'.repeat(300_000) } });
    expect((await socket.closed).code).toBe(1009);
    const fits = await connect(held.url, { params: { ...ada.params, x: 'x'.repeat(250_000) } });
    await fits.close();
  });

  test('a peer that answers no pings is cut off', async () => {
    const polite = await connect(held.url, ada);
    const dead = await connect(held.url, ada);
    // Its system still takes what is sent, but nobody reads.
    dead.raw.pong = () => {};
    dead.raw.removeAllListeners('ping');
    (dead.raw as unknown as { _autoPong: boolean })._autoPong = false;
    dead.subscribe({ query: 'subscription { ticks }' });
    const source = await held.toy.source();
    expect((await dead.closed).code).toBe(1006);
    await source.returned;
    expect(polite.raw.readyState).toBe(polite.raw.OPEN);
    await polite.close();
  });
});

describe('back-pressure', () => {
  const held = useToy({ limits: { stallBytes: 100_000, stallMs: 100 } });

  test('a peer that does not read is given up, and its sources with it', async () => {
    const quick = await connect(held.url, ada);
    const slow = await connect(held.url, ada);
    slow.raw.pause();
    for (let i = 0; i < 90; i += 1) slow.subscribe({ query: '{ big }' });
    slow.subscribe({ query: 'subscription { ticks }' });
    const source = await held.toy.source();
    await source.returned;
    // What fits into the kernel's buffers comes, then our reason.
    slow.raw.resume();
    expect(await slow.closed).toEqual({ code: 1013, reason: 'Reading too slowly' });
    expect(quick.raw.readyState).toBe(quick.raw.OPEN);
    await quick.close();
  });
});

describe('the parts', () => {
  test('a bucket fills up again', () => {
    let now = 0;
    const bucket = createBucket(2, 10, () => now);
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
    now = 100;
    expect([bucket.take(), bucket.take()]).toEqual([true, false]);
    now = 60_000;
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
  });

  test('a watch gives up on a stalled peer only if it stays stalled', () => {
    const events: string[] = [];
    const socket = { bufferedAmount: 0, ping: () => events.push('ping'), terminate: () => events.push('cut') };
    const watch = createWatch(socket, { pingMs: 1e9, stallBytes: 10, stallMs: 100 }, () => events.push('stalled'));
    const at = (time: number, bufferedAmount: number) => {
      socket.bufferedAmount = bufferedAmount;
      watch.tick(time);
    };
    at(0, 11);
    at(90, 11);
    at(95, 10);
    at(150, 11);
    at(249, 11);
    expect(events).toEqual([]);
    at(250, 11);
    expect(events).toEqual(['stalled']);
  });

  test('a close reason has at most 123 bytes and no broken characters', () => {
    expect(closeReason('short')).toBe('short');
    const long = closeReason('é'.repeat(100));
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(123);
    expect(long).toBe('é'.repeat(61));
  });
});
