import { describe, expect, it } from 'vitest';
import { encodeId, newUid, uidOf } from '../../../src/ids.ts';
import { AT, recordingsOf, refusals, taken, tasked, useDesk } from './desk.ts';

const desk = useDesk();
const at = (time: string) => `2026-03-02T${time}.000Z`;
let threads = 0;
/** A thread of this test's own. */
const newThread = () => {
  threads += 1;
  return `own-${threads}`;
};
const changesIn = (
  events: readonly { kind: string; changes: readonly { field: string; from: unknown; to: unknown }[] }[],
) =>
  events.map(({ kind, changes }) => [
    kind,
    Object.fromEntries(changes.map(({ field, from, to }) => [field, [from, to]])),
  ]);

describe('an e-mail', () => {
  it('is logged as a completed activity, with who took part as far as they are known [CLOSE-17]', async () => {
    const { by, ann, account, world } = desk();
    const { activity } = taken(
      await by.email({
        ...{
          threadId: 't',
          subject: '  Your\r\n offer ',
          body: 'Dear Max,\n…',
          from: '"Lee, \\"Ann\\"" <ANN@acme.example>',
        },
        to: ['Max@ours.example', 'Bo Ray <bo@ray.example>', 'bo@ray.example', '<>', 'undisclosed recipients'],
      }),
    );
    expect(activity).toMatchObject({
      ...{ type: 'EMAIL', status: 'COMPLETED', visibility: 'ORGANIZATION', location: 'Email', duration: 0 },
      ...{
        title: 'Your offer',
        description: 'Dear Max,\n…',
        activityTimestamp: AT,
        direction: 'INBOUND',
        threadId: 't',
      },
      ...{ remotePhone: null, localPhone: null, linkedRecord: { id: ann }, account: { id: account } },
    });
    const nobody = { name: null, email: null, user: null, contact: null, attended: null };
    expect(activity.participants).toEqual([
      { ...nobody, name: 'Ann Lee', contact: { id: ann } },
      { ...nobody, name: 'max', user: { id: world.member.userId } },
      { ...nobody, name: 'Bo Ray', email: 'bo@ray.example' },
      { ...nobody, name: 'undisclosed recipients' },
    ]);
  });

  it('that came in makes an INCOMING_EMAIL for the owner of whoever sent it [CLOSE-17] [CLOSE-45]', async () => {
    const { by, ann, world } = desk();
    const { activity, task } = taken(await by.email({ subject: 'Hello' }));
    expect(task).toMatchObject({
      ...{ _type: 'INCOMING_EMAIL', type: 'EMAIL', status: 'PENDING', title: 'Hello', date: AT, description: null },
      ...{ linkedRecord: { id: ann }, assignee: { id: world.member.userId }, activity: { id: activity.id } },
      creator: { email: null },
    });
    const [created] = changesIn(
      (await by.task(task?.id as string)).history.nodes.filter(({ kind }) => kind === 'TASK_CREATED'),
    );
    expect(created?.[1]).toMatchObject({ emails: [null, [activity.id]] });
  });

  it('without a subject is called by its sender [CLOSE-17]', async () => {
    const { by } = desk();
    const called = async (from: string) => tasked(await by.email({ from, subject: ' ' })).title;
    expect(await called('ann@acme.example')).toBe('E-mail from Ann Lee');
    expect(await called('Bo Ray <bo@ray.example>')).toBe('E-mail from Bo Ray');
    expect(await called('bo@ray.example')).toBe('E-mail from bo@ray.example');
    expect(await called('')).toBe('E-mail from an unknown address');
  });

  it('keeps 255 characters of its subject and 32 KiB of its text, cut between characters [CLOSE-17]', async () => {
    const { activity, task } = taken(
      await desk().by.email({ subject: '📧'.repeat(300), body: `a${'📧'.repeat(9_000)}\0` }),
    );
    expect([...(activity.title ?? '')]).toHaveLength(255);
    expect(task?.title).toBe(activity.title);
    expect(activity.description).toBe(`a${'📧'.repeat(8_191)}`);
  });

  it('that went out is about the first recipient whom we know, and makes no task', async () => {
    const { by, ann } = desk();
    const to = ['nobody@x.example', 'Ann <ann@acme.example>'];
    const { activity, task } = taken(await by.email({ direction: 'OUTBOUND', from: 'max@ours.example', to }));
    expect(activity).toMatchObject({ linkedRecord: { id: ann }, direction: 'OUTBOUND' });
    expect(task).toBeNull();
  });

  it('has at most a hundred participants, the sender first', async () => {
    const to = Array.from({ length: 500 }, (_, index) => `p${index}@x.example`);
    const { participants } = taken(await desk().by.email({ to })).activity;
    expect(participants).toHaveLength(100);
    expect(participants[0]?.contact?.id).toBe(desk().ann);
    expect(participants.at(-1)?.email).toBe('p98@x.example');
  });

  it.each([
    ['a thread without an id', { threadId: '' }, ['INVALID threadId']],
    ['a thread whose id is too long', { threadId: 'x'.repeat(501) }, ['INVALID threadId']],
    ['too many recipients', { to: Array(501).fill('a@x.example') }, ['INVALID to']],
    ['a sender too long', { from: 'x'.repeat(1_001) }, ['INVALID from']],
    ['a recipient too long', { to: ['a@x.example', 'x'.repeat(1_001)] }, ['INVALID to.1']],
    ['a follow-up on what came in', { followUpOn: '2026-03-05' }, ['INVALID followUpOn']],
    ['an external id of none', { externalId: '' }, ['INVALID externalId']],
  ])('is refused for %s', async (_what, input, expected) => {
    expect(refusals(await desk().by.email(input))).toEqual(expected);
  });
});

describe('a thread', () => {
  it('gathers its e-mails in one open task, whose date moves to the newest [CLOSE-17]', async () => {
    const { by } = desk();
    const threadId = newThread();
    const first = taken(await by.email({ threadId, subject: 'Hi', at: at('08:00:00') }));
    const second = taken(await by.email({ threadId, subject: 'Re: Hi', at: at('09:00:00') }));
    expect(second.task).toMatchObject({
      ...{ id: first.task?.id, version: 2, title: 'Hi', date: at('09:00:00'), activity: { id: first.activity.id } },
    });
    const { history } = await by.task(first.task?.id as string);
    expect(changesIn(history.nodes.filter(({ kind }) => kind === 'TASK_UPDATED'))).toEqual([
      [
        'TASK_UPDATED',
        {
          date: [at('08:00:00'), at('09:00:00')],
          emails: [[first.activity.id], [first.activity.id, second.activity.id]],
        },
      ],
    ]);
  });

  it('takes what comes late without moving, in the order of time [CLOSE-17]', async () => {
    const { by } = desk();
    const threadId = newThread();
    const late = taken(await by.email({ threadId, at: at('09:00:00') }));
    const early = taken(await by.email({ threadId, at: at('08:00:00') }));
    expect(early.task).toMatchObject({ id: late.task?.id, version: 2, date: at('09:00:00') });
    const { history } = await by.task(late.task?.id as string);
    expect(changesIn(history.nodes.filter(({ kind }) => kind === 'TASK_UPDATED'))).toEqual([
      ['TASK_UPDATED', { emails: [[late.activity.id], [early.activity.id, late.activity.id]] }],
    ]);
  });

  it('brings a task back to the inbox that somebody had put off [CLOSE-17]', async () => {
    const { by, world } = desk();
    const threadId = newThread();
    const { id } = tasked(await by.email({ threadId, at: at('08:00:00') }));
    const put = `mutation { updateTask(input: { id: "${id}", patch: { date: "2026-04-01" } }) { errors { code } } }`;
    await world.gateway.ask(world.admin, put);
    // One that is late itself does not.
    expect(tasked(await by.email({ threadId, at: at('07:00:00') })).date).toBe('2026-04-01');
    expect(tasked(await by.email({ threadId, at: at('08:00:00') })).date).toBe(at('08:00:00'));
  });

  it('brings its task back to the inbox whatever an e-mail from the future says [CLOSE-17]', async () => {
    const { by } = desk();
    const threadId = newThread();
    const future = '2099-01-01T00:00:00.000Z';
    expect(tasked(await by.email({ threadId, at: future })).date).toBe(future);
    expect(tasked(await by.email({ threadId, at: at('08:00:00') })).date).toBe(at('08:00:00'));
    expect(tasked(await by.email({ threadId, at: at('07:00:00') })).date).toBe(at('08:00:00'));
    const joined = tasked(await by.email({ threadId, at: future }));
    expect(joined.date).toBe(joined.updatedAt);
    expect(tasked(await by.email({ threadId, at: at('09:00:00') })).date).toBe(at('09:00:00'));
  });

  it('changes its task at no time before its last change', async () => {
    const { by, world } = desk();
    const threadId = newThread();
    const task = tasked(await by.email({ threadId }));
    const where = {
      organizationId_uid: { organizationId: world.organization.id, uid: uidOf('Task', task.id) as string },
    };
    const later = new Date(Date.parse(task.updatedAt) + 3_600_000);
    await world.prisma.task.update({ where, data: { updatedAt: later } });
    expect(tasked(await by.email({ threadId })).updatedAt).toBe(later.toISOString());
    const { history } = await by.task(task.id);
    expect(history.nodes.find(({ kind }) => kind === 'TASK_UPDATED')?.at).toBe(later.toISOString());
  });

  it('leaves its task to whom it was assigned, and its link as it is; without one it takes that of the e-mail', async () => {
    const { by, ann, account, world } = desk();
    const threadId = newThread();
    const from = 'stranger@x.example';
    const first = tasked(await by.email({ threadId, from, assigneeId: world.admin.userId }));
    expect(first).toMatchObject({ linkedRecord: null, assignee: { id: world.admin.userId } });
    const linked = { linkedRecord: { id: ann }, account: { id: account }, assignee: { id: world.admin.userId } };
    expect(tasked(await by.email({ threadId, assigneeId: world.member.userId }))).toMatchObject(linked);
    expect(tasked(await by.email({ threadId, from, recordId: account }))).toMatchObject(linked);
    const { history } = await by.task(first.id);
    const told = changesIn(history.nodes.filter(({ kind }) => kind === 'TASK_UPDATED'));
    expect(told).toHaveLength(2);
    expect(told.find(([, changes]) => 'linkedRecordId' in (changes as object))?.[1]).toMatchObject({
      linkedRecordId: [null, ann],
    });
  });

  it.each(['complete', 'remove'] as const)(
    'begins a new task after the old one is gone: %s [CLOSE-17]',
    async (end) => {
      const { by } = desk();
      const threadId = newThread();
      const first = tasked(await by.email({ threadId }));
      await by[end](first.id);
      const second = tasked(await by.email({ threadId }));
      expect(second.id).not.toBe(first.id);
      expect(tasked(await by.email({ threadId })).id).toBe(second.id);
    },
  );

  it('tells of the newest hundred e-mails, however many there are [CLOSE-17]', async () => {
    const { by, world } = desk();
    const { prisma, organization } = world;
    const threadId = newThread();
    const { id } = tasked(await by.email({ threadId, at: at('00:00:00') }));
    const organizationId = organization.id;
    const task = await prisma.task.findFirstOrThrow({ where: { organizationId, threadId } });
    const first = await prisma.activity.findFirstOrThrow({ where: { organizationId, threadId } });
    const { id: _, participants: __, ...row } = first;
    const planted = await prisma.activity.createManyAndReturn({
      data: Array.from({ length: 150 }, (_none, index) => ({
        ...{ ...row, uid: newUid(), externalId: `planted-${index}` },
        activityTimestamp: new Date(Date.parse(at('01:00:00')) + index * 1_000),
      })),
    });
    await prisma.taskEmail.createMany({
      data: planted.map((activity) => ({ organizationId, taskId: task.id, activityId: activity.id })),
    });
    const { activity } = taken(await by.email({ threadId, at: at('02:00:00') }));
    const { history } = await by.task(id);
    const change = history.nodes
      .flatMap(({ changes }) => changes)
      .find(({ field, from }) => field === 'emails' && from);
    const uids = planted.map(({ uid }) => encodeId('Activity', uid));
    expect([change?.from, change?.to]).toEqual([uids.slice(-100), [...uids.slice(-99), activity.id]]);
  });

  it('of another organization, or of another id, is another thread', async () => {
    const { by, world } = desk();
    const threadId = newThread();
    const here = tasked(await by.email({ threadId }));
    const there = tasked(await recordingsOf(world, world.other.admin).email({ threadId }));
    expect(there).toMatchObject({ version: 1 });
    expect(tasked(await by.email({ threadId: `${threadId} ` })).id).not.toBe(here.id);
    expect(tasked(await by.email({ threadId })).version).toBe(2);
  });
});

describe('a follow-up', () => {
  const out = { direction: 'OUTBOUND' as const, from: 'max@ours.example', to: ['ann@acme.example'], subject: 'Offer' };

  it.each(['2026-03-05', '2026-03-05T09:00:00.000Z'])(
    'is a task on %s, of the e-mail that went out [CLOSE-18]',
    async (day) => {
      const { by, ann, world } = desk();
      const { activity, task } = taken(await by.email({ ...out, followUpOn: day }));
      expect(task).toMatchObject({
        ...{ _type: 'EMAIL_FOLLOWUP', type: 'FOLLOW_UP', title: 'Follow up: Offer', date: day, status: 'PENDING' },
        ...{ linkedRecord: { id: ann }, assignee: { id: world.member.userId }, activity: { id: activity.id } },
        creator: { email: null },
      });
    },
  );

  it('without a subject is called by whom it went to [CLOSE-18]', async () => {
    const { by } = desk();
    const words = { ...out, subject: null, followUpOn: '2026-03-05' };
    expect(tasked(await by.email(words)).title).toBe('Follow up: e-mail to Ann Lee');
    expect(tasked(await by.email({ ...words, to: ['Bo <bo@ray.example>'] })).title).toBe('Follow up: e-mail to Bo');
    expect(tasked(await by.email({ ...words, to: [] })).title).toBe('Follow up: e-mail to an unknown address');
  });

  it('is completed by the assistant when somebody answers, and its assignee is told [CLOSE-18]', async () => {
    const { by, world } = desk();
    const threadId = newThread();
    const task = tasked(await by.email({ ...out, threadId, at: at('08:00:00'), followUpOn: '2026-03-05' }));
    const reply = taken(await by.email({ threadId, at: at('08:00:00') }));
    expect(reply.task?._type).toBe('INCOMING_EMAIL');
    const done = await by.task(task.id);
    expect(done).toMatchObject({ status: 'COMPLETED', version: 2, completedBy: { id: done.creator.id } });
    expect(done.completedAt).toBe(done.updatedAt);
    const last = done.history.nodes.find(({ kind }) => kind === 'TASK_COMPLETED');
    expect(last).toMatchObject({ actor: { id: world.admin.userId }, at: done.completedAt });
    expect(changesIn([last as never])[0]?.[1]).toEqual({
      status: ['PENDING', 'COMPLETED'],
      completedAt: [null, done.completedAt],
      completedBy: [null, done.creator.id],
    });
    const where = { organizationId: world.organization.id, taskUid: task.id.slice('task_'.length) };
    expect((await world.prisma.notification.findMany({ where })).map(({ kind }) => kind).sort()).toEqual([
      'TASK_ASSIGNED',
      'TASK_COMPLETED',
    ]);
    const row = await world.prisma.task.findFirstOrThrow({
      where: { organizationId: world.organization.id, uid: task.id.slice('task_'.length) },
    });
    expect(row).toMatchObject({ statusBefore: 'PENDING', timelineAt: row.completedAt });
    const image = await world.prisma.event.findFirstOrThrow({
      where: { organizationId: world.organization.id, subjectUid: row.uid, kind: 'TASK_COMPLETED' },
    });
    expect([image.imageBefore, image.imageAfter]).toMatchObject([{ status: 'PENDING' }, { status: 'COMPLETED' }]);
  });

  it('stays open when what comes in is older than the e-mail, or of another thread [CLOSE-18]', async () => {
    const { by } = desk();
    const threadId = newThread();
    const task = tasked(await by.email({ ...out, threadId, at: at('08:00:00'), followUpOn: '2026-03-05' }));
    await by.email({ threadId, at: at('07:59:59') });
    await by.email({ at: at('09:00:00') });
    expect((await by.task(task.id)).status).toBe('PENDING');
  });

  it('is not made when the answer has been recorded already [CLOSE-18]', async () => {
    const { by } = desk();
    const threadId = newThread();
    await by.email({ threadId, at: at('08:00:00') });
    const ask = (time: string) => by.email({ ...out, threadId, at: at(time), followUpOn: '2026-03-05' });
    expect(taken(await ask('07:00:00')).task).toBeNull();
    expect(taken(await ask('08:00:00')).task).toBeNull();
    expect(taken(await ask('08:00:01')).task?._type).toBe('EMAIL_FOLLOWUP');
  });

  it('is made though there was an answer, when that is in the bin [CLOSE-18]', async () => {
    const { by, world } = desk();
    const threadId = newThread();
    const { activity } = taken(await by.email({ threadId, at: at('08:00:00') }));
    const bin = `mutation { deleteActivity(input: { id: "${activity.id}" }) { errors { code } } }`;
    await world.gateway.ask(world.admin, bin);
    const answer = await by.email({ ...out, threadId, at: at('08:00:00'), followUpOn: '2026-03-05' });
    expect(tasked(answer)._type).toBe('EMAIL_FOLLOWUP');
  });
});

describe('an SMS', () => {
  it('that came in makes an INCOMING_SMS, its text the activity’s [CLOSE-23] [CLOSE-45]', async () => {
    const { by, ann, account, world } = desk();
    const { activity, task } = taken(
      await by.sms({ remotePhone: '+1 415-555-0100', localPhone: '12345', text: 'Call me\nplease' }),
    );
    expect(activity).toMatchObject({
      ...{
        type: 'SMS',
        location: 'SMS',
        title: null,
        description: 'Call me\nplease',
        duration: 0,
        status: 'COMPLETED',
      },
      ...{ remotePhone: '+14155550100', localPhone: '12345', linkedRecord: { id: ann }, account: { id: account } },
      participants: [{ name: 'Ann Lee', contact: { id: ann } }],
    });
    expect(task).toMatchObject({
      ...{ _type: 'INCOMING_SMS', type: 'MESSAGE', title: 'SMS from Ann Lee', date: AT, description: null },
      ...{ linkedRecord: { id: ann }, assignee: { id: world.member.userId }, activity: { id: activity.id } },
      creator: { email: null },
    });
    expect(tasked(await by.sms({ remotePhone: null })).title).toBe('SMS from an unknown number');
  });

  it('that went out makes none [CLOSE-23]', async () => {
    const { activity, task } = taken(await desk().by.sms({ direction: 'OUTBOUND', remotePhone: '+14155550100' }));
    expect(task).toBeNull();
    expect(activity).toMatchObject({ direction: 'OUTBOUND', linkedRecord: { id: desk().ann } });
  });

  it('is refused for an external id of none', async () => {
    expect(refusals(await desk().by.sms({ externalId: '' }))).toEqual(['INVALID externalId']);
  });
});
