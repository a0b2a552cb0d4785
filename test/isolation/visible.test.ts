import { beforeAll, describe, expect, it } from 'vitest';
import { uidOf } from '../../src/ids.ts';
import type { CreateTaskInput } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { type Caller, useGateway } from '../support/gateway.ts';
import { type Founded, found } from './organizations.ts';

const IsolationTasks = graphql(`
  query IsolationTasks($filter: TaskFilter, $orderBy: [TaskOrder!]) {
    tasks(filter: $filter, orderBy: $orderBy, first: 100) { totalCount nodes { id } edges { node { id } } }
  }
`);
const IsolationLookUp = graphql(`
  query IsolationLookUp($id: ID!, $ids: [ID!]!) {
    task(id: $id) { id history { totalCount nodes { id task { id } } } }
    node(id: $id) { id }
    nodes(ids: $ids) { id }
  }
`);
const IsolationNotifications = graphql(`
  query IsolationNotifications { notifications { totalCount nodes { kind taskId task { id } } } viewer { unreadNotificationCount } }
`);
const IsolationLinks = graphql(`
  query IsolationLinks($id: ID!) {
    task(id: $id) { linkedRecord { id } account { id } contact { id } lead { id } opportunity { id contact { id } } }
  }
`);
const IsolationRecords = graphql(`
  query IsolationRecords($ids: [ID!]!, $account: ID!) {
    accounts(deleted: INCLUDE) { totalCount nodes { id } edges { cursor } pageInfo { hasNextPage } }
    found: accounts(search: "a") { totalCount }
    account(id: $account) { id }
    nodes(ids: $ids) { id }
  }
`);
const IsolationTask = graphql(`
  mutation IsolationTask($input: CreateTaskInput!) { createTask(input: $input) { task { id } errors { code path } } }
`);
const IsolationAssign = graphql(`
  mutation IsolationAssign($id: ID!, $assigneeId: ID) {
    updateTask(input: { id: $id, patch: { assigneeId: $assigneeId } }) { task { id } errors { code path } }
  }
`);

const gateway = useGateway();
let a: Founded;
let limited: Caller;
/** By what they are to the one without CRM access. */
const tasks = { assigned: '', created: '', both: '', nobodys: '', anothers: '' };

const create = async (by: Caller, input: Partial<CreateTaskInput> = {}) =>
  (await gateway().ask(by, IsolationTask, { input: { title: 'x', accountId: a.ids.Account, ...input } })).createTask;
const idOf = async (made: ReturnType<typeof create>) => (await made).task?.id as string;
const seen = async (caller: Caller, filter = {}) => {
  const { tasks } = await gateway().ask(caller, IsolationTasks, { filter });
  expect(tasks.totalCount).toBe(tasks.nodes.length);
  expect(tasks.edges.map(({ node }) => node.id)).toEqual(tasks.nodes.map(({ id }) => id));
  return tasks.nodes.map(({ id }) => id).toSorted();
};
const lookUp = (caller: Caller, id: string, ids = [id]) => gateway().ask(caller, IsolationLookUp, { id, ids });

beforeAll(async () => {
  a = await found(gateway(), 'alpha');
  limited = a.limited;
  const own = { assigneeId: limited.userId };
  tasks.assigned = await idOf(create(a.admin, own));
  tasks.created = await idOf(create(limited, { assigneeId: a.member.userId }));
  tasks.both = await idOf(create(limited, own));
  tasks.nobodys = await idOf(create(a.admin));
  tasks.anothers = await idOf(create(a.admin, { assigneeId: a.member.userId }));
});

describe('without CRM access', () => {
  const own = () => [tasks.assigned, tasks.created, tasks.both, a.tasks.limited].toSorted();

  it('one sees exactly the tasks that one is assigned to or has created, in lists and counts', async () => {
    expect(await seen(limited)).toEqual(own());
    const { nodes } = (await gateway().ask(limited, IsolationTasks, { orderBy: [{ field: 'CREATED_AT' }] })).tasks;
    expect(nodes.map(({ id }) => id).toSorted()).toEqual(own());
    // No condition shows more: not even one that names the others.
    expect(await seen(limited, { id: { in: [tasks.nobodys, tasks.anothers, tasks.both] } })).toEqual([tasks.both]);
    expect(await seen(limited, { assignee: { isNull: true } })).toEqual([]);
    expect(await seen(limited, { assignee: { eq: a.member.userId } })).toEqual([tasks.created]);
    expect(await seen(limited, { _type: { any: true }, id: { notIn: own() } })).toEqual([]);
    // The control: with it one sees all of them.
    expect(await seen(a.viewer)).toEqual(expect.arrayContaining([...own(), tasks.nobodys, tasks.anothers]));
  });

  it('one finds them by their ids, with their history, and no others', async () => {
    for (const id of own()) {
      const { task, node, nodes } = await lookUp(limited, id);
      expect([task?.id, node?.id, nodes[0]?.id]).toEqual([id, id, id]);
      expect(task?.history.totalCount).toBeGreaterThan(0);
      for (const event of task?.history.nodes ?? []) {
        expect(event.task).toEqual({ id });
        expect((await lookUp(limited, id, [event.id])).nodes).toEqual([{ id: event.id }]);
      }
    }
    for (const id of [tasks.nobodys, tasks.anothers, a.tasks.deleted]) {
      const { task } = await lookUp(a.admin, id);
      const events = task?.history.nodes.map((event) => event.id) ?? [];
      const none = { task: null, node: null, nodes: [null, ...events.map(() => null)] };
      expect(await lookUp(limited, id, [id, ...events])).toEqual(none);
      expect(events.length).toBeGreaterThan(0);
    }
  });

  it('one loses sight of a task when it is given to another, its history and notification with it', async () => {
    const id = await idOf(create(a.admin, { assigneeId: limited.userId }));
    const told = async () => {
      const { notifications, viewer } = await gateway().ask(limited, IsolationNotifications);
      const row = notifications.nodes.find(({ taskId }) => taskId === id);
      return { kind: row?.kind, task: row?.task, unread: viewer.unreadNotificationCount - notifications.totalCount };
    };
    expect(await told()).toEqual({ kind: 'TASK_ASSIGNED', task: { id }, unread: 0 });
    const event = (await lookUp(limited, id)).task?.history.nodes[0]?.id as string;
    await gateway().ask(a.admin, IsolationAssign, { id, assigneeId: a.member.userId });
    expect(await seen(limited)).not.toContain(id);
    expect(await lookUp(limited, id, [id, event])).toEqual({ task: null, node: null, nodes: [null, null] });
    // That they were told stays; of what, is no longer theirs to see.
    expect(await told()).toEqual({ kind: 'TASK_ASSIGNED', task: null, unread: 0 });
    await gateway().ask(a.admin, IsolationAssign, { id, assigneeId: limited.userId });
    expect(await told()).toEqual({ kind: 'TASK_ASSIGNED', task: { id }, unread: 0 });
  });

  it('one is not shown the task that one has just given away', async () => {
    const id = await idOf(create(a.admin, { assigneeId: limited.userId }));
    const { updateTask } = await gateway().ask(limited, IsolationAssign, { id, assigneeId: a.member.userId });
    expect(updateTask).toEqual({ task: null, errors: [] });
    expect((await lookUp(a.admin, id)).task?.id).toBe(id);
  });

  it('one sees a record only as a task of one’s own names it, and no list of records', async () => {
    const { Account, Contact, Lead, Opportunity } = a.ids;
    const ids = [Account, a.bolt, Contact, Lead, Opportunity];
    const look = (account: string) => gateway().ask(limited, IsolationRecords, { ids, account });
    const empty = { totalCount: 0, nodes: [], edges: [], pageInfo: { hasNextPage: false } };
    expect(await look(Account)).toEqual({
      accounts: empty,
      found: { totalCount: 0 },
      account: { id: Account },
      nodes: [{ id: Account }, null, null, null, null],
    });
    const task = await idOf(create(a.admin, { accountId: null, linkedRecordId: Contact, assigneeId: limited.userId }));
    expect((await look(a.bolt)).nodes).toEqual([{ id: Account }, null, { id: Contact }, null, null]);
    expect((await look(a.bolt)).account).toBeNull();
    await gateway().ask(a.admin, IsolationAssign, { id: task, assigneeId: null });
    expect((await look(Account)).nodes).toEqual([{ id: Account }, null, null, null, null]);
    // The control.
    const all = await gateway().ask(a.viewer, IsolationRecords, { ids, account: a.bolt });
    expect(all.nodes).toEqual(ids.map((id) => ({ id })));
    expect(all.accounts.totalCount).toBe(2);
  });

  it('one creates tasks only on a record that one sees', async () => {
    const missing = (field: string) => ({ task: null, errors: [{ code: 'NOT_FOUND', path: [field] }] });
    expect(await create(limited, { accountId: a.bolt })).toEqual(missing('accountId'));
    for (const id of [a.bolt, a.ids.Contact, a.ids.Lead, a.ids.Opportunity]) {
      expect(await create(limited, { accountId: null, linkedRecordId: id })).toEqual(missing('linkedRecordId'));
    }
    expect(await create(limited)).toMatchObject({ errors: [] });
  });

  it('one does not see, through a record, another one that no task of one’s own names', async () => {
    const id = await idOf(
      create(a.admin, { accountId: null, linkedRecordId: a.ids.Opportunity, assigneeId: limited.userId }),
    );
    const { task } = await gateway().ask(limited, IsolationLinks, { id });
    const named = [task?.account, task?.lead, task?.opportunity].map((record) => record?.id);
    expect(named).toEqual([a.ids.Account, a.ids.Lead, a.ids.Opportunity]);
    expect((await gateway().ask(limited, IsolationRecords, { ids: [a.ids.Contact], account: 'x' })).nodes).toEqual([
      null,
    ]);
    expect(task?.opportunity?.contact).toBeNull();
    // The control: whoever sees all sees that there is one.
    const all = await gateway().ask(a.viewer, IsolationLinks, { id });
    expect(all.task?.opportunity?.contact).toEqual({ id: a.ids.Contact });
  });
});

it('gaining CRM access shows the rest on the next request', async () => {
  const { prisma } = gateway().app.runtime.db;
  const user = await prisma.user.findUniqueOrThrow({ where: { uid: uidOf('User', limited.userId) as string } });
  const change = (crmAccess: boolean) =>
    prisma.membership.update({
      where: { organizationId_userId: { organizationId: a.id, userId: user.id } },
      data: { crmAccess },
    });
  expect(await seen(limited)).not.toContain(tasks.nobodys);
  await change(true);
  expect(await seen(limited)).toContain(tasks.nobodys);
  await change(false);
  expect(await seen(limited)).not.toContain(tasks.nobodys);
});
