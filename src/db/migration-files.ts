import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

/** The folder of schema.prisma and of `migrations/`; the same from src/db and from dist/db. */
export const prismaFolder = new URL('../../prisma/', import.meta.url);

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** Prisma's own: SHA-256 of the file, in hex. */
  readonly checksum: string;
}

/** Every migration under `folder`, oldest first. */
export async function readMigrations(folder = prismaFolder): Promise<readonly Migration[]> {
  const root = new URL('migrations/', folder);
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => {
      const text = await readFile(new URL(`${name}/migration.sql`, root), 'utf8');
      // A checkout that rewrites line ends must not look like an edit.
      const sql = text.replaceAll('\r\n', '\n');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** The text of schema.prisma. */
export const readSchema = (folder = prismaFolder): Promise<string> =>
  readFile(new URL('schema.prisma', folder), 'utf8');
