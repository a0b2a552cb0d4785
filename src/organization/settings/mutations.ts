import { builder } from '../../graphql/builder.ts';
import { INPUT, payloadType } from '../../graphql/payload.ts';
import { EmailOutcomePolicy, Organization, Weekday } from '../schema.ts';
import { MAX_RETENTION_DAYS } from './rules.ts';
import { updateOrganization } from './service.ts';

const UpdateOrganizationInput = builder.inputType('UpdateOrganizationInput', {
  description:
    'What to change of the organization. An absent field is left alone; null is refused, except for `taskRetentionDays`.',
  fields: (t) => ({
    name: t.string({
      description: '1 to 255 characters. The organization’s assistant is called after it.',
    }),
    timeZone: t.field({
      type: 'TimeZone',
      description:
        'The zone of members who chose none. In their requests days are judged there at once; where undone tasks of a day stand in timelines, and when reminders before a date are due for those members, follows soon after. The tasks of opportunities that are due are made at 06:00 there from now on, at once where that has passed today. Nothing that was sent is sent again.',
    }),
    weekStartsOn: t.field({ type: Weekday, description: 'The first day of “this week”.' }),
    requireAssignee: t.boolean({
      description:
        'Whether people must name an assignee for every task. Tasks that have none stay as they are until they are assigned.',
    }),
    taskRetentionDays: t.int({
      description: `Days after completion at which complete tasks of every kind but LEAD are deleted, 1 to ${MAX_RETENTION_DAYS}; null keeps them forever. \`expiresAt\` of all of them changes at once; what that has passed for is deleted by the next daily run, for good: look at \`retentionPreview\` first.`,
    }),
    emailOnUnknownOutcome: t.field({
      type: EmailOutcomePolicy,
      description: 'When a crash leaves open whether an e-mail was sent: send it again, or hold it.',
    }),
  }),
});

const UpdateOrganizationPayload = payloadType<{ readonly id: bigint }>('UpdateOrganizationPayload', {
  description: 'The organization as it is now.',
  fields: (t) => ({
    organization: t.field({
      type: Organization,
      nullable: true,
      description: 'Null when it was refused.',
      resolve: ({ value }, _args, { loaders }) => value && loaders.organization.load(value.id),
    }),
  }),
});

builder.mutationField('updateOrganization', (t) =>
  t.field({
    type: UpdateOrganizationPayload,
    description:
      'Changes what the organization decides for all of its people, from the next operation on. What is so already changes nothing. For admins.',
    args: { input: t.arg({ type: UpdateOrganizationInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => updateOrganization(runtime, viewer, { ...input }),
  }),
);
