import fc from 'fast-check';
import {
  type GraphQLInputObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import type { ActivityFilter } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { schema } from '../isolation/operations.ts';
import type { Caller } from '../support/gateway.ts';
import { useWorld } from '../task/world.ts';
import { expected, INSTANTS, inOrder, plantSample, type Sample, type Term } from './sample.ts';

const LIST = graphql(`
  query ActivityRoomFiltered($filter: ActivityFilter, $orderBy: [ActivityOrder!], $account: ID!) {
    activities(filter: $filter, orderBy: $orderBy, first: 100) { totalCount nodes { id } }
    account(id: $account) { activities(filter: $filter, orderBy: $orderBy, first: 100) { totalCount nodes { id } } }
  }
`);

const DEFAULT: Term[] = [{ field: 'ACTIVITY_TIMESTAMP', direction: 'DESC' }];
const world = useWorld();
let sample: Sample;
beforeAll(async () => {
  sample = await plantSample(world(), 90);
});

/** What the gateway lets through, of all and of the first account; how many there are must be what it counts. */
async function asked(filter: ActivityFilter | null, caller: Caller, orderBy: Term[] | null = null) {
  const given = { filter, orderBy, account: sample.accounts[0]?.key as string };
  const { activities, account } = await world().gateway.ask(caller, LIST, given);
  for (const list of [activities, account?.activities]) expect(list?.totalCount).toBe(list?.nodes.length);
  return { all: activities.nodes.map(({ id }) => id), ofAccount: account?.activities.nodes.map(({ id }) => id) };
}

/** What the model lets through. */
function wanted(filter: ActivityFilter, caller: Caller, terms: Term[] = DEFAULT) {
  const rows = expected(sample, filter, caller);
  const own = rows.filter(({ accountId }) => accountId === sample.accounts[0]?.key);
  return { all: inOrder(rows, terms), ofAccount: inOrder(own, terms) };
}

const STRANGERS = [
  '',
  'junk',
  "' OR 1=1 --",
  ...(['Activity', 'User', 'Account'] as const).map((type) => encodeId(type, newUid())),
];
const SEARCHES = [
  'alpha',
  'BETA',
  'äpfel',
  'beta gamma',
  'kick-off',
  '',
  '  ',
  '100%',
  'nothing',
  'apfel',
  '東京',
  '京東',
  'call',
  'done.call',
  'mail/call',
  '500',
  'מחר',
  '\0',
];

/** Values to compare each condition with; a condition that the schema gains fails until it is drawn here. */
const VALUES: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
  id: () => fc.constantFrom(...sample.rows.map(({ key }) => key), ...STRANGERS),
  accountId: () => fc.constantFrom(...sample.accounts.map(({ key }) => key), ...STRANGERS),
  creatorId: () => fc.constantFrom(...sample.people.map(({ userId }) => userId), ...STRANGERS),
  activityTimestamp: () => fc.constantFrom(...INSTANTS).map((at) => at.toISOString()),
  createdAt: () => fc.constantFrom(...INSTANTS).map((at) => at.toISOString()),
  search: () => fc.constantFrom(...SEARCHES),
};

/** Absent four times in five, now and then null. */
const optional = (value: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 3, arbitrary: value },
  );

const FIELDS = Object.values((schema.getType('ActivityFilter') as GraphQLInputObjectType).getFields());

/** Any value of a type of the schema's; `name` is the condition that it is for. */
function drawn(type: (typeof FIELDS)[0]['type'], name: string): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return drawn(type.ofType, name);
  if (isListType(type)) return fc.array(drawn(type.ofType, name), { maxLength: 5 });
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map((value) => value.name));
  if (isInputObjectType(type)) {
    const inner = Object.values(type.getFields());
    return fc.record(Object.fromEntries(inner.map((field) => [field.name, optional(drawn(field.type, name))])));
  }
  if (getNamedType(type).name === 'Boolean') return fc.boolean();
  const values = VALUES[name];
  if (!values) throw new Error(`${name} is not drawn yet.`);
  return values();
}

/** Filters of every condition that the schema has, so deep. */
function filterOf(depth: number): fc.Arbitrary<ActivityFilter> {
  const entries = FIELDS.flatMap(({ name, type }) => {
    if (getNamedType(type).name !== 'ActivityFilter') return [[name, optional(drawn(type, name))] as const];
    if (depth === 0) return [];
    const inner = filterOf(depth - 1);
    return [[name, optional(isListType(type) ? fc.array(inner, { maxLength: 3 }) : inner)] as const];
  });
  return fc.record(Object.fromEntries(entries)) as fc.Arbitrary<ActivityFilter>;
}

const term = fc.record({
  field: fc.constantFrom('ACTIVITY_TIMESTAMP' as const, 'CREATED_AT' as const),
  direction: fc.constantFrom('ASC' as const, 'DESC' as const),
});
const order = fc.uniqueArray(term, { minLength: 1, maxLength: 2, selector: ({ field }) => field });

describe('filters of activities', () => {
  it('give what the model gives, whatever they are, of all and of an account, in any order', async () => {
    let told = 0;
    await fc.assert(
      fc.asyncProperty(filterOf(2), fc.constantFrom(...sample.people), order, async (filter, caller, terms) => {
        const found = await asked(filter, caller, terms);
        expect(found).toEqual(wanted(filter, caller, terms));
        if (found.all.length > 0 && found.all.length < 60) told += 1;
      }),
      { numRuns: 150 },
    );
    expect(told, 'filters that let some through and some not').toBeGreaterThan(20);
  });

  it('hold each comparator alone', async () => {
    const [admin] = sample.people as [Caller];
    const all = wanted({}, admin).all;
    const comparators = FIELDS.flatMap(({ name, type }) => {
      const named = getNamedType(type);
      if (named.name === 'ActivityFilter') return [];
      if (!isInputObjectType(named)) return [{ name, make: (value: unknown) => ({ [name]: value }), type }];
      return Object.values(named.getFields()).map((field) => ({
        name,
        make: (value: unknown) => ({ [name]: { [field.name]: value } }),
        type: field.type,
      }));
    });
    expect(comparators.length).toBeGreaterThan(20);
    for (const { name, make, type } of comparators) {
      expect((await asked(make(null), admin)).all, `${name} null`).toEqual(all);
      for (const value of fc.sample(drawn(type, name), { numRuns: 3, seed: 3 })) {
        const filter = make(value) as ActivityFilter;
        expect(await asked(filter, admin), JSON.stringify(filter)).toEqual(wanted(filter, admin));
      }
    }
  });

  it('match nothing by in: [] and or: [], everything by notIn: [] and and: []', async () => {
    const [admin] = sample.people as [Caller];
    const { all } = wanted({}, admin);
    for (const field of ['id', 'accountId', 'type', 'status', 'creatorId'] as const) {
      expect((await asked({ [field]: { in: [] } }, admin)).all).toEqual([]);
      expect((await asked({ [field]: { notIn: [] } }, admin)).all).toEqual(all);
    }
    expect((await asked({ or: [] }, admin)).all).toEqual([]);
    expect((await asked({ and: [] }, admin)).all).toEqual(all);
    expect((await asked({ not: {} }, admin)).all).toEqual([]);
  });

  it('take in by complements what has no value', async () => {
    const [admin] = sample.people as [Caller];
    const eq = sample.accounts[0]?.key as string;
    const without = wanted({ accountId: { isNull: true } }, admin).all;
    expect(without.length).toBeGreaterThan(0);
    for (const filter of [{ not: { accountId: { eq } } }, { accountId: { notIn: [eq] } }]) {
      expect((await asked(filter, admin)).all).toEqual(expect.arrayContaining(without));
    }
  });

  it('show the bin only where it is named, anywhere in the filter', async () => {
    const [admin] = sample.people as [Caller];
    for (const filter of [
      null,
      { deleted: 'EXCLUDE' },
      { deleted: 'INCLUDE' },
      { deleted: 'ONLY' },
      { not: { deleted: 'ONLY' } },
      { not: { deleted: 'EXCLUDE' } },
      { or: [{ deleted: 'ONLY' }, { status: { eq: 'PENDING' } }] },
      { and: [{ deleted: 'ONLY' }, { deleted: 'EXCLUDE' }] },
      { deleted: 'ONLY', accountId: { eq: sample.accounts[0]?.key as string } },
    ] as (ActivityFilter | null)[]) {
      expect(await asked(filter, admin), JSON.stringify(filter)).toEqual(wanted(filter ?? {}, admin));
    }
    expect((await asked({ deleted: 'ONLY' }, admin)).all.length).toBeGreaterThan(5);
  });

  it('know no other organization’s ids', async () => {
    const [admin] = sample.people as [Caller];
    const theirs = await world().record('ACCOUNT', { organizationId: world().other.organization.id });
    expect((await asked({ accountId: { eq: theirs.key } }, admin)).all).toEqual([]);
    expect((await asked({ creatorId: { eq: world().other.admin.userId } }, admin)).all).toEqual([]);
    expect((await asked({ accountId: { notIn: [theirs.key] } }, admin)).all).toEqual(wanted({}, admin).all);
  });

  it('are refused when they ask for too much, in either list, saying where', async () => {
    const deep = Array.from({ length: 8 }).reduce<ActivityFilter>((not) => ({ not }), {});
    const cases: [ActivityFilter, string][] = [
      [deep, 'filter.not.not.not.not.not.not.not.not'],
      [{ or: Array.from({ length: 101 }, () => ({ search: 'x' })) }, 'filter.or.100'],
      [{ and: [{ id: { in: Array(1001).fill('x') } }] }, 'filter.and.0.id.in'],
      [{ search: 'x'.repeat(501) }, 'filter.search'],
    ];
    const lists = [
      'query ActivityRoomTooMuch($filter: ActivityFilter) { activities(filter: $filter) { totalCount } }',
      'query ActivityRoomTooMuchOf($filter: ActivityFilter) { accounts { nodes { activities(filter: $filter) { totalCount } } } }',
    ];
    for (const [filter, argument] of cases) {
      for (const query of lists) {
        const { errors } = await world().gateway.send<object, object>(world().admin, query, { filter });
        expect(errors?.[0]?.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', argument });
      }
    }
  });
});
