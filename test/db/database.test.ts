import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Database, type Tx } from '../../src/db/database.ts';
import { PrismaClient } from '../../src/db/generated/prisma/client.ts';
import type { Sent } from '../../src/db/pool.ts';
import { composed, fixed } from '../../src/db/statement.ts';
import { newUid } from '../../src/ids.ts';
import { createOrganization } from '../../src/organization/service.ts';
import { createDatabase, type TestDatabase } from '../support/cluster.ts';

const SIZE = 8;
let database: TestDatabase;
let db: Database;
let admin: pg.Client;
let organizations: { readonly id: bigint; readonly assistantId: bigint }[];
const sent: Sent[] = [];

beforeAll(async () => {
  database = await createDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  // Deadlocks are looked for after a second as a rule. And nothing below may depend on the database's own zone.
  const name = new URL(database.url).pathname.slice(1);
  await admin.query(`ALTER DATABASE ${name} SET deadlock_timeout = '5ms'`);
  await admin.query(`ALTER DATABASE ${name} SET timezone = 'America/New_York'`);
  await admin.query(`CREATE FUNCTION fail(organization bigint, state text) RETURNS int LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''on purpose'' USING ERRCODE = state; END'`);
  db = new Database({
    url: database.url,
    size: SIZE,
    statementTimeout: 2_000,
    onError: () => {},
    onStatement: (statement) => sent.push(statement),
  });
  const now = () => new Date();
  organizations = [];
  for (const each of ['A', 'B'])
    organizations.push(await createOrganization({ db, now }, { name: each, timeZone: 'UTC' }));
});
beforeEach(() => {
  sent.length = 0;
});
afterAll(async () => {
  await admin.end();
  await db.close();
  await database.drop();
});

const own = () => organizations[0] as (typeof organizations)[0];
const account = (name: string, at = new Date()) => {
  const { id: organizationId, assistantId: creatorId } = own();
  return { organizationId, creatorId, uid: newUid(), name, createdAt: at, updatedAt: at };
};
const named = composed(
  'test.named',
  'SELECT name FROM account WHERE organization_id = $1 AND name LIKE $2 ORDER BY name',
);
const names = async (like: string) =>
  (await db.rows<{ name: string }>(named, own().id, [like])).map(({ name }) => name);
const begun = () => sent.filter(({ text }) => text === 'BEGIN').length;
const fail = fixed('test.fail', 'SELECT fail($1, $2)');

describe('a transaction', () => {
  it('writes all of its work and gives its result', async () => {
    const result = await db.transaction(own().id, async ({ prisma, rows, organizationId }) => {
      await prisma.account.create({ data: account('kept 1') });
      await prisma.account.create({ data: account('kept 2') });
      expect(organizationId).toBe(own().id);
      return rows<{ name: string }>(named, ['kept%']);
    });
    expect(result.map(({ name }) => name)).toEqual(['kept 1', 'kept 2']);
    expect(await names('kept%')).toEqual(['kept 1', 'kept 2']);
  });

  it('leaves nothing of work that threw, and throws the same', async () => {
    const thrown = new Error('on purpose');
    const work = db.transaction(own().id, async ({ prisma }) => {
      await prisma.account.create({ data: account('thrown') });
      throw thrown;
    });
    await expect(work).rejects.toBe(thrown);
    expect(await names('thrown')).toEqual([]);
    expect(begun()).toBe(1);
  });

  it('leaves nothing of work whose result is not to be kept, and gives the result', async () => {
    const write = async ({ prisma }: Tx) => (await prisma.account.create({ data: account('refused') })).name;
    expect(await db.transaction(own().id, write, () => false)).toBe('refused');
    expect(await names('refused')).toEqual([]);
    // The control.
    await db.transaction(own().id, write, () => true);
    expect(await names('refused')).toEqual(['refused']);
  });

  it('tries again when it met another one in a deadlock', async () => {
    const ids: bigint[] = [];
    for (const name of ['dead', 'lock']) ids.push((await db.prisma.account.create({ data: account(name) })).id);
    const lock = fixed('test.lock', 'SELECT id FROM account WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE');
    const met = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let attempts = 0;
    const work = (mine: number, byPrisma: boolean) =>
      db.transaction(own().id, async ({ prisma, rows, organizationId }) => {
        attempts += 1;
        await rows(lock, [ids[mine]]);
        met[mine]?.resolve();
        // In the first attempts both hold one; in a later one the other is gone, and this waits for nobody.
        await met[1 - mine]?.promise;
        const id = ids[1 - mine] as bigint;
        if (!byPrisma) await rows(lock, [id]);
        else
          await prisma.account.update({
            where: { organizationId_id: { organizationId, id } },
            data: { domain: 'd.example' },
          });
        return mine;
      });
    expect(await Promise.all([work(0, true), work(1, false)])).toEqual([0, 1]);
    expect(await Promise.all([work(0, true), work(1, true)])).toEqual([0, 1]);
    expect(attempts).toBeGreaterThanOrEqual(5);
  });

  it.each([
    // Who met others each time is told to come again; a bug is told as one.
    ['a deadlock', '40P01', 4, 'too much to do'],
    ['a serialization failure', '40001', 4, 'too much to do'],
    ['a violated constraint', '23505', 1, 'on purpose'],
    ['a bug', '42P01', 1, 'on purpose'],
  ])('is tried after %s %s so often: %i', async (_, state, attempts, told) => {
    await expect(db.transaction(own().id, ({ rows }) => rows(fail, [state]))).rejects.toThrow(told);
    expect(begun()).toBe(attempts);
    expect(sent.filter(({ text }) => text === 'ROLLBACK').length).toBe(attempts);
  });

  it('keeps the write that succeeded after others failed, once', async () => {
    let attempt = 0;
    await db.transaction(own().id, async ({ prisma, rows }) => {
      await prisma.account.create({ data: account('again') });
      attempt += 1;
      if (attempt < 4) await rows(fail, ['40001']);
    });
    expect(await names('again')).toEqual(['again']);
  });
});

describe('what is to be done after the commit', () => {
  it('is done once it is committed, in order', async () => {
    const done: string[] = [];
    await db.transaction(own().id, async ({ prisma, afterCommit }) => {
      afterCommit(() => done.push('first'));
      afterCommit(() => done.push('second'));
      await prisma.account.create({ data: account('after') });
      expect(done).toEqual([]);
    });
    expect(done).toEqual(['first', 'second']);
    expect(await names('after')).toEqual(['after']);
  });

  it('is never done of what was rolled back, refused or tried again', async () => {
    const done: string[] = [];
    let attempt = 0;
    await db.transaction(own().id, async ({ rows, afterCommit }) => {
      attempt += 1;
      afterCommit(() => done.push(`attempt ${attempt}`));
      if (attempt === 1) await rows(fail, ['40001']);
    });
    expect(done).toEqual(['attempt 2']);
    const refused = db.transaction(
      own().id,
      async ({ afterCommit }) => afterCommit(() => done.push('refused')),
      () => false,
    );
    await refused;
    const thrown = db.transaction(own().id, async ({ afterCommit, rows }) => {
      afterCommit(() => done.push('thrown'));
      await rows(fail, ['23505']);
    });
    await expect(thrown).rejects.toThrow('on purpose');
    expect(done).toEqual(['attempt 2']);
  });
});

describe('what is to be done before the commit', () => {
  it('is done after all else, in the same transaction, or once where somebody asks for it', async () => {
    for (const isAsked of [true, false]) {
      const done: string[] = [];
      await db.transaction(own().id, async ({ prisma, beforeCommit, finish }) => {
        const name = `before ${isAsked}`;
        beforeCommit(async () => void done.push((await prisma.account.create({ data: account(name) })).name));
        beforeCommit(async () => void done.push('second'));
        if (isAsked) await finish();
        done.push('all else');
      });
      const acts = [`before ${isAsked}`, 'second'];
      expect(done).toEqual(isAsked ? [...acts, 'all else'] : ['all else', ...acts]);
      expect(await names(`before ${isAsked}`)).toHaveLength(1);
    }
  });

  it('is not done of what is refused, and takes all with it when it fails', async () => {
    const done: string[] = [];
    await db.transaction(
      own().id,
      async ({ beforeCommit }) => beforeCommit(async () => void done.push('refused')),
      () => false,
    );
    const failing = db.transaction(own().id, async ({ prisma, rows, beforeCommit }) => {
      await prisma.account.create({ data: account('failing') });
      beforeCommit(async () => void (await rows(fail, ['23505'])));
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect(done).toEqual([]);
    expect(await names('failing')).toEqual([]);
  });
});

describe('the writers of an organization', () => {
  /** How many connections hold a transaction open. */
  const open = async () => {
    const text = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`;
    return (await admin.query(text)).rows[0].n as number;
  };

  it('are four at once, in the order they came, and keep nobody else waiting', async () => {
    const [a, b] = organizations.map(({ id }) => id) as [bigint, bigint];
    const gates = Array.from({ length: 12 }, () => Promise.withResolvers<void>());
    const started: number[] = [];
    const writers = gates.map((gate, index) =>
      db.transaction(a, async () => {
        started.push(index);
        await gate.promise;
      }),
    );
    await expect.poll(open).toBe(4);
    expect(started.toSorted()).toEqual([0, 1, 2, 3]);
    // Eight wait in memory, and four connections are left: for reads of anyone and for others' writes.
    expect(await db.rows(named, a, ['%'])).toBeDefined();
    expect(await db.rows(named, b, ['%'])).toEqual([]);
    expect(await db.transaction(b, async () => 'written')).toBe('written');
    expect(started).toHaveLength(4);
    gates[2]?.resolve();
    await expect.poll(() => started.at(-1)).toBe(4);
    expect(await open()).toBe(4);
    for (const gate of gates) gate.resolve();
    await Promise.all(writers);
    expect(started).toHaveLength(12);
    await expect.poll(open).toBe(0);
  });
});

describe('an instant', () => {
  const instant = new Date('2026-01-12T08:00:00.123Z');
  const texts = composed(
    'test.texts',
    'SELECT created_at::text AS text FROM account WHERE organization_id = $1 AND name = $2',
  );
  const text = async (name: string) => (await db.rows<{ text: string }>(texts, own().id, [name]))[0]?.text;
  const read = fixed('test.read', 'SELECT created_at AS at FROM account WHERE organization_id = $1 AND name = $2');

  it('is held as it was written, whatever zone the database is set to', async () => {
    await db.transaction(own().id, ({ prisma }) => prisma.account.create({ data: account('instant', instant) }));
    expect(await text('instant')).toBe('2026-01-12 08:00:00.123+00');
    const where = { organizationId: own().id, name: 'instant' };
    expect((await db.prisma.account.findFirstOrThrow({ where })).createdAt).toEqual(instant);
    expect(await db.rows(read, own().id, ['instant'])).toEqual([{ at: instant }]);
    expect(await db.transaction(own().id, ({ rows }) => rows(read, ['instant']))).toEqual([{ at: instant }]);
  });

  it('is the same as a parameter of raw SQL, in a transaction and outside', async () => {
    const same = fixed('test.same', 'SELECT $1::bigint IS NOT NULL AS own, $2::timestamptz::text AS text');
    const row = { own: true, text: '2026-01-12 08:00:00.123+00' };
    expect(await db.rows(same, own().id, [instant])).toEqual([row]);
    expect(await db.transaction(own().id, ({ rows }) => rows(same, [instant]))).toEqual([row]);
  });

  it('is wrong on a connection that is left in the database’s zone', async () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    const naive = new PrismaClient({ adapter: new PrismaPg(pool) });
    await naive.account.create({ data: account('naive', instant) });
    expect(await text('naive')).not.toBe('2026-01-12 08:00:00.123+00');
    await naive.$disconnect();
    await pool.end();
  });
});
