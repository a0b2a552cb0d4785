import { afterAll, beforeAll, expect, it } from 'vitest';
import { Crowd, expectExactly, expectFiles, waitsOf } from './crowd.ts';
import { growth, patience, percentile } from './measures.ts';
import { openWorld, type Person, pause, type Supervised, size, type World } from './world.ts';

const SOCKETS = size(2_000, 5_000);
const SECONDS = size(4, 60);
const BROADCASTS = size(3, 20);
/** By mutations, as many as two cores carry beside everything else; by the log alone, as many as the figure asks for. */
const BY_MUTATIONS = 40;
const BY_THE_LOG = 200;
/** Writes in flight at once. */
const WRITERS = 32;

const MOST = { p50: 25, p99: 150, toAll: 1_500, kib: 60 };

const round = (value: number) => Math.round(value * 10) / 10;
const figures = (waits: readonly number[]) => ({
  frames: waits.length,
  p50: round(percentile(waits, 50)),
  p99: round(percentile(waits, 99)),
  max: round(percentile(waits, 100)),
});

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

/** As many a second as there should be, unless those before are not done yet: then it takes longer. */
async function atRate(perSecond: number, write: (count: number) => Promise<unknown>) {
  const begin = performance.now();
  const cpu = await world.cpuMs();
  const writes = perSecond * SECONDS;
  let next = 0;
  const writer = async () => {
    for (let count = next++; count < writes; count = next++) {
      await pause(Math.max(0, begin + (count * 1_000) / perSecond - performance.now()));
      await write(count);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  const seconds = (performance.now() - begin) / 1_000;
  return {
    'a second': round(writes / seconds),
    'gateways’ CPU ms each': round(((await world.cpuMs()) - cpu) / writes),
  };
}

it(`${SOCKETS} sockets on two gateways hear of what is theirs, and of what is everyone’s, in time`, async () => {
  const { gateways, people } = world;
  const someone = (count: number) => people[(count * 7919) % people.length] as Person;
  const gateway = (count: number) => gateways[count % gateways.length] as Supervised;
  // What every process loads at its first operations is not the subscribers'.
  for (let count = 0; count < 100; count += 1) await world.assign(gateway(count), someone(count), 'warm');
  const cursor = await world.cursorNow();
  const memory = await world.memory();
  const connecting = performance.now();
  crowd = new Crowd(
    people.flatMap((person) => gateways.map(({ url }) => ({ person, urls: [url] }))),
    cursor,
  );
  const { clients } = crowd;
  await crowd.connected();
  const secondsToConnect = round((performance.now() - connecting) / 1_000);
  const scribe = world.scribe();
  // What is written from here on until it has arrived everywhere, and how long that took of each frame.
  let heard = 0;
  const hear = async <Answer>(write: () => Promise<Answer>) => {
    const from = heard;
    const answer = await write();
    await expectExactly(world, [crowd as Crowd]);
    heard = Math.max(...clients.map(({ taken }) => taken.at(-1) ?? 0));
    return { answer, waits: await waitsOf(world, clients, (seq) => seq > from && seq <= heard) };
  };
  // The first that they hear: once all have it, all have subscribed.
  await hear(() => scribe.tell(people));
  const aSubscriber = growth(memory, await world.memory(), SOCKETS);
  let slack = patience();

  const mutations = await hear(() =>
    atRate(BY_MUTATIONS, (count) => world.assign(gateway(count), someone(count), `task ${count}`)),
  );
  const logged = await hear(() => atRate(BY_THE_LOG, (count) => scribe.tell([someone(count)])));
  const toAll: number[] = [];
  for (let count = 0; count < BROADCASTS; count += 1) toAll.push(...(await hear(() => scribe.tell(people))).waits);
  slack = Math.max(slack, patience());

  console.log('fan-out', {
    sockets: SOCKETS,
    'seconds to connect': secondsToConnect,
    'KiB a subscriber': aSubscriber,
    'assignments by mutations': { ...mutations.answer, ...figures(mutations.waits) },
    'assignments by the log': { ...logged.answer, ...figures(logged.waits) },
    'to all': figures(toAll),
    'times a quiet machine’s figures': round(slack),
  });
  expect(clients.flatMap(({ ends }) => ends)).toEqual([]);
  expect(mutations.waits).toHaveLength(2 * BY_MUTATIONS * SECONDS);
  expect(logged.waits).toHaveLength(2 * BY_THE_LOG * SECONDS);
  expect(toAll).toHaveLength(BROADCASTS * SOCKETS);
  expect(aSubscriber.used).toBeLessThan(MOST.kib);
  for (const { waits } of [mutations, logged]) {
    expect(percentile(waits, 50)).toBeLessThan(MOST.p50 * slack);
    expect(percentile(waits, 99)).toBeLessThan(MOST.p99 * slack);
  }
  expect(percentile(toAll, 99)).toBeLessThan(MOST.toAll * slack);
});
