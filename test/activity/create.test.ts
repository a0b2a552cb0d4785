import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import type { CreateActivityInput } from '../generated/graphql.ts';
import { type Known, useWorld } from '../task/world.ts';
import { granted, lastEvents, least, refusals, writesOf, written } from './writes.ts';

const NOW = new Date('2026-02-01T12:00:00.000Z');
const world = useWorld({ now: () => NOW });
let account: Known;
let elsewhere: Known;
let contact: Known;
const writes = (caller = world().member) => writesOf(world(), caller);
const create = async (more: Partial<CreateActivityInput> = {}) => writes().create({ ...least(account.key), ...more });
/** That it is refused so, and that nothing is written. */
async function refuses(more: Partial<CreateActivityInput>, ...expected: string[]) {
  const before = await written(world());
  expect(refusals(await create(more))).toEqual(expected);
  expect(await written(world())).toEqual(before);
}

beforeAll(async () => {
  account = await world().record('ACCOUNT', { name: 'Acme' });
  elsewhere = await world().record('ACCOUNT', { name: 'Bolt' });
  contact = await world().record('CONTACT', { name: 'Ida Hahn', accountId: account.id });
});

describe('createActivity', () => {
  it('needs account, time, duration and location, and takes the rest as the seeds do [THENA-A02] [THENA-A03] [THENA-A04] [THENA-A05] [THENA-A06] [THENA-A07] [THENA-A08] [THENA-A09] [THENA-A10] [THENA-A11] [THENA-A15]', async () => {
    const activity = granted(await create());
    expect(activity).toEqual({
      id: expect.stringMatching(/^act_[0-9A-Z]{26}$/),
      account: { id: account.key, name: 'Acme' },
      linkedRecord: null,
      type: 'CALL',
      status: 'PENDING',
      visibility: 'ORGANIZATION',
      title: null,
      description: null,
      activityTimestamp: '2026-01-12T10:00:00.000Z',
      duration: 30,
      location: 'Phone',
      participants: [],
      attachmentUrls: [],
      tags: [],
      direction: null,
      threadId: null,
      remotePhone: null,
      localPhone: null,
      creator: { id: world().member.userId, name: 'max', email: 'max@ours.example' },
      isActive: true,
      createdAt: NOW.toISOString(),
      updatedAt: NOW.toISOString(),
      deletedAt: null,
      version: 1,
    });
    expect(await writes().read(activity.id)).toEqual(activity);
  });

  const required = ['accountId', 'activityTimestamp', 'duration', 'location'] as const;
  it.each(required)('is not accepted without %s [THENA-A02] [THENA-A03] [THENA-A04] [THENA-A05]', async (field) => {
    const { [field]: _, ...input } = least(account.key);
    const query =
      'mutation ActivityRoomLess($input: CreateActivityInput!) { createActivity(input: $input) { errors { code } } }';
    const answer = await world().gateway.send<object, object>(world().member, query, { input });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('keeps all that is said: subject, what was said, people, privacy, record [THENA-A12] [THENA-A19] [THENA-A20] [THENA-A23]', async () => {
    const activity = granted(
      await create({
        linkedRecordId: contact.key,
        type: 'SITE_VISIT',
        status: 'COMPLETED',
        visibility: 'PRIVATE',
        title: ' Kick-off ',
        description: 'Decided: we go.\n',
        duration: 10080,
        location: '  Acme’s hall 3 ',
        participants: [
          { userId: world().admin.userId, attended: true },
          { contactId: contact.key, email: ' ida@acme.example', attended: false },
          { name: ' Walter ' },
          { email: 'w2@x.example', name: 'Walter' },
        ],
        attachmentUrls: ['https://x.example/1', 'http://x.example/2'],
        tags: [' b', 'a', 'b'],
      }),
    );
    expect(activity).toMatchObject({
      linkedRecord: { __typename: 'Contact', id: contact.key },
      type: 'SITE_VISIT',
      status: 'COMPLETED',
      visibility: 'PRIVATE',
      title: 'Kick-off',
      description: 'Decided: we go.\n',
      duration: 10080,
      location: 'Acme’s hall 3',
      participants: [
        { name: 'ada', email: null, user: { id: world().admin.userId }, contact: null, attended: true },
        { name: 'Ida Hahn', email: 'ida@acme.example', user: null, contact: { id: contact.key }, attended: false },
        { name: 'Walter', email: null, user: null, contact: null, attended: null },
        { name: 'Walter', email: 'w2@x.example', user: null, contact: null, attended: null },
      ],
      attachmentUrls: ['https://x.example/1', 'http://x.example/2'],
      tags: ['b', 'a'],
    });
    const [logged, tagged] = await lastEvents(world(), 2);
    expect([logged?.kind, tagged?.kind]).toEqual(['ACTIVITY_LOGGED', 'TAG_ADDED']);
    expect(logged).toMatchObject({ subjectType: 'ACTIVITY', actorId: await world().idOf(world().member) });
    const changes = logged?.changes as { field: string; from: unknown; to: unknown }[];
    expect(Object.fromEntries(changes.map(({ field, from, to }) => [field, from ?? to]))).toEqual({
      accountId: account.key,
      linkedRecordId: contact.key,
      type: 'SITE_VISIT',
      status: 'COMPLETED',
      visibility: 'PRIVATE',
      title: 'Kick-off',
      description: 'Decided: we go.\n',
      activityTimestamp: '2026-01-12T10:00:00.000Z',
      duration: 10080,
      location: 'Acme’s hall 3',
      attachmentUrls: ['https://x.example/1', 'http://x.example/2'],
      participants: [
        { userId: world().admin.userId, contactId: null, name: null, email: null, attended: true },
        { userId: null, contactId: contact.key, name: null, email: 'ida@acme.example', attended: false },
        { userId: null, contactId: null, name: 'Walter', email: null, attended: null },
        { userId: null, contactId: null, name: 'Walter', email: 'w2@x.example', attended: null },
      ],
    });
    expect(tagged?.changes).toEqual([{ field: 'tags', from: [], to: ['b', 'a'] }]);
  });

  const types = [
    'CALL',
    'EMAIL',
    'MEETING',
    'SITE_VISIT',
    'CHAT',
    'SMS',
    'REVIEW',
    'PRESENTATION',
    'TRAINING',
  ] as const;
  it('is of any type [THENA-A06] [THENA-A13] [THENA-A14]', async () => {
    for (const type of types) expect(granted(await create({ type })).type).toBe(type);
  });

  it('may lie anywhere in time while it is pending or cancelled, completed not in the future [THENA-A07] [THENA-A16]', async () => {
    const later = new Date(NOW.getTime() + 1).toISOString();
    for (const status of ['PENDING', 'CANCELLED'] as const) {
      expect(granted(await create({ status, activityTimestamp: later })).status).toBe(status);
    }
    const now = { status: 'COMPLETED', activityTimestamp: NOW.toISOString() } as const;
    expect(granted(await create(now)).status).toBe('COMPLETED');
    await refuses({ status: 'COMPLETED', activityTimestamp: later }, 'INVALID activityTimestamp');
  });

  const wrong: [string, Partial<CreateActivityInput>, string][] = [
    ['a duration below 0', { duration: -1 }, 'INVALID duration'],
    ['a duration over a week', { duration: 10081 }, 'INVALID duration'],
    ['no location', { location: ' ' }, 'INVALID location'],
    ['a long location', { location: 'x'.repeat(501) }, 'INVALID location'],
    ['a location of half a character', { location: '\ud800' }, 'INVALID location'],
    ['a long title', { title: 'x'.repeat(256) }, 'INVALID title'],
    ['a description over 32 KiB', { description: 'x'.repeat(32 * 1024 + 1) }, 'INVALID description'],
    ['an attachment of another scheme', { attachmentUrls: ['ftp://x.example'] }, 'INVALID attachmentUrls.0'],
    ['too many attachments', { attachmentUrls: Array(21).fill('https://x.example') }, 'INVALID attachmentUrls'],
    ['an empty tag', { tags: ['a', ''] }, 'INVALID tags.1'],
    ['too many tags', { tags: Array.from({ length: 51 }, (_, n) => `t${n}`) }, 'INVALID tags'],
    ['a participant who is nobody', { participants: [{ attended: true, name: ' ' }] }, 'INVALID participants.0'],
    ['a participant’s long name', { participants: [{ name: 'x'.repeat(256) }] }, 'INVALID participants.0.name'],
    ['a participant’s address without @', { participants: [{ email: 'ida' }] }, 'INVALID participants.0.email'],
    [
      'too many participants',
      { participants: Array.from({ length: 101 }, (_, n) => ({ name: `n${n}` })) },
      'INVALID participants',
    ],
    [
      'the same address twice',
      { participants: [{ email: 'a@x.example' }, { name: 'A', email: ' A@X.example' }] },
      'INVALID participants.1',
    ],
  ];
  it.each(wrong)('refuses %s', async (_what, more, expected) => refuses(more, expected));

  it('takes the edges of what it accepts', async () => {
    const edges = { title: 'x'.repeat(255), location: '😀'.repeat(500), duration: 0, description: ' \u200b' };
    const participants = Array.from({ length: 100 }, (_, n) => ({ name: `n${n}` }));
    expect(granted(await create({ ...edges, participants }))).toMatchObject({ ...edges, description: null });
    expect(granted(await create({ title: ' ' })).title).toBeNull();
  });

  it('says of a user and a contact in one, and of someone there twice, where [THENA-A08]', async () => {
    const { userId } = world().admin;
    await refuses({ participants: [{ userId, contactId: contact.key }] }, 'INVALID participants.0.contactId');
    await refuses({ participants: [{ userId }, { name: 'x' }, { userId }] }, 'INVALID participants.2');
    await refuses({ participants: [{ contactId: contact.key }, { contactId: contact.key }] }, 'INVALID participants.1');
  });

  it('answers to participants who are missing, foreign, malformed or of another type as to none', async () => {
    const theirs = await world().record('CONTACT', { organizationId: world().other.organization.id });
    const { prisma, organization, admin, other } = world();
    const assistant = await prisma.user.findUniqueOrThrow({ where: { id: organization.assistantId } });
    const users = [
      other.admin.userId,
      encodeId('User', newUid()),
      contact.key,
      'junk',
      encodeId('User', assistant.uid),
    ];
    for (const userId of users) {
      await refuses({ participants: [{ name: 'x' }, { userId }] }, 'NOT_FOUND participants.1.userId');
    }
    for (const contactId of [theirs.key, encodeId('Contact', newUid()), admin.userId, 'junk']) {
      await refuses({ participants: [{ contactId }] }, 'NOT_FOUND participants.0.contactId');
    }
  });

  it('takes someone who has left: they were there', async () => {
    const { gateway, organization, prisma } = world();
    const gone = await gateway.member(organization, { email: 'gone@ours.example' });
    const userId = await world().idOf(gone);
    await prisma.membership.update({
      where: { organizationId_userId: { organizationId: organization.id, userId } },
      data: { isActive: false },
    });
    const { participants } = granted(await create({ participants: [{ userId: gone.userId }] }));
    expect(participants).toMatchObject([{ name: 'gone', user: { id: gone.userId } }]);
  });

  it('answers to an account that is missing, foreign, malformed or no account as to none', async () => {
    const theirs = await world().record('ACCOUNT', { organizationId: world().other.organization.id });
    for (const accountId of [theirs.key, encodeId('Account', newUid()), contact.key, 'junk', '']) {
      await refuses({ accountId }, 'NOT_FOUND accountId');
    }
    const deleted = await world().record('ACCOUNT', { deletedAt: new Date() });
    await refuses({ accountId: deleted.key }, 'INVALID accountId');
  });

  it('answers to a linked record that is missing, foreign, malformed or none as to none', async () => {
    const theirs = await world().record('LEAD', { organizationId: world().other.organization.id });
    for (const linkedRecordId of [theirs.key, encodeId('Lead', newUid()), world().admin.userId, 'junk']) {
      await refuses({ linkedRecordId }, 'NOT_FOUND linkedRecordId');
    }
    await refuses({ accountId: 'junk', linkedRecordId: 'junk' }, 'NOT_FOUND accountId', 'NOT_FOUND linkedRecordId');
  });

  it('links a record of its account or of none, and refuses one of another account or in the bin [THENA-A19]', async () => {
    const accountId = account.id;
    const fits = [
      account,
      contact,
      await world().record('OPPORTUNITY', { accountId }),
      await world().record('LEAD', { convertedAccountId: accountId }),
      await world().record('LEAD'),
      await world().record('CONTACT'),
    ];
    for (const { key } of fits) {
      expect(granted(await create({ linkedRecordId: key })).linkedRecord?.id).toBe(key);
    }
    const others = [
      elsewhere,
      await world().record('CONTACT', { accountId: elsewhere.id }),
      await world().record('OPPORTUNITY', { accountId: elsewhere.id }),
      await world().record('LEAD', { convertedAccountId: elsewhere.id }),
      await world().record('CONTACT', { accountId, deletedAt: new Date() }),
    ];
    for (const { key } of others) await refuses({ linkedRecordId: key }, 'INVALID linkedRecordId');
  });

  it('keeps with an opportunity the lead that it came from, as tasks do', async () => {
    const lead = await world().record('LEAD');
    const deal = await world().record('OPPORTUNITY', { accountId: account.id, leadId: lead.id });
    const { id } = granted(await create({ linkedRecordId: deal.key }));
    const where = { organizationId: world().organization.id, uid: id.slice(4) };
    const row = () => world().prisma.activity.findFirstOrThrow({ where });
    const linked = { linkedType: 'OPPORTUNITY', opportunityId: deal.id, leadId: lead.id, accountId: account.id };
    expect(await row()).toMatchObject(linked);
    granted(await writes().update(id, { title: 'x' }));
    expect(await row()).toMatchObject(linked);
    granted(await writes().update(id, { linkedRecordId: contact.key }));
    expect(await row()).toMatchObject({ linkedType: 'CONTACT', opportunityId: null, leadId: null });
  });

  it('is for those who write and have CRM access', async () => {
    const { gateway, organization } = world();
    const viewer = await gateway.member(organization, { email: 'vi@ours.example', role: 'VIEWER' });
    const limited = await gateway.member(organization, { email: 'li@ours.example', crmAccess: false });
    const query =
      'mutation ActivityRoomForbidden($input: CreateActivityInput!) { createActivity(input: $input) { errors { code } } }';
    for (const caller of [viewer, limited]) {
      const answer = await gateway.send<object, object>(caller, query, { input: least(account.key) });
      expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(granted(await writes(world().admin).create(least(account.key))).creator.id).toBe(world().admin.userId);
  });
});
