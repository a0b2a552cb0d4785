import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import type { Caller } from '../support/gateway.ts';
import { useWorld } from '../task/world.ts';
import { granted, NOUNS, recordsOf, refusals, TYPES, told } from './room.ts';

const NOW = new Date('2026-01-12T10:00:00Z');
const world = useWorld({ now: () => NOW });
const records = () => recordsOf(world(), world().admin);
const where = () => ({ organizationId: world().organization.id });
let account: string;
let contact: string;
let lead: string;
let keyUser: string;
let assistant: string;
beforeAll(async () => {
  account = await records().made('ACCOUNT');
  contact = await records().made('CONTACT', { accountId: account });
  lead = await records().made('LEAD');
  await world().gateway.ask(world().admin, 'mutation { createApiKey(input: { name: "k" }) { errors { code } } }');
  const members = await world().prisma.membership.findMany({ where: { ...where(), kind: { not: 'PERSON' } } });
  const users = await world().prisma.user.findMany({ where: { id: { in: members.map(({ userId }) => userId) } } });
  const of = (kind: string) =>
    encodeId('User', users.find(({ id }) => id === members.find((each) => each.kind === kind)?.userId)?.uid as string);
  [keyUser, assistant] = [of('API_KEY'), of('ASSISTANT')];
});

describe('a new record', () => {
  it.each(TYPES)('of the least has nothing else: %s', async (type) => {
    const { record } = await records().create(type);
    expect(record).toMatchObject({
      displayName: Object.values(NOUNS[type].least)[0],
      owner: null,
      tags: [],
      creator: { id: world().admin.userId },
      createdAt: NOW.toISOString(),
      updatedAt: NOW.toISOString(),
      deletedAt: null,
      version: 1,
    });
  });

  it('contact has what it is given, tidied [PARSA-46]', async () => {
    const input = {
      firstName: ' Ada ',
      lastName: 'Byron',
      email: ' Ada@Acme.example',
      phone: ' +1 (5) ',
      accountId: account,
    };
    expect(granted(await records().create('CONTACT', { ...input, tags: ['a', ' a'] }))).toMatchObject({
      ...{ displayName: 'Ada Byron', firstName: 'Ada', email: 'Ada@Acme.example', phone: '+1 (5)', tags: ['a'] },
      account: { id: account },
    });
    expect(granted(await records().create('CONTACT', { email: 'x@y.example', firstName: '' }))).toMatchObject({
      displayName: 'x@y.example',
      firstName: null,
    });
  });

  it.each(['NEW', 'CONTACTED', 'QUALIFIED', 'NURTURING', 'UNQUALIFIED', 'LOST'])(
    'lead is %s, and has Parsa’s fields [PARSA-45]',
    async (status) => {
      const input = { company: 'Acme', email: 'a@acme.example', phone: '1', source: 'fair', status };
      expect(granted(await records().create('LEAD', input))).toMatchObject({
        ...input,
        displayName: 'Acme',
        firstName: null,
        convertedAccount: null,
      });
    },
  );

  it.each([
    ['1250', '1250.00'],
    ['99999999999999999999.9999999999', '99999999999999999999.9999999999'],
    ['0.0000000001', '0.0000000001'],
    ['-12.5', '-12.50'],
    ['0', '0.00'],
  ])('opportunity has its links, its day, and a value of exactly %s', async (value, shown) => {
    const input = { name: 'Deal', accountId: account, contactId: contact, leadId: lead, currency: 'EUR' };
    const made = granted(
      await records().create('OPPORTUNITY', { ...input, value, status: 'WON', closeDate: '2026-02-28' }),
    );
    expect(made).toMatchObject({
      ...{ displayName: 'Deal', value: shown, currency: 'EUR', status: 'WON', closeDate: '2026-02-28' },
      ...{ account: { id: account }, contact: { id: contact }, lead: { id: lead } },
    });
    const change = await told(world(), () =>
      records().update('OPPORTUNITY', made.id, { value: `${shown}`, name: 'D' }),
    );
    expect(change.map(({ changes }) => changes.map(({ field }) => field))).toEqual([['name']]);
  });

  it.each(TYPES)('is told in the log, its tags apart: %s', async (type) => {
    const input = { ...NOUNS[type].least, ownerId: world().member.userId, tags: ['a', 'b'] };
    const events = await told(world(), () => records().create(type, input));
    const [[field, value]] = Object.entries(NOUNS[type].least) as [[string, string]];
    expect(events.map(({ kind, changes }) => [kind, changes])).toEqual([
      [
        'RECORD_CREATED',
        expect.arrayContaining([
          { field, from: null, to: value },
          { field: 'ownerId', from: null, to: world().member.userId },
        ]),
      ],
      ['TAG_ADDED', [{ field: 'tags', from: [], to: ['a', 'b'] }]],
    ]);
    expect(events[0]?.changes.map((change) => change.field)).not.toContain('tags');
    expect(new Set(events.map(({ subjectType }) => subjectType))).toEqual(new Set([type]));
  });
});

describe('a change', () => {
  it.each(TYPES)('is a new version, with what it changed in the log: %s', async (type) => {
    const id = await records().made(type, { tags: ['a', 'b'] });
    const ownerId = world().member.userId;
    const events = await told(world(), async () => {
      const changed = granted(await records().update(type, id, { ownerId, tags: ['b', 'c'] }, 1));
      expect(changed).toMatchObject({ owner: { id: ownerId }, tags: ['b', 'c'], version: 2 });
    });
    expect(events.map(({ kind, changes }) => [kind, changes])).toEqual([
      ['TAG_ADDED', [{ field: 'tags', from: ['a', 'b'], to: ['a', 'b', 'c'] }]],
      [
        'RECORD_UPDATED',
        [
          { field: 'ownerId', from: null, to: ownerId },
          { field: 'tags', from: ['a', 'b', 'c'], to: ['b', 'c'] },
        ],
      ],
    ]);
  });

  it.each(TYPES)('that changes nothing makes no event and no version: %s', async (type) => {
    const id = await records().made(type, { tags: ['a'] });
    for (const patch of [{}, { ...NOUNS[type].least }, { tags: [' a'] }, { ownerId: null }]) {
      const events = await told(world(), async () => {
        expect(granted(await records().update(type, id, patch)).version).toBe(1);
      });
      expect(events).toEqual([]);
    }
  });

  it.each(TYPES)('of null clears what may be empty: %s', async (type) => {
    const id = await records().made(type, { tags: ['a'], ownerId: world().admin.userId });
    const cleared = granted(await records().update(type, id, { ownerId: null, tags: null }));
    expect(cleared).toMatchObject({ owner: null, tags: [], version: 2 });
  });

  it('of null clears the fields of each kind', async () => {
    const deal = {
      ...{ accountId: account, contactId: contact, leadId: lead, value: '1', currency: 'EUR', closeDate: '2026-01-01' },
    };
    const nulls = (of: object) => Object.fromEntries(Object.keys(of).map((field) => [field, null]));
    const id = await records().made('OPPORTUNITY', deal);
    expect(granted(await records().update('OPPORTUNITY', id, nulls(deal)))).toMatchObject({
      ...{ account: null, contact: null, lead: null, value: null, currency: null, closeDate: null },
    });
    const person = { lastName: 'Byron', email: 'a@b.example', phone: '1' };
    for (const type of ['CONTACT', 'LEAD'] as const) {
      const made = await records().made(type, person);
      expect(granted(await records().update(type, made, nulls(person)))).toMatchObject(nulls(person));
    }
    const acme = await records().made('ACCOUNT', { domain: 'acme.example' });
    expect(granted(await records().update('ACCOUNT', acme, { domain: null }))).toMatchObject({ domain: null });
  });

  it.each(TYPES)('of another version than is expected is refused, naming the one that there is: %s', async (type) => {
    const id = await records().made(type);
    const answer = await records().update(type, id, { tags: ['x'] }, 9);
    expect(refusals(answer)).toEqual(['CONFLICT expectedVersion']);
    expect(answer.errors[0]?.currentVersion).toBe(1);
  });
});

const LONG = 'x'.repeat(256);
type Case = [type: (typeof TYPES)[number], field: string, value: unknown, code?: string, at?: string];
const CASES: Case[] = [
  ...TYPES.flatMap((type): Case[] => [
    [type, 'tags', [''], 'INVALID', 'tags.0'],
    [type, 'ownerId', 'junk', 'NOT_FOUND'],
    [type, 'ownerId', encodeId('User', newUid()), 'NOT_FOUND'],
  ]),
  ...(['CONTACT', 'LEAD'] as const).flatMap((type): Case[] => [
    [type, 'firstName', LONG],
    [type, 'lastName', 'a\0'],
    [type, 'email', 'ada'],
    [type, 'email', 'ada@acme'],
    [type, 'email', 'a da@acme.example'],
    [type, 'email', `${'a'.repeat(250)}@b.example`],
    [type, 'phone', '1'.repeat(65)],
  ]),
  ['LEAD', 'company', LONG],
  ['LEAD', 'source', LONG],
  ['LEAD', 'status', 'CONVERTED'],
  ['ACCOUNT', 'name', ' '],
  ['ACCOUNT', 'domain', 'localhost'],
  ['OPPORTUNITY', 'name', LONG],
  ['OPPORTUNITY', 'currency', 'eur'],
  ['OPPORTUNITY', 'currency', 'EURO'],
  ['OPPORTUNITY', 'currency', 'QQQ'],
  ['OPPORTUNITY', 'closeDate', '0001-01-01'],
  ['OPPORTUNITY', 'closeDate', '9999-12-31'],
  ['OPPORTUNITY', 'contactId', encodeId('Lead', newUid()), 'NOT_FOUND'],
  ['OPPORTUNITY', 'leadId', 'junk', 'NOT_FOUND'],
  ['OPPORTUNITY', 'accountId', encodeId('Account', newUid()), 'NOT_FOUND'],
  ['CONTACT', 'accountId', 'junk', 'NOT_FOUND'],
];

it('what an opportunity names already is named again, though it was deleted or deactivated since', async () => {
  const leaver = await world().gateway.member(world().organization, { email: 'leaver@ours.example' });
  const one = await records().made('ACCOUNT');
  const links = {
    ...{ accountId: one, contactId: await records().made('CONTACT'), leadId: await records().made('LEAD') },
    ownerId: leaver.userId,
  };
  const [id, other] = [await records().made('OPPORTUNITY', links), await records().made('OPPORTUNITY')];
  for (const key of [links.accountId, links.contactId, links.leadId]) {
    const query = { where: { ...where(), uid: key.split('_')[1] as string }, data: { deletedAt: NOW } };
    const { account, contact, lead } = world().prisma;
    await Promise.all([account.updateMany(query), contact.updateMany(query), lead.updateMany(query)]);
  }
  const userId = await world().idOf(leaver);
  await world().prisma.membership.updateMany({ where: { ...where(), userId }, data: { isActive: false } });
  const saved = granted(await records().update('OPPORTUNITY', id, { ...links, name: 'New' }));
  expect(saved).toMatchObject({ name: 'New', version: 2, account: { id: one } });
  expect(refusals(await records().update('OPPORTUNITY', other, links))).toEqual([
    ...['NOT_FOUND patch.ownerId', 'INVALID patch.accountId', 'INVALID patch.contactId', 'INVALID patch.leadId'],
  ]);
});

describe('refused, in a new one and in a change, with nothing written', () => {
  it.each(CASES)('%s %s %j', async (type, field, value, code = 'INVALID', at = field) => {
    const id = await records().made(type);
    const events = await told(world(), async () => {
      const input = { ...NOUNS[type].least, [field]: value };
      expect(refusals(await records().create(type, input))).toEqual([`${code} ${at}`]);
      expect(refusals(await records().update(type, id, { [field]: value }))).toEqual([`${code} patch.${at}`]);
    });
    expect(events).toEqual([]);
  });

  it.each(TYPES)('an owner who is no person: %s', async (type) => {
    const id = await records().made(type);
    for (const ownerId of [keyUser, assistant]) {
      expect(refusals(await records().create(type, { ...NOUNS[type].least, ownerId }))).toEqual(['INVALID ownerId']);
      expect(refusals(await records().update(type, id, { ownerId }))).toEqual(['INVALID patch.ownerId']);
    }
    const theirs = world().other.admin.userId;
    expect(refusals(await records().update(type, id, { ownerId: theirs }))).toEqual(['NOT_FOUND patch.ownerId']);
  });

  it.each([
    ['ACCOUNT', 'name'],
    ['OPPORTUNITY', 'name'],
    ['OPPORTUNITY', 'status'],
    ['LEAD', 'status'],
  ] as const)('null for %s’s %s', async (type, field) => {
    const id = await records().made(type);
    expect(refusals(await records().update(type, id, { [field]: null }))).toEqual([`INVALID patch.${field}`]);
  });

  it('a person of whom nothing is known', async () => {
    for (const type of ['CONTACT', 'LEAD'] as const) {
      expect(refusals(await records().create(type, { tags: ['x'] }))).toEqual(['INVALID firstName']);
      const id = await records().made(type);
      expect(refusals(await records().update(type, id, { firstName: ' ' }))).toEqual(['INVALID patch.firstName']);
    }
  });

  it('a contact or lead of another account than the opportunity’s', async () => {
    const other = await records().made('ACCOUNT');
    const input = { name: 'Deal', accountId: other, contactId: contact };
    expect(refusals(await records().create('OPPORTUNITY', input))).toEqual(['INVALID contactId']);
    const id = await records().made('OPPORTUNITY', { accountId: account, contactId: contact });
    const moved = await records().update('OPPORTUNITY', id, { accountId: other });
    expect(refusals(moved)).toEqual(['INVALID patch.accountId']);
  });

  it('a converted lead’s other status [PARSA-45]', async () => {
    const id = await records().made('LEAD');
    const uid = id.split('_')[1] as string;
    await world().prisma.lead.updateMany({ where: { ...where(), uid }, data: { status: 'CONVERTED' } });
    expect(refusals(await records().update('LEAD', id, { status: 'NEW' }))).toEqual(['NOT_ALLOWED patch.status']);
    expect(granted(await records().update('LEAD', id, { status: 'CONVERTED', company: 'Acme' })).version).toBe(2);
  });

  it('everything that is wrong at once', async () => {
    const input = { name: '', currency: 'x', tags: [' '], ownerId: 'junk', accountId: 'junk' };
    expect(refusals(await records().create('OPPORTUNITY', input))).toEqual([
      ...['INVALID name', 'INVALID currency', 'INVALID tags.0', 'NOT_FOUND ownerId', 'NOT_FOUND accountId'],
    ]);
  });

  it('those who may not: viewers, and whoever has no CRM access', async () => {
    const { gateway, organization } = world();
    const callers: Caller[] = [
      await gateway.member(organization, { email: 'vera@ours.example', role: 'VIEWER' }),
      await gateway.member(organization, { email: 'liam@ours.example', crmAccess: false }),
    ];
    for (const caller of callers)
      for (const { name, one } of Object.values(NOUNS)) {
        const query = `mutation { restore${name}(input: { id: "x" }) { ${one} { id } } }`;
        const { errors } = await gateway.send(caller, query);
        expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
      }
  });
});
