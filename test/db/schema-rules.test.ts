import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/cluster.ts';
import { accepted, type Row, refused, rows } from './schema-rows.ts';

let database: Awaited<ReturnType<typeof createDatabase>>;
let session: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  session = new pg.Client({ connectionString: database.url });
  await session.connect();
});
afterAll(async () => {
  await session.end();
  await database.drop();
});

describe('what must never be', () => {
  const insert = async ({ table, values }: { table: string; values: Row }) => {
    const columns = Object.keys(values).map((column) => `"${column}"`);
    const params = columns.map((_, i) => `$${i + 1}`);
    await session.query(`INSERT INTO "${table}" (${columns}) VALUES (${params})`, Object.values(values));
  };

  /** Inserts all rows, with `values` in that of `table`, and takes them back; answers what refused. */
  async function attempt(table: string, values: Row): Promise<string> {
    await session.query('BEGIN');
    try {
      for (const row of rows) await insert(row.table === table ? { table, values: { ...row.values, ...values } } : row);
      return 'accepted';
    } catch (error) {
      const { constraint, message } = error as pg.DatabaseError;
      return constraint ?? message;
    } finally {
      await session.query('ROLLBACK');
    }
  }

  it.each(accepted)('is not $0: $1', async (table, _, values) => {
    expect(await attempt(table, values)).toBe('accepted');
  });

  it.each(refused)('$0 $1', async (constraint, _, table, values) => {
    expect(await attempt(table, values)).toBe(constraint);
  });

  it('is tried here for every CHECK', async () => {
    const checks = `SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace`;
    const names = (await session.query(checks)).rows.map(({ conname }) => conname);
    const tried = new Set(refused.map(([constraint]) => constraint));
    expect(names.filter((name) => !tried.has(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(0);
  });

  it.each([
    ['stage_one_default', 'stage', { id: 71, uid: 'stage_71', is_default: true }],
    ['stage_one_won', 'stage', { id: 71, uid: 'stage_71', is_default: false, is_won: true }],
    ['membership_one_assistant', 'membership', { user_id: 2, uid: 'mem_2', kind: 'ASSISTANT' }],
  ])('is a second one: %s', async (constraint, table, values) => {
    const first = rows.find((row) => row.table === table)?.values ?? {};
    await session.query('BEGIN');
    try {
      for (const row of rows) if (row.table !== 'task' && row.table !== 'activity') await insert(row);
      await session.query(
        `UPDATE stage SET is_default = ${constraint === 'stage_one_default'}, is_won = ${constraint === 'stage_one_won'}`,
      );
      await session.query(`UPDATE membership SET kind = 'ASSISTANT'`);
      await insert({ table: 'user', values: { id: 2, uid: 'user_2', name: 'Two' } });
      await expect(insert({ table, values: { ...first, ...values } })).rejects.toMatchObject({ constraint });
    } finally {
      await session.query('ROLLBACK');
    }
  });
});
