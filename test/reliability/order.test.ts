import { afterAll, beforeAll, expect, it } from 'vitest';
import { composed } from '../../src/db/statement.ts';
import { Crowd, expectExactly } from './crowd.ts';
import type { Scribe } from './scribe.ts';
import { openWorld, pause, size, type World } from './world.ts';

const WRITERS = 50;
const WRITES = size(20, 400);
/** A process writes at most so much of one organization at once. */
const WRITERS_OF_A_PROCESS = 4;
const FOLLOWERS = 4;
/** Of a hundred: refused before they append, and failing at the commit itself, after they took their place. */
const REFUSED = 5;
const DOOMED = 5;

let world: World;
let crowd: Crowd | undefined;
beforeAll(async () => {
  world = await openWorld({ gateways: 2, people: FOLLOWERS });
  // Whoever has its place sleeps before the commit, or fails there. The naive reader's rows are of the same transactions.
  await world.query('CREATE TABLE naive (organization_id bigint, seq bigserial PRIMARY KEY, is_doomed boolean)');
  await world.query(`CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM pg_sleep(random() * 0.005);
      IF NEW.is_doomed THEN RAISE EXCEPTION 'doomed'; END IF;
      RETURN NULL;
    END $$`);
  await world.query(`CREATE CONSTRAINT TRIGGER nap AFTER INSERT ON naive DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION nap()`);
});
afterAll(async () => {
  await crowd?.stop();
  await world.close();
});

const insert = composed('test.naive', 'INSERT INTO naive (organization_id, is_doomed) VALUES ($1, $2)');
const nap = composed('test.nap', 'SELECT $1::bigint AS organization, pg_sleep(random() * 0.05)::text');

it('gateways deliver in the order of commit and without a gap, while a reader of a plain sequence loses rows', async () => {
  const { gateways, people, office } = world;
  const clients = people.map((person, index) => ({ person, urls: [gateways[index % 2]?.url as string] }));
  crowd = new Crowd(clients, await world.cursorNow());
  await crowd.connected();
  const scribes = Array.from({ length: Math.ceil(WRITERS / WRITERS_OF_A_PROCESS) }, () => world.scribe());

  // Reads at "seq > last seen" all the while; when told to stop, once more.
  const seen: number[] = [];
  let quiet = false;
  const naive = async () => {
    for (let last = false; !last; ) {
      last = quiet;
      const text = 'SELECT seq::int AS seq FROM naive WHERE organization_id = $1 AND seq > $2 ORDER BY seq';
      const found = await world.query<{ seq: number }>(text, office.organization.id, seen.at(-1) ?? 0);
      seen.push(...found.map(({ seq }) => seq));
      await pause(1);
    }
  };

  let timedOut = 0;
  const writer = async (_: unknown, who: number) => {
    const scribe = scribes[who % scribes.length] as Scribe;
    for (let turn = 0; turn < WRITES; turn += 1) {
      const lot = ((turn * WRITERS + who) * 37) % 100;
      const isRefused = lot < REFUSED;
      const isDoomed = !isRefused && lot < REFUSED + DOOMED;
      const count = 1 + (lot % 3);
      const write = scribe.tell(people, count, async (tx) => {
        await tx.rows(insert, [isDoomed]);
        await tx.rows(nap);
        return !isRefused;
      });
      const wrote = await write.catch((error: unknown) => {
        // On a busy machine the queue for the counter can be longer than anyone waits: rolled back, too.
        if (!isDoomed && (error as Error & { code?: string }).code !== 'TIMEOUT') throw error;
        if (!isDoomed) timedOut += 1;
        return null;
      });
      if (wrote !== null) expect(wrote).toBe(!isRefused && !isDoomed);
    }
  };
  const reading = naive();
  const begin = performance.now();
  try {
    await Promise.all(Array.from({ length: WRITERS }, writer));
  } finally {
    quiet = true;
    await reading;
  }
  const seconds = (performance.now() - begin) / 1_000;
  const [rows] = await world.query<{ count: number }>('SELECT count(*)::int AS count FROM naive');
  const kept = rows?.count as number;
  expect(kept).toBe((WRITERS * WRITES * (100 - REFUSED - DOOMED)) / 100 - timedOut);

  // Every event tells everyone: what they took has no gap, and comes in the order in which it was committed.
  await expectExactly(world, [crowd]);
  const log = await world.notified();
  const told = log.get(people[0]?.id as bigint) ?? [];
  const events = told.length;
  expect(events).toBeGreaterThan(kept);
  const everything = Array.from({ length: events }, (_, index) => (crowd?.from as number) + 1 + index);
  for (const { taken } of crowd.clients) expect(taken).toEqual(everything);
  const moments = told.map(({ ms }) => ms);
  expect(moments).toEqual(moments.toSorted((one, other) => one - other));

  console.log('order of commit', {
    writers: WRITERS,
    'transactions kept': kept,
    'rolled back': WRITERS * WRITES - kept,
    events,
    'a second': Math.round(kept / seconds),
    'missed by a follower': events - Math.min(...crowd.clients.map(({ taken }) => taken.length)),
    'missed by the naive reader': kept - seen.length,
  });
  expect(seen.length).toBeLessThan(kept);
});
