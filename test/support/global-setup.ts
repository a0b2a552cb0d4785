import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';

const TEMPLATE = 'taskwire';

/** One PostgreSQL for the whole run, without fsync: what a power cut does to it does not matter. */
export default async function setup(project: TestProject) {
  const dataDir = await mkdtemp(join(tmpdir(), 'taskwire-test-'));
  await chmod(dataDir, 0o755);
  const embedded = await startEmbedded({
    dataDir,
    extraSettings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
  });
  await migrate(embedded.url);
  // Databases are made from the template over a connection to another one: nobody may be connected to a template.
  const server = embedded.url.replace(/\/taskwire$/, '/postgres');
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`ALTER DATABASE ${TEMPLATE} WITH ALLOW_CONNECTIONS false`);
  await client.end();
  project.provide('databaseServer', { url: server, template: TEMPLATE });
  return async () => {
    await embedded.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
