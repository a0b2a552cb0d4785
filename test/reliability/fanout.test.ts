import { afterAll, beforeAll, expect, it } from 'vitest';
import { ResumingClient } from './client.ts';
import { openWorld, pause, percentile, pick, size, type World } from './world.ts';

const SOCKETS = size(300, 3_000);
const PEOPLE = size(30, 100);
const PER_SECOND = 50;
const SECONDS = size(10, 120);
/** No more than a busy machine of two cores keeps to. */
const MOST_MS = 10_000;
const MOST_KIB = 300;

let world: World;
const clients: ResumingClient[] = [];
beforeAll(async () => {
  // The moment of each commit is the database's own.
  world = await openWorld({ gateways: 2, people: PEOPLE, settings: { track_commit_timestamp: 'on' } });
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.stop()));
  await world.close();
});

const memory = async () => {
  const each = await Promise.all(world.gateways.map(({ process }) => process?.memory() ?? 0));
  return each.reduce((sum, bytes) => sum + bytes, 0);
};

it(`pushes to ${SOCKETS} sockets on two gateways, ${PER_SECOND} assignments a second`, async () => {
  const { gateways, people } = world;
  // What every process loads at its first operation is not the subscribers'.
  for (const gateway of gateways)
    for (let count = 0; count < 50; count += 1) await world.assign(gateway, pick(people), 'warm');
  const cursor = await world.cursorNow();
  const before = await memory();
  for (let count = 0; count < SOCKETS; count += 1) {
    const { url } = gateways[count % 2] as { url: string };
    clients.push(new ResumingClient([url], people[Math.floor(count / 2) % PEOPLE] as never, cursor));
    if (count % 50 === 49) await Promise.all(clients.map(({ connected }) => connected));
  }
  await Promise.all(clients.map(({ connected }) => connected));
  await pause(500);
  const perSubscriber = ((await memory()) - before) / SOCKETS;

  const writes: Promise<string>[] = [];
  const begin = performance.now();
  for (let count = 0; count < PER_SECOND * SECONDS; count += 1) {
    await pause(Math.max(0, begin + (count * 1_000) / PER_SECOND - performance.now()));
    writes.push(world.assign(gateways[count % 2] as { url: string }, people[count % PEOPLE] as never, `task ${count}`));
  }
  await Promise.all(writes);
  const seconds = (performance.now() - begin) / 1_000;

  const told = await world.query<{ userId: string; taskId: string; ms: number }>(
    `SELECT 'user_' || u.uid AS "userId", 'task_' || n.task_uid AS "taskId",
       (extract(epoch FROM pg_xact_commit_timestamp(n.xmin)) * 1000)::float8 AS ms
     FROM notification n JOIN "user" u ON u.id = n.user_id JOIN task t ON t.id = n.task_id
     WHERE t.title LIKE 'task %' ORDER BY n.seq`,
  );
  expect(told).toHaveLength(PER_SECOND * SECONDS);
  const dueTo = (userId: string) => told.filter((row) => row.userId === userId);
  const due = new Map(people.map(({ userId }) => [userId, dueTo(userId)]));
  const behind = () =>
    clients.filter(({ caller, taken }) => taken.length < (due.get(caller.userId)?.length ?? 0)).length;
  await expect.poll(behind, { timeout: 30_000 }).toBe(0);

  const waits = clients.flatMap(({ caller, taken, at }) => {
    const mine = due.get(caller.userId) ?? [];
    expect(taken).toEqual(mine.map(({ taskId }) => taskId));
    return at.map((ms, index) => ms - (mine[index]?.ms as number));
  });
  const [p50, p99, max] = [percentile(waits, 50), percentile(waits, 99), percentile(waits, 100)];
  const kib = perSubscriber / 1024;
  console.log('fan-out', {
    sockets: SOCKETS,
    assignments: told.length,
    'a second': Math.round(told.length / seconds),
    frames: waits.length,
    'ms from commit to frame': { p50: p50.toFixed(1), p99: p99.toFixed(1), max: max.toFixed(1) },
    'KiB a subscriber': Math.round(kib),
  });
  expect(clients.flatMap(({ ends }) => ends)).toEqual([]);
  expect(p99).toBeLessThan(MOST_MS);
  expect(kib).toBeLessThan(MOST_KIB);
});
