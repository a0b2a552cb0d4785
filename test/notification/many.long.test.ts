import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeCursor } from '../../src/event/cursor.ts';
import type { MarkNotificationsReadInput } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { useGateway } from '../support/gateway.ts';
import { userIdOf } from './membership.ts';
import { type Office, openOffice } from './office.ts';

// An inbox of 100,000 unread notifications, beside one of another's: what counting and marking them reads.

const MANY = 100_000;
const gateway = useGateway();
let session: pg.Client;
let office: Office;
let organizationUid: string;
let max: bigint;

beforeAll(async () => {
  session = new pg.Client({ connectionString: gateway().database.url });
  await session.connect();
  office = await openOffice(gateway());
  const { id } = office.organization;
  max = await userIdOf(gateway(), office.member);
  const ada = await userIdOf(gateway(), office.admin);
  // Ada was told more, and has read most of it, as people have.
  const inboxes = [
    [max, MANY, 'NULL::timestamptz'],
    [ada, 4 * MANY, 'CASE WHEN n % 10 > 0 THEN now() END'],
  ] as const;
  for (const [userId, count, readAt] of inboxes)
    await session.query(
      `INSERT INTO notification (organization_id, user_id, seq, kind, actor_id, created_at, read_at)
       SELECT $1, $2, 1000 + n, 'TASK_ASSIGNED', $3, now(), ${readAt} FROM generate_series(1, ${count}) n`,
      [id, userId, office.organization.assistantId],
    );
  await session.query('UPDATE organization_log SET last_seq = $2 WHERE organization_id = $1', [id, 1_000 + 4 * MANY]);
  const { uid } = await gateway().app.runtime.db.prisma.organization.findUniqueOrThrow({ where: { id } });
  organizationUid = uid;
});
afterAll(() => session.end());

/** Has nearly all of it known to be visible, once nobody looks at what was there before. */
const tidy = () =>
  expect
    .poll(
      async () => {
        await session.query('VACUUM ANALYZE notification');
        const { rows } = await session.query(
          `SELECT relallvisible > 0.9 * relpages AS done FROM pg_class WHERE oid = 'notification'::regclass`,
        );
        return rows[0].done;
      },
      { timeout: 30_000, interval: 500 },
    )
    .toBe(true);

const Mark = graphql(`
  mutation MarkMany($input: MarkNotificationsReadInput!) {
    markNotificationsRead(input: $input) { viewer { unreadNotificationCount } errors { message } }
  }
`);
const Unread = graphql(`query UnreadMany { viewer { unreadNotificationCount } }`);
const List = graphql(`query ListMany { notifications(first: 100) { nodes { id } } }`);

const mark = async (input: MarkNotificationsReadInput) => {
  const { markNotificationsRead } = await gateway().ask(office.member, Mark, { input });
  expect(markNotificationsRead.errors).toEqual([]);
  return markNotificationsRead.viewer?.unreadNotificationCount;
};
const unread = async () => (await gateway().ask(office.member, Unread)).viewer.unreadNotificationCount;
const cursor = (seq: number) => encodeCursor({ organizationUid, seq: BigInt(seq), at: 0 });

/** What a statement of some work touches, when it is carried out once more and taken back. */
async function plansOf(name: string, work: () => Promise<unknown>) {
  const from = gateway().statements.length;
  await work();
  const sent = gateway()
    .statements.slice(from)
    .filter(({ text }) => text.startsWith(`/* ${name} */`));
  expect(sent.length).toBe(1);
  const [{ text, values } = { text: '', values: [] }] = sent;
  await session.query('BEGIN');
  const { rows } = await session.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, [...values]);
  await session.query('ROLLBACK');
  const plan = rows[0]['QUERY PLAN'][0].Plan;
  const buffers: number = plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
  return { plan: JSON.stringify(plan), buffers };
}

describe('100,000 unread notifications', () => {
  it('are counted from the index of the unread ones, without their rows', async () => {
    await tidy();
    expect(await unread()).toBe(MANY);
    const { plan, buffers } = await plansOf('notification.unread', unread);
    expect(plan).toContain('"Index Only Scan"');
    expect(plan).toContain('notification_unread');
    // Some 40 bytes each, 8 KiB a page; the rows of both inboxes stand on some 5,000.
    expect(buffers).toBeLessThan(700);
  });

  it('are marked up to a cursor by reading those alone', async () => {
    expect(await mark({ upTo: cursor(1_010) })).toBe(MANY - 10);
    await tidy();
    const { plan, buffers } = await plansOf('notification.readUpTo', () => mark({ upTo: cursor(1_010) }));
    expect(plan).toContain('notification_unread');
    expect(buffers).toBeLessThan(20);
  });

  it('are all marked by one statement, and nobody else’s', async () => {
    const begin = performance.now();
    const names = await gateway().statementsOf(async () => expect(await mark({ all: true })).toBe(0));
    expect(names.filter((name) => name.startsWith('notification.'))).toEqual([
      'notification.readUpTo',
      'notification.unread',
    ]);
    // A transaction has 15 seconds.
    expect(performance.now() - begin).toBeLessThan(15_000);
    const { rows } = await session.query(
      'SELECT count(*)::int AS count FROM notification WHERE organization_id = $1 AND read_at IS NULL',
      [office.organization.id],
    );
    expect(rows[0].count).toBe((4 * MANY) / 10);
  });

  it('once read cost the count, and marking again, next to nothing', async () => {
    await tidy();
    for (const [name, work] of [
      ['notification.unread', unread],
      ['notification.readUpTo', () => mark({ all: true })],
    ] as const)
      expect((await plansOf(name, work)).buffers, name).toBeLessThan(20);
  });
});

it('several tabs that mark at the same time, while more comes, agree: nothing is lost, and nothing waits for ever', async () => {
  const { organization, member } = office;
  await session.query(
    'UPDATE notification SET read_at = NULL WHERE organization_id = $1 AND user_id = $2 AND seq > $3',
    [organization.id, max, 1_000 + MANY - 2_000],
  );
  const ids = (await gateway().ask(member, List)).notifications.nodes.map(({ id }) => id);
  let told = 0;
  const telling = Promise.all(
    [0, 1, 2].map(async () => {
      for (let n = 0; n < 10; n += 1) {
        told += 1;
        await office.create({ title: `Task ${told}`, assigneeId: member.userId });
      }
    }),
  );
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([
      mark({ all: true }),
      mark({ ids: ids.toReversed() }),
      mark({ ids }),
      mark({ upTo: cursor(1_000 + MANY - 5) }),
    ]);
    await session.query(
      'UPDATE notification SET read_at = NULL WHERE organization_id = $1 AND user_id = $2 AND seq > $3',
      [organization.id, max, 1_000 + MANY - 2_000],
    );
  }
  await telling;
  expect(await mark({ all: true })).toBe(0);
  const { rows } = await session.query(
    'SELECT count(*)::int AS count FROM notification WHERE organization_id = $1 AND user_id = $2',
    [organization.id, max],
  );
  expect(rows[0].count).toBe(MANY + 30);
});
