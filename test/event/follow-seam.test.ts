import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Delivered } from '../../src/event/feed.ts';
import { follow, ME, settled, take, YOU } from './fake-log.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => {
  expect(vi.getTimerCount(), 'timers left behind').toBe(0);
  vi.useRealTimers();
});

describe('between replay and live nothing is lost and nothing doubled', () => {
  it('when a subscriber joins while a read is in flight that does not know what it missed', async () => {
    const { log, subscribe, ring } = follow();
    const first = subscribe();
    log.held = [];
    ring();
    await settled();
    // Committed, and rung for, after the snapshot of the read under way and before the newcomer's place was judged.
    log.append();
    ring();
    const newcomer = subscribe({ after: 0n });
    log.append();
    ring();
    const got = [take(first, 2), take(newcomer, 2)];
    await settled();
    for (const { go } of log.held) go();
    log.held = null;
    expect(await Promise.all(got)).toEqual([
      [1n, 2n],
      [1n, 2n],
    ]);
    await first.return?.();
    await newcomer.return?.();
  });

  it('when the newcomer’s place is beyond what the reader has read', async () => {
    const { log, subscribe, ring } = follow();
    const first = subscribe();
    log.held = [];
    ring();
    await settled();
    log.append();
    log.append();
    const newcomer = subscribe({ after: 1n });
    for (const { go } of log.held) go();
    log.held = null;
    expect(await take(newcomer, 1)).toEqual([2n]);
    expect(await take(first, 2)).toEqual([1n, 2n]);
    await first.return?.();
    await newcomer.return?.();
  });

  /** One subscriber of the model: where it began, what it got, and what it has asked for. */
  interface Member {
    readonly userId: bigint;
    readonly after: bigint;
    readonly feed: AsyncIterator<Delivered>;
    readonly got: bigint[];
    asked: Promise<unknown> | null;
    left: boolean;
  }

  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), who: fc.constantFrom(ME, YOU, null) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('ring' as const) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(5) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('join' as const), who: fc.constantFrom(ME, YOU), behind: fc.nat(9) }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('next' as const), which: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('burst' as const) }) },
  );

  type Step = typeof step extends fc.Arbitrary<infer Made> ? Made : never;

  const ask = (each: Member) => {
    each.asked ??= each.feed.next().then(({ done, value }) => {
      each.asked = null;
      if (!done) each.got.push(value.notification.seq);
    });
  };

  it('whatever the order of commits, rings, reads, errors, comings and goings', async () => {
    const run = async (steps: readonly Step[]) => {
      const { log, follower, subscribe, ring } = follow();
      const all: Member[] = [];
      log.held = [];
      for (const now of steps) {
        if (now.do === 'append') log.append(now.who);
        if (now.do === 'burst') for (let count = 0; count < 120; count += 1) log.append(ME);
        if (now.do === 'ring') ring();
        if (now.do === 'fail') log.failing += 1;
        if (now.do === 'answer') log.held.splice(now.which % (log.held.length || 1), 1)[0]?.go();
        if (now.do === 'join') {
          const after = log.head > BigInt(now.behind) ? log.head - BigInt(now.behind) : 0n;
          const feed = subscribe({ userId: now.who, after });
          all.push({ userId: now.who, after, feed, got: [], asked: null, left: false });
        }
        const chosen = 'which' in now ? all[now.which % (all.length || 1)] : undefined;
        if (now.do === 'next' && chosen && !chosen.left) ask(chosen);
        if (now.do === 'leave' && chosen) {
          chosen.left = true;
          await chosen.feed.return?.();
        }
        await settled();
      }
      const held = log.held;
      log.held = null;
      log.failing = 0;
      for (const { go } of held) go();
      ring();
      const due = ({ userId, after }: Member) =>
        log.rowsOf.filter((row) => row.userId === userId && row.seq > after).map(({ seq }) => seq);
      const staying = all.filter(({ left }) => !left);
      for (let round = 0; staying.some((each) => each.got.length < due(each).length); round += 1) {
        if (round > 3_000) break;
        for (const each of staying) ask(each);
        // Retries of reads that failed.
        if (round % 50 === 49) await vi.advanceTimersByTimeAsync(6_000);
        await settled();
      }
      for (const each of staying) ask(each);
      await settled();
      for (const each of all) {
        const wanted = due(each);
        expect(each.got).toEqual(each.left ? wanted.slice(0, each.got.length) : wanted);
        await each.feed.return?.();
      }
      expect(follower.size).toBe(0);
      await settled();
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), run), { numRuns: 300 });
  });
});

describe('someone whose membership has ended', () => {
  const ended = { code: 'UNAUTHENTICATED' };

  it('is told so at once, and gets nothing more; the others stay', async () => {
    const { log, follower, subscribe, ring } = follow();
    const [gone, stays] = [subscribe(), subscribe({ userId: YOU })];
    const [parked, other] = [gone.next(), take(stays, 1)];
    await settled();
    log.expel(ME);
    log.append(YOU);
    ring();
    await expect(parked).rejects.toMatchObject(ended);
    expect(await other).toEqual([2n]);
    expect(await gone.next()).toEqual({ done: true, value: undefined });
    expect(follower.size).toBe(1);
    await stays.return?.();
  });

  it('does not get the rest of a page that was read before', async () => {
    const { log, subscribe, ring } = follow();
    const feed = subscribe();
    log.append();
    log.append();
    ring();
    expect(await take(feed, 1)).toEqual([1n]);
    log.expel(ME);
    ring();
    await settled();
    await expect(feed.next()).rejects.toMatchObject(ended);
  });

  it('does not get what was assigned just before, when both are read together', async () => {
    const { log, subscribe, ring } = follow();
    const feed = subscribe();
    await settled();
    log.append();
    log.expel(ME);
    ring();
    await expect(feed.next()).rejects.toMatchObject(ended);
  });

  it('is not let in by the stretch that others had read when they left', async () => {
    const { log, subscribe, ring } = follow();
    const stays = subscribe({ userId: YOU });
    await settled();
    log.expel(ME);
    log.append(YOU);
    ring();
    expect(await take(stays, 1)).toEqual([2n]);
    // Their place was judged before they left, but taken up after that was read.
    const [level, behind] = [subscribe({ after: 0n }), subscribe({ after: 0n })];
    await expect(level.next()).rejects.toMatchObject(ended);
    for (let count = 0; count < 3; count += 1) log.append(YOU);
    ring();
    await settled();
    await expect(behind.next()).rejects.toMatchObject(ended);
    await stays.return?.();
  });
});
