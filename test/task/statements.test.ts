import { beforeAll, describe, expect, it } from 'vitest';
import { POLICY } from '../../src/auth/policy.ts';
import { graphql } from '../generated/index.ts';
import { statementsOf } from './asked.ts';
import { useWorld, World } from './world.ts';
import { granted, writesOf } from './writes.ts';

// What each query asks of the database, statement by statement. A new one here is a decision, not an accident.

const world = useWorld();
const statements = (query: string, variables: object, caller = world().member) =>
  statementsOf(world(), query, variables, caller);
let account: string;
let task: string;
let notification: string;

beforeAll(async () => {
  account = (await world().record('ACCOUNT')).key;
  const admin = writesOf(world(), world().admin);
  task = granted(await admin.create({ title: 'Call', accountId: account, assigneeId: world().member.userId })).id;
  const inbox = await world().gateway.ask<{ notifications: { nodes: { id: string }[] } }, object>(
    world().member,
    '{ notifications { nodes { id } } }',
  );
  notification = inbox.notifications.nodes[0]?.id as string;
});

const TASK = '{ id title account { name } creator { name } assignee { name } linkedRecord { displayName } }';

describe('a query takes', () => {
  const cases: [field: string, string, () => object, string[]][] = [
    ['viewer', '{ viewer { timeZone mutedKinds } }', () => ({}), []],
    [
      'viewer',
      '{ viewer { user { name } membership { role } organization { name } memberships { role } unreadNotificationCount logCursor } }',
      () => ({}),
      [
        'organization.membershipsOfUser',
        'notification.unread',
        'event.position',
        'organization.users',
        'organization.memberships',
        'organization.byIds',
      ],
    ],
    [
      'memberships',
      '{ memberships { nodes { role user { name } } } }',
      () => ({}),
      ['organization.people', 'organization.users'],
    ],
    ['memberships', '{ memberships { totalCount } }', () => ({}), ['organization.peopleCount']],
    [
      'account',
      'query ($id: ID!) { account(id: $id) { name creator { name } owner { name } } }',
      () => ({ id: account }),
      ['account.byUids', 'organization.users'],
    ],
    ['accounts', '{ accounts { nodes { name } } }', () => ({}), ['account.list']],
    [
      'accounts',
      '{ accounts(search: "a") { totalCount nodes { name creator { name } } } }',
      () => ({}),
      ['account.list', 'account.count', 'organization.users'],
    ],
    [
      'task',
      `query ($id: ID!) { task(id: $id) ${TASK} }`,
      () => ({ id: task }),
      ['task.byUids', 'account.byIds', 'organization.users'],
    ],
    [
      'task',
      'query ($id: ID!) { task(id: $id) { history { nodes { kind actor { name } } totalCount } } }',
      () => ({ id: task }),
      ['task.byUids', 'event.histories', 'event.historyCounts', 'organization.users'],
    ],
    ['tasks', `{ tasks { nodes ${TASK} } }`, () => ({}), ['task.list', 'account.byIds', 'organization.users']],
    ['tasks', `{ tasks { edges { cursor node { id } } pageInfo { hasNextPage } } }`, () => ({}), ['task.list']],
    ['tasks', '{ tasks { totalCount } }', () => ({}), ['task.count']],
    ['tasks', '{ tasks { logCursor nodes { id } } }', () => ({}), ['event.position', 'task.list']],
    [
      'tasks',
      '{ tasks { ...on TaskConnection { ...F } } } fragment F on TaskConnection { logCursor }',
      () => ({}),
      ['event.position'],
    ],
    [
      'tasks',
      'query ($id: [ID!]) { tasks(filter: { accountId: { in: $id }, assignee: { isMe: false } }) { totalCount nodes { id } } }',
      () => ({ id: [account] }),
      ['filter.knownIds', 'task.list', 'task.count'],
    ],
    ['tasks', '{ tasks(filter: { status: { in: [] } }) { nodes { id } } }', () => ({}), []],
    ['taskCounts', '{ taskCounts(groupBy: STATUS) { key count } }', () => ({}), ['task.groups']],
    [
      'taskCounts',
      'query ($id: ID!) { taskCounts(groupBy: STAGE, filter: { accountId: { eq: $id } }) { key count } }',
      () => ({ id: account }),
      ['filter.knownIds', 'task.groups'],
    ],
    ['taskCounts', '{ taskCounts(groupBy: DUE_GROUP, view: ARCHIVE) { key count } }', () => ({}), []],
    [
      'upcomingTasks',
      `{ upcomingTasks { totalCount logCursor nodes ${TASK} } }`,
      () => ({}),
      // None of theirs is dated: what tasks name is not asked for.
      ['event.position', 'task.list', 'task.count'],
    ],
    ['events', '{ events { nodes { kind } pageInfo { endCursor } } }', () => ({}), ['event.page']],
    ['events', '{ events(first: 1) { totalCount nodes { id } } }', () => ({}), ['event.page', 'event.count']],
    [
      'tasks',
      '{ tasks(filter: { _type: { any: true } }) { nodes { expiresAt } } }',
      () => ({}),
      // No setting has to be known of open ones.
      ['task.list'],
    ],
    ['pipelines', '{ pipelines { name stages { name } wonStage { name } } }', () => ({}), ['pipeline.all']],
    ['pipeline', 'query ($id: ID!) { pipeline(id: $id) { name } }', () => ({ id: 'junk' }), []],
    ['node', 'query ($id: ID!) { node(id: $id) { id } }', () => ({ id: task }), ['task.byUids']],
    ['node', 'query ($id: ID!) { node(id: $id) { id } }', () => ({ id: account }), ['account.byUids']],
    ['node', 'query ($id: ID!) { node(id: $id) { id } }', () => ({ id: 'junk' }), []],
    [
      'nodes',
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
      () => ({ ids: [task, account, task, 'junk', world().admin.userId] }),
      ['task.byUids', 'account.byUids', 'organization.usersByUids'],
    ],
    [
      'notifications',
      '{ notifications { nodes { kind actor { name } task { title } } totalCount logCursor } }',
      () => ({}),
      ['event.position', 'notification.list', 'notification.count', 'organization.users', 'task.byIds'],
    ],
  ];
  it.each(cases)('%s: %s', async (_field, query, variables, expected) => {
    expect((await statements(query, variables())).toSorted()).toEqual(expected.toSorted());
  });

  it('nothing twice: the same lists under two names are read apart, what they name together', async () => {
    const twice = `{ a: tasks { nodes ${TASK} } b: tasks(orderBy: { field: CREATED_AT }) { nodes ${TASK} } }`;
    expect(await statements(twice, {})).toEqual(['task.list', 'task.list', 'account.byIds', 'organization.users']);
  });

  it('one for a notification by its id', async () => {
    expect(
      await statements('query ($id: ID!) { node(id: $id) { id } }', { id: notification }, world().member),
    ).toHaveLength(1);
  });

  it('and is here for every query that there is', () => {
    const fields = Object.keys(POLICY).flatMap((field) =>
      field.startsWith('Query.') ? field.slice('Query.'.length) : [],
    );
    // Those of activities and of the other records stand in their own rooms' tests.
    const ACTIVITIES = ['activities', 'activity'];
    const RECORDS = ['contact', 'contacts', 'lead', 'leads', 'opportunity', 'opportunities', 'searchRecords'];
    // In retention.test.ts: only admins may ask it.
    const RETENTION = ['retentionPreview'];
    const tried = [...new Set(cases.map(([field]) => field)), ...ACTIVITIES, ...RECORDS, ...RETENTION];
    expect(tried.toSorted()).toEqual(fields.toSorted());
  });
});

const LIST = graphql(`
  query TaskRoomWide($first: Int, $after: String, $last: Int, $before: String) {
    tasks(first: $first, after: $after, last: $last, before: $before) {
      edges { cursor }
      nodes {
        id title date status isOverdue view tags
        account { name } creator { name } assignee { name }
        linkedRecord { __typename displayName }
      }
    }
  }
`);

let w: World;
/** The statements of a page, in no order, and how many rows and what it showed. */
async function pageOf(args: { first?: number; after?: string; last?: number; before?: string }) {
  let shown: (string | undefined)[] = [];
  let cursors: string[] = [];
  const [, ...sent] = await w.gateway.statementsOf(async () => {
    const { tasks } = await w.gateway.ask(w.admin, LIST, args);
    shown = tasks.nodes.map(({ linkedRecord }) => linkedRecord?.__typename);
    cursors = tasks.edges.map(({ cursor }) => cursor);
  });
  return { sent: sent.toSorted(), rows: shown.length, kinds: [...new Set(shown)].sort(), cursors };
}

describe('a list takes one statement for its rows, and one for each kind of thing that they name', () => {
  beforeAll(async () => {
    w = await World.make(world().gateway);
    const writes = writesOf(w, w.admin);
    // One of each kind of record, first by date; then a hundred of an account.
    for (const type of ['CONTACT', 'LEAD', 'OPPORTUNITY'] as const) {
      granted(await writes.create({ title: type, linkedRecordId: (await w.record(type)).key, date: '2025-01-01' }));
    }
    const people = await Promise.all([w.idOf(w.admin), w.idOf(w.member)]);
    const accounts = await Promise.all(Array.from({ length: 7 }, () => w.record('ACCOUNT')));
    await w.tasks(
      Array.from({ length: 110 }, (_, n) => ({
        day: '2026-01-01',
        accountId: accounts[n % 7]?.id as bigint,
        assigneeId: people[n % 2] as bigint,
        creatorId: people[(n >> 1) % 2] as bigint,
      })),
    );
  });

  it('whether it shows 1, 25 or 100', async () => {
    const behindTheOdd = (await pageOf({ first: 3 })).cursors[2] as string;
    for (const first of [1, 25, 100]) {
      expect(await pageOf({ first, after: behindTheOdd })).toMatchObject({
        rows: first,
        kinds: ['Account'],
        sent: ['account.byIds', 'organization.users', 'task.list'],
      });
    }
  });

  it('of however many kinds', async () => {
    const each = [
      'account.byIds',
      'contact.byIds',
      'lead.byIds',
      'opportunity.byIds',
      'organization.users',
      'task.list',
    ];
    for (const first of [25, 100]) {
      const kinds = ['Account', 'Contact', 'Lead', 'Opportunity'];
      expect(await pageOf({ first })).toMatchObject({ rows: first, kinds, sent: each });
    }
  });

  it('backward and from the midst as from the front', async () => {
    const { cursors } = await pageOf({ last: 50 });
    expect(await pageOf({ last: 40, before: cursors[0] as string })).toMatchObject({
      rows: 40,
      sent: ['account.byIds', 'organization.users', 'task.list'],
    });
  });
});
