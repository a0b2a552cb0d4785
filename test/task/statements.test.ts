import { beforeAll, describe, expect, it } from 'vitest';
import { POLICY } from '../../src/auth/policy.ts';
import { statementsOf } from './asked.ts';
import { useWorld } from './world.ts';
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
      ['task.byUids', 'event.history', 'event.historyCount', 'organization.users'],
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
      ['task.knownIds', 'task.list', 'task.count'],
    ],
    ['tasks', '{ tasks(filter: { status: { in: [] } }) { nodes { id } } }', () => ({}), []],
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
    expect([...new Set(cases.map(([field]) => field))].toSorted()).toEqual(fields.toSorted());
  });
});
