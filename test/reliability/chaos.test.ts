import { afterAll, beforeAll, expect, it } from 'vitest';
import { Crowd, expectExactly } from './crowd.ts';
import { openWorld, type Person, pause, pick, size, type World } from './world.ts';

const CLIENTS = 200;
const CROWDS = 4;
const PEOPLE = 20;
/** What every client has to take at least, and how long it goes on at least. */
const EVENTS = size(25, 200);
const SECONDS = size(15, 300);
const WRITERS = size(4, 8);

let world: World;
const crowds: Crowd[] = [];
beforeAll(async () => {
  world = await openWorld({ gateways: 2, people: PEOPLE });
});
afterAll(async () => {
  await Promise.all(crowds.map((crowd) => crowd.stop()));
  await world.close();
});

it(`${CLIENTS} clients end with exactly their events, in order, whatever was killed meanwhile`, async () => {
  const { gateways, people } = world;
  const cursor = await world.cursorNow();
  const urls = gateways.map(({ url }) => url);
  const all = Array.from({ length: CLIENTS }, (_, index) => ({ person: people[index % PEOPLE] as Person, urls }));
  for (let count = 0; count < CROWDS; count += 1) {
    crowds.push(
      new Crowd(
        all.filter((_, index) => index % CROWDS === count),
        cursor,
      ),
    );
  }
  await Promise.all(crowds.map((crowd) => crowd.connected()));
  const clients = () => crowds.flatMap((crowd) => crowd.clients);

  const end = Date.now() + SECONDS * 1_000;
  const acknowledged: string[] = [];
  let [failed, next] = [0, 0];
  // What is killed, is killed for so long; what there is to take, is written whatever happens.
  const isQuiet = () => Date.now() >= end;
  const writer = async () => {
    while (!isQuiet() || next < EVENTS * PEOPLE) {
      const count = next++;
      for (let isWritten = false; !isWritten; ) {
        isWritten = await world.assign(pick(gateways), people[count % PEOPLE] as Person, `task ${count}`).then(
          (id) => acknowledged.push(id) > 0,
          async () => {
            failed += 1;
            await pause(50);
            return false;
          },
        );
      }
    }
  };

  const done: Record<string, number> = {};
  const breaks: Record<string, () => unknown> = {
    'clients’ sockets': () => {
      for (const crowd of crowds) crowd.drop(pick(crowd.clients), pick(crowd.clients));
    },
    'a process of clients': () => pick(crowds).kill(),
    // Never the last one: starting takes longer than killing.
    'a gateway': async () => {
      await expect.poll(() => gateways.every(({ process }) => process), { timeout: 60_000 }).toBe(true);
      await pick(gateways).kill('SIGKILL');
    },
    'the doorbells': () =>
      world.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'taskwire doorbell'`,
      ),
    'all connections': () =>
      world.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'taskwire%'`),
    PostgreSQL: () => world.restartPostgres(),
  };
  const weights = [
    'clients’ sockets',
    'clients’ sockets',
    'a process of clients',
    'a gateway',
    'the doorbells',
    'all connections',
  ];
  const breaker = async () => {
    // Each at least once, the rest by lot.
    const due = [...Object.keys(breaks)];
    for (let turn = 0; !isQuiet() || due.length > 0; turn += 1) {
      const name = turn % 2 === 0 ? (due.shift() ?? pick([...weights, 'PostgreSQL'])) : pick(weights);
      await breaks[name]?.();
      done[name] = (done[name] ?? 0) + 1;
      await pause(300 + Math.random() * 900);
    }
  };
  await Promise.all([...Array.from({ length: WRITERS }, writer), breaker()]);

  // All is quiet: what is in the log now is what everyone should have.
  await expect.poll(() => gateways.every(({ process }) => process), { timeout: 60_000 }).toBe(true);
  await expectExactly(world, crowds);

  const tasks = await world.query<{ id: string }>(`SELECT 'task_' || task_uid AS id FROM notification`);
  const written = new Set(tasks.map(({ id }) => id));
  expect(
    acknowledged.filter((id) => !written.has(id)),
    'acknowledged, and lost',
  ).toEqual([]);
  expect(Object.values(done).every((count) => count > 0)).toBe(true);
  const ends: Record<string, number> = {};
  for (const code of clients().flatMap((client) => client.ends)) ends[code] = (ends[code] ?? 0) + 1;
  const each = clients().map(({ taken }) => taken.length);
  console.log('chaos', {
    clients: CLIENTS,
    'events of each, at least': Math.min(...each),
    pushes: each.reduce((sum, count) => sum + count, 0),
    written: written.size,
    acknowledged: acknowledged.length,
    failed,
    killed: done,
    ends,
  });
  expect(Math.min(...each)).toBeGreaterThanOrEqual(EVENTS);
  // Nothing but what a client comes back from by itself: no resync, no end without an error.
  const known = /^(dropped|1001|1006|1013|SERVICE_UNAVAILABLE|TIMEOUT|ECONN(REFUSED|RESET))$|hang up|503/;
  expect(Object.keys(ends).filter((end) => !known.test(end))).toEqual([]);
});
