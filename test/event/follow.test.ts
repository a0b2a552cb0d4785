import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeLog, follow, ME, seqs, settled, take, YOU } from './fake-log.ts';

// Polls and retries only happen when a test turns the clock.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => {
  expect(vi.getTimerCount(), 'timers left behind').toBe(0);
  vi.useRealTimers();
});

const ownReads = ({ reads }: FakeLog) => reads.filter(({ statement }) => statement === 'event.own').length;

describe('a subscriber', () => {
  it('gets what followed its cursor, then what comes, each once and in order', async () => {
    const { log, subscribe, ring } = follow();
    for (let count = 0; count < 5; count += 1) log.append();
    const feed = subscribe({ after: 2n });
    expect(await take(feed, 3)).toEqual([3n, 4n, 5n]);
    log.append();
    ring();
    expect(await take(feed, 1)).toEqual([6n]);
    await feed.return?.();
  });

  it('is told of nobody else’s notifications, nor of kinds that it does not want', async () => {
    const { log, subscribe, ring } = follow();
    const [missed, live] = [subscribe({ after: 0n, wanted: ({ kind }) => kind === 'TASK_ASSIGNED' }), subscribe()];
    log.append(ME, 'TASK_COMPLETED');
    log.append(YOU);
    log.append(null);
    log.append(ME);
    ring();
    expect(await take(missed, 1)).toEqual([4n]);
    expect(await take(live, 2)).toEqual([1n, 4n]);
    await missed.return?.();
    await live.return?.();
  });

  it('is let go at once, though it waits', async () => {
    const { follower, subscribe } = follow();
    const feed = subscribe();
    const parked = feed.next();
    await settled();
    expect(follower.size).toBe(1);
    await feed.return?.();
    expect(await parked).toEqual({ done: true, value: undefined });
    expect(await feed.next()).toEqual({ done: true, value: undefined });
    expect(follower.size).toBe(0);
  });

  it('is let go while it waits to try again, and leaves no timer', async () => {
    const { log, subscribe } = follow();
    log.append();
    log.failing = 2;
    const feed = subscribe({ after: 0n });
    const parked = feed.next();
    await settled();
    await feed.return?.();
    expect(await parked).toEqual({ done: true, value: undefined });
  });

  it('does not try again when it was let go while it read', async () => {
    const { log, subscribe } = follow();
    log.append();
    log.held = [];
    const feed = subscribe({ after: 0n });
    const parked = feed.next();
    await settled();
    await feed.return?.();
    for (const { fail } of log.held) fail();
    log.held = null;
    expect(await parked).toEqual({ done: true, value: undefined });
  });

  it('ends with the follower, without an error', async () => {
    const { follower, subscribe } = follow();
    const parked = [subscribe().next(), subscribe({ userId: YOU }).next()];
    follower.close();
    expect(await Promise.all(parked)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(follower.size).toBe(0);
  });
});

describe('one that lags', () => {
  it('reads for itself, a page at a time, and only when its client takes more', async () => {
    const { log, subscribe } = follow();
    for (let count = 0; count < 250; count += 1) log.append();
    const slow = subscribe({ after: 0n });
    expect(await take(slow, 1)).toEqual([1n]);
    await settled();
    expect(ownReads(log)).toBe(1);
    expect(await take(slow, 249)).toEqual(seqs(2, 250));
    expect(ownReads(log)).toBe(3);
    await slow.return?.();
  });

  it('is kept nothing for beyond its page: what came meanwhile is read when it asks', async () => {
    const { log, subscribe, ring } = follow();
    const slow = subscribe();
    log.append();
    ring();
    expect(await take(slow, 1)).toEqual([1n]);
    for (let count = 0; count < 5; count += 1) {
      for (let event = 0; event < 500; event += 1) log.append();
      ring();
      await settled();
    }
    expect(ownReads(log)).toBe(0);
    expect(await take(slow, 2_500)).toEqual(seqs(2, 2_501));
    // All but the last stretch, which the reader still has, by the page.
    expect(ownReads(log)).toBe(20);
    await slow.return?.();
  });

  it('is refused what was pruned meanwhile with RESYNC_REQUIRED', async () => {
    const { log, subscribe } = follow();
    for (let count = 0; count < 150; count += 1) log.append();
    const slow = subscribe({ after: 0n });
    expect(await take(slow, 100)).toEqual(seqs(1, 100));
    log.prunedTo = 120n;
    await expect(slow.next()).rejects.toMatchObject({ code: 'RESYNC_REQUIRED' });
  });

  it('and whose membership ends is given nothing more, not of what was read before either', async () => {
    const { log, subscribe, ring } = follow();
    for (let count = 0; count < 3; count += 1) log.append();
    const slow = subscribe({ after: 0n });
    expect(await take(slow, 1)).toEqual([1n]);
    log.expel(ME);
    ring();
    await settled();
    await expect(slow.next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await slow.next()).toEqual({ done: true, value: undefined });
  });

  it('delays nobody: others get theirs while its read hangs', async () => {
    const { log, subscribe, ring } = follow();
    log.append();
    const level = subscribe();
    const parked = level.next();
    await settled();
    log.held = [];
    const stuck = subscribe({ after: 0n });
    const never = stuck.next();
    await settled();
    const hanging = log.held.find(({ read }) => read.statement === 'event.own');
    for (const { read, go } of log.held) if (read.statement === 'event.batch') go();
    log.held = null;
    log.append();
    ring();
    expect((await parked).value?.notification.seq).toBe(2n);
    hanging?.go();
    expect((await never).value?.notification.seq).toBe(1n);
    await level.return?.();
    await stuck.return?.();
  });
});

describe('the reader', () => {
  it('reads each stretch once for all who are level', async () => {
    const { log, subscribe, ring } = follow();
    const feeds = Array.from({ length: 50 }, () => subscribe());
    const all = feeds.map((feed) => take(feed, 2));
    await settled();
    const before = log.reads.length;
    log.append();
    log.append();
    ring();
    expect(new Set((await Promise.all(all)).map(String))).toEqual(new Set(['1,2']));
    expect(log.reads.slice(before)).toEqual([{ statement: 'event.batch', after: 0n }]);
    for (const feed of feeds) await feed.return?.();
  });

  it('reads again when it is rung while it reads', async () => {
    const { log, subscribe, ring } = follow();
    const feed = subscribe();
    const got = take(feed, 1);
    await settled();
    log.held = [];
    ring();
    await settled();
    // The read under way cannot see this one any more.
    log.append();
    ring();
    const [reading] = log.held;
    log.held = null;
    reading?.go();
    expect(await got).toEqual([1n]);
    await feed.return?.();
  });

  it('goes on to the end of the log, however long the stretch that one ring tells of', async () => {
    const { log, subscribe, ring } = follow();
    const feed = subscribe();
    const got = take(feed, 3);
    await settled();
    for (let count = 1; count <= 1_200; count += 1) log.append(count % 400 === 0 ? ME : null);
    ring();
    expect(await got).toEqual([400n, 800n, 1_200n]);
    await feed.return?.();
  });

  it('finds what no ring told of when it polls, within five seconds', async () => {
    const lot = vi.spyOn(Math, 'random');
    for (const [drawn, ms] of [
      [0, 3_000],
      [1, 5_000],
    ] as const) {
      lot.mockReturnValue(drawn);
      const { log, subscribe } = follow();
      const feed = subscribe();
      const got = take(feed, 1);
      await settled();
      log.append();
      await vi.advanceTimersByTimeAsync(ms - 1);
      expect(log.reads).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(await got).toEqual([1n]);
      await feed.return?.();
    }
    lot.mockRestore();
  });

  it('tries again a second after an error, and so does who catches up', async () => {
    const { log, subscribe, ring } = follow();
    log.append();
    log.failing = 2;
    const [lagging, level] = [subscribe({ after: 0n }), subscribe()];
    const got = [take(lagging, 1), take(level, 1)];
    await settled();
    log.append();
    expect(log.failing).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await Promise.all(got)).toEqual([[1n], [2n]]);
    ring();
    await lagging.return?.();
    await level.return?.();
  });

  it('stops when the last subscriber leaves, though it is reading', async () => {
    const { log, follower, subscribe, ring } = follow();
    log.held = [];
    const feed = subscribe();
    await settled();
    await feed.return?.();
    for (const { go } of log.held) go();
    log.held = null;
    await settled();
    const { length } = log.reads;
    ring();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(log.reads).toHaveLength(length);
    expect(follower.size).toBe(0);
  });
});
