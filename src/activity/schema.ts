import { Account } from '../account/schema.ts';
import { sightOf } from '../auth/sight.ts';
import { Contact } from '../contact/schema.ts';
import { builder } from '../graphql/builder.ts';
import { Node, registerNode } from '../graphql/node.ts';
import { present } from '../graphql/present.ts';
import { encodeId } from '../ids.ts';
import { User } from '../organization/schema.ts';
import { LinkedRecord } from '../record/schema.ts';
import { Task } from '../task/schema.ts';
import { ActivityStatus, ActivityType, ActivityVisibility, Direction } from './enums.ts';
import { participantsOf, type StoredParticipant } from './participants.ts';

const DIRECT = { ACCOUNT: 'accountId', CONTACT: 'contactId', LEAD: 'leadId', OPPORTUNITY: 'opportunityId' } as const;
const recorded = (what: string) => `${what} Null unless it is a recorded call, e-mail or SMS that tells it.`;

const Participant = builder.objectRef<StoredParticipant>('Participant').implement({
  description: 'Who took part in an activity, or is to: someone of the organization, a contact, or a name and e-mail.',
  fields: (t) => ({
    name: t.string({
      nullable: true,
      description:
        'As it was given, else that of the user or contact now. Null when only an e-mail address is known, or the contact is out of sight.',
      resolve: async ({ name, userId, contactId }, _args, { loaders, viewer }) => {
        if (name !== undefined) return name;
        if (userId !== undefined) return (await loaders.user.load(BigInt(userId)))?.name ?? null;
        if (contactId === undefined) return null;
        return (await loaders.recordOf(sightOf(viewer)).CONTACT.load(BigInt(contactId)))?.name ?? null;
      },
    }),
    email: t.string({
      nullable: true,
      description: 'As it was given with them. Null when none was; that of a user or contact is theirs.',
      resolve: ({ email }) => email ?? null,
    }),
    user: t.field({
      type: User,
      nullable: true,
      description: 'Null unless they are of the organization, now or formerly.',
      resolve: ({ userId }, _args, { loaders }) => (userId === undefined ? null : loaders.user.load(BigInt(userId))),
    }),
    contact: t.field({
      type: Contact,
      nullable: true,
      description: 'Null unless they are a contact that the viewer may see.',
      resolve: ({ contactId }, _args, { loaders, viewer }) =>
        contactId === undefined ? null : loaders.recordOf(sightOf(viewer)).CONTACT.load(BigInt(contactId)),
    }),
    attended: t.boolean({
      nullable: true,
      description: 'Whether they were there. Null while nobody has said.',
      resolve: ({ attended }) => attended ?? null,
    }),
  }),
});

export const Activity = builder.prismaObject('Activity', {
  description: 'Something that happens between the organization and a customer: a call, a meeting, an e-mail.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: ({ uid }) => encodeId('Activity', uid) }),
    account: t.field({
      type: Account,
      nullable: true,
      description:
        'The customer. It stays the same, but for a recorded call, e-mail or SMS, which gets that of the record that it is linked to later. Null only for a recorded one that matched no account, or out of the viewer’s sight.',
      resolve: ({ accountId: id }, _args, { loaders, viewer }) =>
        id === null ? null : loaders.recordOf(sightOf(viewer)).ACCOUNT.load(id),
    }),
    linkedRecord: t.field({
      type: LinkedRecord,
      nullable: true,
      description:
        'What it is about besides the account. Null when no record was named, or it is out of the viewer’s sight.',
      resolve: (activity, _args, { loaders, viewer }) => {
        const { linkedType } = activity;
        const id = linkedType && activity[DIRECT[linkedType]];
        return linkedType && id !== null ? loaders.recordOf(sightOf(viewer))[linkedType].load(id) : null;
      },
    }),
    type: t.expose('type', { type: ActivityType }),
    status: t.expose('status', { type: ActivityStatus }),
    visibility: t.expose('visibility', { type: ActivityVisibility }),
    title: t.exposeString('title', {
      nullable: true,
      description:
        'Its subject; that of a recorded e-mail is cut to 255 characters. Null when it has none, as recorded calls and SMS.',
    }),
    description: t.exposeString('description', {
      nullable: true,
      description:
        'What was said and decided; the text of a recorded e-mail or SMS, cut to 32 KiB. Null when there is none.',
    }),
    activityTimestamp: t.expose('activityTimestamp', {
      type: 'DateTime',
      description: 'When it takes place, or took place.',
    }),
    duration: t.exposeInt('duration', { description: 'Minutes, 0 to 10080.' }),
    location: t.exposeString('location', {
      description: 'Where: a place, physical or virtual; “Phone”, “Email” or “SMS” of what was recorded.',
    }),
    participants: t.field({
      type: [Participant],
      description:
        'Who took part or is to, in the order they were given; at most 100. Of a recorded e-mail the sender, then the recipients, known by their addresses; of a recorded call or SMS the contact or lead on the other end.',
      resolve: (activity) => participantsOf(activity),
    }),
    attachmentUrls: t.exposeStringList('attachmentUrls', { description: 'Addresses of http or https, at most 20.' }),
    tags: t.exposeStringList('tags', { description: 'In the order they were given.' }),
    direction: t.expose('direction', {
      type: Direction,
      nullable: true,
      description: recorded('Who began it.'),
    }),
    threadId: t.exposeString('threadId', { nullable: true, description: recorded('The thread of e-mails it is of.') }),
    remotePhone: t.exposeString('remotePhone', {
      nullable: true,
      description: recorded('The customer’s number, in E.164 where it parses.'),
    }),
    localPhone: t.exposeString('localPhone', {
      nullable: true,
      description: recorded('The organization’s number, in E.164 where it parses.'),
    }),
    creator: t.field({
      type: User,
      description: 'Who logged it, or whose key recorded it.',
      resolve: async ({ creatorId }, _args, { loaders }) => present(await loaders.user.load(creatorId)),
    }),
    isActive: t.exposeBoolean('isActive', { description: 'False when it is in the bin.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When a field of its own last changed.' }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null unless it is in the bin.',
    }),
    version: t.exposeInt('version', {
      description:
        'Grows by one with every change; give it as `expectedVersion` to refuse what someone else changed first.',
    }),
  }),
});
registerNode('Activity', ({ uid }, { loaders, viewer }) => loaders.activityByUid(viewer).load(uid));

builder.objectField(Task, 'activity', (t) =>
  t.field({
    type: Activity,
    nullable: true,
    description: 'What it came out of. Null when it came out of none, or the viewer may not see that.',
    resolve: ({ activityId }, _args, { loaders, viewer }) =>
      activityId === null ? null : loaders.activity(viewer).load(activityId),
  }),
);
