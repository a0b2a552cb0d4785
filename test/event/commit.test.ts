import { describe, expect, it } from 'vitest';
import { composed } from '../../src/db/statement.ts';
import type { Consequence } from '../../src/event/consequences.ts';
import { commit } from '../../src/event/log.ts';
import { Invalid, refused } from '../../src/refusals.ts';
import { useGateway } from '../support/gateway.ts';
import { execute, foundHouse, type House, happening, rows } from './house.ts';

const gateway = useGateway();

const write = composed('test.write', 'UPDATE organization SET name = $2 WHERE id = $1');

/** What the transaction would have changed: the row that it writes, the counter, the events. */
const stateOf = async ({ id }: House) => {
  const text = `SELECT o.name, l.last_seq AS "lastSeq", (SELECT count(*)::int FROM event e WHERE e.organization_id = $1) AS events
    FROM organization o JOIN organization_log l ON l.organization_id = o.id WHERE o.id = $1`;
  return (await rows<{ name: string; lastSeq: bigint; events: number }>(gateway(), text, id))[0];
};

/** A commit that writes first; its rings are noted. */
const writeThen = async (house: House, end: () => Awaited<ReturnType<Parameters<typeof commit>[3]>>) => {
  const rings: bigint[] = [];
  const runtime = { db: gateway().app.runtime.db, ring: (id: bigint) => void rings.push(id), consequences: [] };
  const outcome = commit(runtime, house.actor, new Date(), async (tx) => {
    await tx.rows(write, ['Renamed']);
    return end();
  });
  return { outcome: await outcome.catch((error: Error) => error), rings };
};

describe('commit', () => {
  it('keeps what was written with its events, and rings once', async () => {
    const house = await foundHouse(gateway());
    const { outcome, rings } = await writeThen(house, () => ({
      ok: true,
      value: 42,
      events: [happening(house), happening(house)],
    }));
    expect(outcome).toMatchObject({ ok: true, value: 42 });
    expect(rings).toEqual([house.id]);
    expect(await stateOf(house)).toEqual({ name: 'Renamed', lastSeq: 2n, events: 2 });
  });

  it('does what follows in the same transaction, each after the other, and tells all of it', async () => {
    const house = await foundHouse(gateway());
    const { db } = gateway().app.runtime;
    const seen: number[] = [];
    const follow: Consequence = async (tx, happened, { actor }) => {
      seen.push(happened.events.length);
      expect(actor).toBe(house.actor);
      await tx.rows(write, [`Renamed ${seen.length}`]);
      return { ...happened, events: [...happened.events, happening(house)] };
    };
    const runtime = { db, ring: () => {}, consequences: [follow, follow] };
    const work = async () => ({ ok: true, value: null, events: [happening(house)] }) as const;
    await commit(runtime, house.actor, new Date(), work);
    expect(seen).toEqual([1, 2]);
    expect(await stateOf(house)).toEqual({ name: 'Renamed 2', lastSeq: 3n, events: 3 });
  });

  it('leaves nothing when what follows breaks', async () => {
    const house = await foundHouse(gateway());
    const follow: Consequence = async () => Promise.reject(new Error('It broke.'));
    const runtime = { db: gateway().app.runtime.db, ring: () => {}, consequences: [follow] };
    const work = commit(runtime, house.actor, new Date(), async (tx) => {
      await tx.rows(write, ['Renamed']);
      return { ok: true, value: null, events: [happening(house)] };
    });
    await expect(work).rejects.toThrow('It broke.');
    expect(await stateOf(house)).toEqual({ name: 'House', lastSeq: 0n, events: 0 });
  });

  it('asks nothing of what follows where nothing happened', async () => {
    const house = await foundHouse(gateway());
    const follow: Consequence = async () => Promise.reject(new Error('It was asked.'));
    const runtime = { db: gateway().app.runtime.db, ring: () => {}, consequences: [follow] };
    const outcome = await commit(runtime, house.actor, new Date(), async () => ({ ok: true, value: 1, events: [] }));
    expect(outcome).toMatchObject({ ok: true, value: 1 });
  });

  it('leaves nothing of a write that is refused after it wrote, and does not ring', async () => {
    const house = await foundHouse(gateway());
    const { outcome, rings } = await writeThen(house, () => refused(new Invalid('No.')));
    expect(outcome).toMatchObject({ ok: false, value: null, refusals: [{ code: 'INVALID', message: 'No.' }] });
    expect(rings).toEqual([]);
    expect(await stateOf(house)).toEqual({ name: 'House', lastSeq: 0n, events: 0 });
  });

  it('leaves nothing when it breaks between the write and the append', async () => {
    const house = await foundHouse(gateway());
    const { outcome, rings } = await writeThen(house, () => {
      throw new Error('broken');
    });
    expect(outcome).toEqual(new Error('broken'));
    expect(rings).toEqual([]);
    expect(await stateOf(house)).toEqual({ name: 'House', lastSeq: 0n, events: 0 });
  });

  it('leaves nothing when the connection dies between the write and the append, and the next commit goes on', async () => {
    const house = await foundHouse(gateway());
    const rings: bigint[] = [];
    const runtime = { db: gateway().app.runtime.db, ring: (id: bigint) => void rings.push(id), consequences: [] };
    const dying = commit(runtime, house.actor, new Date(), async (tx) => {
      const self = composed(
        'test.self',
        'UPDATE organization SET name = $2 WHERE id = $1 RETURNING pg_backend_pid() AS pid',
      );
      const [{ pid }] = (await tx.rows<{ pid: number }>(self, ['Renamed'])) as [{ pid: number }];
      await execute(gateway(), `SELECT pg_terminate_backend(${pid})`);
      return { ok: true, value: null, events: [happening(house)] };
    });
    await expect(dying).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(rings).toEqual([]);
    expect(await stateOf(house)).toEqual({ name: 'House', lastSeq: 0n, events: 0 });
    await writeThen(house, () => ({ ok: true, value: null, events: [happening(house)] }));
    expect(await stateOf(house)).toEqual({ name: 'Renamed', lastSeq: 1n, events: 1 });
  });

  it('rings nobody for a write without events', async () => {
    const house = await foundHouse(gateway());
    const { rings } = await writeThen(house, () => ({ ok: true, value: null, events: [] }));
    expect(rings).toEqual([]);
    expect(await stateOf(house)).toMatchObject({ name: 'Renamed', lastSeq: 0n });
  });

  it('rings after the commit: who reads at the ring finds the events', async () => {
    const house = await foundHouse(gateway());
    const { db } = gateway().app.runtime;
    // A commit that takes its time: a ring before it would find nothing.
    await execute(
      gateway(),
      `CREATE FUNCTION crawl() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.1); RETURN NULL; END';
       CREATE CONSTRAINT TRIGGER crawl AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crawl()`,
    );
    let atTheRing: ReturnType<typeof stateOf> | undefined;
    const ring = () => {
      atTheRing ??= stateOf(house);
    };
    await commit({ db, ring, consequences: [] }, house.actor, new Date(), async () => ({
      ok: true,
      value: null,
      events: [happening(house)],
    }));
    expect(await atTheRing).toMatchObject({ lastSeq: 1n, events: 1 });
  });
});
