import { describe, expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import type { CreateAccountInput } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { useWorld } from '../task/world.ts';

const NOW = new Date('2026-01-12T10:00:00Z');
const world = useWorld({ now: () => NOW });

const CREATE = graphql(`
  mutation AccountRoomCreate($input: CreateAccountInput!) {
    createAccount(input: $input) {
      account { id displayName name domain owner { id } tags creator { id } createdAt updatedAt deletedAt version }
      errors { code path }
    }
  }
`);
const create = async (input: CreateAccountInput, caller = world().admin) =>
  (await world().gateway.ask(caller, CREATE, { input })).createAccount;
const accountsAndEvents = async () => {
  const where = { organizationId: world().organization.id };
  return [await world().prisma.account.count({ where }), await world().prisma.event.count({ where })];
};

describe('a new account', () => {
  it('of a name has nothing else', async () => {
    expect(await create({ name: '  Acme  ' })).toEqual({
      errors: [],
      account: {
        id: expect.stringMatching(/^acct_[0-9A-Z]{26}$/),
        displayName: 'Acme',
        name: 'Acme',
        domain: null,
        owner: null,
        tags: [],
        creator: { id: world().admin.userId },
        createdAt: NOW.toISOString(),
        updatedAt: NOW.toISOString(),
        deletedAt: null,
        version: 1,
      },
    });
  });

  it('has what it is given, tidied', async () => {
    const ownerId = world().member.userId;
    const { account } = await create({ name: 'Acme', domain: ' Sales.ACME.example ', ownerId, tags: ['a', ' a', 'b'] });
    expect(account).toMatchObject({ domain: 'sales.acme.example', owner: { id: ownerId }, tags: ['a', 'b'] });
  });

  it('is told in the log, with what it was given', async () => {
    const { account } = await create({ name: 'Acme', domain: 'acme.example' });
    const event = await world().prisma.event.findFirst({
      where: { organizationId: world().organization.id },
      orderBy: { seq: 'desc' },
    });
    expect(event).toMatchObject({
      kind: 'RECORD_CREATED',
      subjectType: 'ACCOUNT',
      subjectUid: account?.id.slice('acct_'.length),
      imageBefore: null,
      imageAfter: null,
      changes: [
        { field: 'name', from: null, to: 'Acme' },
        { field: 'domain', from: null, to: 'acme.example' },
      ],
    });
  });

  it('may have the name and domain of another: companies do', async () => {
    const [one, two] = [
      await create({ name: 'Twin', domain: 'twin.example' }),
      await create({ name: 'Twin', domain: 'twin.example' }),
    ];
    expect([one.errors, two.errors]).toEqual([[], []]);
    expect(one.account?.id).not.toBe(two.account?.id);
  });

  it.each(['a.io', 'xn--rger-koa.example', '123.example', `${'a'.repeat(63)}.example`])(
    'may have the domain %s',
    async (domain) => {
      expect((await create({ name: 'Acme', domain })).account?.domain).toBe(domain);
    },
  );

  it('has no domain when it is empty', async () => {
    expect((await create({ name: 'Acme', domain: ' ' })).account?.domain).toBeNull();
  });
});

describe('no account, and nothing written, of', () => {
  const cases: [string, CreateAccountInput, string[]][] = [
    ['an empty name', { name: ' ' }, ['INVALID name']],
    ['a name of 256', { name: 'x'.repeat(256) }, ['INVALID name']],
    ['a name with U+0000', { name: 'a\0' }, ['INVALID name']],
    ['an address for a domain', { name: 'Acme', domain: 'https://acme.example' }, ['INVALID domain']],
    ['a domain of one word', { name: 'Acme', domain: 'localhost' }, ['INVALID domain']],
    ['a domain with space in it', { name: 'Acme', domain: 'ac me.example' }, ['INVALID domain']],
    ['a domain of 254', { name: 'Acme', domain: `${'abcdefghi.'.repeat(25)}abcd` }, ['INVALID domain']],
    ['a bad tag', { name: 'Acme', tags: [''] }, ['INVALID tags.0']],
    ['51 tags', { name: 'Acme', tags: Array.from({ length: 51 }, (_, n) => `${n}`) }, ['INVALID tags']],
    ['an owner who is nobody', { name: 'Acme', ownerId: encodeId('User', newUid()) }, ['NOT_FOUND ownerId']],
    ['an owner who is junk', { name: 'Acme', ownerId: 'junk' }, ['NOT_FOUND ownerId']],
    ['several faults', { name: '', domain: '.', tags: [' '] }, ['INVALID name', 'INVALID domain', 'INVALID tags.0']],
  ];
  it.each(cases)('%s', async (_name, input, expected) => {
    const before = await accountsAndEvents();
    const { account, errors } = await create(input);
    expect(account).toBeNull();
    expect(errors.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual(expected);
    expect(await accountsAndEvents()).toEqual(before);
  });

  it('an owner of another organization', async () => {
    expect((await create({ name: 'Acme', ownerId: world().other.admin.userId })).errors).toEqual([
      { code: 'NOT_FOUND', path: ['ownerId'] },
    ]);
  });

  it('someone who may not: a viewer, one without CRM access', async () => {
    const { gateway, organization } = world();
    const viewer = await gateway.member(organization, { email: 'vera@ours.example', role: 'VIEWER' });
    const limited = await gateway.member(organization, { email: 'liam@ours.example', crmAccess: false });
    for (const caller of [viewer, limited]) {
      const { errors } = await gateway.send(caller, CREATE, { input: { name: 'Acme' } });
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    }
  });
});
