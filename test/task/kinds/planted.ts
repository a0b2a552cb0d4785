import type { Prisma } from '../../../src/db/generated/prisma/client.ts';
import type { RecordType, TaskKind } from '../../../src/db/generated/prisma/enums.ts';
import { encodeId, newUid } from '../../../src/ids.ts';
import type { Known, World } from '../world.ts';

// What the system makes, put there as it is kept: an activity that was recorded, and the task that came of it.

const AT = new Date('2026-03-10T09:00:00Z');

type ActivityRow = Partial<Prisma.ActivityUncheckedCreateInput>;

const RECORDED = {
  CALL: { type: 'CALL', location: 'Phone', remotePhone: '+15550100', localPhone: '+15550199' },
  EMAIL: { type: 'EMAIL', location: 'Email', threadId: 'thread 1', title: 'Your offer', description: 'Dear all,' },
  SMS: { type: 'SMS', location: 'SMS', remotePhone: '+15550100', localPhone: '+15550199', description: 'Call me' },
} as const;

/** An activity that was recorded, of no account unless told otherwise. */
export async function recorded(
  { prisma, organization }: World,
  recording: keyof typeof RECORDED,
  more: ActivityRow = {},
): Promise<Known> {
  const { id, uid } = await prisma.activity.create({
    data: {
      ...RECORDED[recording],
      organizationId: organization.id,
      uid: newUid(),
      recording,
      externalId: newUid(),
      direction: 'INBOUND',
      status: 'COMPLETED',
      activityTimestamp: AT,
      duration: 0,
      creatorId: organization.assistantId,
      createdAt: AT,
      updatedAt: AT,
      ...more,
    },
    select: { id: true, uid: true },
  });
  return { id, uid, key: encodeId('Activity', uid) };
}

type TaskRow = Partial<Omit<Prisma.TaskUncheckedCreateInput, 'emails'>>;

/** A task of a kind that the system makes, dated by an instant unless told otherwise. */
export async function made(
  { prisma, organization }: World,
  kind: TaskKind,
  { activityId, emails = [], ...more }: TaskRow & { readonly emails?: readonly bigint[] },
): Promise<Known> {
  const organizationId = organization.id;
  const { id, uid } = await prisma.task.create({
    data: {
      organizationId,
      uid: newUid(),
      kind,
      title: kind,
      creatorId: organization.assistantId,
      ...(more.dueOn === undefined && { dueAt: AT }),
      timelineAt: AT,
      createdAt: AT,
      updatedAt: AT,
      activityId: activityId ?? null,
      ...(more.status === 'COMPLETED' && { completedAt: AT, completedById: organization.assistantId }),
      ...(more.deletedAt && { isActive: false }),
      ...more,
    },
    select: { id: true, uid: true },
  });
  const gathered = [
    ...new Set([...(kind === 'INCOMING_EMAIL' && activityId ? [activityId as bigint] : []), ...emails]),
  ];
  await prisma.taskEmail.createMany({
    data: gathered.map((activity) => ({ organizationId, taskId: id, activityId: activity })),
  });
  return { id, uid, key: encodeId('Task', uid) };
}

const COLUMN = { ACCOUNT: 'accountId', CONTACT: 'contactId', LEAD: 'leadId', OPPORTUNITY: 'opportunityId' } as const;

/** The columns of a link to a record, and what derives from it. */
export const linkedTo = (type: RecordType, { id }: Known, more: { accountId?: bigint; leadId?: bigint } = {}) => ({
  linkedType: type,
  ...more,
  [COLUMN[type]]: id,
});

export interface OfAllKinds {
  readonly tasks: Readonly<Record<TaskKind, Known>>;
  readonly activities: Readonly<
    Record<'email' | 'second' | 'sent' | 'missed' | 'answered' | 'voicemail' | 'sms', Known>
  >;
  readonly opportunity: Known;
}

/** One task of each kind, each with what it is about, on a thread of their own; `more` is on every task. */
export async function plantKinds(world: World, more: TaskRow = {}, ofActivity: ActivityRow = {}): Promise<OfAllKinds> {
  const thread = `thread ${newUid().toLowerCase()}`;
  const email = { threadId: thread, ...ofActivity };
  const activities = {
    email: await recorded(world, 'EMAIL', { ...email, title: 'Your offer' }),
    second: await recorded(world, 'EMAIL', {
      ...email,
      title: 'Re: Your offer',
      activityTimestamp: new Date(AT.getTime() + 60_000),
    }),
    sent: await recorded(world, 'EMAIL', {
      ...email,
      direction: 'OUTBOUND',
      title: 'Our offer',
      description: ' Dear\n\tAnn, ',
    }),
    missed: await recorded(world, 'CALL', ofActivity),
    answered: await recorded(world, 'CALL', { ...ofActivity, remotePhone: null }),
    voicemail: await recorded(world, 'CALL', {
      ...ofActivity,
      voicemailDuration: 42,
      voicemailUrl: 'https://voice.example/1.mp3',
    }),
    sms: await recorded(world, 'SMS', ofActivity),
  };
  const opportunity = await world.record('OPPORTUNITY');
  const of = ({ id }: Known) => ({ ...more, activityId: id });
  const { accountId: _a, contactId: _c, leadId: _l, opportunityId: _o, linkedType: _t, ...plain } = more;
  return {
    activities,
    opportunity,
    tasks: {
      LEAD: await made(world, 'LEAD', more),
      INCOMING_EMAIL: await made(world, 'INCOMING_EMAIL', {
        ...of(activities.email),
        threadId: thread,
        emails: [activities.second.id],
      }),
      EMAIL_FOLLOWUP: await made(world, 'EMAIL_FOLLOWUP', { ...of(activities.sent), threadId: thread }),
      MISSED_CALL: await made(world, 'MISSED_CALL', of(activities.missed)),
      ANSWERED_DETACHED_CALL: await made(world, 'ANSWERED_DETACHED_CALL', of(activities.answered)),
      VOICEMAIL: await made(world, 'VOICEMAIL', of(activities.voicemail)),
      OPPORTUNITY_DUE: await made(world, 'OPPORTUNITY_DUE', { ...plain, ...linkedTo('OPPORTUNITY', opportunity) }),
      INCOMING_SMS: await made(world, 'INCOMING_SMS', of(activities.sms)),
    },
  };
}
