import { type AddressInfo, createServer } from 'node:net';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Doorbell, openDoorbell } from '../../src/event/doorbell.ts';
import { createDatabase, type TestDatabase } from '../support/cluster.ts';
import { openWire, type Wire } from './wire.ts';

let database: TestDatabase;
let watcher: pg.Client;
/** What every NOTIFY carried, in order. */
let payloads: string[] = [];
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  database = await createDatabase();
  watcher = new pg.Client({ connectionString: database.url });
  await watcher.connect();
  await watcher.query('LISTEN taskwire_log');
  watcher.on('notification', ({ payload = '' }) => payloads.push(payload));
});
afterAll(async () => {
  await watcher.end();
  await database.drop();
});
beforeEach(() => {
  payloads = [];
});
afterEach(async () => {
  vi.useRealTimers();
  for (const each of opened.splice(0).reverse()) await each.close();
  await expect.poll(listening).toBe(0);
});

/** Doorbells that are connected and listen. */
async function listening(): Promise<number> {
  const text = `SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'taskwire doorbell' AND query LIKE '%event.%'`;
  return (await watcher.query<{ count: number }>(text)).rows[0]?.count ?? 0;
}

/** A process's doorbell, connected, and what it heard. */
async function open(url = database.url): Promise<Doorbell & { readonly heard: bigint[] }> {
  const heard: bigint[] = [];
  const before = await listening();
  const bell = openDoorbell(url, pino({ level: 'silent' }), (id) => heard.push(id));
  opened.push(bell);
  await expect.poll(listening).toBe(before + 1);
  return { ...bell, heard };
}

async function onAWire(): Promise<Wire> {
  const wire = await openWire(database.url);
  opened.push(wire);
  return wire;
}

const terminate = () =>
  watcher.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'taskwire doorbell'`);

describe('a ring', () => {
  it('is heard at once where it is rung, soon by the other process, and nowhere twice', async () => {
    const [one, two] = [await open(), await open()];
    one.ring(7n);
    expect(one.heard).toEqual([7n]);
    await expect.poll(() => two.heard).toEqual([7n]);
    two.ring(8n);
    await expect.poll(() => one.heard).toEqual([7n, 8n]);
    expect(two.heard).toEqual([7n, 8n]);
    expect(payloads).toEqual(['7', '8']);
  });

  it('waits while another is in flight, and shares the next NOTIFY with all that came meanwhile', async () => {
    const wire = await onAWire();
    const bell = await open(wire.url);
    const letGo = wire.hold();
    bell.ring(1n);
    await expect.poll(() => payloads).toEqual(['1']);
    for (const id of [2n, 3n, 2n, 4n]) bell.ring(id);
    // Whoever does not wait would be heard by now: this one takes the same way there and back.
    await watcher.query('SELECT 1');
    expect(payloads).toEqual(['1']);
    letGo();
    await expect.poll(() => payloads).toEqual(['1', '2,3,4']);
  });

  it('is one of at most 200 a second, however often it rings', async () => {
    const bell = await open();
    const begin = performance.now();
    let rings = 0;
    while (performance.now() - begin < 250) {
      bell.ring(1n);
      rings += 1;
      await new Promise((next) => setImmediate(next));
    }
    const most = (performance.now() - begin) / 5 + 1;
    await bell.close();
    await watcher.query('SELECT 1');
    expect(rings).toBeGreaterThan(most);
    expect(payloads.length).toBeGreaterThan(1);
    // And one that the goodbye sends.
    expect(payloads.length).toBeLessThanOrEqual(most + 1);
  });

  it('reaches more organizations than one NOTIFY can name, with ids as long as they get', async () => {
    const [one, two] = [await open(), await open()];
    const ids = Array.from({ length: 1_000 }, (_, index) => 9_223_372_036_854_775_807n - BigInt(index));
    for (const id of ids) one.ring(id);
    await expect.poll(() => two.heard.length).toBe(1_000);
    expect(two.heard).toEqual(ids);
    expect(payloads.map((payload) => payload.split(',').length)).toEqual([1, 350, 350, 299]);
  });

  it('is not lost with the process that rang it and closed at once', async () => {
    const [one, two] = [await open(), await open()];
    for (const id of [1n, 2n, 3n]) one.ring(id);
    await one.close();
    await expect.poll(() => two.heard).toEqual([1n, 2n, 3n]);
  });

  it('after the close goes nowhere and breaks nothing', async () => {
    const [one, two] = [await open(), await open()];
    await one.close();
    one.ring(1n);
    two.ring(2n);
    await expect.poll(() => payloads).toEqual(['2']);
    expect(two.heard).toEqual([2n]);
  });
});

describe('a line that breaks', () => {
  it('is made again; meanwhile rings are heard here, and those that gathered are sent', async () => {
    const [one, two] = [await open(), await open()];
    await terminate();
    await expect.poll(listening).toBe(0);
    one.ring(5n);
    expect(one.heard).toEqual([5n]);
    await expect.poll(listening, { timeout: 5_000 }).toBe(2);
    two.ring(6n);
    await expect.poll(() => one.heard).toEqual([5n, 6n]);
    // Two may have come back after it was sent.
    await expect.poll(() => payloads.includes('5')).toBe(true);
  });

  it('without a word is given up after five seconds without an answer', async () => {
    const wire = await onAWire();
    const [one, two] = [await open(wire.url), await open()];
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    wire.hold();
    one.ring(1n);
    await watcher.query('SELECT 1');
    one.ring(2n);
    await vi.advanceTimersByTimeAsync(5_000);
    await vi.waitUntil(() => vi.getTimerCount() > 0);
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    await expect.poll(() => two.heard).toContain(2n);
    two.ring(3n);
    await expect.poll(() => one.heard).toContain(3n);
  });

  it('is not waited for by a close while it is being made', async () => {
    // Takes connections and says nothing.
    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((ready) => silent.once('listening', ready));
    const accepted = new Promise((accept) => silent.once('connection', accept));
    const url = new URL(database.url);
    url.port = String((silent.address() as AddressInfo).port);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const bell = openDoorbell(url.href, pino({ level: 'silent' }), () => {});
    await accepted;
    await bell.close();
    expect(vi.getTimerCount()).toBe(0);
    silent.close();
  });

  it('is cut by a close after a second when nobody answers the goodbye', async () => {
    const wire = await onAWire();
    const bell = await open(wire.url);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    wire.freeze();
    bell.ring(1n);
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const before = sockets();
    const closed = bell.close();
    await vi.advanceTimersByTimeAsync(1_000);
    await closed;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    await expect.poll(sockets).toBe(before - 1);
  });

  it('is not made again after the close', async () => {
    const wire = await onAWire();
    const bell = await open(wire.url);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    wire.cut();
    await vi.waitUntil(() => vi.getTimerCount() > 0);
    await bell.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(wire.size).toBe(0);
  });
});
