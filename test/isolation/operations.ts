import {
  buildSchema,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { printedSchema } from '../../src/graphql/print.ts';

// Operations made from the schema itself: a field that is added is asked without anyone thinking of it.

export const schema = buildSchema(printedSchema());

export interface Root {
  /** `Mutation.createTask`, as auth/policy.ts names it. */
  readonly name: string;
  readonly operation: 'query' | 'mutation' | 'subscription';
  readonly field: GraphQLField<unknown, unknown>;
}

/** Every root field there is. */
export const ROOTS: readonly Root[] = (['query', 'mutation', 'subscription'] as const).flatMap((operation) => {
  const type = schema.getRootType(operation as never) as GraphQLObjectType;
  return Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, operation, field }));
});

/** Where a value stands in a root field's arguments: `['input', 'patch', 'assigneeId']`. */
export type Place = readonly string[];

type Values = Record<string, unknown>;
/** What to write where the schema wants something, or where a rule wants what the schema leaves open. */
export type Sample = (place: Place) => unknown;

/** The least that the schema accepts; `sample` may say more, and is asked for every field. */
function minimal(type: GraphQLInputType, place: Place, sample: Sample): unknown {
  const given = sample(place);
  if (given !== undefined) return given;
  if (isNonNullType(type)) return minimal(type.ofType, place, sample);
  if (isListType(type)) return [minimal(type.ofType, place, sample)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).map((field): [string, unknown] => {
      const at = [...place, field.name];
      return [field.name, isRequiredInputField(field) ? minimal(field.type, at, sample) : sample(at)];
    });
    return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
  }
  return { Int: 1, Boolean: true, DateTime: '2030-01-01T00:00:00.000Z' }[getNamedType(type).name] ?? 'x';
}

/** The least arguments of a field, with `value` at a place in it. */
export function argumentsOf({ field }: Root, sample: Sample, place: Place = [], value?: unknown): Values {
  const put = (type: GraphQLInputType, at: Place, rest: Place): unknown => {
    const [next, ...further] = rest;
    if (isNonNullType(type)) return put(type.ofType, at, rest);
    if (isListType(type)) return [put(type.ofType, at, rest)];
    if (next === undefined || !isInputObjectType(type)) return value;
    const inner = type.getFields()[next]?.type as GraphQLInputType;
    return { ...(minimal(type, at, sample) as Values), [next]: put(inner, [...at, next], further) };
  };
  const entries = field.args.map(({ name, type, ...arg }): [string, unknown] => {
    if (name === place[0]) return [name, put(type, [name], place.slice(1))];
    return [name, isRequiredArgument({ name, type, ...arg }) ? minimal(type, [name], sample) : sample([name])];
  });
  return Object.fromEntries(entries.filter(([, given]) => given !== undefined));
}

/** Every place where a field takes an id, however deep. */
export function idPlaces({ field }: Root): Place[] {
  const within = (type: GraphQLInputType, place: Place, seen: readonly string[]): Place[] => {
    const named = getNamedType(type);
    if (named.name === 'ID') return [place];
    if (!isInputObjectType(named) || seen.includes(named.name)) return [];
    const fields = Object.values(named.getFields());
    return fields.flatMap(({ name, type }) => within(type, [...place, name], [...seen, named.name]));
  };
  return field.args.flatMap(({ name, type }) => within(type, [name], []));
}

export interface Asked {
  readonly query: string;
  readonly variables: Values;
}

/** An operation of one field, all of its arguments as variables. */
export function operationOf({ operation, field }: Root, variables: Values, selection: string): Asked {
  const given = field.args.filter(({ name }) => name in variables);
  const inBrackets = (parts: string[]) => (parts.length > 0 ? `(${parts.join(', ')})` : '');
  const declared = inBrackets(given.map(({ name, type }) => `$${name}: ${type}`));
  const passed = inBrackets(given.map(({ name }) => `${name}: $${name}`));
  return { query: `${operation}${declared} { ${field.name}${passed} ${selection} }`, variables };
}

/** Lists within lists on one way down: everything hangs together, and each more makes the document many times as long. */
const LISTS = 2;

/**
 * Everything of a type, so many objects deep; no type twice on one way down, except for `again`, nor a list in a list in
 * a list. Below interfaces and unions each type's fields have names of their own, since their types differ. What edges
 * hold is asked for as `nodes`.
 */
export function selectionOf(
  type: GraphQLOutputType,
  depth: number,
  again: readonly string[] = [],
  lists = LISTS,
  way: readonly string[] = [],
): string {
  const named = getNamedType(type);
  if (!isCompositeType(named)) return '';
  if (isAbstractType(named)) {
    const parts = schema
      .getPossibleTypes(named)
      .map((each) => `... on ${each.name} ${selectionOf(each, depth, again, lists, way)}`);
    return `{ __typename ${parts.join(' ')} }`;
  }
  if (!isObjectType(named)) return '';
  const times = way.filter((name) => name === named.name).length;
  if (times > (again.includes(named.name) ? 1 : 0)) return '{ __typename }';
  const isList = (name: string) => name.endsWith('Connection');
  if (isList(named.name) && way.filter(isList).length >= lists) return '{ __typename }';
  const seen = new Set<string>();
  const fields = Object.values(named.getFields()).flatMap((field) => {
    const alias = `${named.name}_${field.name}: ${field.name}`;
    if (isLeafType(getNamedType(field.type))) return [alias];
    // The same as the connection's `nodes`: once is enough, or every list on a way doubles what is asked.
    if (named.name.endsWith('Edge')) return [`${alias} { __typename }`];
    // A second list of the same entries, such as what blocks a task beside what it blocks: its entries by themselves are
    // enough.
    const { name } = getNamedType(field.type);
    const isSecond = seen.has(name);
    if (isList(name)) seen.add(name);
    // What a detail names is of those types that other ways lead to as well: its own fields are enough.
    const further = named.name.endsWith('Detail') ? 0 : isSecond ? Math.min(depth - 1, 1) : depth - 1;
    return depth > 0 ? [`${alias} ${selectionOf(field.type, further, again, lists, [...way, named.name])}`] : [];
  });
  return `{ __typename ${fields.join(' ')} }`;
}
