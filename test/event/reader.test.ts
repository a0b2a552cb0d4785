import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogReader, type Stretch } from '../../src/event/reader.ts';
import { settled } from './fake-log.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 0 }));
afterEach(() => {
  expect(vi.getTimerCount(), 'timers left behind').toBe(0);
  vi.useRealTimers();
});

/** A reader of an empty log with one subscriber, once it has read for the first time. */
async function open() {
  const readAt: number[] = [];
  const tickedAt: number[] = [];
  const log = { isAway: false };
  const reader = new LogReader<Stretch>({
    organizationId: 7n,
    position: 0n,
    read: async (after) => {
      readAt.push(Date.now());
      if (log.isAway) throw new Error('The database is away.');
      return { batch: { after, to: after } as Stretch, head: after };
    },
    clock: Date.now,
    log: pino({ level: 'silent' }),
    idle: () => {},
  });
  const subscriber = { wake() {}, tick: () => void tickedAt.push(Date.now()), return: async () => {} };
  reader.join(subscriber);
  await settled();
  readAt.length = 0;
  return { reader, readAt, tickedAt, log, close: () => reader.leave(subscriber) };
}

describe('who wants to be told when the clock comes to an instant', () => {
  it('is told then, and not before', async () => {
    const { reader, tickedAt, close } = await open();
    reader.wakeAt(60_000_000_000);
    reader.wakeAt(17_000);
    await vi.advanceTimersByTimeAsync(17_000);
    expect(tickedAt).toEqual([17_000]);
    close();
  });

  it('does not put off the poll that finds what no ring told of', async () => {
    const { reader, readAt, close } = await open();
    await vi.advanceTimersByTimeAsync(2_900);
    reader.wakeAt(60_000);
    await vi.advanceTimersByTimeAsync(2_100);
    expect(readAt).toHaveLength(1);
    close();
  });

  it('has the database asked no more than once a second while it is away', async () => {
    const { reader, readAt, tickedAt, log, close } = await open();
    log.isAway = true;
    reader.wakeAt(1_000);
    await vi.advanceTimersByTimeAsync(3_500);
    expect(readAt).toEqual([1_000, 2_000, 3_000]);
    log.isAway = false;
    await vi.advanceTimersByTimeAsync(500);
    expect(tickedAt).toEqual([4_000]);
    close();
  });
});
