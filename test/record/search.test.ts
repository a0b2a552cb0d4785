import { beforeAll, describe, expect, it } from 'vitest';
import type { RecordType } from '../../src/db/generated/prisma/enums.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import { statementsOf } from '../task/asked.ts';
import { useWorld } from '../task/world.ts';
import { writesOf } from '../task/writes.ts';
import { granted, recordsOf } from './room.ts';

// searchRecords: the field in which one picks what a task is about.

const SEARCH = graphql(`
  query RecordSearch($query: String!, $types: [RecordType!], $first: Int) {
    searchRecords(query: $query, types: $types, first: $first) { __typename id displayName }
  }
`);

const world = useWorld();
const records = () => recordsOf(world(), world().admin);

/** Made in this order, a second apart. */
const PLANTED = {
  ada: ['CONTACT', { firstName: 'Ada', lastName: 'Greene', email: 'ada@acme.example', phone: '+1 (415) 555-0100' }],
  adam: ['CONTACT', { firstName: 'Adam', lastName: 'Smith-Greenwood' }],
  nevada: [
    'LEAD',
    { firstName: 'Nora', company: 'Nevada Solar', email: 'nora@solar.example', phone: '0049 30 901820' },
  ],
  lead: ['LEAD', { firstName: 'Ada', lastName: 'Greene', company: 'Acme' }],
  acme: ['ACCOUNT', { name: 'Acme', domain: 'acme.example' }],
  acmeTwo: ['ACCOUNT', { name: 'ACME & Sons' }],
  deal: ['OPPORTUNITY', { name: 'Deal with Acme' }],
  jose: ['CONTACT', { firstName: 'Jose\u0301', lastName: 'Nuñez-Øster' }],
  tower: ['ACCOUNT', { name: '新東京タワー・서울회사' }],
  odd: ['OPPORTUNITY', { name: '50%_off \\ Ángström 東京タワー' }],
} as const satisfies Record<string, readonly [RecordType, object]>;
type Name = keyof typeof PLANTED;
const planted = {} as Record<Name, string>;

beforeAll(async () => {
  const { prisma, organization } = world();
  const start = Date.parse('2026-01-01T00:00:00Z');
  for (const [index, [name, [type, input]]] of Object.entries(PLANTED).entries()) {
    const id = await records().made(type, input);
    planted[name as Name] = id;
    const data = { updatedAt: new Date(start + index * 1_000), createdAt: new Date(start) };
    const where = { organizationId: organization.id, uid: id.split('_')[1] as string };
    const change = {
      ACCOUNT: prisma.account,
      CONTACT: prisma.contact,
      LEAD: prisma.lead,
      OPPORTUNITY: prisma.opportunity,
    };
    await (change[type] as typeof prisma.account).updateMany({ where, data });
  }
  const gone = await records().made('CONTACT', { firstName: 'Ada', lastName: 'Gone' });
  await records().remove('CONTACT', gone);
  await world().record('ACCOUNT', { name: 'Acme', organizationId: world().other.organization.id });
});

const search = async (query: string, more: object = {}, caller: Caller = world().admin) =>
  (await world().gateway.ask(caller, SEARCH, { query, ...more })).searchRecords;
const nameOf = new Map<string, Name>();
/** What is found, by the names above, best first. */
async function found(query: string, more: object = {}, caller?: Caller): Promise<Name[]> {
  for (const [name, id] of Object.entries(planted)) nameOf.set(id, name as Name);
  return (await search(query, more, caller)).map(({ id }) => nameOf.get(id) as Name);
}

describe('a search for records [PARSA-07]', () => {
  it.each<[string, Name[]]>([
    ['ada gre', ['lead', 'ada', 'adam']],
    ['GREENE ada', ['lead', 'ada']],
    ['  ada\tgreene ', ['lead', 'ada']],
    ['solar nora', ['nevada']],
    ['ada@acme.example', ['ada']],
    ['acme.ex', ['acme', 'ada']],
    ['ángst', ['odd']],
    ['ÁNGSTRÖM 50%', ['odd']],
    ['東京タ', ['odd', 'tower']],
    ['ada nowhere', []],
    ['nowhere', []],
  ])('finds every word in any order, whatever its case: %j', async (query, names) => {
    expect(await found(query)).toEqual(names);
  });

  it.each<[string, Name[]]>([
    ['José', ['jose']],
    ['jose\u0301 NUN\u0303EZ', ['jose']],
    ['jose nunez', ['jose']],
    ['oster', ['jose']],
    ['angstrom', ['odd']],
    ['A\u030angstro\u0308m', ['odd']],
    ['\u212bngström', ['odd']],
    ['ａｄａ　ｇｒｅｅｎｅ', ['lead', 'ada']],
    ['ﾀﾜｰ', ['odd', 'tower']],
    ['서울'.normalize('NFD'), ['tower']],
  ])('finds what is written in another of Unicode’s forms, or without accents: %j', async (query, names) => {
    expect(await found(query)).toEqual(names);
  });

  it.each<[string, Name[]]>([
    ['東京', ['odd', 'tower']],
    ['京', ['odd', 'tower']],
    ['新東京', ['tower']],
    ['タワー 東京', ['odd', 'tower']],
    ['회사', ['tower']],
    ['京東', []],
    ['東タ', []],
  ])('finds Chinese, Japanese and Korean wherever it stands, in its order: %j', async (query, names) => {
    expect(await found(query)).toEqual(names);
  });

  it.each<[string, Name[]]>([
    ['+1 415 555 0100', ['ada']],
    ['4155550100', ['ada']],
    ['555-0100', ['ada']],
    ['(415) 555', ['ada']],
    ['+49 30 901820', ['nevada']],
    ['0049 30 901820', ['nevada']],
    ['30.90 18', ['nevada']],
  ])('finds a telephone number however it is written: %j', async (query, names) => {
    expect(await found(query)).toEqual(names);
  });

  it('finds one called exactly so first, then those whose name begins so, words that begin so, and others', async () => {
    expect(await found('acme')).toEqual(['acme', 'acmeTwo', 'deal', 'lead', 'ada']);
    expect(await found('ada')).toEqual(['lead', 'adam', 'ada', 'nevada']);
    expect(await found('green')).toEqual(['lead', 'ada', 'adam']);
    expect(await found('acme & sons')).toEqual(['acmeTwo']);
  });

  it('puts the last updated first among those that fit alike', async () => {
    await records().update('CONTACT', planted.ada, { tags: ['new'] });
    expect(await found('ada greene')).toEqual(['ada', 'lead']);
    await records().update('LEAD', planted.lead, { tags: ['new'] });
    expect(await found('ada greene')).toEqual(['lead', 'ada']);
  });

  it('finds one or two letters where a word begins', async () => {
    expect(await found('a')).toEqual(expect.arrayContaining(['acme', 'ada', 'adam', 'lead', 'deal']));
    expect(await found('da')).toEqual([]);
    expect(await found('de w')).toEqual(['deal']);
    expect((await found('ad')).toSorted()).toEqual(['ada', 'adam', 'lead']);
  });

  it('takes what is typed as it is, and no pattern', async () => {
    expect(await found('50%_off')).toEqual(['odd']);
    expect(await found('%_%')).toEqual([]);
    expect(await found('a%a')).toEqual([]);
    expect(await found('50__off')).toEqual([]);
    expect(await found('\\')).toEqual([]);
  });

  it('looks past what is neither letter nor digit, and finds nothing by that alone', async () => {
    expect(await found('acme - sons')).toEqual(['acmeTwo']);
    for (const query of ['', '   ', '&', '- . @']) expect(await found(query)).toEqual([]);
  });

  it('looks among the kinds that are asked for [PARSA-01]', async () => {
    expect((await found('ada', { types: ['CONTACT'] })).toSorted()).toEqual(['ada', 'adam']);
    expect((await found('acme', { types: ['OPPORTUNITY', 'LEAD', 'LEAD'] })).toSorted()).toEqual(['deal', 'lead']);
    expect(await found('acme', { types: [] })).toEqual([]);
    const every = (await search('acme', { types: null })).map(({ __typename }) => __typename);
    expect(new Set(every)).toEqual(new Set(['Account', 'Contact', 'Lead', 'Opportunity']));
  });

  it('gives ten, or as many as are asked for, of all kinds together', async () => {
    for (let n = 0; n < 12; n += 1) await records().made(n % 2 ? 'CONTACT' : 'LEAD', { firstName: `Zed ${n}` });
    const all = (await search('zed', { first: 50 })).map(({ id }) => id);
    expect(all).toHaveLength(12);
    expect((await search('zed')).map(({ id }) => id)).toEqual(all.slice(0, 10));
    expect((await search('zed', { first: 3 })).map(({ id }) => id)).toEqual(all.slice(0, 3));
  });

  it.each([
    [{ query: 'x', first: 0 }, 'BAD_USER_INPUT', 'first'],
    [{ query: 'x', first: 51 }, 'BAD_USER_INPUT', 'first'],
    [{ query: 'x'.repeat(501) }, 'LIMIT_EXCEEDED', 'query'],
  ])('of too much is refused: %#', async (variables, code, argument) => {
    const { data, errors } = await world().gateway.send(world().admin, SEARCH, variables);
    expect([data, errors?.[0]?.extensions]).toMatchObject([null, { code, argument }]);
  });

  it('answers to whatever can be typed', async () => {
    for (const query of ['\0', '\ud800', "'; DROP TABLE contact; --", 'x '.repeat(250), 'ﬁ İ ς', '1+1', '+', '٣٣٣']) {
      expect(await found(query), JSON.stringify(query)).toEqual([]);
    }
    // Words beyond those that the index is asked for.
    expect(await found('q d de dea deal wi wit with ac acm acme')).toEqual([]);
    expect(await found('d de dea deal w wi wit with ac acm acme')).toEqual(['deal']);
  });

  it('is empty without CRM access, though a task of one’s own names the record', async () => {
    const { gateway, organization } = world();
    const limited = await gateway.member(organization, { email: 'lim@ours.example', crmAccess: false });
    await writesOf(world(), world().admin).create({
      title: 'x',
      linkedRecordId: planted.acme,
      assigneeId: limited.userId,
    });
    expect(await found('acme', {}, limited)).toEqual([]);
    expect(await found('acme', {}, world().member)).toContain('acme');
  });

  it('finds what has just been written, and not what has been deleted', async () => {
    const id = granted(await records().create('ACCOUNT', { name: 'Fresh Ltd' })).id;
    expect((await search('fresh')).map((each) => each.id)).toEqual([id]);
    await records().update('ACCOUNT', id, { name: 'Stale Ltd', domain: 'fresh.example' });
    expect((await search('fresh.exa')).map((each) => each.displayName)).toEqual(['Stale Ltd']);
    await records().remove('ACCOUNT', id);
    expect(await search('fresh')).toEqual([]);
    await records().restore('ACCOUNT', id);
    expect(await search('fresh')).toHaveLength(1);
  });

  it('takes one statement a kind, however many are found, and none where there is nothing to look for', async () => {
    const ask = (query: string, types: RecordType[] | null = null, caller = world().admin) =>
      statementsOf(
        world(),
        'query ($query: String!, $types: [RecordType!]) { searchRecords(query: $query, types: $types) { id displayName tags } }',
        { query, types },
        caller,
      );
    const kinds = ['account', 'contact', 'lead', 'opportunity'].map((table) => `${table}.search`);
    expect((await ask('acme')).toSorted()).toEqual(kinds);
    expect((await ask('a')).toSorted()).toEqual(kinds);
    expect(await ask('acme', ['LEAD'])).toEqual(['lead.search']);
    expect(await ask(' & ')).toEqual([]);
  });
});

it('a task is created on what a search has found, whichever kind of record it is [PARSA-06, THENA-A19]', async () => {
  for (const [query, types] of [
    ['acme', 'ACCOUNT'],
    ['ada greene', 'CONTACT'],
    ['nora', 'LEAD'],
    ['deal', 'OPPORTUNITY'],
  ]) {
    const [record] = await search(query as string, { types: [types] });
    const { task } = await writesOf(world(), world().admin).create({
      title: 'x',
      linkedRecordId: record?.id as string,
    });
    expect(task?.linkedRecord).toEqual({ __typename: record?.__typename, id: record?.id });
  }
});
