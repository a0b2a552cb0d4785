import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { migrate } from './migrate.ts';
import { prismaFolder, readMigrations, readSchema } from './migration-files.ts';
import { withSchemaEngine } from './schema-engine.ts';

/**
 * Writes the migration that brings the existing ones to schema.prisma; null when nothing changed. `databaseUrl` is an
 * empty scratch database, which is left migrated. What Prisma cannot say is added to the file by hand.
 */
export async function writeMigration(options: {
  /** Of lower case letters, digits and underscores. */
  readonly name: string;
  readonly databaseUrl: string;
  readonly now: Date;
  readonly folder?: URL;
}): Promise<{ path: string } | null> {
  const { name, databaseUrl, now, folder = prismaFolder } = options;
  if (!/^[a-z0-9_]+$/.test(name))
    throw new Error(`A migration is named by lower case letters, digits and underscores, not "${name}".`);
  const directory = `${now.toISOString().replace(/\D/g, '').slice(0, 14)}_${name}`;
  const newest = (await readMigrations(folder)).at(-1)?.name ?? '';
  // Migrations are applied in the order of their names, and this one was compared with all the others applied.
  if (directory <= newest) throw new Error(`The migration ${directory} would come before ${newest}.`);

  await migrate(databaseUrl, folder);
  const sql = await drift(databaseUrl, folder);
  if (sql === '') return null;
  const path = new URL(`migrations/${directory}/migration.sql`, folder);
  await mkdir(new URL('.', path));
  await writeFile(path, sql);
  return { path: fileURLToPath(path) };
}

/**
 * The SQL that would bring the database to schema.prisma, '' when there is none to bring. Partial and expression
 * indexes, CHECKs, collations and settings are beyond what Prisma sees.
 */
export async function drift(databaseUrl: string, folder = prismaFolder): Promise<string> {
  const files = [{ path: 'schema.prisma', content: await readSchema(folder) }];
  const { stdout } = await withSchemaEngine(databaseUrl, (engine) =>
    engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: fileURLToPath(folder) },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    }),
  );
  const sql = (stdout ?? '').trim();
  return sql === EMPTY ? '' : `${sql}\n`;
}

const EMPTY = '-- This is an empty migration.';
