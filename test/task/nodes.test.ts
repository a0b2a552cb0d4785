import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import { useWorld, type World } from './world.ts';
import { granted, writesOf } from './writes.ts';

const world = useWorld();

const NODE = graphql(`query TaskRoomNode($id: ID!) { node(id: $id) { __typename id } }`);
const NODES = graphql(`query TaskRoomNodes($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }`);
const IDS = graphql(`
  query TaskRoomIds { viewer { user { id } membership { id } organization { id } } notifications { nodes { id } } }
`);
const KEY = graphql(`mutation TaskRoomNodeKey { createApiKey(input: { name: "Key" }) { apiKey { id } } }`);

const TYPES = [
  'Organization',
  'User',
  'Membership',
  'ApiKey',
  'Account',
  'Contact',
  'Lead',
  'Opportunity',
  'Task',
  'Event',
  'Notification',
] as const;
type Ids = Record<(typeof TYPES)[number], string>;

/** An id of everything that has one, in an organization, by the name of its type. */
async function everything(of: World, caller: Caller, organizationId: bigint): Promise<Ids> {
  const account = await of.record('ACCOUNT', { organizationId });
  const task = granted(await writesOf(of, caller).create({ title: 'Call', accountId: account.key }));
  const notification = await notified(of, caller, organizationId, account.key);
  const { viewer } = await of.gateway.ask(caller, IDS);
  const { createApiKey } = await of.gateway.ask(caller, KEY);
  return {
    Organization: viewer.organization.id,
    User: viewer.user.id,
    Membership: viewer.membership.id,
    ApiKey: createApiKey.apiKey?.id as string,
    Account: account.key,
    Contact: (await of.record('CONTACT', { organizationId })).key,
    Lead: (await of.record('LEAD', { organizationId })).key,
    Opportunity: (await of.record('OPPORTUNITY', { organizationId })).key,
    Task: task.id,
    Event: (await writesOf(of, caller).read(task.id))?.history.nodes[0]?.id as string,
    Notification: notification,
  };
}
/** A notification of the caller's: someone else assigns them a task. */
async function notified(of: World, caller: Caller, organizationId: bigint, accountId: string): Promise<string> {
  const organization = [of.organization, of.other.organization].find(
    ({ id }) => id === organizationId,
  ) as World['organization'];
  const boss = await of.gateway.member(organization, { email: `boss-${organizationId}@ours.example` });
  granted(await writesOf(of, boss).create({ title: 'For you', accountId, assigneeId: caller.userId }));
  return (await of.gateway.ask(caller, IDS)).notifications.nodes[0]?.id as string;
}

let ours: Ids;
let theirs: Ids;
beforeAll(async () => {
  ours = await everything(world(), world().admin, world().organization.id);
  theirs = await everything(world(), world().other.admin, world().other.organization.id);
});
const node = async (id: string, caller = world().admin) => (await world().gateway.ask(caller, NODE, { id })).node;

describe('node', () => {
  it.each(TYPES)('finds a %s by its id, and no other organization’s', async (type) => {
    expect(await node(ours[type])).toEqual({ __typename: type, id: ours[type] });
    expect(await node(theirs[type], world().other.admin), 'theirs is there').not.toBeNull();
    expect(await node(theirs[type])).toBeNull();
    expect(await node(ours[type], world().other.admin)).toBeNull();
  });

  const junk = [
    '',
    'junk',
    'Nope',
    'task_',
    'VGFzazox',
    '{"id":1}',
    '%00',
    "'; DROP TABLE task --",
    'task_00000000000000000000000000',
    `toString_${'0'.repeat(26)}`,
    `act_${'0'.repeat(26)}`,
    `pipe_${'0'.repeat(26)}`,
    `stage_${'0'.repeat(26)}`,
    'x'.repeat(10_000),
  ];
  it.each(junk)('is null for what is no id: %j', async (id) => {
    expect(await node(id)).toBeNull();
  });

  it('is null for an event beyond the log, or of no organization', async () => {
    const event = ours.Event;
    expect(await node(event.replace(/-\d+$/, '-999999999999999999'))).toBeNull();
    expect(await node(`evt_${newUid()}-1`)).toBeNull();
  });

  it('finds what is in the bin', async () => {
    const { id } = granted(await writesOf(world(), world().admin).create({ title: 'Gone', accountId: ours.Account }));
    await writesOf(world(), world().admin).remove(id);
    expect(await node(id)).toEqual({ __typename: 'Task', id });
    const account = await world().record('ACCOUNT', { deletedAt: new Date() });
    expect(await node(account.key)).toEqual({ __typename: 'Account', id: account.key });
  });

  it('shows a key to admins only, and a notification to whom it is for', async () => {
    expect(await node(ours.ApiKey, world().member)).toBeNull();
    expect(await node(ours.Notification, world().member)).toBeNull();
  });

  it('hides from someone without CRM access what no task of theirs names', async () => {
    const liam = await world().gateway.member(world().organization, { email: 'liam@ours.example', crmAccess: false });
    for (const type of ['Account', 'Contact', 'Lead', 'Opportunity', 'Task', 'Event'] as const)
      expect(await node(ours[type], liam), type).toBeNull();
    const task = granted(
      await writesOf(world(), world().admin).create({
        title: 'Call',
        linkedRecordId: ours.Lead,
        assigneeId: liam.userId,
      }),
    );
    expect(await node(task.id, liam)).not.toBeNull();
    expect(await node(ours.Lead, liam)).toEqual({ __typename: 'Lead', id: ours.Lead });
    expect(await node(ours.Contact, liam)).toBeNull();
  });
});

describe('nodes', () => {
  it('are in the order asked, null for each that is not there, twice for what is asked twice', async () => {
    const ids = [ours.Task, 'junk', ours.Account, theirs.Task, ours.Task, ours.User];
    const { nodes } = await world().gateway.ask(world().admin, NODES, { ids });
    expect(nodes.map((one) => one?.id ?? null)).toEqual([ours.Task, null, ours.Account, null, ours.Task, ours.User]);
  });

  it('of one type are read together', async () => {
    const tasks = await world().tasks(Array.from({ length: 100 }, () => ({})));
    const ids = tasks.map(({ key }) => key);
    const sent = await world().gateway.statementsOf(async () => {
      const { nodes } = await world().gateway.ask(world().admin, NODES, { ids });
      expect(nodes.map((one) => one?.id)).toEqual(ids);
    });
    expect(sent).toEqual(['auth.standingsByUser', 'task.byUids']);
  });

  it('are 100 at most, and none when none are asked', async () => {
    const { errors } = await world().gateway.send(world().admin, NODES, {
      ids: Array.from({ length: 101 }, () => 'x'),
    });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'ids' } }]);
    expect((await world().gateway.ask(world().admin, NODES, { ids: [] })).nodes).toEqual([]);
  });
});

describe('task and account', () => {
  const query = graphql(
    `query TaskRoomLookups($task: ID!, $account: ID!) { task(id: $task) { id } account(id: $account) { id } }`,
  );
  it('are null for what is foreign, malformed or of another type', async () => {
    const ask = (task: string, account: string) => world().gateway.ask(world().admin, query, { task, account });
    expect(await ask(ours.Task, ours.Account)).toEqual({
      task: { id: ours.Task },
      account: { id: ours.Account },
    });
    const strangers: [string, string][] = [
      [theirs.Task, theirs.Account],
      ['junk', 'junk'],
      [ours.Account, ours.Task],
      [encodeId('Task', newUid()), encodeId('Account', newUid())],
    ];
    for (const [task, account] of strangers) {
      expect(await ask(task, account)).toEqual({ task: null, account: null });
    }
  });
});
