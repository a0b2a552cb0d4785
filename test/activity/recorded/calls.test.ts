import { describe, expect, it } from 'vitest';
import { encodeId, newUid, uidOf } from '../../../src/ids.ts';
import { AT, PHONE, recordingsOf, recordsOf, refusals, taken, tasked, useDesk } from './desk.ts';

const desk = useDesk();
const ours = '+1 415 555 0199';

describe('a call', () => {
  it('is logged as a completed activity of whoever has the number [CLOSE-19]', async () => {
    const { by, ann, account, world } = desk();
    const { activity } = taken(await by.call({ phone: '001 415 555-0100', localPhone: ours, duration: 7 }));
    expect(activity).toEqual({
      ...{ id: expect.stringMatching(/^act_/), type: 'CALL', status: 'COMPLETED', visibility: 'ORGANIZATION' },
      ...{ title: null, description: null, activityTimestamp: AT, duration: 7, location: 'Phone' },
      ...{ direction: 'INBOUND', threadId: null, remotePhone: PHONE, localPhone: '+14155550199' },
      ...{ account: { id: account }, linkedRecord: { id: ann }, creator: { id: world.admin.userId } },
      participants: [{ name: 'Ann Lee', email: null, user: null, contact: { id: ann }, attended: null }],
    });
  });

  it('that was missed makes a MISSED_CALL of the assistant’s, for the record’s owner, dated when it came [CLOSE-19] [CLOSE-45]', async () => {
    const { by, ann, account, world } = desk();
    const { activity, task } = taken(await by.call({ phone: PHONE }));
    expect(task).toMatchObject({
      ...{ _type: 'MISSED_CALL', type: 'CALL', status: 'PENDING', priority: 'LOW', title: 'Missed call from Ann Lee' },
      ...{
        description: null,
        date: AT,
        completedAt: null,
        version: 1,
        linkedRecord: { id: ann },
        account: { id: account },
      },
      ...{ contact: { id: ann }, lead: null, activity: { id: activity.id }, assignee: { id: world.member.userId } },
      creator: { email: null },
    });
    const { id } = await world.prisma.user.findUniqueOrThrow({
      where: { uid: uidOf('User', task?.creator.id ?? '') ?? '' },
    });
    expect(id).toBe(world.organization.assistantId);
  });

  it.each(['MISSED', 'ANSWERED'] as const)('%s with a voicemail makes a VOICEMAIL [CLOSE-21]', async (outcome) => {
    const { by, world } = desk();
    const voicemail = { duration: 12, url: 'https://voice.example/1' };
    const { activity, task } = taken(await by.call({ phone: PHONE, outcome, voicemail }));
    expect(task).toMatchObject({ _type: 'VOICEMAIL', type: 'CALL', title: 'Voicemail from Ann Lee', date: AT });
    const row = await world.prisma.activity.findFirstOrThrow({
      where: { organizationId: world.organization.id, uid: activity.id.slice('act_'.length) },
    });
    expect(row).toMatchObject({ voicemailDuration: 12, voicemailUrl: voicemail.url, recording: 'CALL' });
  });

  it('that was answered from a number of nobody’s makes an ANSWERED_DETACHED_CALL [CLOSE-20] [CLOSE-47]', async () => {
    const { by } = desk();
    const { activity, task } = taken(await by.call({ phone: '+1 808 555 0111', outcome: 'ANSWERED' }));
    expect(task).toMatchObject({
      ...{ _type: 'ANSWERED_DETACHED_CALL', type: 'CALL', title: 'Answered call from +18085550111' },
      ...{
        linkedRecord: null,
        account: null,
        lead: null,
        contact: null,
        assignee: null,
        activity: { id: activity.id },
      },
    });
    expect(activity).toMatchObject({ account: null, linkedRecord: null, participants: [] });
  });

  it('that was answered from a withheld number is nobody’s too, and voicemails may be [CLOSE-20] [CLOSE-47]', async () => {
    const { by } = desk();
    const { activity, task } = taken(await by.call({ phone: null, outcome: 'ANSWERED' }));
    expect(task).toMatchObject({ _type: 'ANSWERED_DETACHED_CALL', title: 'Answered call from an unknown number' });
    expect(activity).toMatchObject({ remotePhone: null, localPhone: null });
    const voicemail = { duration: 0, url: 'http://voice.example/2' };
    expect(tasked(await by.call({ phone: ' ', voicemail }))).toMatchObject({ _type: 'VOICEMAIL', lead: null });
  });

  it('that was answered and is about somebody whom we know makes no task', async () => {
    const { by, ann, account } = desk();
    expect(taken(await by.call({ phone: PHONE, outcome: 'ANSWERED' })).task).toBeNull();
    const named = taken(await by.call({ phone: '+1 808 555 0112', outcome: 'ANSWERED', recordId: ann }));
    expect(named.task).toBeNull();
    expect(named.activity).toMatchObject({ linkedRecord: { id: ann }, account: { id: account } });
    expect(taken(await by.call({ phone: null, outcome: 'ANSWERED', recordId: account })).activity).toMatchObject({
      ...{ linkedRecord: { id: account }, account: { id: account }, participants: [] },
    });
  });

  it('that went out makes no task', async () => {
    const { by, ann } = desk();
    for (const outcome of ['ANSWERED', 'MISSED'] as const) {
      const { activity, task } = taken(await by.call({ phone: PHONE, direction: 'OUTBOUND', outcome }));
      expect(task).toBeNull();
      expect(activity).toMatchObject({ direction: 'OUTBOUND', linkedRecord: { id: ann } });
    }
  });

  it('may lie in the future: what is recorded tells its time itself', async () => {
    const at = '2099-01-01T00:00:00.000Z';
    expect(taken(await desk().by.call({ at })).activity).toMatchObject({ activityTimestamp: at, status: 'COMPLETED' });
  });

  it('is never refused for its number', async () => {
    const { by } = desk();
    const kept = async (phone: string) => taken(await by.call({ phone })).activity.remotePhone;
    expect(await kept('Anonymous')).toBe('Anonymous');
    expect(await kept('sip:ann@acme.example')).toBe('sip:ann@acme.example');
    expect(await kept(`\0+1 415\ud800 555 0100`)).toBe(PHONE);
    expect([...((await kept('☎'.repeat(1_000))) as string)]).toHaveLength(255);
    expect(await kept('')).toBeNull();
  });

  it('tells in the log what it is, by whom, and then of its task', async () => {
    const { by, ann, account, world } = desk();
    const { prisma, organization } = world;
    const { task } = taken(await by.call({ phone: PHONE, localPhone: ours }));
    const events = await prisma.event.findMany({
      where: { organizationId: organization.id },
      orderBy: { seq: 'desc' },
      take: 3,
    });
    expect(events.map(({ kind }) => kind).reverse()).toEqual(['ACTIVITY_LOGGED', 'TASK_CREATED', 'TASK_ASSIGNED']);
    const changes = events.at(-1)?.changes as { field: string; to: unknown }[];
    expect(Object.fromEntries(changes.map(({ field, to }) => [field, to]))).toMatchObject({
      ...{ accountId: account, linkedRecordId: ann, type: 'CALL', direction: 'INBOUND', remotePhone: PHONE },
      localPhone: '+14155550199',
    });
    const told = await by.task(task?.id as string);
    expect(told.history.nodes.map(({ actor, actorKind }) => [actor?.id, actorKind])).toEqual([
      [world.admin.userId, 'USER'],
      [world.admin.userId, 'USER'],
    ]);
    expect(
      await prisma.notification.count({
        where: { organizationId: organization.id, taskUid: task?.id.slice(5) } as never,
      }),
    ).toBe(1);
  });
});

describe('a number', () => {
  it('matches contacts before leads, and of several the one updated last; deleted ones never [CLOSE-19]', async () => {
    const { by, records, world } = desk();
    const phone = '+1 415 555 0142';
    const about = async () => taken(await by.call({ phone })).activity.linkedRecord?.id ?? null;
    expect(await about()).toBeNull();
    const lead = await records.lead({ company: 'Bolt', phone: '1-415-555-0142' });
    expect(await about()).toBe(lead);
    const first = await records.contact({ firstName: 'Bea', phone: '(+1) 415 5550142' });
    expect(await about()).toBe(first);
    const second = await records.contact({ firstName: 'Bo', phone });
    expect(await about()).toBe(second);
    const send = (query: string) => world.gateway.ask(world.admin, query);
    await send(`mutation { updateContact(input: { id: "${first}", patch: { lastName: "Ray" } }) { errors { code } } }`);
    expect(await about()).toBe(first);
    await send(`mutation { deleteContact(input: { id: "${first}" }) { errors { code } } }`);
    expect(await about()).toBe(second);
    await send(`mutation { deleteContact(input: { id: "${second}" }) { errors { code } } }`);
    expect(await about()).toBe(lead);
    expect(taken(await by.call({ phone })).activity.participants).toEqual([
      { name: 'Bolt', email: null, user: null, contact: null, attended: null },
    ]);
  });

  it('of another organization’s contact matches nobody here, and ours nobody there', async () => {
    const { world, by } = desk();
    const phone = '+1 415 555 0177';
    await recordsOf(world, world.other.admin).contact({ firstName: 'Theo', phone, email: 'theo@x.example' });
    const { activity } = taken(await by.call({ phone, outcome: 'ANSWERED' }));
    expect(activity).toMatchObject({ linkedRecord: null, account: null, participants: [] });
    expect(taken(await by.email({ from: 'theo@x.example' })).activity.linkedRecord).toBeNull();
    const there = recordingsOf(world, world.other.admin);
    expect(taken(await there.call({ phone: PHONE })).activity.linkedRecord).toBeNull();
  });
});

describe('the assignee', () => {
  it('is who is named, else the owner, else the account’s owner, else nobody', async () => {
    const { by, records, world, account } = desk();
    const to = async (input: object) => tasked(await by.call(input)).assignee?.id ?? null;
    const { admin, member } = world;
    expect(await to({ phone: PHONE, assigneeId: admin.userId })).toBe(admin.userId);
    expect(await to({ phone: PHONE })).toBe(member.userId);
    const phone = '+1 415 555 0155';
    await records.contact({ firstName: 'Cal', phone, accountId: account });
    expect(await to({ phone })).toBe(admin.userId);
    const alone = await records.lead({ company: 'Dot' });
    expect(await to({ recordId: alone })).toBeNull();
    expect(await to({ phone: null, assigneeId: member.userId })).toBe(member.userId);
  });

  it('is nobody who left or only looks: then the account’s owner', async () => {
    const { by, records, world, account } = desk();
    const { gateway, organization, prisma, admin } = world;
    const gone = await gateway.member(organization, { email: 'gone@ours.example' });
    const looking = await gateway.member(organization, { email: 'vera@ours.example', role: 'VIEWER' });
    for (const [caller, phone] of [
      [gone, '+1 415 555 0161'],
      [looking, '+1 415 555 0162'],
    ] as const) {
      await records.contact({ firstName: 'Eve', phone, accountId: account, ownerId: caller.userId });
      const key = { organizationId: organization.id, userId: await world.idOf(caller) };
      if (caller === gone) {
        await prisma.membership.update({ where: { organizationId_userId: key }, data: { isActive: false } });
      }
      expect(tasked(await by.call({ phone })).assignee?.id).toBe(admin.userId);
    }
    expect(refusals(await by.call({ assigneeId: gone.userId }))).toEqual(['NOT_FOUND assigneeId']);
    expect(refusals(await by.call({ assigneeId: looking.userId }))).toEqual(['INVALID assigneeId']);
  });

  it('is not asked for, even where the organization wants one on every task', async () => {
    const { by, world } = desk();
    const set = (requireAssignee: boolean) =>
      world.prisma.organization.update({ where: { id: world.organization.id }, data: { requireAssignee } });
    await set(true);
    try {
      expect(tasked(await by.call({ phone: null })).assignee).toBeNull();
    } finally {
      await set(false);
    }
  });
});

describe('a call is refused', () => {
  const voicemail = { duration: 1, url: 'https://voice.example/1' };
  it.each([
    ['an external id of none', { externalId: '' }, ['INVALID externalId']],
    ['one too long', { externalId: 'x'.repeat(501) }, ['INVALID externalId']],
    ['one that cannot be stored', { externalId: 'a\0b' }, ['INVALID externalId']],
    ['a duration below nothing', { duration: -1 }, ['INVALID duration']],
    ['a duration beyond a week', { duration: 10_081 }, ['INVALID duration']],
    ['a voicemail on a call that went out', { voicemail, direction: 'OUTBOUND' }, ['INVALID voicemail']],
    ['a voicemail shorter than nothing', { voicemail: { ...voicemail, duration: -1 } }, ['INVALID voicemail.duration']],
    ['a voicemail nowhere', { voicemail: { ...voicemail, url: 'ftp://x.example' } }, ['INVALID voicemail.url']],
    ['a record of nobody’s', { recordId: encodeId('Lead', newUid()) }, ['NOT_FOUND recordId']],
    ['a record that is none', { recordId: encodeId('Task', newUid()) }, ['NOT_FOUND recordId']],
    ['an assignee of nobody', { assigneeId: encodeId('User', newUid()) }, ['NOT_FOUND assigneeId']],
    [
      'several things at once',
      { duration: -1, voicemail: { duration: -1, url: 'x' } },
      ['INVALID duration', 'INVALID voicemail.duration', 'INVALID voicemail.url'],
    ],
  ])('for %s, and nothing is written', async (_what, input, expected) => {
    const { by, world } = desk();
    const rows = () => world.prisma.activity.count({ where: { organizationId: world.organization.id } });
    const before = await rows();
    expect(refusals(await by.call(input as never))).toEqual(expected);
    expect(await rows()).toBe(before);
  });

  it('for a record in the bin', async () => {
    const { by, records, world } = desk();
    const lead = await records.lead({ company: 'Gone' });
    await world.gateway.ask(world.admin, `mutation { deleteLead(input: { id: "${lead}" }) { errors { code } } }`);
    expect(refusals(await by.call({ recordId: lead }))).toEqual(['INVALID recordId']);
  });

  it('not for ids at their limit', async () => {
    expect(taken(await desk().by.call({ externalId: '☎'.repeat(500), duration: 10_080 })).activity.duration).toBe(
      10_080,
    );
  });
});
