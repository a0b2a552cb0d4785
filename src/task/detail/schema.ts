import { Activity } from '../../activity/schema.ts';
import { sightOf } from '../../auth/sight.ts';
import type { Activity as ActivityRow } from '../../db/generated/prisma/client.ts';
import { builder } from '../../graphql/builder.ts';
import type { Context } from '../../graphql/context.ts';
import { countShown } from '../../graphql/shown.ts';
import { encodeId } from '../../ids.ts';
import { Opportunity } from '../../opportunity/schema.ts';
import type { RecordNode } from '../../record/loaders.ts';
import { Task, type TaskRow } from '../schema.ts';
import { MAX_EMAILS } from './loaders.ts';
import { OBJECT_TYPES, previewOf } from './rules.ts';

const TaskObjectType = builder.enumType('TaskObjectType', {
  description: 'What a task of any kind but LEAD is the task of.',
  values: {
    emailthread: { description: 'A thread of e-mails; its id is the caller’s own and that of no Node.' },
    call: { description: 'A call; its id is that of an Activity.' },
    opportunity: { description: 'An opportunity; its id is that of an Opportunity.' },
    sms: { description: 'An SMS; its id is that of an Activity.' },
  },
});

/** A detail, which knows its GraphQL type, as the union needs it. */
interface Detail<Name extends string> {
  readonly __typename: Name;
}
interface OfThread<Name extends string> extends Detail<Name> {
  readonly threadId: string;
}
interface OfActivity<Name extends string> extends Detail<Name> {
  readonly activity: ActivityRow;
}
interface Emails extends OfThread<'IncomingEmailDetail'> {
  readonly emails: readonly ActivityRow[];
}
interface Opportunities extends Detail<'OpportunityDueDetail'> {
  readonly opportunity: RecordNode<'OPPORTUNITY'>;
}
interface FollowUp extends OfThread<'EmailFollowupDetail'>, OfActivity<'EmailFollowupDetail'> {}
interface Voicemail extends OfActivity<'VoicemailDetail'> {
  readonly duration: number;
  readonly url: string;
}

const PHONE = 'The number of who called, in E.164 where it parses, else as it came. Null when it was withheld.';
const LOCAL_PHONE = 'The number that was called, in E.164 where it parses, else as it came. Null when it was not told.';
const THREAD = 'The thread’s id, as it was given with its e-mails. It is no Node’s.';

const IncomingEmailDetail = builder.objectRef<Emails>('IncomingEmailDetail').implement({
  description: 'The unread e-mails of one thread, which one task gathers [CLOSE-17].',
  fields: (t) => ({
    threadId: t.exposeID('threadId', { description: THREAD }),
    subject: t.string({
      nullable: true,
      description: 'The subject of the first of `emails` that has one. Null when none has.',
      resolve: ({ emails }) => emails.find(({ title }) => title !== null)?.title ?? null,
    }),
    emails: t.field({
      type: [Activity],
      description: `The e-mails, oldest first, as far as the viewer may see them; of more than ${MAX_EMAILS} the newest. At least one.`,
      resolve: ({ emails }, _args, context) => [...countShown(context, emails)],
    }),
  }),
});

const EmailFollowupDetail = builder.objectRef<FollowUp>('EmailFollowupDetail').implement({
  description: 'An e-mail that was sent, to follow up on if no answer comes [CLOSE-18].',
  fields: (t) => ({
    threadId: t.exposeID('threadId', { description: THREAD }),
    email: t.expose('activity', { type: Activity, description: 'The e-mail that was sent.' }),
    subject: t.string({
      nullable: true,
      description: 'The e-mail’s subject. Null when it has none.',
      resolve: ({ activity }) => activity.title,
    }),
    bodyPreview: t.string({
      nullable: true,
      description:
        'How the e-mail’s text begins: at most 200 characters, line breaks and other white space as single spaces. Null when it has no text.',
      resolve: ({ activity }) => previewOf(activity.description),
    }),
  }),
});

const MissedCallDetail = builder.objectRef<OfActivity<'MissedCallDetail'>>('MissedCallDetail').implement({
  description: 'A call that nobody took [CLOSE-19].',
  fields: (t) => ({
    call: t.expose('activity', { type: Activity, description: 'The call.' }),
    phone: t.string({ nullable: true, description: PHONE, resolve: ({ activity }) => activity.remotePhone }),
    localPhone: t.string({ nullable: true, description: LOCAL_PHONE, resolve: ({ activity }) => activity.localPhone }),
  }),
});

const AnsweredDetachedCallDetail = builder
  .objectRef<OfActivity<'AnsweredDetachedCallDetail'>>('AnsweredDetachedCallDetail')
  .implement({
    description: 'An answered call from a number that no contact or lead had then [CLOSE-20].',
    fields: (t) => ({
      call: t.expose('activity', { type: Activity, description: 'The call.' }),
      phone: t.string({ nullable: true, description: PHONE, resolve: ({ activity }) => activity.remotePhone }),
    }),
  });

const VoicemailDetail = builder.objectRef<Voicemail>('VoicemailDetail').implement({
  description: 'A call that left a voicemail [CLOSE-21].',
  fields: (t) => ({
    call: t.expose('activity', { type: Activity, description: 'The call.' }),
    phone: t.string({ nullable: true, description: PHONE, resolve: ({ activity }) => activity.remotePhone }),
    localPhone: t.string({ nullable: true, description: LOCAL_PHONE, resolve: ({ activity }) => activity.localPhone }),
    voicemailDuration: t.exposeInt('duration', { description: 'Seconds.' }),
    voicemailUrl: t.exposeString('url', { description: 'Where it can be listened to: an address of http or https.' }),
  }),
});

const OpportunityDueDetail = builder.objectRef<Opportunities>('OpportunityDueDetail').implement({
  description: 'An opportunity that is scheduled to close on the task’s date [CLOSE-22].',
  fields: (t) => ({
    opportunity: t.field({
      type: Opportunity,
      description: 'The opportunity.',
      resolve: ({ opportunity }) => opportunity,
    }),
  }),
});

const IncomingSmsDetail = builder.objectRef<OfActivity<'IncomingSmsDetail'>>('IncomingSmsDetail').implement({
  description: 'An SMS that came in [CLOSE-23].',
  fields: (t) => ({
    sms: t.expose('activity', { type: Activity, description: 'The SMS.' }),
    remotePhone: t.string({
      nullable: true,
      description: 'The number of the sender, in E.164 where it parses, else as it came. Null when it was withheld.',
      resolve: ({ activity }) => activity.remotePhone,
    }),
    localPhone: t.string({
      nullable: true,
      description: 'The number that was texted, in E.164 where it parses, else as it came. Null when it was not told.',
      resolve: ({ activity }) => activity.localPhone,
    }),
    text: t.string({
      nullable: true,
      description: 'What it says. Null when it says nothing.',
      resolve: ({ activity }) => activity.description,
    }),
  }),
});

const TaskDetail = builder.unionType('TaskDetail', {
  description: 'What a task of any kind but LEAD is about; which of these, its `_type` says.',
  types: [
    IncomingEmailDetail,
    EmailFollowupDetail,
    MissedCallDetail,
    AnsweredDetachedCallDetail,
    VoicemailDetail,
    OpportunityDueDetail,
    IncomingSmsDetail,
  ],
  resolveType: ({ __typename }) => __typename,
});

const activityOf = async ({ activityId }: TaskRow, { loaders, viewer }: Context): Promise<ActivityRow | null> =>
  activityId === null ? null : loaders.activity(viewer).load(activityId);

const opportunityOf = async ({ opportunityId }: TaskRow, { loaders, viewer }: Context) =>
  opportunityId === null ? null : loaders.recordOf(sightOf(viewer)).OPPORTUNITY.load(opportunityId);

async function emailsOf({ id, threadId }: TaskRow, { loaders, viewer }: Context): Promise<Emails | null> {
  const emails = threadId === null ? [] : await loaders.emailsOf(viewer).load(id);
  return threadId === null || emails.length === 0 ? null : { __typename: 'IncomingEmailDetail', threadId, emails };
}

/** What a task is about, as far as the viewer may see it. */
async function detailOf(task: TaskRow, context: Context) {
  const { kind, threadId } = task;
  if (kind === 'LEAD') return null;
  if (kind === 'INCOMING_EMAIL') return emailsOf(task, context);
  if (kind === 'OPPORTUNITY_DUE') {
    const opportunity = await opportunityOf(task, context);
    return opportunity && ({ __typename: 'OpportunityDueDetail', opportunity } as const);
  }
  const activity = await activityOf(task, context);
  if (!activity) return null;
  switch (kind) {
    case 'EMAIL_FOLLOWUP':
      return threadId === null ? null : ({ __typename: 'EmailFollowupDetail', threadId, activity } as const);
    case 'MISSED_CALL':
      return { __typename: 'MissedCallDetail', activity } as const;
    case 'ANSWERED_DETACHED_CALL':
      return { __typename: 'AnsweredDetachedCallDetail', activity } as const;
    case 'INCOMING_SMS':
      return { __typename: 'IncomingSmsDetail', activity } as const;
    case 'VOICEMAIL': {
      const { voicemailDuration: duration, voicemailUrl: url } = activity;
      return duration === null || url === null
        ? null
        : ({ __typename: 'VoicemailDetail', activity, duration, url } as const);
    }
  }
}

async function objectIdOf(task: TaskRow, context: Context): Promise<string | null> {
  const type = OBJECT_TYPES[task.kind];
  if (type === null) return null;
  if (type === 'emailthread') return task.threadId;
  const found = type === 'opportunity' ? await opportunityOf(task, context) : await activityOf(task, context);
  return found && encodeId(type === 'opportunity' ? 'Opportunity' : 'Activity', found.uid);
}

const GONE = 'when what it is about is gone or out of the viewer’s sight';

builder.objectFields(Task, (t) => ({
  objectType: t.field({
    type: TaskObjectType,
    nullable: true,
    description: 'What it is the task of [CLOSE-15]. Null for LEAD, which is about its linked record [CLOSE-16].',
    resolve: ({ kind }) => OBJECT_TYPES[kind],
  }),
  objectId: t.id({
    nullable: true,
    description: `The id of the thread, call, opportunity or SMS; a thread’s is no Node’s. Null for LEAD, and ${GONE}; a thread’s is told all the same.`,
    resolve: (task, _args, context) => objectIdOf(task, context),
  }),
  detail: t.field({
    type: TaskDetail,
    nullable: true,
    description: `What it is about. Null for LEAD, and ${GONE}. What is in the bin is there.`,
    resolve: (task, _args, context) => detailOf(task, context),
  }),
}));
