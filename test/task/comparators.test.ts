import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import type { TaskFilter } from '../generated/graphql.ts';
import { asked as ask, expected, plantSample, type Sample, STRANGERS } from './sample.ts';
import { useWorld } from './world.ts';

const world = useWorld();
let sample: Sample;
beforeAll(async () => {
  sample = await plantSample(world());
});
const asked = (filter: TaskFilter | null) => ask(world(), filter, world().admin);
const holds = async (filter: TaskFilter) => {
  expect(await asked(filter)).toEqual(expected(sample, filter, world().admin));
};

describe('each comparator alone', () => {
  const [person, account] = [() => sample.people[0]?.userId as string, () => sample.accounts[1]?.key as string];
  const cases: [string, () => TaskFilter][] = [
    ['id eq [CLOSE-25]', () => ({ id: { eq: sample.rows[1]?.key as string } })],
    ['id in [CLOSE-25]', () => ({ id: { in: sample.rows.slice(0, 9).map(({ key }) => key) } })],
    ['id notIn', () => ({ id: { notIn: sample.rows.slice(0, 9).map(({ key }) => key) } })],
    ['status eq [PARSA-17]', () => ({ status: { eq: 'ON_HOLD' } })],
    ['status in', () => ({ status: { in: ['PENDING', 'COMPLETED'] } })],
    ['status notIn', () => ({ status: { notIn: ['PENDING', 'COMPLETED'] } })],
    ['assignee eq [PARSA-16]', () => ({ assignee: { eq: person() } })],
    ['assignee in', () => ({ assignee: { in: sample.people.map(({ userId }) => userId) } })],
    ['assignee notIn takes in the unassigned', () => ({ assignee: { notIn: [person()] } })],
    ['assignee isMe', () => ({ assignee: { isMe: true } })],
    ['assignee isMe: false takes in the unassigned', () => ({ assignee: { isMe: false } })],
    ['assignee isNull [PARSA-16]', () => ({ assignee: { isNull: true } })],
    ['assignee isNull: false', () => ({ assignee: { isNull: false } })],
    ['accountId eq', () => ({ accountId: { eq: account() } })],
    ['accountId in', () => ({ accountId: { in: [account()] } })],
    ['accountId notIn takes in what has none', () => ({ accountId: { notIn: [account()] } })],
    ['accountId isNull', () => ({ accountId: { isNull: true } })],
    ['accountId isNull: false', () => ({ accountId: { isNull: false } })],
  ];
  it.each(cases)('%s', async (_name, filter) => {
    await holds(filter());
    const found = await asked(filter());
    expect(found.length, 'a case that says nothing').toBeGreaterThan(0);
    expect(found.length).toBeLessThan((await asked(null)).length);
  });

  const fields = ['id', 'status', 'assignee', 'accountId', '_type'] as const;
  it.each(fields)('%s in: [] is nothing, notIn: [] is everything', async (field) => {
    expect(await asked({ [field]: { in: [] } })).toEqual([]);
    expect(await asked({ _type: { any: true }, [field]: { notIn: [] } })).toHaveLength(sample.rows.length);
  });

  it.each(fields.filter((field) => field !== '_type'))(
    '%s does not filter when it or its comparators are null',
    async (field) => {
      const all = await asked(null);
      for (const comparison of [null, {}, { eq: null }, { in: null, notIn: null }]) {
        expect(await asked({ [field]: comparison }), JSON.stringify(comparison)).toEqual(all);
      }
    },
  );

  it.each(['id', 'assignee', 'accountId'] as const)(
    'a foreign, malformed or other thing’s id matches nothing and excludes nothing: %s',
    async (field) => {
      const foreign = {
        id: encodeId('Task', newUid()),
        assignee: world().other.admin.userId,
        accountId: (await world().record('ACCOUNT', { organizationId: world().other.organization.id })).key,
      };
      const all = await asked(null);
      for (const id of [...STRANGERS, foreign[field], sample.rows[0]?.key as string].filter(
        (one) => field !== 'id' || one !== sample.rows[0]?.key,
      )) {
        expect(await asked({ [field]: { eq: id } }), id).toEqual([]);
        expect(await asked({ [field]: { in: [id] } }), id).toEqual([]);
        expect(await asked({ [field]: { notIn: [id] } }), id).toEqual(all);
      }
    },
  );
});
