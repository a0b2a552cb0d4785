import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AccountRoomListQueryVariables } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { type Known, useWorld } from '../task/world.ts';

const world = useWorld();

const LIST = graphql(`
  query AccountRoomList($search: String, $deleted: DeletedFilter, $first: Int, $after: String, $last: Int, $before: String) {
    accounts(search: $search, deleted: $deleted, first: $first, after: $after, last: $last, before: $before) {
      totalCount
      edges { cursor node { id name domain } }
      pageInfo { hasNextPage hasPreviousPage }
    }
  }
`);
type Args = AccountRoomListQueryVariables;
const list = async (args: Args = {}, caller = world().admin) =>
  (await world().gateway.ask(caller, LIST, args)).accounts;
const namesOf = async (args: Args) => (await list({ first: 100, ...args })).edges.map(({ node }) => node.name);

/** In the order that people expect of names: case and accents count only between equals, and space and signs come first. */
const NAMES = [
  '_under',
  '50% off',
  '100 Ways',
  'acme',
  'Acme',
  'ACME',
  'Ácme',
  'Acme & Sons',
  'back\\slash',
  'Éclair',
  'Zebra',
  'ärger',
  'Ärger',
  'Öl',
  'zebra',
  'ß',
  'ss',
  'Łódź',
  '東京',
];
const BIN = ['Gone', 'Gone too'];
let known: Known[];
beforeAll(async () => {
  known = [];
  for (const name of [...NAMES].sort()) known.push(await world().record('ACCOUNT', { name }));
  for (const name of BIN) await world().record('ACCOUNT', { name, deletedAt: new Date() });
  await world().record('ACCOUNT', { name: 'Acme of theirs', organizationId: world().other.organization.id });
  const [twin, other] = [
    await world().record('ACCOUNT', { name: 'Twin' }),
    await world().record('ACCOUNT', { name: 'Twin' }),
  ];
  known.push(twin, other);
  const at = (uid: string, domain: string) =>
    world().prisma.account.updateMany({ where: { organizationId: world().organization.id, uid }, data: { domain } });
  await at(twin.uid, 'twin.example');
  await at(other.uid, 'other_twin.example');
});
const ALL = [...NAMES, 'Twin', 'Twin'];

describe('accounts', () => {
  it('are sorted as people sort names, by ICU’s root collation, equal names by age [THENA-A22]', async () => {
    const names = await namesOf({});
    const { compare } = new Intl.Collator('und');
    expect(names).toHaveLength(ALL.length);
    for (const [index, name] of names.slice(1).entries())
      expect(compare(names[index] as string, name), `${names[index]} before ${name}`).toBeLessThanOrEqual(0);
    expect(names, 'which no order of bytes is').not.toEqual([...names].sort());
    const twins = (await list({ search: 'Twin' })).edges.map(({ node }) => node.id);
    expect(twins).toEqual(known.slice(-2).map(({ key }) => key));
  });

  it.each([1, 2, 3, 7])('meet each once in pages of %d, forward and backward', async (size) => {
    const whole = await list({ first: 100 });
    for (const backward of [false, true]) {
      const found: string[] = [];
      let page: Args = backward ? { last: size } : { first: size };
      for (;;) {
        const { edges, pageInfo } = await list(page);
        const ids = edges.map(({ node }) => node.id);
        if (backward) found.unshift(...ids);
        else found.push(...ids);
        if (!(backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) break;
        page = backward
          ? { last: size, before: edges[0]?.cursor as string }
          : { first: size, after: edges.at(-1)?.cursor as string };
      }
      expect(found).toEqual(whole.edges.map(({ node }) => node.id));
    }
  });

  it('go on from any cursor, whatever its name is made of', async () => {
    const { edges } = await list({ first: 100 });
    await fc.assert(
      fc.asyncProperty(fc.nat(edges.length - 1), fc.integer({ min: 1, max: 5 }), async (index, size) => {
        const { cursor } = edges[index] as (typeof edges)[number];
        expect((await list({ first: size, after: cursor })).edges).toEqual(edges.slice(index + 1, index + 1 + size));
        expect((await list({ last: size, before: cursor })).edges).toEqual(
          edges.slice(Math.max(0, index - size), index),
        );
      }),
      { numRuns: 20 },
    );
  });

  it.each<[string, string[]]>([
    ['', ALL],
    ['acme', ['acme', 'Acme', 'ACME', 'Ácme', 'Acme & Sons']],
    ['CME &', ['Acme & Sons']],
    ['%', ['50% off']],
    ['_', ['_under', 'Twin']],
    ['\\', ['back\\slash']],
    ['a%e', []],
    ['z_bra', []],
    ['\\%', []],
    ['ÄRGER', ['ärger', 'Ärger']],
    ['京', ['東京']],
    ['twin.example', ['Twin', 'Twin']],
    ['other_twin', ['Twin']],
    ["' OR 1=1 --", []],
    ['a\0', []],
    ['\ud83d', []],
  ])('found by %j are those that hold it', async (search, expected) => {
    expect((await namesOf({ search })).sort()).toEqual([...expected].sort());
    expect((await list({ search, first: 1 })).totalCount).toBe(expected.length);
  });

  it('in the bin are left out, shown among the others, or alone', async () => {
    expect((await namesOf({})).length).toBe(ALL.length);
    expect(await namesOf({ deleted: 'EXCLUDE' })).toEqual(await namesOf({}));
    expect(await namesOf({ deleted: 'ONLY' })).toEqual(BIN);
    expect(await namesOf({ deleted: 'INCLUDE' })).toEqual(expect.arrayContaining([...ALL, ...BIN]));
    expect((await list({ deleted: 'INCLUDE', first: 1 })).totalCount).toBe(ALL.length + BIN.length);
    expect(await namesOf({ deleted: 'ONLY', search: 'too' })).toEqual(['Gone too']);
  });

  it('are none for someone without CRM access, of whom nothing is even asked', async () => {
    const liam = await world().gateway.member(world().organization, { email: 'liam@ours.example', crmAccess: false });
    const sent = await world().gateway.statementsOf(async () => {
      expect(await list({}, liam)).toEqual({
        totalCount: 0,
        edges: [],
        pageInfo: { hasNextPage: false, hasPreviousPage: false },
      });
    });
    expect(sent).toEqual(['auth.standingsByUser']);
  });

  const encode = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  it.each([
    ['words', 'junk'],
    ['of another list', encode('memberships.name', 'a', '1')],
    ['without an id', encode('accounts.name', 'a')],
    ['with an id that is none', encode('accounts.name', 'a', 'b')],
    ['with a name that is none', encode('accounts.name', 5, '1')],
    ['with a name that cannot be', encode('accounts.name', 'a\0', '1')],
  ])('refuse a cursor that is junk: %s', async (_name, cursor) => {
    for (const [argument, args] of [
      ['after', { after: cursor }],
      ['before', { before: cursor }],
    ] as const) {
      const { errors } = await world().gateway.send(world().admin, LIST, args);
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument } }]);
    }
  });
});
