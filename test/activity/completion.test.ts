import { beforeAll, describe, expect, it } from 'vitest';
import { deskOf, refusals } from '../comment/room.ts';
import type { CreateActivityInput } from '../generated/graphql.ts';
import type { Caller } from '../support/gateway.ts';
import { STRANGERS } from '../task/sample.ts';
import { type Known, useWorld } from '../task/world.ts';
import { granted as grantedTask, writesOf as tasksOf, written as writtenTasks } from '../task/writes.ts';
import { granted, lastEvents, least, writesOf, written } from './writes.ts';

const world = useWorld();
let [account, contact, lead]: Known[] = [];
let limited: Caller;
const desk = (caller: Caller = world().admin) => deskOf(world(), caller);

beforeAll(async () => {
  const { gateway, organization } = world();
  account = await world().record('ACCOUNT');
  contact = await world().record('CONTACT', { accountId: account.id });
  lead = await world().record('LEAD');
  limited = await gateway.member(organization, { email: 'lim@ours.example', crmAccess: false });
});

const plan = async (more: Partial<CreateActivityInput> = {}, by: Caller = world().admin) =>
  granted(await writesOf(world(), by).create({ ...least(account?.key as string), ...more })).id;
const all = async () => [await written(world()), await writtenTasks(world())];

describe('completing an activity', () => {
  it('keeps who was there, notes and follow-ups, in one transaction [THENA-A16, THENA-A17, THENA-A18]', async () => {
    const { member, admin } = world();
    const id = await plan({ linkedRecordId: contact?.key, participants: [{ userId: member.userId }, { name: 'Zoe' }] });
    const { lastSeq } = await written(world());
    const { activity, followUps, errors } = await desk().complete(id, {
      expectedVersion: 1,
      notes: 'Decided: blue.',
      participants: [
        { userId: member.userId, attended: true },
        { name: 'Zoe', attended: false },
      ],
      followUps: [
        { title: 'Paint', assigneeId: member.userId },
        { title: 'Bill', accountId: account?.key as string },
      ],
    });
    expect(errors).toEqual([]);
    expect(activity).toMatchObject({
      ...{ id, status: 'COMPLETED', version: 2 },
      participants: [
        { user: { id: member.userId }, attended: true },
        { name: 'Zoe', user: null, attended: false },
      ],
      comments: { totalCount: 1, nodes: [{ body: 'Decided: blue.', author: { id: admin.userId }, mentions: [] }] },
    });
    const of = { activity: { id }, account: { id: account?.key } };
    expect(followUps).toMatchObject([
      { ...of, title: 'Paint', linkedRecord: { id: contact?.key }, assignee: { id: member.userId } },
      { ...of, title: 'Bill', linkedRecord: { id: account?.key }, assignee: null },
    ]);
    const events = await lastEvents(world(), 5);
    expect(events.map(({ kind, seq }) => [kind, seq - lastSeq])).toEqual([
      ['ACTIVITY_UPDATED', 1n],
      ['ACTIVITY_COMMENTED', 2n],
      ['TASK_CREATED', 3n],
      ['TASK_ASSIGNED', 4n],
      ['TASK_CREATED', 5n],
    ]);
    expect(new Set(events.map(({ at }) => at.getTime())).size).toBe(1);
  });

  it('tells those who took part once, by its completion; of the notes its creator; never who did it', async () => {
    const { member, admin } = world();
    const id = await plan({ participants: [{ userId: member.userId }, { userId: limited.userId }] }, admin);
    await desk(member).complete(id, { notes: 'x' });
    expect(await desk(member).told(id)).toEqual([]);
    expect(await desk(admin).told(id)).toEqual(['ACTIVITY_COMMENTED']);
    const other = await plan({ participants: [{ userId: member.userId }] }, admin);
    await desk(admin).complete(other, { notes: 'x' });
    expect(await desk(member).told(other)).toEqual(['ACTIVITY_COMPLETED']);
    expect(await desk(limited).told(id)).toEqual([]);
  });

  it('tells them by updateActivity, too, and of what was logged as complete nobody', async () => {
    const { member } = world();
    const people = { participants: [{ userId: member.userId }] };
    const [id, logged] = [await plan(people), await plan({ ...people, status: 'COMPLETED' })];
    granted(await writesOf(world(), world().admin).update(id, { status: 'COMPLETED' }));
    granted(await writesOf(world(), world().admin).update(id, { title: 'Later' }));
    expect(await desk(member).told(id)).toEqual(['ACTIVITY_COMPLETED']);
    expect(await desk(member).told(logged)).toEqual([]);
  });

  it('leaves participants and says nothing when it is not told to', async () => {
    const id = await plan({ participants: [{ name: 'Zoe', attended: true }] });
    const { activity, followUps } = await desk().complete(id, { notes: ' \n', participants: null });
    expect(activity?.participants).toMatchObject([{ name: 'Zoe', attended: true }]);
    expect([activity?.comments.totalCount, followUps]).toEqual([0, []]);
  });

  it('of a completed one changes nothing, whatever is asked', async () => {
    const id = await plan({ status: 'COMPLETED' });
    const before = await all();
    const { activity, followUps } = await desk().complete(id, { notes: 'x', followUps: [{ title: '' }] });
    expect([activity?.version, activity?.comments.totalCount, followUps]).toEqual([1, 0, []]);
    expect(await all()).toEqual(before);
  });

  it('gives follow-ups the account of one that is linked to nothing else, and each what it says itself', async () => {
    const [id, other] = [await plan(), await plan()];
    const { followUps } = await desk().complete(id, {
      followUps: [
        { title: 'a' },
        { title: 'b', linkedRecordId: lead?.key as string, activityId: other },
        { title: 'c', activityId: id },
      ],
    });
    expect(followUps.map(({ linkedRecord, activity }) => [linkedRecord?.id, activity?.id])).toEqual([
      [account?.key, id],
      [lead?.key, other],
      [account?.key, id],
    ]);
  });

  it('is refused whole, each fault by its path, and nothing is written', async () => {
    const id = await plan();
    const [far, binned] = [await plan({ activityTimestamp: '2999-01-01T00:00:00Z' }), await plan()];
    granted(await writesOf(world(), world().admin).remove(binned));
    const before = await all();
    const asked = async (of: string, more: object) => refusals(await desk().complete(of, more));
    expect(await asked(far, {})).toEqual(['INVALID id']);
    expect(await asked(binned, {})).toEqual(['NOT_ALLOWED id']);
    expect(await asked(id, { expectedVersion: 7 })).toEqual(['CONFLICT expectedVersion']);
    expect(await asked(id, { notes: 'x'.repeat(32_769) })).toEqual(['INVALID notes']);
    expect(await asked(id, { participants: [{}, { userId: 'junk', name: 'x' }] })).toEqual(['INVALID participants.0']);
    expect(await asked(id, { followUps: Array(21).fill({ title: 'x' }) })).toEqual(['INVALID followUps']);
    expect(await asked(id, { followUps: [{ title: 'x' }, { title: 'x', _type: 'VOICEMAIL' }] })).toEqual([
      'NOT_ALLOWED followUps.1._type',
    ]);
    const followUps = [
      { title: '' },
      { title: 'x', assigneeId: 'junk' },
      { title: 'x', accountId: 'junk' },
      { title: 'x', activityId: binned },
      { title: 'x', pipelineId: 'junk' },
    ];
    expect(await asked(id, { notes: 'fine', followUps })).toEqual([
      ...['INVALID followUps.0.title', 'NOT_FOUND followUps.1.assigneeId', 'NOT_FOUND followUps.2.accountId'],
      ...['INVALID followUps.3.activityId', 'NOT_FOUND followUps.4.pipelineId'],
    ]);
    expect(await all()).toEqual(before);
  });

  it('is done once when two ask at the same time', async () => {
    const id = await plan();
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((notes) => desk().complete(id, { notes, followUps: [{ title: notes, activityId: id }] })),
    );
    expect(answers.flatMap(refusals)).toEqual([]);
    expect(answers.flatMap(({ followUps }) => followUps)).toHaveLength(1);
    expect((await desk().activity(id))?.comments.totalCount).toBe(1);
  });

  it('is for a recorded one whenever it took place, and its follow-ups need a record when it has none', async () => {
    const id = await plan({ activityTimestamp: '2999-01-01T00:00:00Z' });
    const where = { organizationId: world().organization.id, uid: id.slice(4) };
    await world().prisma.activity.updateMany({
      where,
      data: { direction: 'INBOUND', accountId: null, linkedType: null },
    });
    expect(refusals(await desk().complete(id, { followUps: [{ title: 'x' }] }))).toEqual([
      'INVALID followUps.0.accountId',
    ]);
    expect(refusals(await desk().complete(id))).toEqual([]);
  });
});

describe('an attachment is removed [THENA-T32]', () => {
  const [a, b, c] = ['https://x.example/a', 'https://x.example/b', 'https://x.example/c'] as const;
  const newTask = async (attachmentUrls: string[]) =>
    grantedTask(
      await tasksOf(world(), world().admin).create({ title: 'x', accountId: account?.key as string, attachmentUrls }),
    ).id;

  it('of a task, each time that it stands there, and the others stay', async () => {
    const id = await newTask([a, b, a, c]);
    const { subject } = await desk().detach({ subjectId: id, url: a, expectedVersion: 1 });
    expect(subject).toEqual({ __typename: 'Task', id, attachmentUrls: [b, c], version: 2 });
    expect((await desk().task(id))?.history.nodes[0]).toEqual({
      kind: 'TASK_UPDATED',
      changes: [{ field: 'attachmentUrls', from: [a, b, a, c], to: [b, c] }],
    });
  });

  it('of an activity, whose participants stay', async () => {
    const participants = [{ userId: world().member.userId, attended: true }];
    const id = await plan({ attachmentUrls: [a, b], participants });
    const { subject } = await desk().detach({ subjectId: id, url: b });
    expect(subject).toEqual({ __typename: 'Activity', id, attachmentUrls: [a], version: 2 });
    const [event] = await lastEvents(world(), 1);
    expect(event).toMatchObject({ kind: 'ACTIVITY_UPDATED', changes: [{ field: 'attachmentUrls' }] });
    expect(await writesOf(world(), world().admin).read(id)).toMatchObject({
      participants: [{ user: { id: world().member.userId }, attended: true }],
    });
  });

  it('by two at the same time, each their own', async () => {
    const [task, activity] = [await newTask([a, b, c]), await plan({ attachmentUrls: [a, b, c] })];
    for (const subjectId of [task, activity]) await Promise.all([a, c].map((url) => desk().detach({ subjectId, url })));
    expect((await desk().detach({ subjectId: task, url: b })).subject).toMatchObject({
      attachmentUrls: [],
      version: 4,
    });
    expect((await desk().detach({ subjectId: activity, url: b })).subject).toMatchObject({ attachmentUrls: [] });
  });

  it('not where there is none, of another kind, in the bin, at another version, out of sight', async () => {
    const [task, activity, binned] = [await newTask([a]), await plan({ attachmentUrls: [a] }), await newTask([a])];
    const [call] = await world().tasks([{ kind: 'MISSED_CALL', accountId: account?.id as bigint }]);
    grantedTask(await tasksOf(world(), world().admin).remove(binned));
    const before = await all();
    const asked = async (subjectId: string, more = {}, by?: Caller) =>
      refusals(await desk(by).detach({ subjectId, url: a, ...more }));
    for (const id of [task, activity]) {
      expect(await asked(id, { url: b })).toEqual(['NOT_FOUND url']);
      expect(await asked(id, { expectedVersion: 9 })).toEqual(['CONFLICT expectedVersion']);
      expect(await asked(id, {}, limited)).toEqual(['NOT_FOUND subjectId']);
    }
    expect(await asked(call?.key as string)).toEqual(['NOT_ALLOWED subjectId']);
    expect(await asked(binned)).toEqual(['NOT_ALLOWED subjectId']);
    for (const id of [...STRANGERS, account?.key as string])
      expect(await asked(id), id).toEqual(['NOT_FOUND subjectId']);
    expect(await all()).toEqual(before);
  });

  it('of an activity only with CRM access, also by whose task it names', async () => {
    const id = await plan({ attachmentUrls: [a] });
    const input = { title: 'x', accountId: account?.key as string, activityId: id, assigneeId: limited.userId };
    grantedTask(await tasksOf(world(), world().admin).create(input));
    expect(refusals(await desk(limited).detach({ subjectId: id, url: a }))).toEqual(['NOT_ALLOWED subjectId']);
  });
});
