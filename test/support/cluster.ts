import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's cluster, and its migrated template. */
    databaseServer: { readonly url: string; readonly template: string };
  }
}

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A database of one's own in the run's cluster: a copy of the migrated template, or empty. */
export async function createDatabase({ migrated = true }: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const server = inject('databaseServer');
  const name = `test_${randomBytes(6).toString('hex')}`;
  // WAL_LOG copies a small template without the checkpoints that FILE_COPY forces on everyone.
  const from = migrated ? ` TEMPLATE ${server.template} STRATEGY WAL_LOG` : '';
  await run(server.url, `CREATE DATABASE ${name}${from}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(server.url, `DROP DATABASE ${name} WITH (FORCE)`) };
}
