import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import type { TaskFilter } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { KINDS, STATUSES } from './arbitrary.ts';
import { walk } from './pages.ts';
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

/** Absent two times in three: what stands together soon excludes everything. */
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const comparison = <Value extends string>(value: fc.Arbitrary<Value>) => {
  const values = optional(fc.option(fc.array(value, { maxLength: 8 })));
  return { eq: optional(fc.option(value)), in: values, notIn: values };
};

describe('filters, of what is asked together', () => {
  it('give what the model gives, whatever they are and by whatever order', async () => {
    const { rows, people, accounts } = sample;
    const idOf = (own: readonly string[]) => fc.constantFrom(...own, ...STRANGERS);
    const flag = optional(fc.option(fc.boolean()));
    const task = idOf(rows.map(({ key }) => key));
    const person = idOf(people.map(({ userId }) => userId));
    const account = idOf(accounts.map(({ key }) => key));
    const kind = { ...comparison(fc.constantFrom(...KINDS)), any: optional(fc.constantFrom(true, null)) };
    const filter = fc.record({
      id: optional(fc.option(fc.record(comparison(task)))),
      _type: optional(fc.option(fc.record(kind))),
      status: optional(fc.option(fc.record(comparison(fc.constantFrom(...STATUSES))))),
      assignee: optional(fc.option(fc.record({ ...comparison(person), isMe: flag, isNull: flag }))),
      accountId: optional(fc.option(fc.record({ ...comparison(account), isNull: flag }))),
    });
    let told = 0;
    await fc.assert(
      fc.asyncProperty(filter, fc.constantFrom(...people), fc.boolean(), async (given, caller, byCreation) => {
        const found = await ask(world(), given as TaskFilter, caller, byCreation);
        expect(found).toEqual(expected(sample, given as TaskFilter, caller));
        if (found.length > 0 && found.length < rows.length) told += 1;
      }),
      { numRuns: 120 },
    );
    expect(told, 'filters that let some through and some not').toBeGreaterThan(12);
  });
});

describe('where a task came from', () => {
  it('is LEAD when nothing is asked [CLOSE-12]', async () => {
    const leads = sample.rows
      .filter(({ kind }) => kind === 'LEAD')
      .map(({ key }) => key)
      .sort();
    for (const filter of [null, {}, { _type: null }, { status: { notIn: [] } }])
      expect(await asked(filter)).toEqual(leads);
    expect(leads.length).toBeLessThan(sample.rows.length);
  });

  it('is anything by any: true [CLOSE-13]', async () => {
    expect(await asked({ _type: { any: true } })).toHaveLength(sample.rows.length);
  });

  it('is one of several by in [CLOSE-14]', async () => {
    await holds({ _type: { in: ['MISSED_CALL', 'VOICEMAIL'] } });
    expect(await asked({ _type: { in: ['MISSED_CALL', 'VOICEMAIL'] } })).not.toHaveLength(0);
  });

  it.each(KINDS)('is %s, each of the eight [CLOSE-11] [CLOSE-24]', async (kind) => {
    await holds({ _type: { eq: kind } });
    expect(await asked({ _type: { eq: kind } })).not.toHaveLength(0);
  });

  it('is not asked for by any: false', async () => {
    const { errors } = await world().gateway.send(world().admin, COUNT, { filter: { _type: { any: false } } });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'filter._type.any' } }]);
  });
});

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

describe('totalCount', () => {
  it('is the number of rows of a whole walk, and of no page', async () => {
    const filter: TaskFilter = { _type: { any: true }, status: { notIn: ['CANCELLED'] } };
    const { entries } = await walk(world(), world().admin, { filter }, 7);
    const { tasks } = await world().gateway.ask(world().admin, COUNT, { filter });
    expect(tasks).toEqual({ totalCount: entries.length, nodes: [{ id: entries[0]?.id }] });
  });

  it('alone reads no rows, and unselected runs no count', async () => {
    const { gateway, admin } = world();
    const counting = await gateway.statementsOf(() =>
      gateway.ask(admin, 'query TaskRoomJustCount { tasks { totalCount } }'),
    );
    const listing = await gateway.statementsOf(() =>
      gateway.ask(admin, 'query TaskRoomNoCount { tasks { nodes { id } } }'),
    );
    expect(counting.filter((name) => name.startsWith('task.'))).toEqual(['task.count']);
    expect(listing.filter((name) => name.startsWith('task.'))).toEqual(['task.list']);
  });
});

const COUNT = graphql(`
  query TaskRoomCounted($filter: TaskFilter) { tasks(filter: $filter, first: 1) { totalCount nodes { id } } }
`);
