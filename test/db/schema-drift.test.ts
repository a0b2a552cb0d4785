import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drift } from '../../src/db/write-migration.ts';
import { createDatabase } from '../support/cluster.ts';

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

/** The one column of each row. */
async function lines(sql: string): Promise<string[]> {
  const { rows } = await session.query({ text: sql, rowMode: 'array' });
  return rows.map(([line]) => String(line)).sort();
}

const OURS = `c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> '_prisma_migrations'`;

// What Prisma's drift check does not look at, one line each.
const CATALOG = [
  `SELECT format('extension %s', extname) FROM pg_extension`,
  `SELECT format('setting %s (%s)', relname, array_to_string(reloptions, ', ')) FROM pg_class c
    WHERE relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL`,
  `SELECT format('collation %s.%s %I', relname, attname, collname)
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN pg_collation l ON l.oid = attcollation
    WHERE ${OURS} AND collname <> 'default'`,
  `SELECT format('list %s.%s %s%s', relname, attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN ' NOT NULL' END)
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE ${OURS} AND attndims > 0`,
  `SELECT format('constraint %s %s %s', relname, conname, regexp_replace(pg_get_constraintdef(o.oid), '\\s+', ' ', 'g'))
    FROM pg_constraint o JOIN pg_class c ON c.oid = conrelid WHERE ${OURS} AND contype IN ('c', 'f', 'p', 'u', 'x')`,
  `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'`,
  `SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal`,
];

describe('the migrated database', () => {
  it('is what schema.prisma says', async () => {
    expect(await drift(database.url)).toBe('');
  });

  it('would not be, were a column missing', async () => {
    const other = await createDatabase();
    try {
      const client = new pg.Client({ connectionString: other.url });
      await client.connect();
      await client.query('ALTER TABLE task DROP COLUMN outcome');
      await client.end();
      expect(await drift(other.url)).toBe('-- AlterTable\nALTER TABLE "task" ADD COLUMN     "outcome" TEXT;\n');
    } finally {
      await other.drop();
    }
  });

  it('has exactly the indexes, constraints and settings of the written list', async () => {
    const catalog: string[] = [];
    for (const part of CATALOG) catalog.push(...(await lines(part)));
    await expect(`${catalog.join('\n')}\n`).toMatchFileSnapshot('catalog.snapshot.txt');
  });

  it('keeps every instant in milliseconds and with its zone', async () => {
    expect(
      await lines(`SELECT format('%s.%s %s', relname, attname, format_type(atttypid, atttypmod))
        FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
        WHERE ${OURS} AND atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype, 'time'::regtype, 'timetz'::regtype)
          AND format_type(atttypid, atttypmod) <> 'timestamp(3) with time zone'`),
    ).toEqual([]);
  });
});

describe('a row of one organization', () => {
  const tenants = `${OURS} AND c.relname NOT IN ('user', 'organization', 'organization_work')`;
  const beginsElsewhere = (name: string) => `(SELECT attname FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum = ${name}) IS DISTINCT FROM 'organization_id'`;

  it('is found through the organization by every key and index, but for a person’s memberships', async () => {
    expect(
      await lines(`SELECT i.indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE ${tenants} AND ${beginsElsewhere('i.indkey[0]')}`),
    ).toEqual(['membership_user_id_idx']);
  });

  it('refers through the organization to every other, but for a membership to its person', async () => {
    expect(
      await lines(`SELECT conname FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
        WHERE ${tenants} AND contype IN ('p', 'u', 'f') AND ${beginsElsewhere('o.conkey[1]')}`),
    ).toEqual(['membership_user_id_fkey']);
    // The organization's column refers to the organization's, not to some id.
    expect(
      await lines(`SELECT conname FROM pg_constraint o JOIN pg_class c ON c.oid = o.confrelid
        WHERE ${tenants} AND contype = 'f' AND ${beginsElsewhere('o.confkey[1]')}`),
    ).toEqual([]);
  });
});
