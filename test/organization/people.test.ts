import { beforeAll, describe, expect, it } from 'vitest';
import { changeMembership } from '../auth/callers.ts';
import { graphql } from '../generated/index.ts';
import { type Caller, useGateway } from '../support/gateway.ts';

const OrganizationPeople = graphql(`
  query OrganizationPeople($search: String, $first: Int, $after: String, $last: Int, $before: String) {
    memberships(search: $search, first: $first, after: $after, last: $last, before: $before) {
      totalCount
      nodes { id role crmAccess isActive user { id name email timeZone isSystem } organization { name } }
      edges { cursor node { id } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);
const OrganizationPeopleNames = graphql(`
  query OrganizationPeopleNames($first: Int, $search: String) { memberships(first: $first, search: $search) { nodes { user { name } organization { name } } } }
`);
const OrganizationNode = graphql(`
  query OrganizationNode($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on User { name } ... on Organization { name timeZone weekStartsOn taskRetentionDays } } }
`);
const OrganizationKey = graphql(
  `mutation OrganizationKey { createApiKey(input: { name: "Key" }) { apiKey { id membership { id user { id } } } } }`,
);

const NAMES = ['Ada', 'ada b', 'Ágnes', 'Bob', 'bob', 'Öykü', 'Zoë', '100%', 'a_b', 'back\\slash'];
const gateway = useGateway();
let ada: Caller;
beforeAll(async () => {
  const organization = await gateway().organization('A');
  for (const [index, name] of NAMES.entries()) {
    const caller = await gateway().member(organization, {
      email: `p${index}@a.example`,
      name,
      role: index ? 'MEMBER' : 'ADMIN',
    });
    if (index === 0) ada = caller;
    if (name === 'Zoë') await changeMembership(gateway(), caller, { isActive: false });
  }
  await gateway().ask(ada, OrganizationKey);
  const other = await gateway().organization('B');
  await gateway().member(other, { email: 'other@b.example', name: 'Bob of B' });
});

const people = async (variables = {}) => (await gateway().ask(ada, OrganizationPeople, variables)).memberships;
const namesOf = ({ nodes }: Awaited<ReturnType<typeof people>>) => nodes.map(({ user }) => user.name);
const ordered = async () => namesOf(await people());

describe('the people of an organization', () => {
  it('are its persons by name as people sort them, whoever left among them, and no keys or assistant', async () => {
    const all = await people();
    expect(namesOf(all).toSorted()).toEqual(NAMES.toSorted());
    expect(namesOf(all).toSorted(new Intl.Collator('und').compare)).toEqual(namesOf(all));
    expect(all.totalCount).toBe(NAMES.length);
    expect(all.nodes.filter(({ isActive }) => !isActive).map(({ user }) => user.name)).toEqual(['Zoë']);
    for (const { user, organization } of all.nodes) expect([user.isSystem, organization.name]).toEqual([false, 'A']);
  });

  it.each([1, 3, 9, 10, 11])('page in %i forward and backward to the same list', async (size) => {
    const all = await ordered();
    const forward: string[] = [];
    for (let after: string | null | undefined, more = true; more; ) {
      const page = await people({ first: size, after });
      forward.push(...namesOf(page));
      expect(page.pageInfo.hasPreviousPage).toBe(after !== undefined);
      ({ hasNextPage: more, endCursor: after } = page.pageInfo);
    }
    const backward: string[] = [];
    for (let before: string | null | undefined, more = true; more; ) {
      const page = await people({ last: size, before });
      backward.unshift(...namesOf(page));
      ({ hasPreviousPage: more, startCursor: before } = page.pageInfo);
    }
    expect([forward, backward]).toEqual([all, all]);
  });

  it.each([
    ['ada', ['Ada', 'ada b']],
    ['BOB', ['bob', 'Bob']],
    ['p5@A.example', ['Öykü']],
    ['%', ['100%']],
    ['_', ['a_b']],
    ['\\', ['back\\slash']],
    ['nobody', []],
  ])('are found by %j', async (search, found) => {
    const page = await people({ search });
    expect(namesOf(page).toSorted()).toEqual(found.toSorted());
    expect(page.totalCount).toBe(found.length);
  });

  it('are all there where nothing is searched for', async () => {
    expect((await people({ search: '' })).totalCount).toBe(NAMES.length);
    expect((await people({ search: null })).totalCount).toBe(NAMES.length);
  });

  it('are read in as many statements, however many they are', async () => {
    const counts: string[][] = [];
    for (const first of [1, 5, 100])
      counts.push(await gateway().statementsOf(() => gateway().ask(ada, OrganizationPeopleNames, { first })));
    expect(counts[0]).toEqual([
      'auth.standingsByUser',
      'organization.people',
      'organization.users',
      'organization.byIds',
    ]);
    expect(counts[1]).toEqual(counts[0]);
    expect(counts[2]).toEqual(counts[0]);
  });

  it.each([{ first: 0 }, { first: 101 }, { last: -1 }, { first: 1, last: 1 }, { after: 'junk' }, { before: '' }])(
    'are not paged by %j',
    async (variables) => {
      const { errors } = await gateway().send(ada, OrganizationPeople, variables as never);
      expect(errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    },
  );

  it('take a cursor of no other list, nor one that was made up', async () => {
    const forged = [
      ['accounts.name', 'Ada', '1'],
      ['memberships.name', 'Ada', 'x'],
      ['memberships.name', 'Ada'],
      ['memberships.name', null, null],
      'text',
      null,
    ];
    for (const key of forged) {
      const after = Buffer.from(JSON.stringify(key)).toString('base64url');
      const { errors } = await gateway().send(ada, OrganizationPeople, { after });
      expect(errors?.[0]?.extensions['code'], JSON.stringify(key)).toBe('BAD_USER_INPUT');
    }
  });

  it('are none of what no text can hold', async () => {
    expect((await people({ search: 'a\0b' })).nodes).toEqual([]);
  });

  it('are searched for by what was typed, without the space around it, up to 500 characters', async () => {
    const all = await people({});
    expect(all.nodes.length).toBeGreaterThan(1);
    expect(await people({ search: '   ' })).toEqual(all);
    const { errors } = await gateway().send(ada, OrganizationPeople, { search: 'x'.repeat(501) });
    expect(errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED', argument: 'search' } }]);
    expect((await people({ search: 'x'.repeat(500) })).nodes).toEqual([]);
  });
});

it('the organization, its people and its assistant are found by their ids', async () => {
  const [first] = (await people({ first: 1 })).nodes;
  const { createApiKey } = await gateway().ask(ada, OrganizationKey);
  const key = createApiKey.apiKey?.membership;
  const ids = [ada.organizationId, ada.userId, first?.id, key?.id, key?.user.id] as string[];
  const { nodes } = await gateway().ask(ada, OrganizationNode, { ids });
  expect(nodes.map((node) => node?.__typename)).toEqual(['Organization', 'User', 'Membership', 'Membership', 'User']);
  expect(nodes[0]).toMatchObject({ name: 'A', timeZone: 'UTC', weekStartsOn: 'MONDAY', taskRetentionDays: 30 });
  expect(nodes[4]).toMatchObject({ name: 'Key' });
});
