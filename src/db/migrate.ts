import pg from 'pg';
import { type Migration, prismaFolder, readMigrations } from './migration-files.ts';
import { withSchemaEngine } from './schema-engine.ts';

/** A database that this version must not touch. The message says which migration it is about, and what to do. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
}

/**
 * Brings the database to the newest migration of `folder`; answers the names applied, oldest first. Any number of
 * processes may call it at once. Throws MigrationRefused where a person has to decide.
 */
export async function migrate(databaseUrl: string, folder = prismaFolder): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'taskwire migrate',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  // A connection that breaks while nobody asks it anything; the next query says so.
  client.on('error', () => {});
  try {
    await client.connect();
    // Nearly every start ends here, without the lock and without the engine.
    if (isDone(judge(migrations, await recorded(client)))) return [];

    // Held by this session until it ends, however that happens.
    await client.query(LOCK);
    const state = judge(migrations, await recorded(client));
    if (isDone(state)) return [];
    if (state.interrupted) await client.query(FORGET_INTERRUPTED);
    try {
      return await apply(databaseUrl, migrations);
    } catch (error) {
      judge(migrations, await recorded(client));
      if ((error as { code?: unknown }).code !== SCHEMA_NOT_EMPTY) throw error;
      throw new MigrationRefused(
        `The database "${client.database}" has tables but no record of Taskwire's migrations: give Taskwire an empty database.`,
      );
    }
  } finally {
    await client.end();
  }
}

// The key is "taskwire" in ASCII: the engine gives up waiting for its own, 72707369, after ten seconds. Once that one is
// free as well, no script of a process that died is still running in the server, nor one of `prisma migrate deploy`.
const LOCK = `SET statement_timeout = 0; SET lock_timeout = 0; SET idle_session_timeout = 0;
  SELECT pg_advisory_lock(x'7461736b77697265'::bigint);
  SELECT pg_advisory_lock(72707369); SELECT pg_advisory_unlock(72707369)`;
const SCHEMA_NOT_EMPTY = 'P3005';
const UNDEFINED_TABLE = '42P01';

/** A row of `_prisma_migrations` that counts, that is, one not marked as rolled back. */
export interface Recorded {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
  /** What went wrong, if it did; an unfinished row without it is running, or was when its process died. */
  readonly logs: string | null;
}

async function recorded(client: pg.Client): Promise<readonly Recorded[]> {
  try {
    const { rows } = await client.query<Recorded>(RECORDED);
    return rows;
  } catch (error) {
    if ((error as pg.DatabaseError).code === UNDEFINED_TABLE) return [];
    throw error;
  }
}

const RECORDED = `/* migrate.recorded */
  SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished, logs
  FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name`;

// Only under the lock, where no other process can be in the middle of one. Nothing of it is there (schema-engine.ts).
const FORGET_INTERRUPTED = `/* migrate.forgetInterrupted */
  UPDATE _prisma_migrations SET rolled_back_at = now()
  WHERE finished_at IS NULL AND rolled_back_at IS NULL AND logs IS NULL`;

export interface State {
  readonly pending: boolean;
  /** A migration was begun and neither finished nor failed. */
  readonly interrupted: boolean;
}

const isDone = ({ pending, interrupted }: State) => !pending && !interrupted;

/** Compares what is known with what is recorded; throws MigrationRefused for what is failed, edited or unknown. */
export function judge(migrations: readonly Migration[], rows: readonly Recorded[]): State {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum, finished, logs } of rows) {
    const migration = known.get(name);
    if (!migration)
      throw new MigrationRefused(
        `The database has the migration ${name}, which this version of Taskwire does not know: run the version that applied it, or a newer one.`,
      );
    if (!finished && logs !== null)
      throw new MigrationRefused(
        `The migration ${name} failed (${reason(logs)}) and nothing of it was kept: mend the cause, then run "UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = '${name}' AND finished_at IS NULL" on the database and start again.`,
      );
    if (finished && checksum !== migration.checksum)
      throw new MigrationRefused(
        `The migration ${name} has been edited since it was applied to this database: restore its file and put the change into a new migration.`,
      );
  }
  const finished = new Set(rows.filter((row) => row.finished).map(({ name }) => name));
  return {
    pending: migrations.some(({ name }) => !finished.has(name)),
    interrupted: rows.some((row) => !row.finished),
  };
}

// The engine's log goes on with a trace of itself.
const reason = (logs: string) => /ERROR: .+/.exec(logs)?.[0] ?? logs.split('\n', 1)[0];

async function apply(databaseUrl: string, migrations: readonly Migration[]): Promise<readonly string[]> {
  return withSchemaEngine(databaseUrl, async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: {
        baseDir: 'prisma/migrations',
        lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
        shadowDbInitScript: '',
        migrationDirectories: migrations.map(({ name, sql }) => ({
          path: name,
          migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
        })),
      },
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  });
}
