import { beforeAll, describe, expect, it } from 'vitest';
import type { NotificationListQueryVariables } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { useGateway } from '../support/gateway.ts';
import { type Office, openOffice, signIn, subscribe } from './office.ts';

const gateway = useGateway();
let office: Office;
/** Of what the member was told, oldest first. */
const titles = Array.from({ length: 12 }, (_, index) => `task ${index + 1}`);
const newestFirst = titles.toReversed();

beforeAll(async () => {
  office = await openOffice(gateway());
  for (const title of titles) await office.create({ title, assigneeId: office.member.userId });
  await office.create({ title: 'not for Max', assigneeId: office.admin.userId }, office.member);
});

const NotificationList = graphql(`
  query NotificationList($first: Int, $after: String, $last: Int, $before: String, $unreadOnly: Boolean! = false) {
    notifications(first: $first, after: $after, last: $last, before: $before, unreadOnly: $unreadOnly) {
      nodes { id cursor kind taskId task { title } actor { name } readAt }
      edges { cursor }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

const list = async (variables: NotificationListQueryVariables) => {
  const { notifications } = await gateway().ask(office.member, NotificationList, variables);
  return { ...notifications, titles: notifications.nodes.map(({ task }) => task?.title) };
};

describe('notifications', () => {
  it('are one’s own, newest first', async () => {
    const page = await list({});
    expect(page.titles).toEqual(newestFirst);
    expect(page.nodes[0]).toMatchObject({ kind: 'TASK_ASSIGNED', actor: { name: 'Ada' }, readAt: null });
    expect(page.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
  });

  it('are paged forward without a gap or a double', async () => {
    const found: (string | undefined)[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const page = await list({ first: 5, after });
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
      found.push(...page.titles);
      ({ endCursor: after = null, hasNextPage: more } = page.pageInfo);
    }
    expect(found).toEqual(newestFirst);
  });

  it('are paged backward without a gap or a double', async () => {
    const found: (string | undefined)[] = [];
    for (let before: string | null = null, more = true; more; ) {
      const page = await list({ last: 5, before });
      expect(page.pageInfo.hasNextPage).toBe(before !== null);
      found.unshift(...page.titles);
      ({ startCursor: before = null, hasPreviousPage: more } = page.pageInfo);
    }
    expect(found).toEqual(newestFirst);
  });

  it('that come while one pages do not move the next page', async () => {
    const other = await openOffice(gateway());
    const assign = (title: string) => other.create({ title, assigneeId: other.member.userId });
    for (const title of ['a', 'b', 'c', 'd']) await assign(title);
    const { notifications: first } = await gateway().ask(other.member, NotificationList, { first: 2 });
    await assign('e');
    const after = first.pageInfo.endCursor;
    const { notifications: next } = await gateway().ask(other.member, NotificationList, { first: 2, after });
    expect(next.nodes.map(({ task }) => task?.title)).toEqual(['b', 'a']);
  });

  it.each([{ first: 0 }, { first: 101 }, { last: 0 }, { last: 101 }, { first: 1, last: 1 }, { after: 'junk' }])(
    'are refused with %o',
    async (variables) => {
      const { errors } = await gateway().send(office.member, NotificationList, { unreadOnly: false, ...variables });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    },
  );

  it('take the cursors of their edges to page, not those of the log', async () => {
    const { nodes } = await list({ first: 1 });
    const variables = { after: nodes[0]?.cursor as string, unreadOnly: false };
    const { errors } = await gateway().send(office.member, NotificationList, variables);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  const Counts = graphql(`
    query NotificationCounts {
      all: notifications(first: 1) { totalCount }
      unread: notifications(first: 1, unreadOnly: true) { totalCount }
      viewer { unreadNotificationCount }
    }
  `);

  it('are counted, all or the unread ones, and unreadOnly leaves out what is read', async () => {
    const counts = async () => {
      const { all, unread, viewer } = await gateway().ask(office.member, Counts);
      return [all.totalCount, unread.totalCount, viewer.unreadNotificationCount];
    };
    expect(await counts()).toEqual([12, 12, 12]);
    await gateway().app.runtime.db.prisma.$executeRawUnsafe(
      `/* test.read */ UPDATE notification n SET read_at = now() FROM task t
       WHERE n.organization_id = $1 AND t.organization_id = n.organization_id AND t.id = n.task_id AND t.title = ANY ($2)`,
      office.organization.id,
      ['task 2', 'task 11'],
    );
    expect(await counts()).toEqual([12, 10, 10]);
    const unread = newestFirst.filter((title) => title !== 'task 2' && title !== 'task 11');
    expect((await list({ unreadOnly: true })).titles).toEqual(unread);
    const page = await list({ unreadOnly: true, first: 3 });
    expect((await list({ unreadOnly: true, first: 3, after: page.pageInfo.endCursor })).titles).toEqual(
      unread.slice(3, 6),
    );
    const read = (await list({})).nodes.filter(({ readAt }) => readAt !== null);
    expect(read.map(({ task }) => task?.title)).toEqual(['task 11', 'task 2']);
  });

  it('are none for who was told nothing', async () => {
    const other = await openOffice(gateway());
    const { notifications } = await gateway().ask(other.admin, NotificationList, {});
    expect(notifications).toMatchObject({ nodes: [], pageInfo: { startCursor: null, endCursor: null } });
  });

  const One = graphql(
    `query NotificationNode($id: ID!) { node(id: $id) { id ... on Notification { task { title } } } }`,
  );

  it('are found by their ids, by whom they are for and nobody else', async () => {
    const id = (await list({ first: 1 })).nodes[0]?.id as string;
    expect((await gateway().ask(office.member, One, { id })).node).toEqual({ id, task: { title: 'task 12' } });
    expect((await gateway().ask(office.admin, One, { id })).node).toBeNull();
    const { node } = await gateway().ask(office.member, One, { id: id.replace(/-\d+$/, '-999999') });
    expect(node).toBeNull();
  });

  it('have the same id and cursor in the list as in the subscription', async () => {
    const socket = await signIn(gateway().url, office.member);
    const subscription = subscribe(socket);
    await expect.poll(() => gateway().app.runtime.follower.size).toBe(1);
    await office.create({ title: 'both ways', assigneeId: office.member.userId });
    const { notification } = await subscription.next();
    await socket.close();
    expect((await list({ first: 1 })).nodes[0]).toMatchObject({ id: notification.id, cursor: notification.cursor });
  });

  it('take one statement for the page and one for each kind of what they name, however many they are', async () => {
    const statements = (first: number) => gateway().statementsOf(() => list({ first }));
    const one = await statements(1);
    expect(await statements(12)).toEqual(one);
    expect(one.filter((name) => !name.startsWith('auth.')).toSorted()).toEqual([
      'notification.list',
      'organization.users',
      'task.byIds',
    ]);
  });
});
