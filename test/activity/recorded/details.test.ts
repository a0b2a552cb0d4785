import { expect, it } from 'vitest';
import { graphql } from '../../generated/index.ts';
import { PHONE, taken, tasked, useDesk } from './desk.ts';

// What the tasks of recordings tell of them.

const desk = useDesk();
const DETAIL = graphql(`
  query RecordedDetail($id: ID!) {
    task(id: $id) {
      objectType objectId
      detail {
        __typename
        ... on IncomingEmailDetail { threadId subject emails { id } }
        ... on EmailFollowupDetail { threadId email { id } subject bodyPreview }
        ... on MissedCallDetail { call { id } phone localPhone }
        ... on AnsweredDetachedCallDetail { call { id } phone }
        ... on VoicemailDetail { call { id } phone localPhone voicemailDuration voicemailUrl }
        ... on IncomingSmsDetail { sms { id } remotePhone localPhone text }
      }
    }
  }
`);
const detailOf = async (id: string) => (await desk().world.gateway.ask(desk().world.admin, DETAIL, { id })).task;
const ours = '+14155550199';

it('a missed call’s task tells both numbers and the call [CLOSE-19]', async () => {
  const { activity, task } = taken(await desk().by.call({ phone: PHONE, localPhone: '(415) 555 0199' }));
  expect(await detailOf(task?.id as string)).toEqual({
    ...{ objectType: 'call', objectId: activity.id },
    detail: { __typename: 'MissedCallDetail', call: { id: activity.id }, phone: PHONE, localPhone: '(415) 555 0199' },
  });
});

it('a voicemail’s task tells where it is heard, and how long it is [CLOSE-21]', async () => {
  const voicemail = { duration: 31, url: 'https://voice.example/31' };
  const { activity, task } = taken(await desk().by.call({ phone: PHONE, localPhone: ours, voicemail }));
  expect((await detailOf(task?.id as string))?.detail).toEqual({
    ...{ __typename: 'VoicemailDetail', call: { id: activity.id }, phone: PHONE, localPhone: ours },
    ...{ voicemailDuration: 31, voicemailUrl: voicemail.url },
  });
});

it('a detached call’s task tells the number, null where it was withheld [CLOSE-20]', async () => {
  for (const phone of ['+18085550133', null]) {
    const { activity, task } = taken(await desk().by.call({ phone, outcome: 'ANSWERED' }));
    const detail = { __typename: 'AnsweredDetachedCallDetail', call: { id: activity.id }, phone };
    expect((await detailOf(task?.id as string))?.detail).toEqual(detail);
  }
});

it('an SMS’s task tells its text [CLOSE-23]', async () => {
  const { activity, task } = taken(await desk().by.sms({ remotePhone: PHONE, localPhone: ours, text: 'Hello' }));
  expect(await detailOf(task?.id as string)).toEqual({
    ...{ objectType: 'sms', objectId: activity.id },
    detail: {
      ...{ __typename: 'IncomingSmsDetail', sms: { id: activity.id }, remotePhone: PHONE, localPhone: ours },
      text: 'Hello',
    },
  });
});

it('a thread’s task tells its e-mails, the oldest first, and its subject [CLOSE-17]', async () => {
  const { by } = desk();
  const threadId = 'detailed';
  const late = taken(await by.email({ threadId, subject: 'Re: Offer', at: '2026-03-02T11:00:00Z' })).activity;
  const early = taken(await by.email({ threadId, subject: 'Offer', at: '2026-03-02T10:00:00Z' }));
  expect(await detailOf(early.task?.id as string)).toEqual({
    ...{ objectType: 'emailthread', objectId: threadId },
    detail: {
      ...{ __typename: 'IncomingEmailDetail', threadId, subject: 'Offer' },
      emails: [{ id: early.activity.id }, { id: late.id }],
    },
  });
});

it('a follow-up’s task tells the e-mail that went out [CLOSE-18]', async () => {
  const out = { direction: 'OUTBOUND', threadId: 'sent', subject: 'Offer', body: 'Dear Ann,\n\nhere it is.' } as const;
  const { activity, task } = taken(await desk().by.email({ ...out, followUpOn: '2026-03-05' }));
  expect(await detailOf(task?.id as string)).toMatchObject({
    ...{ objectType: 'emailthread', objectId: 'sent' },
    detail: {
      ...{ __typename: 'EmailFollowupDetail', threadId: 'sent', email: { id: activity.id }, subject: 'Offer' },
      bodyPreview: 'Dear Ann, here it is.',
    },
  });
});

it('what is recorded again after its task was deleted for good is answered without it', async () => {
  const { by, world } = desk();
  const { prisma, organization } = world;
  const email = { externalId: 'kept', threadId: 'kept' };
  const first = taken(await by.email(email));
  const organizationId = organization.id;
  const task = await prisma.task.findFirstOrThrow({ where: { organizationId, threadId: 'kept' } });
  await prisma.taskEmail.deleteMany({ where: { organizationId, taskId: task.id } });
  await prisma.task.deleteMany({ where: { organizationId, id: task.id } });
  expect(taken(await by.email(email))).toEqual({ activity: first.activity, task: null });
  expect(tasked(await by.email({ threadId: 'kept' }))._type).toBe('INCOMING_EMAIL');
});
