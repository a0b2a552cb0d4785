import { beforeAll, describe, expect, it } from 'vitest';
import { createLoaders } from '../../src/graphql/loaders.ts';
import { encodeId, encodeLogId } from '../../src/ids.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import { type Known, useWorld } from '../task/world.ts';
import { granted, least, refusals, writesOf } from './writes.ts';

const SEEN = graphql(`
  query ActivityRoomSeen($id: ID!, $account: ID!, $task: ID!, $event: ID!, $filter: ActivityFilter) {
    activity(id: $id) { id }
    node(id: $id) { id }
    nodes(ids: [$id]) { id }
    activities(filter: $filter) { totalCount nodes { id } edges { node { id } } }
    account(id: $account) { activities(filter: $filter) { totalCount nodes { id } } }
    task(id: $task) { id activity { id } }
    event: node(id: $event) { id ... on Event { activity { id } changes { field } } }
    notifications { nodes { activity { id } } }
  }
`);

const world = useWorld();
let account: Known;
let contact: Known;
let task: Known;
let limitedTask: Known;
const people = {} as Record<
  'creator' | 'participant' | 'member' | 'admin' | 'viewer' | 'limited' | 'limitedParticipant',
  Caller
>;
type Who = keyof typeof people;

beforeAll(async () => {
  const { gateway, organization, admin, member } = world();
  const join = (name: string, more = {}) => gateway.member(organization, { email: `${name}@ours.example`, ...more });
  Object.assign(people, {
    creator: await join('creator'),
    participant: await join('participant'),
    member,
    admin,
    viewer: await join('viewer', { role: 'VIEWER' }),
    limited: await join('limited', { crmAccess: false }),
    limitedParticipant: await join('limited2', { crmAccess: false }),
  });
  account = await world().record('ACCOUNT');
  contact = await world().record('CONTACT', { accountId: account.id });
});

/** An activity of the creator's, named by a task of each of those without CRM access, with its first event and a notification of it for all. */
async function make(visibility: 'ORGANIZATION' | 'PRIVATE', named = true) {
  const { prisma, organization } = world();
  const participants = [
    { userId: people.participant.userId },
    { userId: people.limitedParticipant.userId },
    { contactId: contact.key },
  ];
  const input = { ...least(account.key), visibility, participants };
  const { id } = granted(await writesOf(world(), people.creator).create(input));
  const organizationId = organization.id;
  const row = await prisma.activity.findFirstOrThrow({ where: { organizationId, uid: id.slice(4) } });
  const ids = await Promise.all(Object.values(people).map((person) => world().idOf(person)));
  [task, limitedTask] = (await world().tasks([
    { assigneeId: await world().idOf(people.limited), accountId: account.id },
    { assigneeId: await world().idOf(people.limitedParticipant), accountId: account.id },
  ])) as [Known, Known];
  if (named) {
    const uids = [task.uid, limitedTask.uid];
    await prisma.task.updateMany({ where: { organizationId, uid: { in: uids } }, data: { activityId: row.id } });
  }
  const event = await prisma.event.findFirstOrThrow({
    where: { organizationId, subjectType: 'ACTIVITY', subjectId: row.id },
  });
  await prisma.notification.createMany({
    data: ids.map((userId) => ({
      organizationId,
      userId,
      seq: event.seq,
      kind: 'ACTIVITY_COMPLETED' as const,
      activityId: row.id,
      actorId: userId,
      createdAt: event.at,
    })),
  });
  const { uid } = await prisma.organization.findUniqueOrThrow({ where: { id: organizationId } });
  return { id, event: encodeLogId('Event', uid, event.seq) };
}

/** Where someone finds it, of all the places where it could be. */
async function seenBy(who: Who, { id, event }: { id: string; event: string }): Promise<string[]> {
  const own = who === 'limitedParticipant' ? limitedTask : task;
  const given = { id, event, account: account.key, task: own.key, filter: { id: { eq: id } } };
  const found = await world().gateway.ask(people[who], SEEN, given);
  const { activities, account: home } = found;
  expect(activities.totalCount).toBe(activities.nodes.length);
  expect(activities.edges.map(({ node }) => node.id)).toEqual(activities.nodes.map((node) => node.id));
  if (home) expect(home.activities.totalCount).toBe(home.activities.nodes.length);
  const told = found.event && 'activity' in found.event ? found.event : null;
  const places: [string, string | null | undefined][] = [
    ['lookup', found.activity?.id],
    ['node', found.node?.id],
    ['nodes', found.nodes[0]?.id],
    ['list', activities.nodes[0]?.id],
    ['account', home?.activities.nodes[0]?.id],
    ['task', found.task?.activity?.id],
    ['event', told?.activity?.id],
    ['log', found.event && id],
    ['notification', found.notifications.nodes.find(({ activity }) => activity?.id === id)?.activity?.id],
  ];
  return places.filter(([, found]) => found === id).map(([place]) => place);
}

const EVERYWHERE = ['lookup', 'node', 'nodes', 'list', 'account', 'task', 'event', 'log', 'notification'];
/** Lists are empty without CRM access; the rest is judged one by one. */
const BY_A_TASK = EVERYWHERE.filter((place) => !['list', 'account'].includes(place));

describe('an activity of the organization', () => {
  const cases: [Who, string[]][] = [
    ['creator', EVERYWHERE],
    ['participant', EVERYWHERE],
    ['member', EVERYWHERE],
    ['admin', EVERYWHERE],
    ['viewer', EVERYWHERE],
    ['limited', BY_A_TASK],
    ['limitedParticipant', BY_A_TASK],
  ];
  it.each(cases)('is seen by %s', async (who, places) => {
    expect(await seenBy(who, await make('ORGANIZATION'))).toEqual(places);
  });

  it('is not seen without CRM access unless a task of one’s own names it', async () => {
    const made = await make('ORGANIZATION', false);
    expect(await seenBy('limited', made)).toEqual([]);
    expect(await seenBy('limitedParticipant', made)).toEqual([]);
  });
});

describe('a private activity [THENA-A20]', () => {
  const cases: [Who, string[]][] = [
    ['creator', EVERYWHERE],
    ['participant', EVERYWHERE],
    ['member', []],
    ['admin', []],
    ['viewer', []],
    ['limited', []],
    ['limitedParticipant', BY_A_TASK],
  ];
  it.each(cases)('is seen by %s as it is said', async (who, places) => {
    expect(await seenBy(who, await make('PRIVATE'))).toEqual(places);
  });

  it('is changed, deleted and restored only by whoever sees it, and to others as none', async () => {
    const { id } = await make('PRIVATE');
    for (const who of ['member', 'admin'] as const) {
      const writes = writesOf(world(), people[who]);
      expect(refusals(await writes.update(id, { visibility: 'ORGANIZATION' })), who).toEqual(['NOT_FOUND id']);
      expect(refusals(await writes.remove(id)), who).toEqual(['NOT_FOUND id']);
      expect(refusals(await writes.restore(id)), who).toEqual(['NOT_FOUND id']);
    }
    const participant = writesOf(world(), people.participant);
    granted(await participant.update(id, { title: 'Ours' }));
    granted(await participant.remove(id));
    granted(await participant.restore(id));
    granted(await participant.update(id, { visibility: 'ORGANIZATION' }));
    expect((await writesOf(world(), people.admin).read(id))?.id).toBe(id);
  });

  it('is lost from sight by a participant who takes themselves out, and never by its creator', async () => {
    const { id } = await make('PRIVATE');
    const { activity, errors } = await writesOf(world(), people.participant).update(id, { participants: [] });
    expect({ activity, errors }).toEqual({ activity: null, errors: [] });
    expect(await writesOf(world(), people.participant).read(id)).toBeNull();
    expect((await writesOf(world(), people.creator).read(id))?.participants).toEqual([]);
  });

  it('takes its earlier events with it when it becomes private, and brings them back', async () => {
    const made = await make('ORGANIZATION');
    expect(await seenBy('admin', made)).toContain('log');
    granted(await writesOf(world(), people.creator).update(made.id, { visibility: 'PRIVATE' }));
    expect(await seenBy('admin', made)).toEqual([]);
    granted(await writesOf(world(), people.creator).update(made.id, { visibility: 'ORGANIZATION' }));
    expect(await seenBy('admin', made)).toContain('log');
  });

  it('is read for each by themselves where several are told of one stretch of the log together', async () => {
    const { id } = await make('PRIVATE');
    const { gateway, organization } = world();
    const loaders = createLoaders(gateway.app.runtime.db, organization.id);
    const found = await Promise.all(
      (['creator', 'admin', 'limited', 'participant'] as const).map(async (who) => {
        const looking = { userId: await world().idOf(people[who]), crmAccess: who !== 'limited' };
        return (await loaders.activityByUid(looking).load(id.slice(4))) !== null;
      }),
    );
    expect(found).toEqual([true, false, false, true]);
  });

  it('is not taken for seen by whoever merely has the same number as a contact', async () => {
    const { prisma, organization } = world();
    const { id } = granted(
      await writesOf(world(), people.creator).create({ ...least(account.key), visibility: 'PRIVATE' }),
    );
    const admin = Number(await world().idOf(people.admin));
    await prisma.activity.updateMany({
      where: { organizationId: organization.id, uid: id.slice(4) },
      data: { participants: [{ contactId: admin, name: String(admin) }] },
    });
    expect(await writesOf(world(), people.admin).read(id)).toBeNull();
  });
});

describe('without CRM access', () => {
  const NAMED = graphql(`
    query ActivityRoomNamed($id: ID!) {
      activity(id: $id) {
        account { id } linkedRecord { id }
        participants { name email user { id } contact { id } }
      }
    }
  `);

  it('one sees of an activity only the records that a task of one’s own names', async () => {
    const lead = await world().record('LEAD', { convertedAccountId: account.id });
    const other = await world().record('ACCOUNT');
    const participants = [{ contactId: contact.key, email: 'c@x.example' }, { name: 'Ida' }];
    const inputs = [
      { ...least(account.key), linkedRecordId: lead.key, participants },
      { ...least(other.key), participants: [{ userId: people.member.userId }] },
    ];
    const ids: string[] = [];
    for (const input of inputs) ids.push(granted(await writesOf(world(), people.creator).create(input)).id);
    const assigneeId = await world().idOf(people.limited);
    const tasks = await world().tasks(inputs.map(() => ({ assigneeId, accountId: account.id })));
    const organizationId = world().organization.id;
    for (const [index, id] of ids.entries()) {
      const { id: activityId } = await world().prisma.activity.findFirstOrThrow({
        where: { organizationId, uid: id.slice(4) },
      });
      await world().prisma.task.updateMany({
        where: { organizationId, uid: tasks[index]?.uid as string },
        data: { activityId },
      });
    }
    const look = async (who: Caller) =>
      Promise.all(ids.map(async (id) => (await world().gateway.ask(who, NAMED, { id })).activity));
    const ida = { name: 'Ida', email: null, user: null, contact: null };
    const hidden = { name: null, email: 'c@x.example', user: null, contact: null };
    const user = { name: 'max', email: null, user: { id: people.member.userId }, contact: null };
    expect(await look(people.limited)).toEqual([
      { account: { id: account.key }, linkedRecord: null, participants: [hidden, ida] },
      { account: null, linkedRecord: null, participants: [user] },
    ]);
    const shown = { ...hidden, name: 'A contact', contact: { id: contact.key } };
    expect(await look(people.viewer)).toEqual([
      { account: { id: account.key }, linkedRecord: { id: lead.key }, participants: [shown, ida] },
      { account: { id: other.key }, linkedRecord: null, participants: [user] },
    ]);
  });
});

it('another organization sees nothing of it, by its id or in a list', async () => {
  const { id } = await make('ORGANIZATION');
  const { admin } = world().other;
  const { activity, activities } = await world().gateway.ask(admin, SEEN, {
    id,
    account: account.key,
    task: task.key,
    event: encodeId('Activity', id.slice(4)),
    filter: {},
  });
  expect([activity, activities.totalCount]).toEqual([null, 0]);
});

describe('that a task came out of a private activity', () => {
  it('is told to those alone who see it, in its history and by the filter', async () => {
    const { gateway, admin } = world();
    const input = { ...least(account.key), visibility: 'PRIVATE' as const };
    const { id } = granted(await writesOf(world(), people.creator).create(input));
    const create = `mutation ($i: CreateTaskInput!) { createTask(input: $i) { task { id } errors { code } } }`;
    const made = { title: 'Out of it', accountId: account.key, activityId: id };
    const { createTask } = await gateway.ask<{ createTask: { task: { id: string } } }, object>(people.creator, create, {
      i: made,
    });
    const query = `query ($task: ID!, $id: ID!) {
      task(id: $task) { history { nodes { changes { field from to } } } }
      eq: tasks(filter: { activityId: { eq: $id } }) { totalCount nodes { id } }
      notIn: tasks(filter: { activityId: { notIn: [$id] }, id: { eq: $task } }) { totalCount }
    }`;
    interface Told {
      readonly task: { history: { nodes: { changes: { field: string; from: unknown; to: unknown }[] }[] } };
      readonly eq: { totalCount: number };
      readonly notIn: { totalCount: number };
    }
    const told = async (who: Caller) => {
      const { task, eq, notIn } = await gateway.ask<Told, object>(who, query, { task: createTask.task.id, id });
      const changes = task.history.nodes.flatMap((event) => event.changes);
      return [changes.find(({ field }) => field === 'activityId')?.to, eq.totalCount, notIn.totalCount];
    };
    expect(await told(people.creator)).toEqual([id, 1, 0]);
    expect(await told(admin)).toEqual([null, 0, 1]);
    expect(await told(people.viewer)).toEqual([null, 0, 1]);
  });
});
