import { readFileSync } from 'node:fs';
import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema, type GraphQLField, isInterfaceType, isNonNullType, isObjectType } from 'graphql';
import { expect, it } from 'vitest';
import { printedSchema } from '../src/graphql/print.ts';

const contract = buildSchema(readFileSync(new URL('contract.graphql', import.meta.url), 'utf8'));
const ours = buildSchema(printedSchema());

/** What stands in the contract and is not there yet: each room that is added takes lines away, none ever adds one. */
const MISSING = new URL('contract-missing.txt', import.meta.url);

// The contract's descriptions are short on purpose, and ours may say more; all else must be as it stands there.
const isWording = ({ type }: Change) => /DESCRIPTION|DEPRECATION/.test(type);
const isMissing = ({ type }: Change) => /REMOVED$/.test(type);
const isAddition = ({ type, criticality }: Change) =>
  /ADDED$/.test(type) && criticality.level !== CriticalityLevel.Breaking;

it('has nothing that differs from the contract', async () => {
  const changes = await diff(contract, ours);
  const differing = changes.filter((change) => !isWording(change) && !isMissing(change) && !isAddition(change));
  expect(differing.map(({ message }) => message)).toEqual([]);
});

it('lists what of the contract is not there yet', async () => {
  const changes = await diff(contract, ours);
  const missing = changes.filter(isMissing).map(({ message }) => message);
  await expect(`${missing.sort().join('\n')}\n`).toMatchFileSnapshot(MISSING.pathname);
});

it('deprecates what the contract deprecates', async () => {
  const changes = await diff(contract, ours);
  expect(changes.filter(({ type }) => /DEPRECATION/.test(type)).map(({ message }) => message)).toEqual([]);
});

it('would notice a field of another type', async () => {
  const bent = buildSchema(printedSchema().replace('totalCount: Int!', 'totalCount: Int'));
  const changes = await diff(contract, bent);
  const differing = changes.filter((change) => !isWording(change) && !isMissing(change) && !isAddition(change));
  expect(differing).not.toEqual([]);
});

it('is the committed schema.graphql', () => {
  expect(readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8')).toBe(printedSchema());
});

it('describes every type and every argument', () => {
  const builtIn = (name: string) => name.startsWith('__') || ['ID', 'Int', 'String', 'Boolean', 'Float'].includes(name);
  const undescribed = Object.values(ours.getTypeMap()).flatMap((type) => {
    if (builtIn(type.name)) return [];
    const own = type.description ? [] : [type.name];
    const fields: GraphQLField<unknown, unknown>[] =
      isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    const args = fields.flatMap((field) =>
      field.args.filter(({ description }) => !description).map(({ name }) => `${type.name}.${field.name}(${name})`),
    );
    return [...own, ...args];
  });
  expect(undescribed).toEqual([]);
});

it('says of each nullable field when it is null', () => {
  const silent = Object.values(ours.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !type.name.startsWith('__')
      ? Object.values(type.getFields())
          .filter(
            ({ type: of, description }) =>
              !isNonNullType(of) && !/\b[Nn]ull\b|[Uu]nless|[Uu]ntil|[Nn]ever/.test(description ?? ''),
          )
          .map(({ name }) => `${type.name}.${name}`)
      : [],
  );
  expect(silent).toEqual([]);
});
