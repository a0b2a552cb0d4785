import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { expect, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { prismaFolder } from '../../src/db/migration-files.ts';
import { createDatabase } from '../support/cluster.ts';

it('has its daily jobs in every organization that was there before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'taskwire-work-'));
  const ground = '20261122000000_ground';
  await cp(new URL(`migrations/${ground}/`, prismaFolder), join(folder, 'migrations', ground), { recursive: true });
  const database = await createDatabase({ migrated: false });
  const client = new pg.Client({ connectionString: database.url });
  try {
    await migrate(database.url, pathToFileURL(`${folder}/`));
    await client.connect();
    await client.query(`INSERT INTO organization (uid, name) SELECT n, 'Old' FROM generate_series(1, 50) n`);
    await migrate(database.url);
    const { rows } =
      await client.query(`SELECT kind, key, state, payload, due_at, min(due_at) OVER (PARTITION BY o.id) = next_due_at AS "isNext",
        due_at - now() BETWEEN interval '-1 minute' AND interval '1 day' AS "isOfToday"
      FROM organization o LEFT JOIN job ON job.organization_id = o.id LEFT JOIN organization_work w ON w.organization_id = o.id`);
    for (const kind of ['log.prune', 'opportunity.due', 'task.retention']) {
      const jobs = rows.filter((row) => row.kind === kind);
      expect(jobs).toHaveLength(50);
      const job = { kind, key: '', state: 'SCHEDULED', payload: {}, isNext: true, isOfToday: true };
      for (const row of jobs) expect(row).toMatchObject(job);
      // Not all at once.
      expect(new Set(jobs.map(({ due_at }) => due_at.getTime())).size).toBeGreaterThan(40);
    }
    expect(rows).toHaveLength(150);
  } finally {
    await client.end();
    await database.drop();
    await rm(folder, { recursive: true });
  }
});
