import { builder } from '../../graphql/builder.ts';
import { Node, nodeOf } from '../../graphql/node.ts';
import { INPUT, payloadType } from '../../graphql/payload.ts';
import { removeAttachment } from './service.ts';

const RemoveAttachmentInput = builder.inputType('RemoveAttachmentInput', {
  description: 'Which attachment to remove, and of what.',
  fields: (t) => ({
    subjectId: t.id({ required: true, description: 'A task’s or an activity’s id.' }),
    url: t.string({ required: true, description: 'As it stands in `attachmentUrls`; each time that it does.' }),
    expectedVersion: t.int({
      description: 'Refuses with CONFLICT unless the task or activity is at this version.',
    }),
  }),
});

builder.mutationField('removeAttachment', (t) =>
  t.field({
    type: payloadType<{ readonly id: string }>('RemoveAttachmentPayload', {
      description: 'The task or activity that it was removed from.',
      fields: (p) => ({
        subject: p.field({
          type: Node,
          nullable: true,
          description: 'Null when it was refused.',
          resolve: ({ value }, _args, context) => value && nodeOf(value.id, context),
        }),
      }),
    }),
    description:
      'Removes one attachment of a task of kind LEAD or of an activity, and leaves the others as they are, whoever adds some at the same time. An activity’s needs CRM access.',
    args: { input: t.arg({ type: RemoveAttachmentInput, required: true, description: INPUT }) },
    resolve: (_root, { input: { expectedVersion, ...input } }, { runtime, viewer }) =>
      removeAttachment(runtime, viewer, { ...input, expectedVersion: expectedVersion ?? null }),
  }),
);
