import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MigrationRefused, migrate } from '../../src/db/migrate.ts';
import { prismaFolder, readMigrations } from '../../src/db/migration-files.ts';
import { drift, writeMigration } from '../../src/db/write-migration.ts';
import { createDatabase } from '../support/cluster.ts';

const run = promisify(execFile);
const TASKWIRE_LOCK = `x'7461736b77697265'::bigint`;
const ENGINE_LOCK = '72707369';

let scratch = '';
let folders = 0;
let database: Awaited<ReturnType<typeof createDatabase>>;
/** A session of the test's own. */
let session: pg.Client;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'taskwire-migrate-'));
});
afterAll(() => rm(scratch, { recursive: true }));

beforeEach(async () => {
  database = await createDatabase({ migrated: false });
  session = new pg.Client({ connectionString: database.url });
  await session.connect();
});
afterEach(async () => {
  // However a migration ended, it holds no connection, and with it no lock.
  const open = `SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'taskwire migrate%'`;
  await expect.poll(async () => (await session.query(open)).rows).toEqual([{ n: 0 }]);
  await session.end();
  await database.drop();
});

/** A folder of migrations of our own, named 1_…, 2_… as they are given. */
async function migrationsOf(files: Record<string, string>): Promise<URL> {
  const folder = join(scratch, `prisma-${++folders}`);
  await mkdir(join(folder, 'migrations'), { recursive: true });
  for (const [name, sql] of Object.entries(files)) {
    await mkdir(join(folder, 'migrations', name));
    await writeFile(join(folder, 'migrations', name, 'migration.sql'), sql);
  }
  return pathToFileURL(`${folder}/`);
}

/** The sentence with which a migration is refused. */
async function refusal(folder?: URL): Promise<string> {
  const error = await migrate(database.url, folder).then(String, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MigrationRefused);
  return (error as MigrationRefused).message;
}

const tableExists = async (name: string) =>
  (await session.query('SELECT to_regclass($1) IS NOT NULL AS there', [name])).rows[0].there;

/** Runs migrate() in a process of its own; says what was applied, whether the engine was loaded, and how long it took. */
async function inAnotherProcess(): Promise<{ applied: string[]; engine: boolean; ms: number }> {
  const code = `
    import { migrate } from ${JSON.stringify(new URL('../../src/db/migrate.ts', import.meta.url).href)};
    const begun = performance.now();
    const applied = await migrate(process.env.URL);
    const ms = performance.now() - begun;
    console.log(JSON.stringify({ applied, engine: 'PRISMA_WASM_PANIC_REGISTRY' in globalThis, ms }));`;
  const env = { ...process.env, URL: database.url };
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { env });
  return JSON.parse(stdout);
}

describe('migrate', () => {
  it('lets ten processes start at once on an empty database: one applies, all go on', async () => {
    const names = (await readMigrations()).map(({ name }) => name);
    const answers = await Promise.all(Array.from({ length: 10 }, inAnotherProcess));
    const applied = answers.map((answer) => answer.applied).sort((a, b) => b.length - a.length);
    expect(applied).toEqual([names, ...Array(9).fill([])]);
    expect(await drift(database.url)).toBe('');
  }, 60_000);

  it('needs neither the engine nor the lock when everything is applied', async () => {
    await migrate(database.url);
    // Whoever asked for the lock now would wait for ever.
    await session.query(`SELECT pg_advisory_lock(${TASKWIRE_LOCK})`);
    expect(await migrate(database.url)).toEqual([]);
    const { applied, engine, ms } = await inAnotherProcess();
    expect({ applied, engine }).toEqual({ applied: [], engine: false });
    expect(ms).toBeLessThan(1_000);
  });

  it('records what it did as Prisma does', async () => {
    const folder = await migrationsOf({ '1_one': 'CREATE TABLE one (i int);' });
    expect(await migrate(database.url, folder)).toEqual(['1_one']);
    const { rows } = await session.query(
      'SELECT migration_name, checksum, applied_steps_count, logs, rolled_back_at, finished_at >= started_at AS finished FROM _prisma_migrations',
    );
    const checksum = (await readMigrations(folder))[0]?.checksum;
    expect(rows).toEqual([
      { migration_name: '1_one', checksum, applied_steps_count: 1, logs: null, rolled_back_at: null, finished: true },
    ]);
  });

  it('applies only what is new, in order', async () => {
    const one = { '1_one': 'CREATE TABLE one (i int);' };
    await migrate(database.url, await migrationsOf(one));
    const more = await migrationsOf({
      ...one,
      '3_three': 'ALTER TABLE two ADD j int;',
      '2_two': 'CREATE TABLE two ();',
    });
    expect(await migrate(database.url, more)).toEqual(['2_two', '3_three']);
  });

  it('takes a script as a whole: semicolons in comments, strings and bodies are no ends', async () => {
    const sql = `CREATE TABLE a (t text); -- first; then
      INSERT INTO a VALUES ('x;y');
      DO $$ BEGIN INSERT INTO a VALUES ('z'); INSERT INTO a VALUES ('w'); END $$;
      -- and a comment at the end`;
    await migrate(database.url, await migrationsOf({ '1_one': sql }));
    expect((await session.query('SELECT t FROM a')).rows).toEqual([{ t: 'x;y' }, { t: 'z' }, { t: 'w' }]);
  });

  it('keeps nothing of a migration that fails, and says at every start what to do, until it is done', async () => {
    const one = { '1_one': 'CREATE TABLE one (i int);' };
    const broken = await migrationsOf({ ...one, '2_two': 'CREATE TABLE two (i int);\n\nSELECT nonsense();' });
    const first = await refusal(broken);
    expect(first).toBe(
      'The migration 2_two failed (ERROR: function nonsense() does not exist, line 3) and nothing of it was kept: mend the cause, then run "UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = \'2_two\' AND finished_at IS NULL" on the database and start again.',
    );
    expect([await tableExists('one'), await tableExists('two')]).toEqual([true, false]);
    expect(await refusal(broken)).toBe(first);

    const mended = await migrationsOf({ ...one, '2_two': 'CREATE TABLE two (i int);' });
    expect(await refusal(mended)).toBe(first);
    await session.query(/"(UPDATE .+)"/.exec(first)?.[1] ?? '');
    expect(await migrate(database.url, mended)).toEqual(['2_two']);
  });

  it('names a migration that was edited after it was applied', async () => {
    await migrate(database.url, await migrationsOf({ '1_one': 'CREATE TABLE one (i int);' }));
    const edited = await migrationsOf({ '1_one': 'CREATE TABLE one (i bigint);' });
    expect(await refusal(edited)).toBe(
      'The migration 1_one has been edited since it was applied to this database: restore its file and put the change into a new migration.',
    );
  });

  it('does not take other line ends for an edit', async () => {
    await migrate(database.url, await migrationsOf({ '1_one': 'CREATE TABLE one (\n  i int\n);\n' }));
    const windows = await migrationsOf({ '1_one': 'CREATE TABLE one (\r\n  i int\r\n);\r\n' });
    expect(await migrate(database.url, windows)).toEqual([]);
  });

  it('names a migration that only a newer version knows', async () => {
    const one = { '1_one': 'CREATE TABLE one (i int);' };
    await migrate(database.url, await migrationsOf({ ...one, '2_two': 'CREATE TABLE two (i int);' }));
    expect(await refusal(await migrationsOf(one))).toBe(
      'The database has the migration 2_two, which this version of Taskwire does not know: run the version that applied it, or a newer one.',
    );
  });

  it('leaves a database alone that is somebody else’s', async () => {
    await session.query('CREATE TABLE theirs (i int)');
    expect(await refusal()).toMatch(/^The database "\w+" has tables but no record of Taskwire's migrations: /);
    expect(await tableExists('task')).toBe(false);
  });

  it('begins again what a process left unfinished when it died', async () => {
    const folder = await migrationsOf({ '1_one': 'CREATE TABLE one (i int);', '2_two': 'CREATE TABLE two (i int);' });
    await migrate(database.url, folder);
    // As a SIGKILL leaves it: begun, not ended, its transaction taken back.
    await session.query(`DROP TABLE two;
      UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = 0 WHERE migration_name = '2_two'`);
    expect(await migrate(database.url, folder)).toEqual(['2_two']);
    expect(await tableExists('two')).toBe(true);
  });

  it('waits for the script of a process that died while the server still ran it', async () => {
    const folder = await migrationsOf({ '1_one': 'CREATE TABLE one (i int);' });
    await migrate(database.url, folder);
    await session.query('UPDATE _prisma_migrations SET finished_at = NULL');
    const orphan = new pg.Client({ connectionString: database.url });
    await orphan.connect();
    await orphan.query(`SELECT pg_advisory_lock(${ENGINE_LOCK})`);
    const next = migrate(database.url, folder);
    const waiting = `SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = ${ENGINE_LOCK}
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    await expect.poll(async () => (await session.query(waiting)).rows).toEqual([{ n: 1 }]);
    await orphan.query('UPDATE _prisma_migrations SET finished_at = now()');
    await orphan.end();
    expect(await next).toEqual([]);
  });

  it('passes on that the database cannot be reached', async () => {
    await expect(migrate('postgresql://postgres@127.0.0.1:1/none')).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('writeMigration', () => {
  const now = new Date('2099-12-31T23:59:58.765Z');

  /** A copy of prisma/ in which `edit` has changed the schema. */
  async function projectWith(edit: (schema: string) => string): Promise<URL> {
    const folder = join(scratch, `prisma-${++folders}`);
    await cp(prismaFolder, folder, { recursive: true });
    const schema = join(folder, 'schema.prisma');
    await writeFile(schema, edit(await readFile(schema, 'utf8')));
    return pathToFileURL(`${folder}/`);
  }

  it('writes nothing when the migrations already make the schema', async () => {
    const folder = await projectWith((schema) => schema);
    expect(await writeMigration({ name: 'none', databaseUrl: database.url, now, folder })).toBeNull();
    expect((await readMigrations(folder)).length).toBe((await readMigrations()).length);
  });

  it('writes the step to the schema, named by the time in UTC, and the next start applies it', async () => {
    const column = '  outcome        String?\n';
    const folder = await projectWith((schema) => schema.replace(column, `${column}  mood String?\n`));
    const written = await writeMigration({ name: 'mood', databaseUrl: database.url, now, folder });
    expect(written?.path).toMatch(/\/migrations\/20991231235958_mood\/migration\.sql$/);
    expect(await readFile(written?.path ?? '', 'utf8')).toBe(
      '-- AlterTable\nALTER TABLE "task" ADD COLUMN     "mood" TEXT;\n',
    );
    expect(await migrate(database.url, folder)).toEqual(['20991231235958_mood']);
    expect(await drift(database.url, folder)).toBe('');
  });

  it.each(['', 'Mood', 'a-b', '../a', 'a b'])('refuses the name "%s"', async (name) => {
    await expect(writeMigration({ name, databaseUrl: database.url, now })).rejects.toThrow(/is named by/);
  });

  it('refuses to write one that would come before another', async () => {
    const early = new Date('2001-01-01T00:00:00Z');
    await expect(writeMigration({ name: 'late', databaseUrl: database.url, now: early })).rejects.toThrow(
      /^The migration 20010101000000_late would come before 2026/,
    );
  });
});
