import type pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createPool, type PoolOptions, type Sent } from '../../src/db/pool.ts';
import { openWire } from '../event/wire.ts';
import { createDatabase, type TestDatabase } from '../support/cluster.ts';

let database: TestDatabase;
const pools: pg.Pool[] = [];
const errors: Error[] = [];

beforeAll(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
});
afterAll(() => database.drop());

function open(options: Partial<PoolOptions> = {}): pg.Pool {
  const onError = (error: Error) => void errors.push(error);
  const { pool } = createPool({ url: database.url, size: 1, statementTimeout: 4_000, onError, ...options });
  pools.push(pool);
  return pool;
}

const first = async (pool: pg.Pool | pg.PoolClient, text: string, values: unknown[] = []) =>
  Object.values((await pool.query(text, values)).rows[0])[0];

const SETTINGS = {
  timezone: 'UTC',
  default_transaction_isolation: 'read committed',
  statement_timeout: '4s',
  lock_timeout: '5s',
  idle_in_transaction_session_timeout: '15s',
  application_name: 'taskwire',
};

const settings = async (pool: pg.Pool) => {
  const found: Record<string, unknown> = {};
  for (const name of Object.keys(SETTINGS)) found[name] = await first(pool, `SHOW ${name}`);
  return found;
};

it('sets every session as the code relies on', async () => {
  expect(await settings(open())).toEqual(SETTINGS);
});

it('sets it so whatever the database, the role and the URL say', async () => {
  const other = await createDatabase();
  const name = new URL(other.url).pathname.slice(1);
  await open().query(`ALTER DATABASE ${name} SET timezone = 'America/New_York'`);
  await open().query(`ALTER ROLE CURRENT_USER IN DATABASE ${name} SET statement_timeout = '1h'`);
  const url = new URL(other.url);
  url.searchParams.set('options', '-c timezone=Asia/Tokyo -c lock_timeout=0 -c work_mem=7MB');
  const pool = open({ url: url.href });
  expect(await settings(pool)).toEqual(SETTINGS);
  // The control: what is not ours to say was heard.
  expect(await first(pool, 'SHOW work_mem')).toBe('7MB');
  await pool.end();
  pools.splice(pools.indexOf(pool), 1);
  await other.drop();
});

it('destroys a connection that comes back inside a transaction', async () => {
  const pool = open();
  const client = await pool.connect();
  const pid = await first(client, 'SELECT pg_backend_pid()');
  await client.query('BEGIN');
  await client.query('CREATE TABLE left_behind ()');
  const next = pool.connect();
  client.release();
  const fresh = await next;
  expect(await first(fresh, 'SELECT pg_backend_pid()')).not.toBe(pid);
  expect(await first(fresh, `SELECT to_regclass('left_behind')`)).toBeNull();
  fresh.release();
  // The control: one that comes back idle is used again.
  expect(await first(pool, 'SELECT pg_backend_pid()')).toBe(await first(pool, 'SELECT pg_backend_pid()'));
});

it('destroys a connection that comes back inside a failed transaction', async () => {
  const pool = open();
  const client = await pool.connect();
  await client.query('BEGIN');
  await expect(client.query('SELECT 1 / 0')).rejects.toThrow('division by zero');
  client.release();
  expect(await first(pool, 'SELECT 1')).toBe(1);
  expect(pool.totalCount).toBe(1);
});

it('goes on after an idle connection was cut, and says so', async () => {
  const [pool, killer] = [open(), open()];
  const pid = await first(pool, 'SELECT pg_backend_pid()');
  errors.length = 0;
  await killer.query('SELECT pg_terminate_backend($1)', [pid]);
  await expect.poll(() => errors.length).toBe(1);
  // It goes into logs: not with the client, which knows the password and the key that cancels.
  expect(errors[0]).not.toHaveProperty('client');
  expect(await first(pool, 'SELECT 1')).toBe(1);
});

it('reads rows in the forms that Prisma gives', async () => {
  const text = `SELECT 9007199254740993 AS int8, ARRAY[1, 9007199254740993]::bigint[] AS int8s, '{}'::bigint[] AS none,
    DATE '2026-01-12' AS day, TIMESTAMPTZ '2026-01-12 09:00:00.123+01' AS instant, 1 AS int4, NULL::bigint AS nothing`;
  expect((await open().query(text)).rows).toEqual([
    {
      int8: 9007199254740993n,
      int8s: [1n, 9007199254740993n],
      none: [],
      day: new Date('2026-01-12T00:00:00.000Z'),
      instant: new Date('2026-01-12T08:00:00.123Z'),
      int4: 1,
      nothing: null,
    },
  ]);
});

it('tells of every statement with its values, however it was sent', async () => {
  const sent: Sent[] = [];
  const pool = open({ onStatement: (statement) => sent.push(statement) });
  await pool.query('SELECT 1');
  await pool.query('SELECT $1::int', [2]);
  await pool.query({ text: 'SELECT $1::text', values: ['three'], name: 'third' });
  const client = await pool.connect();
  await client.query('SELECT 4');
  client.release();
  expect(sent).toEqual([
    { text: 'SELECT 1', values: [] },
    { text: 'SELECT $1::int', values: [2] },
    { text: 'SELECT $1::text', values: ['three'] },
    { text: 'SELECT 4', values: [] },
  ]);
});

it('closes though the server has stopped answering, and cuts what it had begun', async () => {
  const wire = await openWire(database.url);
  const onError = (error: Error) => void errors.push(error);
  const { pool, close } = createPool({ url: wire.url, size: 2, statementTimeout: 4_000, onError });
  const idle = await pool.connect();
  const busy = await pool.connect();
  busy.on('error', () => {});
  idle.release();
  wire.freeze();
  const asking = busy.query('SELECT 1').catch((error: Error) => error.message);
  const begin = performance.now();
  await close();
  expect(performance.now() - begin).toBeLessThan(3_000);
  expect(await asking).toContain('Connection terminated');
  for (const { connection } of [idle, busy] as unknown as { connection: pg.Connection }[]) {
    expect(connection.stream.destroyed).toBe(true);
  }
  busy.release();
  await wire.close();
});
