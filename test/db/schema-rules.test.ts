import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/cluster.ts';
import { accepted, gone, type Row, recorded, refused, rows } from './schema-rows.ts';

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

const ofThread = { kind: 'INCOMING_EMAIL', thread_id: 't1' };
const isDue = { kind: 'OPPORTUNITY_DUE', linked_type: 'OPPORTUNITY', opportunity_id: 1 };
const setOf = (values: Row) =>
  Object.entries(values)
    .map(([column, value]) => `${column} = '${value}'`)
    .join(', ');

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
      for (const row of rows) {
        const isMeant = row.table === table && !row.isAnother;
        await insert(isMeant ? { table, values: { ...row.values, ...values } } : row);
      }
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

  // Each: the index, how its first row comes to be what there is one of, and the second one.
  it.each([
    ['stage_one_default', 'stage', 'is_default = true', { id: 71, uid: 'stage_71', is_default: true }],
    ['stage_one_won', 'stage', 'is_won = true', { id: 71, uid: 'stage_71', is_won: true }],
    ['membership_one_assistant', 'membership', `kind = 'ASSISTANT'`, { user_id: 2, uid: 'mem_2', kind: 'ASSISTANT' }],
    ['activity_recorded_once', 'activity', setOf(recorded), { id: 71, uid: 'act_71', ...recorded }],
    ['task_open_email', 'task', setOf(ofThread), { id: 71, uid: 'task_71', ...ofThread, status: 'ON_HOLD' }],
    ['task_open_due', 'task', setOf(isDue), { id: 71, uid: 'task_71', ...isDue, status: 'IN_PROGRESS' }],
  ])('is a second one: %s', async (constraint, table, first, values) => {
    const plain = rows.find((row) => row.table === table)?.values ?? {};
    await session.query('BEGIN');
    try {
      for (const row of rows) await insert(row);
      await session.query(`UPDATE ${table} SET ${first} WHERE ${table === 'membership' ? 'user_id' : 'id'} = 1`);
      await insert({ table: 'user', values: { id: 2, uid: 'user_2', name: 'Two' } });
      await expect(insert({ table, values: { ...plain, ...values } })).rejects.toMatchObject({ constraint });
    } finally {
      await session.query('ROLLBACK');
    }
  });

  it.each([
    ['closed', ofThread, { status: 'CANCELLED' }],
    ['in the bin', ofThread, gone],
    ['closed', isDue, { status: 'CANCELLED' }],
    ['in the bin', isDue, gone],
  ])('is not a second one that is %s of %o', async (_, kind, values) => {
    await session.query('BEGIN');
    try {
      for (const row of rows) await insert(row);
      await session.query(`UPDATE task SET ${setOf(kind)} WHERE id = 1`);
      const task = rows.find((row) => row.table === 'task')?.values;
      await insert({ table: 'task', values: { ...task, id: 71, uid: 'task_71', ...kind, ...values } });
    } finally {
      await session.query('ROLLBACK');
    }
  });
});
