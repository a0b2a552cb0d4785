import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { uidOf } from '../../src/ids.ts';
import { type BoardWrites, boardOf, plantCards, plantPipeline } from '../pipeline/board.ts';
import { plantTasks } from './many.ts';
import { useWorld } from './world.ts';
import { granted } from './writes.ts';

// Making room between cards whose places have grown too long, while others write to those cards.

const world = useWorld();
let admin: BoardWrites;
let accountId: string;
let [drafted, sent] = ['', ''];

async function session(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: world().gateway.database.url });
  await client.connect();
  return client;
}

beforeAll(async () => {
  admin = boardOf(world(), world().admin);
  accountId = (await world().record('ACCOUNT')).key;
  // Among many tasks PostgreSQL looks the cards up one by one: where that is done by a join, a row that was waited for is
  // lost, and by the joins of small tables it is not.
  const client = await session();
  await plantTasks(client, world().organization.id, 3_000);
  await client.end();
});

const fresh = async () => {
  [drafted, sent] = (await plantPipeline(world())).stages;
};
const cards = (stage: string, count: number) => plantCards(world(), stage, count, accountId);
const uid = (key: string) => uidOf('Task', key) as string;

/** The places in a stage, by card, in its order. */
async function places(stageId: string): Promise<Map<string, string>> {
  const { prisma, organization } = world();
  const rows = await prisma.$queryRawUnsafe<{ uid: string; position: string }[]>(
    `/* test.places */ SELECT t.uid, t.position FROM task t JOIN stage s ON s.organization_id = $1 AND s.id = t.stage_id
     WHERE t.organization_id = $1 AND s.uid = $2 ORDER BY t.position`,
    ...[organization.id, uidOf('Stage', stageId)],
  );
  return new Map(rows.map(({ uid: key, position }) => [`task_${key}`, position]));
}

/** Gives cards places as after many moves: all behind `first`, each with no room between it and that one. */
async function crowd(first: string, nearest: readonly string[]) {
  const start = (await places(sent)).get(first) as string;
  const { prisma, organization } = world();
  await prisma.$executeRawUnsafe(
    `/* test.crowd */ UPDATE task t SET position = p.position, stage_id = f.stage_id, pipeline_id = f.pipeline_id
     FROM unnest($2::text[], $3::text[]) AS p(uid, position), task f
     WHERE t.organization_id = $1 AND t.uid = p.uid AND f.organization_id = $1 AND f.uid = $4`,
    ...[
      organization.id,
      nearest.map(uid),
      nearest.map((_, n) => `${start}${'0'.repeat(99 + nearest.length - n)}V`),
      uid(first),
    ],
  );
}

/** What the log says of places since `work` began: by card, from where to where. */
async function toldDuring(work: () => Promise<unknown>): Promise<Map<string, unknown>> {
  const { prisma, organization } = world();
  const where = { organizationId: organization.id };
  const { lastSeq } = await prisma.organizationLog.findUniqueOrThrow({ where });
  await work();
  const events = await prisma.event.findMany({ where: { ...where, seq: { gt: lastSeq } }, orderBy: { seq: 'asc' } });
  return new Map(
    events.flatMap(({ subjectUid, changes }) =>
      (changes as { field: string; from: unknown; to: unknown }[])
        .filter(({ field }) => field === 'position')
        .map(({ from, to }) => [`task_${subjectUid}`, { from, to }] as const),
    ),
  );
}

/** The cards that stand elsewhere than before, each with both places. */
const changed = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) =>
  new Map(
    [...after].flatMap(([key, to]) => {
      const from = before.get(key) ?? null;
      return from === to ? [] : [[key, { from, to }] as const];
    }),
  );

/**
 * Holds a transaction of someone else open until `work` waits for it, and ends it then. What they do more while it waits
 * is `meanwhile`.
 */
async function beside<Done>(
  statement: readonly [string, readonly unknown[]],
  work: () => Promise<Done>,
  end: 'COMMIT' | 'ROLLBACK' = 'COMMIT',
  meanwhile?: readonly [string, readonly unknown[]],
): Promise<Done> {
  const client = await session();
  const waiting = async () => {
    const text = `/* test.waiting */ SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> $1`;
    return (await world().prisma.$queryRawUnsafe<unknown[]>(text, own)).length;
  };
  const own = (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid as number;
  try {
    // Of two that hold each other up, the other one is stopped.
    await client.query("SET deadlock_timeout = '10s'");
    await client.query('BEGIN');
    await client.query(statement[0], [...statement[1]]);
    const done = work();
    // Should it end before it has waited, the poll tells why.
    done.catch(() => {});
    await expect.poll(waiting, { timeout: 5_000 }).toBe(1);
    if (meanwhile) await client.query(meanwhile[0], [...meanwhile[1]]);
    await client.query(end);
    return await done;
  } finally {
    await client.end();
  }
}

const touch = (ids: readonly string[]) =>
  ['UPDATE task SET title = title WHERE uid = ANY ($1)', [ids.map(uid)]] as const;

describe('making room', () => {
  it('leaves the card a place of its own, though the new one happens to be its old one', async () => {
    await fresh();
    const [p, x, r, q] = (await cards(sent, 4)) as [string, string, string, string];
    await crowd(p, [q, r]);
    const before = await places(sent);
    expect([...before.keys()]).toEqual([p, q, r, x]);
    let moved: { position?: string | null | undefined; version: number } | undefined;
    const told = await toldDuring(async () => {
      moved = granted(await admin.move(x, sent, { afterTaskId: p }));
    });
    const after = await places(sent);
    expect([...after.keys()]).toEqual([p, x, q, r]);
    // Else this proves nothing.
    expect(after.get(x)).toBe(before.get(x));
    expect(moved).toMatchObject({ position: before.get(x), version: 1 });
    expect(told).toEqual(changed(before, after));
    const [last] = (await cards(sent, 1)) as [string];
    granted(await admin.move(q, sent, { afterTaskId: p }));
    expect([...(await places(sent)).keys()]).toEqual([p, q, x, r, last]);
  });

  it.each(['the same stage', 'another one'])(
    'takes along cards that are written to meanwhile, for one that comes from %s',
    async (from) => {
      await fresh();
      const [first, second, ...rest] = (await cards(sent, 6)) as [string, string, ...string[]];
      const comer = from === 'another one' ? ((await cards(drafted, 1))[0] as string) : (rest.at(-1) as string);
      await crowd(first, [second]);
      const before = await places(sent);
      const own = (await places(drafted)).get(comer);
      const told = await toldDuring(() =>
        beside(touch([first, second, rest[0] as string]), async () =>
          granted(await admin.move(comer, sent, { afterTaskId: first })),
        ),
      );
      const after = await places(sent);
      expect([...after.keys()]).toEqual([first, comer, second, ...rest.filter((id) => id !== comer)]);
      expect(new Set(after.values()).size).toBe(after.size);
      for (const position of after.values()) expect(position.length).toBeLessThan(10);
      expect(told).toEqual(changed(own === undefined ? before : new Map([...before, [comer, own]]), after));
    },
  );

  it('takes them along in long stages too, where room is made around the spot only', async () => {
    await fresh();
    const [first, comer] = (await cards(sent, 2)) as [string, string];
    const many = await world().tasks(Array.from({ length: 120 }, () => ({})));
    const keys = many.map(({ key }) => key);
    await crowd(first, keys);
    const before = await places(sent);
    expect([...before.keys()]).toEqual([first, ...keys, comer]);
    const told = await toldDuring(() =>
      beside(touch(keys.filter((_, n) => n % 2 === 0)), async () =>
        granted(await admin.move(comer, sent, { afterTaskId: first })),
      ),
    );
    const after = await places(sent);
    expect([...after.keys()]).toEqual([first, comer, ...keys]);
    expect(told).toEqual(changed(before, after));
    for (const key of keys.slice(100)) expect(after.get(key)).toBe(before.get(key));
  });

  it.each(['COMMIT', 'ROLLBACK'] as const)(
    'leaves alone a card that is being taken to another stage: %s',
    async (end) => {
      await fresh();
      const [first, second, third, ...rest] = (await cards(sent, 6)) as [string, string, string, ...string[]];
      const comer = rest.at(-1) as string;
      const [there] = (await cards(drafted, 1)) as [string];
      await crowd(first, [second, third]);
      const before = await places(sent);
      const leave = [
        `UPDATE task t SET stage_id = s.id, position = 'zz' FROM stage s
         WHERE s.organization_id = t.organization_id AND s.uid = $2 AND t.uid = $1`,
        [uid(third), uidOf('Stage', drafted)],
      ] as const;
      const told = await toldDuring(() =>
        beside(leave, async () => granted(await admin.move(comer, sent, { afterTaskId: first })), end),
      );
      const after = await places(sent);
      const stays = end === 'ROLLBACK' ? [third] : [];
      expect([...after.keys()]).toEqual([first, comer, second, ...stays, ...rest.slice(0, -1)]);
      expect(new Set(after.values()).size).toBe(after.size);
      expect(told).toEqual(changed(before, after));
      const beyond = [...(await places(drafted)).entries()];
      expect(beyond.map(([key]) => key)).toEqual(end === 'COMMIT' ? [there, third] : [there]);
      if (end === 'COMMIT') expect(beyond[1]?.[1]).toBe('zz');
    },
  );

  it('is tried again where it and another writer hold each other up', async () => {
    await fresh();
    const [first, second, comer] = (await cards(sent, 3)) as [string, string, string];
    await crowd(first, [second]);
    const before = await places(sent);
    const told = await toldDuring(() =>
      beside(
        touch([second]),
        async () => granted(await admin.move(comer, sent, { afterTaskId: first })),
        'COMMIT',
        touch([comer]),
      ),
    );
    const after = await places(sent);
    expect([...after.keys()]).toEqual([first, comer, second]);
    expect(told).toEqual(changed(before, after));
  });
});
