import { builder } from '../graphql/builder.ts';
import { INPUT, payloadType } from '../graphql/payload.ts';
import { Invalid, refused } from '../refusals.ts';
import { deleteActivity, restoreActivity } from './bin/service.ts';
import { ActivityStatus, ActivityType, ActivityVisibility } from './enums.ts';
import { Activity } from './schema.ts';
import { createActivity, updateActivity, type Written } from './service.ts';

const activityPayload = (name: string, description: string) =>
  payloadType<Written>(name, {
    description,
    fields: (t) => ({
      activity: t.field({
        type: Activity,
        nullable: true,
        description: 'Null when it was refused, or when the change took it out of the viewer’s sight.',
        resolve: ({ value }, _args, { loaders, viewer }) => value && loaders.activityByUid(viewer).load(value.uid),
      }),
    }),
  });

export const VERSION = 'Refuses with CONFLICT unless the activity is at this version.';
const LINKED =
  'An account’s, contact’s, lead’s or opportunity’s id: what it is about besides the account. A record of another account is refused; one that has no account, such as a lead, is not.';
const RELINKED =
  'An account’s, contact’s, lead’s or opportunity’s id: what it is about besides the account. A record of another account is refused, except on a recorded call, e-mail or SMS, whose account becomes that of the record; one that has no account, such as a lead, leaves the account as it is.';
const WHEN = 'When it takes place, or took place. What is COMPLETED cannot lie in the future.';
const MOVED = 'When it takes place, or took place. What is COMPLETED cannot lie in the future, unless it was recorded.';
const PEOPLE = 'At most 100, each once. Those who are users see the activity if it is PRIVATE.';

export const ParticipantInput = builder.inputType('ParticipantInput', {
  description: 'Someone who took part or is to: a user or a contact, or a name, an e-mail address or both.',
  fields: (t) => ({
    name: t.string({ description: '1 to 255 characters.' }),
    email: t.string({ description: 'At most 254 characters, with an @.' }),
    userId: t.id({ description: 'The id of someone of the organization, now or formerly; not beside `contactId`.' }),
    contactId: t.id({ description: 'A contact’s id; not beside `userId`.' }),
    attended: t.boolean({ description: 'Whether they were there.' }),
  }),
});

const CreateActivityInput = builder.inputType('CreateActivityInput', {
  description: 'A new activity. It needs an account, a time, a duration and a location.',
  fields: (t) => ({
    accountId: t.id({ required: true, description: 'The customer; it cannot change later.' }),
    linkedRecordId: t.id({ description: LINKED }),
    activityTimestamp: t.field({ type: 'DateTime', required: true, description: WHEN }),
    duration: t.int({ required: true, description: 'Minutes, 0 to 10080.' }),
    location: t.string({ required: true, description: 'A place, physical or virtual; 1 to 500 characters.' }),
    type: t.field({ type: ActivityType, required: true, defaultValue: 'CALL' }),
    status: t.field({ type: ActivityStatus, required: true, defaultValue: 'PENDING' }),
    visibility: t.field({ type: ActivityVisibility, required: true, defaultValue: 'ORGANIZATION' }),
    title: t.string({ description: 'At most 255 characters.' }),
    description: t.string({ description: 'At most 32 KiB.' }),
    participants: t.field({ type: [ParticipantInput], required: true, defaultValue: [], description: PEOPLE }),
    attachmentUrls: t.stringList({ required: true, defaultValue: [], description: 'At most 20, of http or https.' }),
    tags: t.stringList({ required: true, defaultValue: [], description: 'At most 50, each of 1 to 64 characters.' }),
  }),
});

const ActivityPatch = builder.inputType('ActivityPatch', {
  description:
    'An absent field is left alone; null clears what the activity shows as nullable, and empties a list. A list is replaced as a whole.',
  fields: (t) => ({
    linkedRecordId: t.id({ description: RELINKED }),
    activityTimestamp: t.field({ type: 'DateTime', description: MOVED }),
    duration: t.int({ description: 'Minutes, 0 to 10080.' }),
    location: t.string({ description: '1 to 500 characters.' }),
    type: t.field({ type: ActivityType }),
    status: t.field({ type: ActivityStatus }),
    visibility: t.field({ type: ActivityVisibility }),
    title: t.string({ description: 'At most 255 characters.' }),
    description: t.string({ description: 'At most 32 KiB.' }),
    participants: t.field({ type: [ParticipantInput], description: PEOPLE }),
    attachmentUrls: t.stringList({ description: 'At most 20, of http or https.' }),
    tags: t.stringList({ description: 'At most 50, each of 1 to 64 characters.' }),
  }),
});

const UpdateActivityInput = builder.inputType('UpdateActivityInput', {
  description: 'Which activity, and what to change on it.',
  fields: (t) => ({
    id: t.id({ required: true }),
    expectedVersion: t.int({ description: VERSION }),
    patch: t.field({ type: ActivityPatch, required: true }),
  }),
});

const DeleteActivityInput = builder.inputType('DeleteActivityInput', {
  description: 'Which activity to put into the bin.',
  fields: (t) => ({ id: t.id({ required: true }), expectedVersion: t.int({ description: VERSION }) }),
});

const RestoreActivityInput = builder.inputType('RestoreActivityInput', {
  description: 'Which activity to take out of the bin.',
  fields: (t) => ({ id: t.id({ required: true }) }),
});

const NOT_NULL = ['activityTimestamp', 'duration', 'location', 'type', 'status', 'visibility'] as const;

/** Null clears a nullable field and empties a list; on every other field it is a mistake. */
function toPatch({ tags, attachmentUrls, participants, ...patch }: typeof ActivityPatch.$inferInput) {
  const refusals = NOT_NULL.filter((field) => patch[field] === null).map(
    (field) => new Invalid('This cannot be null.', ['patch', field]),
  );
  const lists = {
    ...(tags !== undefined && { tags: tags ?? [] }),
    ...(attachmentUrls !== undefined && { attachmentUrls: attachmentUrls ?? [] }),
    ...(participants !== undefined && { participants: participants ?? [] }),
  };
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return { refusals, patch: { ...given, ...lists } };
}

builder.mutationFields((t) => ({
  createActivity: t.field({
    type: activityPayload('CreateActivityPayload', 'The new activity.'),
    description: 'Logs an activity, or plans one. Needs CRM access.',
    args: { input: t.arg({ type: CreateActivityInput, required: true, description: INPUT }) },
    resolve: (_root, { input: { title, description, ...input } }, { runtime, viewer }) =>
      createActivity(runtime, viewer, { ...input, title: title ?? null, description: description ?? null }),
  }),
  updateActivity: t.field({
    type: activityPayload('UpdateActivityPayload', 'The changed activity.'),
    description:
      'Changes an activity. Its account never changes, unless it is a recorded call, e-mail or SMS: linked to another record, that gets the record’s account, if it has one. Linking a recorded one links the tasks that the system made of it to the same record, and the task that gathered it as one of several e-mails if that has no link yet; unlinking it links the former to its account, if it has one. A change that changes nothing makes no new version. Needs CRM access.',
    args: { input: t.arg({ type: UpdateActivityInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => {
      const { refusals, patch } = toPatch(input.patch);
      if (refusals.length > 0) return refused(...refusals);
      return updateActivity(runtime, viewer, { id: input.id, expectedVersion: input.expectedVersion ?? null, patch });
    },
  }),
  deleteActivity: t.field({
    type: activityPayload('DeleteActivityPayload', 'The activity in the bin.'),
    description:
      'Puts an activity into the bin, where it is found by its id. Tasks that came out of it stay, and keep pointing at it. It is deleted for good after 90 days there (a setting), once there is no such task. Needs CRM access.',
    args: { input: t.arg({ type: DeleteActivityInput, required: true, description: INPUT }) },
    resolve: (_root, { input: { id, expectedVersion } }, { runtime, viewer }) =>
      deleteActivity(runtime, viewer, { id, expectedVersion: expectedVersion ?? null }),
  }),
  restoreActivity: t.field({
    type: activityPayload('RestoreActivityPayload', 'The activity out of the bin.'),
    description:
      'Takes an activity out of the bin; refused while its account or linked record is there. One that is not in the bin stays as it is. Needs CRM access.',
    args: { input: t.arg({ type: RestoreActivityInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => restoreActivity(runtime, viewer, input.id),
  }),
}));
