import pino from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Follower } from '../../src/event/follow.ts';
import { FakeLog, ME, ORG, settled, take } from './fake-log.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => {
  expect(vi.getTimerCount(), 'timers left behind').toBe(0);
  vi.useRealTimers();
});

it('while the database is away it is warned of at once and then once a minute, however many subscribers try again', async () => {
  const told: { readonly level: number; readonly organizationId: string; readonly msg: string }[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void told.push(JSON.parse(line)) });
  const log = new FakeLog();
  const follower = new Follower(log, logger);
  log.append();
  log.failing = Number.POSITIVE_INFINITY;
  const place = { organizationId: ORG, userId: ME, after: 0n, head: 1n, wanted: () => true };
  const feeds = Array.from({ length: 20 }, () => follower.notifications(place));
  const got = feeds.map((feed) => take(feed, 1));
  await settled();
  const once = ['A subscriber could not catch up; trying again.', 'The log could not be read; trying again.'];
  expect(told.map(({ msg }) => msg).sort()).toEqual(once);
  expect(log.reads.length).toBeGreaterThan(20);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(told).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(
    told
      .slice(2)
      .map(({ msg }) => msg)
      .sort(),
  ).toEqual(once);
  log.failing = 0;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await Promise.all(got)).toEqual(feeds.map(() => [1n]));
  expect(told).toHaveLength(4);
  for (const feed of feeds) await feed.return?.();
});
