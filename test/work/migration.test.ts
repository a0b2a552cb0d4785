import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { expect, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { prismaFolder } from '../../src/db/migration-files.ts';
import { createDatabase } from '../support/cluster.ts';

it('begins what recurs in every organization that was there before', async () => {
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
    const { rows: dues } = await client.query(`SELECT min(due_at) = min(next_due_at) AS "isNext"
      FROM organization LEFT JOIN job ON job.organization_id = organization.id
      LEFT JOIN organization_work w ON w.organization_id = organization.id GROUP BY organization.id`);
    expect(dues).toEqual(Array(50).fill({ isNext: true }));
    for (const kind of ['log.prune', 'opportunity.due', 'task.retention']) {
      const { rows } = await client.query(
        `SELECT key, state, payload, due_at, due_at - now() BETWEEN interval '-1 minute' AND interval '1 day' AS "isOfToday"
         FROM organization JOIN job ON job.organization_id = organization.id WHERE kind = $1`,
        [kind],
      );
      expect(rows).toHaveLength(50);
      for (const row of rows) expect(row).toMatchObject({ key: '', state: 'SCHEDULED', payload: {}, isOfToday: true });
      // Not all at once.
      expect(new Set(rows.map(({ due_at }) => due_at.getTime())).size).toBeGreaterThan(40);
    }
  } finally {
    await client.end();
    await database.drop();
    await rm(folder, { recursive: true });
  }
});
