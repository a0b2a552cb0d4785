import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { POLICY } from '../../src/auth/policy.ts';
import { newUid } from '../../src/ids.ts';
import { statementsOf } from '../task/asked.ts';
import { type Known, useWorld } from '../task/world.ts';
import { granted, least, writesOf } from './writes.ts';

// What each operation asks of the database, statement by statement. A new one here is a decision, not an accident.

const world = useWorld();
const statements = (query: string, variables: object = {}) => statementsOf(world(), query, variables);
let account: Known;
let contact: Known;
let activity: string;

const NODE = `{ title account { name } linkedRecord { displayName } creator { name }
  participants { name email attended user { name } contact { displayName } } }`;

beforeAll(async () => {
  account = await world().record('ACCOUNT');
  contact = await world().record('CONTACT', { accountId: account.id });
  activity = granted(await writesOf(world(), world().admin).create(least(account.key))).id;
});

/** Activities, each with an account, a record and people of its own. */
async function plant(count: number) {
  const { prisma, organization } = world();
  const creatorId = await world().idOf(world().member);
  const at = new Date('2026-01-01T00:00:00Z');
  for (let n = 0; n < count; n += 1) {
    const own = await world().record('ACCOUNT', { name: `Own ${n}` });
    const person = await world().record('CONTACT', { accountId: own.id });
    await prisma.activity.create({
      data: {
        organizationId: organization.id,
        uid: newUid(),
        accountId: own.id,
        linkedType: 'CONTACT',
        contactId: person.id,
        creatorId,
        activityTimestamp: at,
        duration: 1,
        location: 'x',
        participants: [{ userId: Number(creatorId) }, { contactId: Number(person.id) }, { name: 'x' }],
        createdAt: at,
        updatedAt: at,
      },
      select: { id: true },
    });
  }
}

describe('a query takes', () => {
  const cases: [string, string, () => object, string[]][] = [
    [
      'activity',
      `query ($id: ID!) { activity(id: $id) ${NODE} }`,
      () => ({ id: activity }),
      ['activity.byUids', 'account.byIds', 'organization.users'],
    ],
    ['activities, a page', '{ activities { nodes { id } } }', () => ({}), ['activity.list']],
    ['activities, their number alone', '{ activities { totalCount } }', () => ({}), ['activity.count']],
    [
      'activities, by what has inner ids',
      'query ($id: ID!) { activities(filter: { accountId: { eq: $id } }) { totalCount nodes { id } } }',
      () => ({ id: account.key }),
      ['filter.knownIds', 'activity.count', 'activity.list'],
    ],
    [
      'activities, in a bin that nothing can be in',
      '{ activities(filter: { deleted: ONLY, and: [{ deleted: EXCLUDE }] }) { totalCount nodes { id } } }',
      () => ({}),
      [],
    ],
  ];
  it.each(cases)('%s', async (_what, query, variables, expected) => {
    expect((await statements(query, variables())).sort()).toEqual(expected.sort());
  });

  it('as many for 100 activities with their people and records as for 25', async () => {
    await plant(25);
    const query = `query ActivityRoomMany($first: Int!) {
      activities(first: $first, filter: { creatorId: { eq: "${world().member.userId}" } }) { totalCount nodes ${NODE} }
    }`;
    const few = await statements(query, { first: 25 });
    await plant(75);
    const many = await statements(query, { first: 100 });
    // Which of two loaders is first is chance.
    expect(many.toSorted()).toEqual(few.toSorted());
    expect(many.toSorted()).toEqual(
      [
        ...['filter.knownIds', 'activity.list', 'activity.count'],
        ...['account.byIds', 'contact.byIds', 'organization.users'],
      ].sort(),
    );
  });

  it('one for the activities of all accounts of a list and one for their numbers, however many', async () => {
    const query = `query ActivityRoomOfAll($first: Int!, $id: [ID!]!) {
      accounts(first: $first) { nodes { activities(first: 2, filter: { creatorId: { in: $id } }) { totalCount nodes { id } } } }
    }`;
    const id = [world().member.userId];
    const expected = ['account.list', 'activity.countOfAccounts', 'activity.listOfAccounts', 'filter.knownIds'];
    for (const first of [2, 100]) expect((await statements(query, { first, id })).sort()).toEqual(expected);
  });

  it('one for what all tasks of a list came out of', async () => {
    const [row] = await world().prisma.activity.findMany({
      where: { organizationId: world().organization.id },
      take: 1,
    });
    const tasks = await world().tasks(Array.from({ length: 30 }, () => ({ accountId: account.id })));
    await world().prisma.task.updateMany({
      where: { organizationId: world().organization.id, uid: { in: tasks.map(({ uid }) => uid) } },
      data: { activityId: row?.id as bigint },
    });
    for (const first of [5, 30]) {
      expect(await statements(`{ tasks(first: ${first}) { nodes { activity { id } } } }`)).toEqual([
        'task.list',
        'activity.byIds',
      ]);
    }
  });
});

describe('a mutation takes', () => {
  const payload = '{ activity { id } errors { code } }';

  it('to create, one lookup for all participants, whatever their number', async () => {
    const query = `mutation ($input: CreateActivityInput!) { createActivity(input: $input) ${payload} }`;
    const people = Array.from({ length: 40 }, (_, n) => ({ name: `n${n}` }));
    for (const more of [[], people]) {
      const participants = [{ userId: world().member.userId }, { contactId: contact.key }, ...more];
      const input = { ...least(account.key), linkedRecordId: contact.key, participants };
      const sent = await statements(query, { input });
      expect(sent.filter((name) => name !== 'BEGIN' && name !== 'COMMIT')).toEqual([
        'account.lock',
        'contact.lock',
        'activity.participants',
        'INSERT activity',
        'event.append',
        'activity.byUids',
      ]);
    }
  });

  it('to update, delete and restore, what is locked and written, in the order of locks', async () => {
    const update = `mutation ($id: ID!, $patch: ActivityPatch!) { updateActivity(input: { id: $id, patch: $patch }) ${payload} }`;
    const remove = `mutation ($id: ID!) { deleteActivity(input: { id: $id }) ${payload} }`;
    const restore = `mutation ($id: ID!) { restoreActivity(input: { id: $id }) ${payload} }`;
    const { id } = granted(
      await writesOf(world(), world().admin).create({ ...least(account.key), participants: [{ name: 'x' }] }),
    );
    const told = async (query: string, variables: object) =>
      (await statements(query, { id, ...variables })).filter((name) => name !== 'BEGIN' && name !== 'COMMIT');
    const patch = { linkedRecordId: contact.key, participants: [{ userId: world().member.userId }] };
    expect(await told(update, { patch })).toEqual([
      'contact.lock',
      'activity.open',
      'activity.look',
      'activity.participants',
      'UPDATE activity',
      'event.append',
      'activity.byUids',
    ]);
    expect(await told(update, { patch: { status: 'PENDING' } })).toEqual([
      'activity.open',
      'activity.look',
      'activity.byUids',
    ]);
    // Completing tells those who took part, which is one question for all of them.
    const complete = `mutation ($id: ID!, $notes: String) { completeActivity(input: { id: $id, notes: $notes }) ${payload} }`;
    const open = ['activity.look', 'activity.open', 'activity.look'];
    expect(await told(complete, { notes: 'x' })).toEqual([
      ...[...open, 'UPDATE activity', 'INSERT comment', 'activity.attendants'],
      ...['activity.attendants', 'event.append', 'activity.byUids'],
    ]);
    expect(await told(complete, { notes: 'x' })).toEqual([...open, 'activity.byUids']);
    expect(await told(remove, {})).toEqual([
      'activity.open',
      'activity.look',
      'deletion.next',
      'UPDATE activity',
      'event.append',
      'activity.byUids',
    ]);
    expect(await told(restore, {})).toEqual([
      'activity.look',
      'account.lock',
      'contact.lock',
      'activity.open',
      'activity.look',
      'UPDATE activity',
      'event.append',
      'activity.byUids',
    ]);
  });
});

it('every root field of activities is asked here', () => {
  const fields = Object.keys(POLICY).filter((name) => /activit/i.test(name));
  const own = readFileSync(new URL(import.meta.url), 'utf8');
  expect(fields.filter((name) => !new RegExp(`[{ ]${name.split('.')[1]}\\b[ (]`).test(own))).toEqual([]);
});
