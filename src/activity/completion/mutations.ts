import { sightOf } from '../../auth/sight.ts';
import { builder } from '../../graphql/builder.ts';
import { INPUT, payloadType } from '../../graphql/payload.ts';
import { present } from '../../graphql/present.ts';
import { refused } from '../../refusals.ts';
import { CreateTaskInput, onlyLead, toNewTask } from '../../task/mutations.ts';
import { Task } from '../../task/schema.ts';
import { ParticipantInput, VERSION } from '../mutations.ts';
import { Activity } from '../schema.ts';
import { type Completed, completeActivity } from './service.ts';

const CompleteActivityInput = builder.inputType('CompleteActivityInput', {
  description: 'Which activity took place, who was there, what was noted and what comes next.',
  fields: (t) => ({
    id: t.id({ required: true }),
    expectedVersion: t.int({ description: VERSION }),
    notes: t.string({ description: 'At most 32 KiB; they become a comment of the viewer’s.' }),
    participants: t.field({
      type: [ParticipantInput],
      description:
        'Who took part, with their attendance: all of them, at most 100. Absent or null leaves them as they are.',
    }),
    followUps: t.field({
      type: [CreateTaskInput],
      required: true,
      defaultValue: [],
      description:
        'Tasks to create in the same transaction, at most 20. Where one names neither an account nor another record, it is about what the activity is about: its linked record, else its account. It comes out of the activity unless it names another. Everything else is as it says, the assignee too.',
    }),
  }),
});

const CompleteActivityPayload = payloadType<Completed>('CompleteActivityPayload', {
  description: 'The completed activity and its follow-ups.',
  fields: (t) => ({
    activity: t.field({
      type: Activity,
      nullable: true,
      description: 'Null when it was refused, or when the change took it out of the viewer’s sight.',
      resolve: ({ value }, _args, { loaders, viewer }) => value && loaders.activityByUid(viewer).load(value.uid),
    }),
    followUps: t.field({
      type: [Task],
      description: 'In the order they were given. Empty when it was refused, or the activity was completed already.',
      resolve: async ({ value }, _args, { loaders, viewer }) => {
        const tasks = loaders.taskByUid(sightOf(viewer));
        return Promise.all((value?.followUpUids ?? []).map(async (uid) => present(await tasks.load(uid))));
      },
    }),
  }),
});

builder.mutationField('completeActivity', (t) =>
  t.field({
    type: CompleteActivityPayload,
    description:
      'Completes an activity, with who was there, notes and follow-ups, all or nothing; and tells the people of the organization who took part. One that lies in the future cannot be completed, unless it was recorded. Completing a completed one changes nothing and creates nothing. Needs CRM access.',
    args: { input: t.arg({ type: CompleteActivityInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => {
      const { id, expectedVersion, notes, participants, followUps } = input;
      const refusals = followUps.flatMap((each, index) => onlyLead(each, ['followUps', String(index)]));
      if (refusals.length > 0) return refused(...refusals);
      return completeActivity(runtime, viewer, {
        id,
        expectedVersion: expectedVersion ?? null,
        notes: notes ?? null,
        participants: participants ?? null,
        followUps: followUps.map(toNewTask),
      });
    },
  }),
);
