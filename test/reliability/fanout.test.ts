import { afterAll, beforeAll, expect, it } from 'vitest';
import { Crowd, expectExactly, expectFiles, waitsOf } from './crowd.ts';
import { openWorld, pause, percentile, size, type World } from './world.ts';

const SOCKETS = size(2_000, 5_000);
const PER_SECOND = Number(process.env['PER_SECOND'] ?? 200);
const SECONDS = size(10, 60);
const BROADCASTS = size(3, 20);

let world: World;
let crowd: Crowd | undefined;
beforeAll(async () => {
  await expectFiles(SOCKETS);
  // Everyone has two tabs, one at each gateway.
  world = await openWorld({ gateways: 2, people: SOCKETS / 2 });
});
afterAll(async () => {
  await crowd?.stop();
  await world.close();
});

it(`${SOCKETS} sockets on two gateways: ${PER_SECOND} assignments a second, and what everyone is told`, async () => {
  const { gateways, people } = world;
  const someone = (count: number) => people[(count * 7919) % people.length] as (typeof people)[number];
  // What every process loads at its first operation is not the subscribers'.
  for (const gateway of gateways)
    for (let count = 0; count < 50; count += 1) await world.assign(gateway, someone(count), 'warm');
  const cursor = await world.cursorNow();
  const before = await world.memoryInUse();
  const connecting = performance.now();
  const clients = people.flatMap((person) => gateways.map(({ url }) => ({ person, urls: [url] })));
  crowd = new Crowd(clients, cursor);
  await crowd.connected();
  const secondsToConnect = (performance.now() - connecting) / 1_000;
  const scribe = world.scribe();
  // The first that they hear: once all have it, all have subscribed.
  await scribe.tell(people);
  await expectExactly(world, [crowd]);
  const kib = ((await world.memoryInUse()) - before) / SOCKETS / 1024;
  const [warm] = [(crowd.clients[0]?.taken ?? []).at(-1) as number];

  const writes: Promise<string>[] = [];
  const begin = performance.now();
  for (let count = 0; count < PER_SECOND * SECONDS; count += 1) {
    await pause(Math.max(0, begin + (count * 1_000) / PER_SECOND - performance.now()));
    writes.push(world.assign(gateways[count % 2] as { url: string }, someone(count), `task ${count}`));
  }
  await Promise.all(writes);
  const seconds = (performance.now() - begin) / 1_000;
  await expectExactly(world, [crowd]);
  const last = warm + 2 * writes.length;
  const targeted = await waitsOf(world, crowd.clients, (seq) => seq > warm && seq <= last);

  for (let count = 0; count < BROADCASTS; count += 1) {
    await scribe.tell(people);
    await expectExactly(world, [crowd]);
  }
  const toAll = await waitsOf(world, crowd.clients, (seq) => seq > last);

  const figures = (waits: readonly number[]) => ({
    frames: waits.length,
    p50: Math.round(percentile(waits, 50) * 10) / 10,
    p99: Math.round(percentile(waits, 99) * 10) / 10,
    max: Math.round(percentile(waits, 100) * 10) / 10,
  });
  console.log('fan-out', {
    sockets: SOCKETS,
    'seconds to connect': Math.round(secondsToConnect * 10) / 10,
    'KiB a subscriber': Math.round(kib),
    'assignments a second': Math.round(writes.length / seconds),
    'ms from commit to frame': figures(targeted),
    'ms from commit to frame, to all': figures(toAll),
  });
  expect(crowd.clients.flatMap(({ ends }) => ends)).toEqual([]);
  expect(targeted).toHaveLength(2 * writes.length);
  expect(toAll).toHaveLength(BROADCASTS * SOCKETS);
});
