import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { expect, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { prismaFolder } from '../../src/db/migration-files.ts';
import { createDatabase } from '../support/cluster.ts';

/** A database at a past migration; what was there then is put in, and then it is brought to the present. */
async function upgraded(upTo: string, sql: string, check: (client: pg.Client) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'taskwire-work-'));
  const past = (await readdir(new URL('migrations/', prismaFolder))).filter((name) => /^\d/.test(name) && name <= upTo);
  for (const name of past)
    await cp(new URL(`migrations/${name}/`, prismaFolder), join(folder, 'migrations', name), { recursive: true });
  const database = await createDatabase({ migrated: false });
  const client = new pg.Client({ connectionString: database.url });
  try {
    await migrate(database.url, pathToFileURL(`${folder}/`));
    await client.connect();
    await client.query(sql);
    await migrate(database.url);
    await check(client);
  } finally {
    await client.end();
    await database.drop();
    await rm(folder, { recursive: true });
  }
}

it('begins what recurs in every organization that was there before', () =>
  upgraded(
    '20261122000000_ground',
    `INSERT INTO organization (uid, name) SELECT n, 'Old' FROM generate_series(1, 50) n`,
    async (client) => {
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
        for (const row of rows)
          expect(row).toMatchObject({ key: '', state: 'SCHEDULED', payload: {}, isOfToday: true });
        // Not all at once.
        expect(new Set(rows.map(({ due_at }) => due_at.getTime())).size).toBeGreaterThan(40);
      }
    },
  ));

it('tries again what was given up before nothing was', () =>
  upgraded(
    '20261122000017_reminders',
    `INSERT INTO organization (uid, name) VALUES ('1', 'Old'), ('2', 'Other');
     INSERT INTO organization_work (organization_id) SELECT id FROM organization;
     INSERT INTO job (organization_id, kind, key, due_at, state, attempts, error_code, error_message)
     SELECT id, 'pipeline.settle', 'x', now() - interval '1 day', 'FAILED', 5, 'INTERNAL', 'x' FROM organization WHERE uid = '1'`,
    async (client) => {
      const { rows } = await client.query(
        `SELECT o.uid, j.state, j.due_at <= now() AS "isDue", w.next_due_at <= now() AS "isNext" FROM organization o
         JOIN organization_work w ON w.organization_id = o.id LEFT JOIN job j ON j.organization_id = o.id ORDER BY o.uid`,
      );
      expect(rows).toEqual([
        { uid: '1', state: 'SCHEDULED', isDue: true, isNext: true },
        { uid: '2', state: null, isDue: null, isNext: null },
      ]);
    },
  ));
