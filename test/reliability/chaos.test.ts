import { afterAll, beforeAll, expect, it } from 'vitest';
import { ResumingClient } from './client.ts';
import { openWorld, pause, pick, size, type World } from './world.ts';

const CLIENTS = size(12, 60);
const SECONDS = size(20, 600);
const WRITERS = size(4, 8);

let world: World;
const clients: ResumingClient[] = [];
beforeAll(async () => {
  world = await openWorld({ gateways: 2, people: 6 });
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.stop()));
  await world.close();
});

it('every client ends with exactly its events, in order, whatever was killed meanwhile', async () => {
  const { gateways, people } = world;
  const cursor = await world.cursorNow();
  const urls = gateways.map(({ url }) => url);
  for (let count = 0; count < CLIENTS; count += 1) {
    clients.push(new ResumingClient(urls, people[count % people.length] as never, cursor));
  }

  const end = Date.now() + SECONDS * 1_000;
  const acknowledged: string[] = [];
  let failed = 0;
  const writer = async () => {
    for (let count = 0; Date.now() < end; count += 1) {
      await world.assign(pick(gateways), pick(people), `task ${count}`).then(
        (id) => acknowledged.push(id),
        () => (failed += 1),
      );
      await pause(20 + Math.random() * 60);
    }
  };

  const done: Record<string, number> = {};
  const breaks: Record<string, () => unknown> = {
    'a client’s socket': () => pick(clients).drop(),
    'a gateway': () => pick(gateways).kill('SIGKILL'),
    'the doorbells': () =>
      world.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'taskwire doorbell'`,
      ),
    'all connections': () =>
      world.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'taskwire%'`),
    PostgreSQL: () => world.restartPostgres(),
  };
  const weights = [
    'a client’s socket',
    'a client’s socket',
    'a client’s socket',
    'a gateway',
    'the doorbells',
    'all connections',
  ];
  const breaker = async () => {
    // Each at least once, the rest by lot.
    const due = [...Object.keys(breaks)];
    for (let turn = 0; Date.now() < end || due.length > 0; turn += 1) {
      const name = turn % 2 === 0 ? (due.shift() ?? pick([...weights, 'PostgreSQL'])) : pick(weights);
      await breaks[name]?.();
      done[name] = (done[name] ?? 0) + 1;
      await pause(300 + Math.random() * 900);
    }
  };
  await Promise.all([...Array.from({ length: WRITERS }, writer), breaker()]);

  // All is quiet: what is in the log now is what everyone should have.
  await expect.poll(() => gateways.every(({ process }) => process), { timeout: 30_000 }).toBe(true);
  const text = `SELECT 'user_' || u.uid AS "userId", 'task_' || n.task_uid AS "taskId" FROM notification n
    JOIN "user" u ON u.id = n.user_id WHERE n.kind = 'TASK_ASSIGNED' ORDER BY n.organization_id, n.seq`;
  const told = await world.query<{ userId: string; taskId: string }>(text);
  const dueTo = (userId: string) => told.filter((row) => row.userId === userId).map(({ taskId }) => taskId);
  const behind = () => clients.filter(({ caller, taken }) => taken.length < dueTo(caller.userId).length).length;
  await expect.poll(behind, { timeout: 30_000 }).toBe(0);
  for (const { caller, taken } of clients) expect(taken).toEqual(dueTo(caller.userId));

  const all = new Set(told.map(({ taskId }) => taskId));
  expect(
    acknowledged.filter((id) => !all.has(id)),
    'acknowledged, and lost',
  ).toEqual([]);
  expect(Object.values(done).every((count) => count > 0)).toBe(true);
  expect(acknowledged.length).toBeGreaterThan(SECONDS * 2);
  const ends: Record<string, number> = {};
  for (const code of clients.flatMap((client) => client.ends)) ends[code] = (ends[code] ?? 0) + 1;
  const pushes = clients.reduce((sum, { taken }) => sum + taken.length, 0);
  console.log('chaos', { written: told.length, acknowledged: acknowledged.length, failed, pushes, killed: done, ends });
  // Nothing but what a client comes back from by itself: no resync, no end without an error.
  const known = /^(1001|1006|1013|SERVICE_UNAVAILABLE|TIMEOUT|ECONN(REFUSED|RESET))$|hang up|503/;
  expect(Object.keys(ends).filter((end) => !known.test(end))).toEqual([]);
});
