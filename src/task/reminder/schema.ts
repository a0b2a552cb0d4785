import { sightOf } from '../../auth/sight.ts';
import { builder } from '../../graphql/builder.ts';
import { Node, registerNode } from '../../graphql/node.ts';
import { INPUT } from '../../graphql/payload.ts';
import { countShown } from '../../graphql/shown.ts';
import { encodeId } from '../../ids.ts';
import { taskPayload } from '../mutations.ts';
import { Task } from '../schema.ts';
import { setReminders } from './service.ts';

export const Reminder = builder.prismaObject('Reminder', {
  description:
    'When someone is to be reminded of a task: its assignee, while they are an active member, else whoever created it, if that is an active person. Either at an instant (`at`), or so long before the task’s date (`before`).',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: ({ uid }) => encodeId('Reminder', uid) }),
    at: t.expose('at', {
      type: 'DateTime',
      nullable: true,
      description: 'The instant. Null when it is so long before the task’s date.',
    }),
    before: t.exposeString('before', {
      nullable: true,
      description:
        'An ISO 8601 duration before the task’s date, as it was given. A day counts from 09:00 in the zone of whoever is reminded. Weeks and days go back to the same time of day there, hours and minutes as they pass. It moves with the date and with the assignee, and waits while the task has no date. Null when it is an instant.',
    }),
    sentAt: t.expose('sentAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When it was sent; also where there was nobody to tell, since neither its assignee nor whoever created the task is an active person, or since whoever was to be told has muted TASK_REMINDER. Null while it is to come; and again once the task’s date has moved so that it lies ahead once more; where that was while the task was complete or cancelled, once it is reopened.',
    }),
  }),
});
registerNode('Reminder', ({ uid }, { loaders, viewer }) => loaders.reminderByUid(sightOf(viewer)).load(uid));

builder.objectField(Task, 'reminders', (t) =>
  t.field({
    type: [Reminder],
    description:
      'When someone is to be reminded of it, or was: by time, those that wait for a date last. Completing or cancelling the task drops those that were not sent, and reopening does not bring them back; of those that were sent, it has the ones before the task’s date come once more that lie ahead by the date as it is then. In the bin none is sent.',
    resolve: async ({ id }, _args, context) => [...countShown(context, await context.loaders.remindersOf.load(id))],
  }),
);

const ReminderInput = builder.inputType('ReminderInput', {
  description: 'Exactly one of the two.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', description: 'One that has passed is sent at once.' }),
    before: t.string({
      description:
        'An ISO 8601 duration of weeks, days, hours and minutes, at most 366 days: `P1D`, `PT30M`; `PT0M` is the date itself. It is sent at once when less time than that is left.',
    }),
  }),
});

const SetRemindersInput = builder.inputType('SetRemindersInput', {
  description: 'Which task, and all the reminders that it is to have.',
  fields: (t) => ({
    id: t.id({ required: true }),
    reminders: t.field({
      type: [ReminderInput],
      required: true,
      description:
        'At most 20; none takes them all away. One that the task has already stays as it is, with its id and as it was written, sent or not; one that is given twice is one. Durations are the same that are as many days and, beside them, as many minutes: `PT60M` is `PT1H`, and `P1W` is `P7D`; but `P1D`, which goes back to the same time of the day before, is not `PT24H`, for a day on which clocks change has 23 or 25 hours.',
    }),
  }),
});

builder.mutationField('setReminders', (t) =>
  t.field({
    type: taskPayload('SetRemindersPayload', 'The task with its reminders.'),
    description:
      'Replaces the reminders of a task of any kind. When one is due, the assignee, else (without one, or once they are no active member) whoever created the task if that is an active person, gets a TASK_REMINDER; several that are due together are one. NOT_ALLOWED while the task is complete, cancelled or in the bin. Setting those that it has already changes nothing.',
    args: { input: t.arg({ type: SetRemindersInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => setReminders(runtime, viewer, input),
  }),
);
