import { sightOf } from '../../auth/sight.ts';
import { builder } from '../../graphql/builder.ts';
import { INPUT, payloadType } from '../../graphql/payload.ts';
import { Task } from '../../task/schema.ts';
import { Direction } from '../enums.ts';
import { Activity } from '../schema.ts';
import { type Recorded, recordCall, recordEmail, recordSms } from './service.ts';

const payload = (name: string, description: string, task: string) =>
  payloadType<Recorded>(name, {
    description,
    fields: (t) => ({
      activity: t.field({
        type: Activity,
        nullable: true,
        description: 'What was logged. Null when it was refused, or when it has become private and is out of sight.',
        resolve: ({ value }, _args, { loaders, viewer }) =>
          value && loaders.activityByUid(viewer).load(value.activityUid),
      }),
      task: t.field({
        type: Task,
        nullable: true,
        description: `${task} Null when it makes none, or was refused, or when retention has deleted the task since.`,
        resolve: ({ value }, _args, { loaders, viewer }) =>
          value?.taskUid ? loaders.taskByUid(sightOf(viewer)).load(value.taskUid) : null,
      }),
    }),
  });

const ONCE =
  'The caller’s own id of it, of 1 to 500 characters: sent twice, one after the other or at once, it is recorded once and answered alike; what else differs then is ignored.';
const WHO_BEGAN = 'Who began it.';
const WHEN = 'When it took place; taken as it comes, in the future too.';
const ABOUT = (matched: string) =>
  `An account’s, contact’s, lead’s or opportunity’s id: what it is about. Without one it is about ${matched}, contacts before leads, the most recently updated first; about nothing where there is none.`;
const ASSIGNEE =
  'A user’s id: who gets the task if it makes one, an active member who is an admin or a member. Without one it is the owner of what it is about, else the owner of its account, else nobody, even where the organization wants an assignee on every task.';
const NUMBER =
  'Null when it was withheld. Any text is taken, cut to 255 characters; a number is kept in E.164 where it parses.';

const CallOutcome = builder.enumType('CallOutcome', {
  description: 'Whether somebody answered.',
  values: {
    ANSWERED: { description: 'Somebody did.' },
    MISSED: { description: 'Nobody did.' },
  },
});

const VoicemailInput = builder.inputType('VoicemailInput', {
  description: 'A voicemail.',
  fields: (t) => ({
    duration: t.int({ required: true, description: 'Seconds, 0 or more.' }),
    url: t.string({
      required: true,
      description: 'Where it is heard: an http or https URL of at most 2,048 characters.',
    }),
  }),
});

const RecordCallInput = builder.inputType('RecordCallInput', {
  description: 'A call that took place.',
  fields: (t) => ({
    externalId: t.string({ required: true, description: ONCE }),
    direction: t.field({ type: Direction, required: true, description: WHO_BEGAN }),
    outcome: t.field({ type: CallOutcome, required: true }),
    at: t.field({ type: 'DateTime', required: true, description: WHEN }),
    phone: t.string({ description: `The customer’s number. ${NUMBER}` }),
    localPhone: t.string({ description: `The organization’s number. ${NUMBER}` }),
    duration: t.int({ required: true, defaultValue: 0, description: 'Minutes, 0 to 10080.' }),
    voicemail: t.field({
      type: VoicemailInput,
      description:
        'What the caller left: the task is a VOICEMAIL then, whatever the outcome. Refused on outbound calls.',
    }),
    recordId: t.id({ description: ABOUT('whoever has this number') }),
    assigneeId: t.id({ description: ASSIGNEE }),
  }),
});

const RecordEmailInput = builder.inputType('RecordEmailInput', {
  description: 'An e-mail that was sent. Addresses are taken as they come, such as `"Ann Lee" <ann@acme.example>`.',
  fields: (t) => ({
    externalId: t.string({ required: true, description: ONCE }),
    threadId: t.string({
      required: true,
      description: 'The caller’s own id of the thread that it belongs to, of 1 to 500 characters.',
    }),
    direction: t.field({ type: Direction, required: true, description: WHO_BEGAN }),
    at: t.field({ type: 'DateTime', required: true, description: WHEN }),
    from: t.string({ required: true, description: 'Who sent it, of at most 1,000 characters.' }),
    to: t.stringList({
      required: true,
      description: 'To whom: at most 500, each of at most 1,000 characters. The first 99 of them are participants.',
    }),
    subject: t.string({ description: 'The activity’s title, cut to 255 characters. Null when it has none.' }),
    body: t.string({ description: 'The activity’s description, cut to 32 KiB. Null when it has none.' }),
    followUpOn: t.field({
      type: 'TaskDate',
      description:
        'When to follow up unless somebody answers: the EMAIL_FOLLOWUP’s date. Null when nobody is to. Refused on inbound e-mails.',
    }),
    recordId: t.id({ description: ABOUT('whoever sent it, or the first recipient whom we know') }),
    assigneeId: t.id({ description: `${ASSIGNEE} An e-mail that joins a task leaves it to whom it is assigned.` }),
  }),
});

const RecordSmsInput = builder.inputType('RecordSmsInput', {
  description: 'An SMS that was sent.',
  fields: (t) => ({
    externalId: t.string({ required: true, description: ONCE }),
    direction: t.field({ type: Direction, required: true, description: WHO_BEGAN }),
    at: t.field({ type: 'DateTime', required: true, description: WHEN }),
    remotePhone: t.string({ description: `The customer’s number. ${NUMBER}` }),
    localPhone: t.string({ description: `The organization’s number. ${NUMBER}` }),
    text: t.string({ description: 'The activity’s description, cut to 32 KiB. Null when it has none.' }),
    recordId: t.id({ description: ABOUT('whoever has the customer’s number') }),
    assigneeId: t.id({ description: ASSIGNEE }),
  }),
});

builder.mutationFields((t) => ({
  recordCall: t.field({
    type: payload('RecordCallPayload', 'The call and its task.', 'MISSED_CALL, VOICEMAIL or ANSWERED_DETACHED_CALL.'),
    description:
      'Logs a call as a completed activity. An inbound one that left a voicemail makes a VOICEMAIL, one that was missed a MISSED_CALL, and one that was answered and is about nobody we know an ANSWERED_DETACHED_CALL, each dated `at`. Needs CRM access.',
    args: { input: t.arg({ type: RecordCallInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) =>
      recordCall(runtime, viewer, {
        ...input,
        phone: input.phone ?? null,
        localPhone: input.localPhone ?? null,
        voicemail: input.voicemail ?? null,
        recordId: input.recordId ?? null,
        assigneeId: input.assigneeId ?? null,
      }),
  }),
  recordEmail: t.field({
    type: payload(
      'RecordEmailPayload',
      'The e-mail and its task.',
      'The INCOMING_EMAIL that it began or joined, or its EMAIL_FOLLOWUP.',
    ),
    description:
      'Logs an e-mail as a completed activity. An inbound one joins the open INCOMING_EMAIL of its thread, or begins one: the task keeps its assignee, and its date moves to `at` unless a later e-mail is there already; e-mails that lie in the future count for that as no later ones, and move it to now. It completes the thread’s EMAIL_FOLLOWUPs of e-mails that are not later than itself. An outbound one with `followUpOn` makes an EMAIL_FOLLOWUP, unless an answer has been recorded already. Needs CRM access.',
    args: { input: t.arg({ type: RecordEmailInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) =>
      recordEmail(runtime, viewer, {
        ...input,
        subject: input.subject ?? null,
        body: input.body ?? null,
        followUpOn: input.followUpOn ?? null,
        recordId: input.recordId ?? null,
        assigneeId: input.assigneeId ?? null,
      }),
  }),
  recordSms: t.field({
    type: payload('RecordSmsPayload', 'The SMS and its task.', 'The INCOMING_SMS.'),
    description:
      'Logs an SMS as a completed activity. An inbound one makes an INCOMING_SMS, dated `at`. Needs CRM access.',
    args: { input: t.arg({ type: RecordSmsInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) =>
      recordSms(runtime, viewer, {
        ...input,
        remotePhone: input.remotePhone ?? null,
        localPhone: input.localPhone ?? null,
        text: input.text ?? null,
        recordId: input.recordId ?? null,
        assigneeId: input.assigneeId ?? null,
      }),
  }),
}));
