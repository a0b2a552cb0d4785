import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { composed } from '../../src/db/statement.ts';
import { commit } from '../../src/event/log.ts';
import { refused } from '../../src/refusals.ts';
import { useGateway } from '../support/gateway.ts';
import { anotherDatabase, execute, foundHouse, type House, happening, rows } from './house.ts';

const WRITERS = 50;
const WRITES = 6;
/** Of a hundred writes: refused before they append, and failing at the commit itself, after they took their place. */
const REFUSED = 5;
const DOOMED = 5;

const gateway = useGateway();
let databases: Database[] = [];

beforeAll(async () => {
  // Whoever has its place sleeps before the commit, or fails there: in any order of places, commits come in another.
  await execute(
    gateway(),
    `CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       PERFORM pg_sleep(random() * 0.02);
       IF to_jsonb(NEW)::text LIKE '%doomed%' THEN RAISE EXCEPTION 'doomed'; END IF;
       RETURN NULL;
     END $$`,
  );
  const napping = (table: string) =>
    `CREATE CONSTRAINT TRIGGER nap AFTER INSERT ON ${table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nap()`;
  await execute(gateway(), napping('event'));
  await execute(gateway(), 'CREATE TABLE naive (organization_id bigint, seq bigserial PRIMARY KEY, note text)');
  await execute(gateway(), napping('naive'));
  // Each has its own turns: as many processes.
  databases = [18, 18, 18].map((size) => anotherDatabase(gateway(), size));
});
afterAll(async () => {
  for (const db of databases) await db.close();
});

type Fate = 'kept' | 'refused' | 'doomed';
const fateOf = (count: number): Fate => {
  const lot = (count * 37) % 100;
  return lot < REFUSED ? 'refused' : lot < REFUSED + DOOMED ? 'doomed' : 'kept';
};

/** Lets everyone write at once; gives how many writes were kept. */
async function writeAll(write: (db: Database, count: number, fate: Fate) => Promise<boolean>): Promise<number> {
  let kept = 0;
  const writer = async (_: unknown, who: number) => {
    for (let turn = 0; turn < WRITES; turn += 1) {
      const count = turn * WRITERS + who;
      const fate = fateOf(count);
      const wrote = await write(databases[who % databases.length] as Database, count, fate).catch((error: unknown) => {
        if (fate !== 'doomed') throw error;
        return false;
      });
      expect(wrote).toBe(fate === 'kept');
      if (wrote) kept += 1;
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  return kept;
}

/** Reads at "seq > last" all the while, as any reader of the log does; when told to stop, once more. */
function watch(table: 'event' | 'naive', organizationId: bigint) {
  const seen: bigint[] = [];
  let stopped = false;
  const reading = (async () => {
    for (let last = false; !last; ) {
      last = stopped;
      const text = `SELECT seq FROM ${table} WHERE organization_id = $1 AND seq > $2 ORDER BY seq`;
      const found = await rows<{ seq: bigint }>(gateway(), text, organizationId, [seen.at(-1) ?? 0n]);
      seen.push(...found.map(({ seq }) => seq));
    }
  })();
  return async () => {
    stopped = true;
    await reading;
    return seen;
  };
}

const firstSeqs = (count: number) => Array.from({ length: count }, (_, index) => BigInt(index + 1));

describe('with 50 writers at once that sleep before they commit, a tenth of them rolled back', () => {
  it('each organization’s log is without a gap and in the order of commit: its reader misses nothing', async () => {
    const houses: House[] = [];
    for (let count = 0; count < 5; count += 1) houses.push(await foundHouse(gateway(), `House ${count}`));
    const readers = houses.map(({ id }) => watch('event', id));
    const kept = new Map(houses.map(({ id }) => [id, 0]));
    const nap = composed('test.nap', 'SELECT $1::bigint AS organization, pg_sleep($2)::text');

    const total = await writeAll(async (db, count, fate) => {
      const house = houses[count % houses.length] as House;
      const outcome = await commit({ db, ring: () => {}, consequences: [] }, house.actor, new Date(), async (tx) => {
        await tx.rows(nap, [Math.random() * 0.005]);
        if (fate === 'refused') return refused();
        const events = Array.from({ length: 1 + (count % 3) }, () => happening(house, [], fate));
        return { ok: true, value: events.length, events };
      });
      if (outcome.ok) kept.set(house.id, (kept.get(house.id) ?? 0) + outcome.value);
      return outcome.ok;
    });

    const seen = await Promise.all(readers.map((stop) => stop()));
    expect(seen).toEqual(houses.map(({ id }) => firstSeqs(kept.get(id) as number)));
    expect(total).toBe(WRITERS * WRITES * (1 - (REFUSED + DOOMED) / 100));
    for (const { id } of houses) {
      const text = 'SELECT last_seq AS "lastSeq" FROM organization_log WHERE organization_id = $1';
      expect(await rows(gateway(), text, id)).toEqual([{ lastSeq: BigInt(kept.get(id) as number) }]);
    }
  });

  it('a plain sequence, taken at the insert, loses rows to the same reader', async () => {
    const reader = watch('naive', 1n);
    const insert = composed('test.naive', 'INSERT INTO naive (organization_id, note) VALUES ($1, $2)');
    const total = await writeAll(async (db, _count, fate) => {
      if (fate === 'refused') return false;
      await db.rows(insert, 1n, [fate]);
      return true;
    });
    expect((await reader()).length).toBeLessThan(total);
    const text = 'SELECT count(*)::int AS count FROM naive WHERE organization_id = $1';
    expect(await rows(gateway(), text, 1n)).toEqual([{ count: total }]);
  });
});
