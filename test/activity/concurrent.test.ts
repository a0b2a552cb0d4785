import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import { type Known, useWorld } from '../task/world.ts';

const world = useWorld();
let session: pg.Client;
let account: Known;
let contacts: Known[];

beforeAll(async () => {
  session = new pg.Client({ connectionString: world().gateway.database.url });
  await session.connect();
  account = await world().record('ACCOUNT');
  contacts = [
    await world().record('CONTACT', { accountId: account.id }),
    await world().record('CONTACT', { accountId: account.id }),
  ];
});
afterAll(() => session.end());

const waiting = async () =>
  (
    await session.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
  ).rowCount;

it('an activity that was linked anew while a change waited for it keeps its new link', async () => {
  const { prisma, organization, gateway, admin } = world();
  const at = new Date('2026-03-01T00:00:00Z');
  const [one, other] = contacts as [Known, Known];
  const row = { organizationId: organization.id, creatorId: organization.assistantId, createdAt: at, updatedAt: at };
  const { uid, id } = await prisma.activity.create({
    data: {
      ...{ ...row, uid: newUid(), accountId: account.id, linkedType: 'CONTACT', contactId: one.id },
      ...{ activityTimestamp: at, duration: 5, location: 'Phone' },
    },
  });
  await session.query('BEGIN');
  await session.query('UPDATE activity SET contact_id = $2 WHERE id = $1', [id, other.id]);
  const query = `mutation ($id: ID!) { updateActivity(input: { id: $id, patch: { title: "Anew" } }) {
    activity { title linkedRecord { id } } errors { code }
  } }`;
  const asked = gateway.ask(admin, query, { id: encodeId('Activity', uid) });
  await expect.poll(waiting).toBe(1);
  await session.query('COMMIT');
  expect(await asked).toEqual({
    updateActivity: { activity: { title: 'Anew', linkedRecord: { id: other.key } }, errors: [] },
  });
});
