import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../src/db/database.ts';
import { startEmbedded } from '../../src/db/embedded.ts';
import { isDuplicate, isRetryable, sqlState, toldOf } from '../../src/db/faults.ts';
import { composed } from '../../src/db/statement.ts';
import type { Fault } from '../../src/refusals.ts';
import { createDatabase, type TestDatabase } from '../support/cluster.ts';
import { Gateway } from '../support/gateway.ts';
import { connect } from '../support/socket-client.ts';

const coded = (code: string, message = 'on purpose') => Object.assign(new Error(message), { code });
const told = (error: unknown) => (toldOf(error) as Fault).code;

describe('what callers are told', () => {
  it.each(['57014', '55P03', '25P03'])('is TIMEOUT of %s', (state) => {
    expect(told(coded(state))).toBe('TIMEOUT');
  });
  it.each([
    ...[
      '08006',
      '08P01',
      '53300',
      '57P01',
      '57P03',
      'EPIPE',
      'ECONNREFUSED',
      'ETIMEDOUT',
      'ENOTFOUND',
      'P1001',
      'P1017',
    ],
  ])('is SERVICE_UNAVAILABLE of %s', (code) => {
    expect(told(coded(code))).toBe('SERVICE_UNAVAILABLE');
  });
  it.each([
    'Connection terminated unexpectedly',
    'Client has encountered a connection error and is not queryable',
    'timeout exceeded when trying to connect',
  ])('is SERVICE_UNAVAILABLE of "%s"', (message) => {
    expect(told(new Error(message))).toBe('SERVICE_UNAVAILABLE');
  });

  it.each(['22021', '22P05'])('is BAD_USER_INPUT of %s: only a caller writes what no text can hold', (state) => {
    expect(told(coded(state))).toBe('BAD_USER_INPUT');
  });

  it.each(['40P01', '40001'])('is SERVICE_UNAVAILABLE of %s: it was tried again, and met again', (state) => {
    expect(told(coded(state))).toBe('SERVICE_UNAVAILABLE');
  });

  it.each(['23505', '42P01', 'XX000', 'P0001'])('is the error itself of %s: a bug is no outage', (state) => {
    // Not even when its words, which may be a caller's own, speak of one.
    const error = coded(state, 'invalid input: "Connection terminated, ECONNREFUSED, P1001"');
    expect(toldOf(error)).toBe(error);
    expect(toldOf(new Error('a bug'))).toBeInstanceOf(Error);
    expect(toldOf('thrown')).toBe('thrown');
  });

  it('never holds what the database said, which stays the cause', () => {
    const error = coded('57P01', 'terminating postgres://admin:hunter2@db');
    const fault = toldOf(error) as Fault;
    expect(fault.message).not.toContain('hunter2');
    expect(fault.cause).toBe(error);
  });
});

describe('the code of PostgreSQL', () => {
  it('is found wherever the drivers put it', () => {
    expect(sqlState(coded('40P01'))).toBe('40P01');
    expect(sqlState({ code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '57014' } } } })).toBe(
      '57014',
    );
    expect(sqlState(new Error('outer', { cause: coded('23505') }))).toBe('23505');
    expect(sqlState({ code: 'P2034' })).toBeUndefined();
    expect(sqlState(null)).toBeUndefined();
  });

  it('says which unique index holds such a row already, in PostgreSQL’s words and in Prisma’s', () => {
    const plain = { code: '23505', constraint: 'task_open_email' };
    const cause = { originalCode: '23505', originalMessage: 'duplicate key … unique constraint "task_open_email"' };
    const wrapped = { code: 'P2002', meta: { driverAdapterError: { cause } } };
    for (const error of [plain, wrapped]) {
      expect([isDuplicate(error), isDuplicate(error, 'task_open_email')]).toEqual([true, true]);
      expect(isDuplicate(error, 'task_open')).toBe(false);
    }
    expect(isDuplicate(coded('40P01'))).toBe(false);
  });

  it('says what is worth trying again', () => {
    expect(['40P01', '40001', 'P2034'].map((code) => isRetryable(coded(code)))).toEqual([true, true, true]);
    expect(['23505', '57014', 'P2002'].map((code) => isRetryable(coded(code)))).toEqual([false, false, false]);
  });
});

describe('a statement', () => {
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await createDatabase();
    db = new Database({ url: database.url, size: 2, statementTimeout: 150, onError: () => {} });
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });
  const sleep = composed('test.sleep', 'SELECT $1::bigint, pg_sleep(5)');
  const pids = composed('test.pid', 'SELECT $1::bigint, pg_backend_pid() AS pid');
  const unavailable = { code: 'SERVICE_UNAVAILABLE' };

  it('that takes too long ends in TIMEOUT, in a transaction and outside', async () => {
    await expect(db.rows(sleep, 1n)).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(db.transaction(1n, ({ rows }) => rows(sleep))).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(db.rows(pids, 1n)).resolves.toHaveLength(1);
  });

  it('that is handed a NUL ends in BAD_USER_INPUT, in a text and in JSON, in a transaction and outside', async () => {
    const echo = composed('test.echo', 'SELECT $1::bigint, $2::text');
    const json = composed('test.json', `SELECT $1::bigint, $2::jsonb ->> 'a'`);
    for (const [statement, value] of [
      [echo, 'a\0b'],
      [json, '{"a":"\\u0000"}'],
    ] as const) {
      await expect(db.rows(statement, 1n, [value])).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      const inside = db.transaction(1n, ({ rows }) => rows(statement, [value]));
      await expect(inside).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    }
  });

  it('whose connection is cut ends in SERVICE_UNAVAILABLE, wherever in its transaction', async () => {
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    const cut = async (rows: (statement: typeof pids) => Promise<unknown[]>) => {
      const [{ pid }] = (await rows(pids)) as [{ pid: number }];
      await admin.query('SELECT pg_terminate_backend($1, 1000)', [pid]);
    };
    const before = db.transaction(1n, async ({ rows }) => {
      await cut(rows);
      await rows(pids);
    });
    await expect(before).rejects.toMatchObject(unavailable);
    const typed = db.transaction(1n, async ({ rows, prisma }) => {
      await cut(rows);
      await prisma.user.count();
    });
    await expect(typed).rejects.toMatchObject(unavailable);
    await expect(db.transaction(1n, async ({ rows }) => cut(rows))).rejects.toMatchObject(unavailable);
    await expect(db.rows(pids, 1n)).resolves.toHaveLength(1);
    await admin.end();
  });

  it('whose database is nowhere ends in SERVICE_UNAVAILABLE', async () => {
    const gone = new Database({
      url: 'postgresql://nobody@127.0.0.1:1/x',
      size: 1,
      statementTimeout: 100,
      onError: () => {},
    });
    await expect(gone.rows(pids, 1n)).rejects.toMatchObject(unavailable);
    await expect(gone.transaction(1n, ({ rows }) => rows(pids))).rejects.toMatchObject(unavailable);
    await gone.close();
  });
});

describe('a gateway', () => {
  it('says so while PostgreSQL is gone, and serves again when it is back', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'taskwire-outage-'));
    await chmod(dataDir, 0o755);
    const extraSettings = { fsync: 'off' };
    let embedded = await startEmbedded({ dataDir, extraSettings });
    const { port, href } = new URL(embedded.url);
    const database = { url: href, drop: async () => {} };
    const gateway = await Gateway.start({ database });
    const caller = await gateway.member(await gateway.organization('A'), { email: 'ada@outage.example' });
    const ready = async () => (await fetch(gateway.url.replace('/graphql', '/ready'))).status;
    const viewer = () => gateway.send(caller, '{ viewer { user { name } } }');
    const params = { authorization: `Bearer ${caller.token}` };
    expect([await ready(), (await viewer()).status]).toEqual([200, 200]);

    await embedded.stop();
    await expect.poll(ready).toBe(503);
    const { status, errors } = await viewer();
    expect({ status, code: errors?.[0]?.extensions['code'] }).toEqual({ status: 503, code: 'SERVICE_UNAVAILABLE' });
    // A socket is asked to come again; 4403 would be for good.
    const socket = await connect(gateway.url, { params, init: false });
    socket.send({ type: 'connection_init', payload: params });
    expect(await socket.closed).toEqual({ code: 1013, reason: 'SERVICE_UNAVAILABLE' });

    embedded = await startEmbedded({ dataDir, extraSettings, port: Number(port) });
    await expect.poll(ready).toBe(200);
    expect((await viewer()).data).toEqual({ viewer: { user: { name: 'ada' } } });
    await gateway.stop();
    await embedded.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
});
