import { afterAll, beforeAll, expect, it } from 'vitest';
import { Crowd, expectExactly, waitsOf } from './crowd.ts';
import { growth, patience, percentile } from './measures.ts';
import { openWorld, type Person, pause, size, type World } from './world.ts';

const PAUSED = 50;
const EVENTS = size(1_000, 20_000);
/** Of these, what lies between two processes can hold at most: once it is full, a paused socket stands still. */
const FILLING = 500;
const WARM = 100;
const EVENTS_AT_ONCE = 4;
/** Of the task that comes with each. */
const CHARACTERS = 8_000;
const OTHERS = 100;
/** Events a second that the others get meanwhile. */
const PER_SECOND = 25;
/** At the long size longer than a gateway waits for a socket that does not answer its ping. */
const SECONDS = size(8, 80);
const MOST_GROWTH_KIB = 50 * 1024;
/** A wait below this doubles by itself. */
const QUIET_MS = 25;

let world: World;
const crowds: Crowd[] = [];
beforeAll(async () => {
  world = await openWorld({ gateways: 2, people: OTHERS + 2 });
});
afterAll(async () => {
  await Promise.all(crowds.map((crowd) => crowd.stop()));
  await world.close();
});

it(`${PAUSED} sockets that do not read, ${EVENTS} events behind, cost neither memory nor the others’ time`, async () => {
  const { gateways, people } = world;
  const [absent, reader, ...rest] = people as [Person, Person, ...Person[]];
  const text = `UPDATE task SET description = repeat('x', $1::int) WHERE title = 'what everyone is told of'`;
  await world.query(text, CHARACTERS);
  const cursor = await world.cursorNow();
  const at = (index: number) => [gateways[index % 2]?.url as string];
  const others = new Crowd(
    rest.map((person, index) => ({ person, urls: at(index) })),
    cursor,
  );
  const paused = new Crowd(
    Array.from({ length: PAUSED }, (_, index) => ({ person: reader, urls: at(index) })),
    cursor,
    'subscription ($after: String) { taskAssigned(after: $after) { cursor task { id description } } }',
  );
  crowds.push(others, paused);
  await Promise.all(crowds.map((crowd) => crowd.connected()));
  const scribe = world.scribe();
  const another = world.scribe();
  await scribe.tell(people);
  await expectExactly(world, crowds);
  const pids = () => gateways.map(({ process }) => process?.pid);
  const slack = patience();
  const started = pids();

  /** Writes so many events for someone, evenly, and meanwhile the others theirs; gives how long those waited. */
  const othersWait = async (someone: Person, events: number, seconds: number) => {
    const after = Math.max(...others.clients.map(({ taken }) => taken.at(-1) ?? 0));
    const begin = performance.now();
    const paced = async (count: number, write: (index: number) => Promise<unknown>) => {
      for (let index = 0; index < count; index += 1) {
        await pause(Math.max(0, begin + (index * seconds * 1_000) / count - performance.now()));
        await write(index);
      }
    };
    await Promise.all([
      paced(events / EVENTS_AT_ONCE, () => another.tell([someone], EVENTS_AT_ONCE)),
      paced(PER_SECOND * seconds, (index) => scribe.tell([rest[index % rest.length] as Person])),
    ]);
    await expectExactly(world, [others]);
    const waits = await waitsOf(world, others.clients, (seq) => seq > after);
    expect(waits).toHaveLength(PER_SECOND * seconds);
    return percentile(waits, 99);
  };

  // What pushing such events takes of memory, read or not, it has taken before.
  await scribe.tell([reader], WARM);
  await expectExactly(world, crowds);
  const memory = await world.memory();
  // As many events, first for someone who is not there.
  const before = await othersWait(absent, EVENTS - FILLING, SECONDS);
  paused.pause(paused.clients);
  const filling = await othersWait(reader, FILLING, size(5, 10));
  const stalled = await othersWait(reader, EVENTS - FILLING, SECONDS);
  const grown = growth(memory, await world.memory());
  const behind = paused.clients.map(({ taken }) => 1 + WARM + EVENTS - taken.length);
  const back = performance.now();
  paused.resume(paused.clients);
  await expectExactly(world, [paused], 600_000);

  const ends: Record<string, number> = {};
  for (const end of paused.clients.flatMap((client) => client.ends)) ends[end] = (ends[end] ?? 0) + 1;
  console.log('paused sockets', {
    sockets: PAUSED,
    events: EVENTS,
    'behind when they came back': Math.min(...behind),
    'seconds until they had all': Math.round((performance.now() - back) / 100) / 10,
    'KiB that the gateways grew by': grown,
    'ms that the others waited, p99': {
      before: Math.round(before),
      'while what lies between fills up': Math.round(filling),
      'while the paused stand still': Math.round(stalled),
    },
    ends,
    'times a quiet machine’s figures': Math.round(slack * 10) / 10,
  });
  expect(pids()).toEqual(started);
  expect(Math.min(...behind)).toBe(EVENTS);
  expect(grown.used).toBeLessThan(MOST_GROWTH_KIB);
  expect(others.clients.flatMap(({ ends }) => ends)).toEqual([]);
  expect(stalled).toBeLessThan(2 * Math.max(before, QUIET_MS) * slack);
});
