import { beforeAll, describe, expect, it } from 'vitest';
import { type Known, useWorld } from '../task/world.ts';
import { NOUNS } from './room.ts';

const world = useWorld();

interface Page {
  readonly totalCount: number;
  readonly edges: readonly {
    readonly cursor: string;
    readonly node: { readonly id: string; readonly displayName: string };
  }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean };
}
const PAGE = 'totalCount edges { cursor node { id displayName } } pageInfo { hasNextPage hasPreviousPage }';
const ARGS = '$first: Int, $after: String, $last: Int, $before: String';
const PASSED = 'first: $first, after: $after, last: $last, before: $before';
type Type = 'CONTACT' | 'LEAD' | 'OPPORTUNITY';
const LISTED: Type[] = ['CONTACT', 'LEAD', 'OPPORTUNITY'];

const list = async (type: Type, args: object = {}, caller = world().admin): Promise<Page> => {
  const query = `query ($search: String, $deleted: DeletedFilter, ${ARGS}) {
    list: ${NOUNS[type].many}(search: $search, deleted: $deleted, ${PASSED}) { ${PAGE} } }`;
  return (await world().gateway.ask<{ list: Page }, object>(caller, query, args)).list;
};
const ofAccount = async (type: Type, account: string, args: object = {}, caller = world().admin): Promise<Page> => {
  const query = `query ($id: ID!, ${ARGS}) { account(id: $id) { list: ${NOUNS[type].many}(${PASSED}) { ${PAGE} } } }`;
  const { account: found } = await world().gateway.ask<{ account: { list: Page } }, object>(caller, query, {
    id: account,
    ...args,
  });
  return found.list;
};
const idsOf = ({ edges }: Page) => edges.map(({ node }) => node.id);
const namesOf = ({ edges }: Page) => edges.map(({ node }) => node.displayName);

/** Walks a list from either end; what is found is in the list's order. */
async function walked(read: (page: object) => Promise<Page>, size: number, backward: boolean): Promise<string[]> {
  const found: string[] = [];
  for (let page: object = backward ? { last: size } : { first: size }; ; ) {
    const { edges, pageInfo } = await read(page);
    const ids = edges.map(({ node }) => node.id);
    if (backward) found.unshift(...ids);
    else found.push(...ids);
    if (!(backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return found;
    page = backward ? { last: size, before: edges[0]?.cursor } : { first: size, after: edges.at(-1)?.cursor };
  }
}

const NAMES = ['acme', 'Ácme', 'Zebra', 'Ärger', 'Öl', '50% off', '東京', 'Twin', 'Twin'];
let account: Known;
let other: Known;
beforeAll(async () => {
  [account, other] = [await world().record('ACCOUNT'), await world().record('ACCOUNT')];
  for (const type of LISTED) {
    const own = type === 'LEAD' ? {} : { accountId: account.id };
    for (const name of NAMES) await world().record(type, { name, ...own });
    await world().record(type, { name: 'Gone', deletedAt: new Date(), ...own });
    await world().record(type, { name: 'Theirs', organizationId: world().other.organization.id });
    if (type !== 'LEAD') await world().record(type, { name: 'Of the other', accountId: other.id });
  }
  const where = { organizationId: world().organization.id, name: 'Zebra' };
  await world().prisma.contact.updateMany({ where, data: { email: 'zoe@stripes.example', phone: '+49 30 99' } });
  await world().prisma.lead.updateMany({
    where,
    data: { email: 'zoe@stripes.example', phone: '+49 30 99', company: 'Savanna' },
  });
});

describe.each(LISTED)('the list of every %s', (type) => {
  it('is sorted as people sort names, equal names by age', async () => {
    const names = namesOf(await list(type, { first: 100 }));
    expect(names).toHaveLength(NAMES.length + (type === 'LEAD' ? 0 : 1));
    expect(names).toEqual([...names].sort(new Intl.Collator('und').compare));
    expect(names).not.toEqual([...names].sort());
  });

  it.each([1, 2, 4])('meets each once in pages of %d, forward and backward', async (size) => {
    const whole = idsOf(await list(type, { first: 100 }));
    for (const backward of [false, true])
      expect(await walked((page) => list(type, page), size, backward)).toEqual(whole);
  });

  it('holds what is searched for, in whatever it is known by', async () => {
    const found = async (search: string) => namesOf(await list(type, { search }));
    expect(await found('TWI')).toEqual(['Twin', 'Twin']);
    expect(await found('%')).toEqual(['50% off']);
    expect(await found('京')).toEqual(['東京']);
    expect(await found('a\0')).toEqual([]);
    expect(await found('STRIPES')).toEqual(type === 'OPPORTUNITY' ? [] : ['Zebra']);
    expect(await found('30 99')).toEqual(type === 'OPPORTUNITY' ? [] : ['Zebra']);
    expect(await found('savanna')).toEqual(type === 'LEAD' ? ['Zebra'] : []);
    expect((await list(type, { search: 'twin', first: 1 })).totalCount).toBe(2);
    // As it was typed: the space around it says nothing.
    expect(await found('  twin ')).toEqual(['Twin', 'Twin']);
    expect(await found('   ')).toEqual(namesOf(await list(type)));
    expect(await found('x'.repeat(500))).toEqual([]);
    await expect(found('x'.repeat(501))).rejects.toThrow('LIMIT_EXCEEDED');
  });

  it('leaves out the bin, shows it among the others, or alone', async () => {
    expect(namesOf(await list(type, { deleted: 'ONLY' }))).toEqual(['Gone']);
    const all = await list(type, { deleted: 'INCLUDE', first: 100 });
    expect(all.totalCount).toBe((await list(type)).totalCount + 1);
    expect(namesOf(all)).toContain('Gone');
  });

  it('finds one by its id, deleted or not, and nothing by any other', async () => {
    const { one } = NOUNS[type];
    const ask = async (id: string) =>
      (
        await world().gateway.ask<{ found: { id: string } | null }, object>(
          world().admin,
          `query ($id: ID!) { found: ${one}(id: $id) { id } }`,
          { id },
        )
      ).found;
    const [gone] = idsOf(await list(type, { deleted: 'ONLY' }));
    expect(await ask(gone as string)).toEqual({ id: gone });
    for (const id of [
      'junk',
      account.key,
      (await world().record(type, { organizationId: world().other.organization.id })).key,
    ])
      expect(await ask(id)).toBeNull();
  });

  it('is empty for someone without CRM access, of whom nothing is even asked', async () => {
    const email = `liam.${type.toLowerCase()}@ours.example`;
    const liam = await world().gateway.member(world().organization, { email, crmAccess: false });
    const sent = await world().gateway.statementsOf(async () => {
      expect(await list(type, {}, liam)).toMatchObject({ totalCount: 0, edges: [] });
    });
    expect(sent).toEqual(['auth.standingsByUser']);
  });

  it('refuses a cursor of another list', async () => {
    const cursor = Buffer.from(JSON.stringify(['accounts.name', 'a', '1'])).toString('base64url');
    const query = `{ ${NOUNS[type].many}(after: "${cursor}") { totalCount } }`;
    const { errors } = await world().gateway.send(world().admin, query);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'after' } }]);
  });
});

describe.each(['CONTACT', 'OPPORTUNITY'] as const)('an account’s list of every %s', (type) => {
  it('holds its own by name, without the bin', async () => {
    const whole = await ofAccount(type, account.key, { first: 100 });
    expect(namesOf(whole)).toEqual([...NAMES].sort(new Intl.Collator('und').compare));
    expect(whole.totalCount).toBe(NAMES.length);
    expect(namesOf(await ofAccount(type, other.key))).toEqual(['Of the other']);
    for (const backward of [false, true])
      expect(await walked((page) => ofAccount(type, account.key, page), 2, backward)).toEqual(idsOf(whole));
  });

  it('takes one statement for all accounts of a page, and one for all counts', async () => {
    const names = `${type.toLowerCase()}.ofAccounts`;
    const query = (many: string) => `{ accounts { nodes { ${many}(first: 2) { totalCount nodes { displayName } } } } }`;
    const sent = await world().gateway.statementsOf(() => world().gateway.ask(world().admin, query(NOUNS[type].many)));
    expect(sent.toSorted()).toEqual(
      ['account.list', 'auth.standingsByUser', names, `${type.toLowerCase()}.countOfAccounts`].toSorted(),
    );
  });

  it('refuses a cursor of another account’s', async () => {
    const { edges } = await ofAccount(type, account.key, { first: 1 });
    const query = `{ account(id: "${other.key}") { ${NOUNS[type].many}(after: "${edges[0]?.cursor}") { totalCount } } }`;
    const { errors } = await world().gateway.send(world().admin, query);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'after' } }]);
  });

  it('is empty for someone without CRM access', async () => {
    const email = `lisa.${type.toLowerCase()}@ours.example`;
    const lisa = await world().gateway.member(world().organization, { email, crmAccess: false });
    await world().tasks([{ accountId: account.id, assigneeId: await world().idOf(lisa) }]);
    expect(await ofAccount(type, account.key, {}, lisa)).toMatchObject({ totalCount: 0, edges: [] });
  });
});
