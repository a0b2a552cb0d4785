import fc from 'fast-check';
import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { schema } from '../../../src/graphql/schema.ts';
import { encodeId, newUid } from '../../../src/ids.ts';
import type { Filter } from './judged.ts';
import { type Cast, DAYS, INSTANTS, MOMENTS, TAGS } from './planted.ts';

// Filters drawn from the schema itself: a condition that is added to TaskFilter is drawn the day it is there, and fails
// until the model knows it.

export const TaskFilter = schema.getType('TaskFilter') as GraphQLInputObjectType;
/** Words as people type them who have no such keys, or whose devices compose them otherwise. */
const MARKED = [
  ...['jose', 'JOSÉ', 'jose\u0301 strasse', "josé's", 'STRASSE', 'istanbul', 'LATE viet', 'Vie\u0323\u0302t'],
  ...['مُحَمَّد', 'محمد', '東京', '京東', '東京 jose', 'ﾀﾜｰ', '회사', '회사가'.normalize('NFD')],
  ...['mail', 'call/mail', '123', 'inv-123', '1.2.3', 'acme.example', 'Q3/Q4', 'שלום', '500'],
];

const TREE = ['and', 'or', 'not'];

/** Ids and texts by the condition that they stand in. */
type Pools = Readonly<Record<string, readonly string[]>>;

/** What is named, what exists and is not named, what is not there, and what is no id of that. */
export function poolsOf({ people, stages, ...records }: Cast, tasks: readonly string[]): Pools {
  const keys = (known: readonly { readonly key: string }[]) => known.map(({ key }) => key);
  const users = people.map(({ userId }) => userId);
  const ids = (of: readonly string[], stranger: string) => [...of, stranger, 'junk'];
  return {
    id: ids(tasks.slice(0, 12), users[0] as string),
    assignee: ids(users, encodeId('User', newUid())),
    membershipId: ids(
      people.map(({ membership }) => membership),
      users[0] as string,
    ),
    creatorId: ids(users, encodeId('Account', newUid())),
    leadId: ids(keys(records.leads), encodeId('Lead', newUid())),
    accountId: ids(keys(records.accounts), keys(records.contacts)[0] as string),
    contactId: ids(keys(records.contacts), encodeId('Contact', newUid())),
    opportunityId: ids(keys(records.opportunities), keys(records.accounts)[0] as string),
    activityId: ids(keys(records.activities), encodeId('Activity', newUid())),
    pipelineId: ids(keys(stages.map(({ pipeline }) => pipeline)), encodeId('Pipeline', newUid())),
    stageId: ids(keys(stages), encodeId('Stage', newUid())),
    automationId: [encodeId('Automation', newUid()), 'junk'],
    tag: [...TAGS, 'bill', 'IP', '%', '_', 'b\\'],
    search: ['offer', 'OFFER call', 'late', 'invoice LATE', 'nowhere', 'call late', ...MARKED],
    createdAt: [...MOMENTS, '2026-01-04T19:00:00.001-05:00'],
    updatedAt: MOMENTS,
    completedAt: MOMENTS,
    date: [...DAYS, ...INSTANTS],
  };
}

const pool = (pools: Pools, condition: string) => {
  const values = pools[condition];
  if (!values) throw new Error(`There is nothing to draw for ${condition}.`);
  return values;
};

/** Every value that a leaf can be tried with, alone. */
function valuesOf(given: GraphQLInputType, condition: string, comparator: string, pools: Pools): readonly unknown[] {
  const type = getNullableType(given);
  if (isListType(type)) {
    const items = valuesOf(type.ofType, condition, comparator, pools);
    return [[], items.slice(0, 1), items.slice(1, 3), items];
  }
  if (isEnumType(type)) return type.getValues().map(({ name }) => name);
  if (type.toString() === 'Boolean') return comparator === 'any' ? [true] : [true, false];
  return pool(pools, condition);
}

/** A condition and its comparator, if it has some: `status.in`, `isOpen`. */
export interface Leaf {
  readonly name: string;
  /** Filters that hold nothing but this, one for each value. */
  readonly alone: (pools: Pools) => readonly Filter[];
}

export const leaves: readonly Leaf[] = Object.values(TaskFilter.getFields())
  .filter(({ name }) => !TREE.includes(name))
  .flatMap(({ name, type }): Leaf[] => {
    const inner = getNullableType(type);
    if (!isInputObjectType(inner)) {
      return [{ name, alone: (pools) => valuesOf(type, name, name, pools).map((value) => ({ [name]: value })) }];
    }
    return Object.values(inner.getFields()).map((comparator) => ({
      name: `${name}.${comparator.name}`,
      alone: (pools) =>
        valuesOf(comparator.type, name, comparator.name, pools).map((value) => ({
          [name]: { [comparator.name]: value },
        })),
    }));
  });

/** A value of a type; now and then null where it may be, which is as if it were not there. */
function value(given: GraphQLInputType, condition: string, comparator: string, pools: Pools): fc.Arbitrary<unknown> {
  const type = getNullableType(given);
  const one = (): fc.Arbitrary<unknown> => {
    if (isListType(type)) return fc.array(value(type.ofType, condition, comparator, pools), { maxLength: 3 });
    if (isInputObjectType(type)) return comparison(type, condition, pools);
    return fc.constantFrom(...valuesOf(type, condition, comparator, pools));
  };
  return isNonNullType(given) ? one() : fc.option(one(), { freq: 12 });
}

/** One or two of an input's fields. */
const comparison = (type: GraphQLInputObjectType, condition: string, pools: Pools): fc.Arbitrary<Filter> =>
  fc
    .uniqueArray(fc.constantFrom(...Object.values(type.getFields())), { minLength: 1, maxLength: 2 })
    .chain((fields) =>
      fc.record(
        Object.fromEntries(fields.map((field) => [field.name, value(field.type, condition, field.name, pools)])),
      ),
    );

/** A tree of conditions. */
export function filterOf(pools: Pools): fc.Arbitrary<Filter> {
  const conditions = Object.values(TaskFilter.getFields()).filter(({ name }) => !TREE.includes(name));
  const flat = fc
    .uniqueArray(fc.constantFrom(...conditions), { maxLength: 3 })
    .chain((fields) =>
      fc.record(Object.fromEntries(fields.map(({ name, type }) => [name, value(type, name, name, pools)]))),
    );
  const { tree } = fc.letrec<{ tree: Filter }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
      { weight: 3, arbitrary: flat },
      { weight: 1, arbitrary: fc.tuple(flat, tie('tree')).map(([here, not]) => ({ ...here, not })) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(flat, fc.constantFrom('and', 'or'), fc.array(tie('tree'), { maxLength: 3 }))
          .map(([here, name, inner]) => ({ ...here, [name]: inner })),
      },
    ),
  }));
  return tree;
}
