import { builder } from '../../graphql/builder.ts';
import { INPUT, payloadType } from '../../graphql/payload.ts';
import { NotificationKind } from '../../notification/kind.ts';
import { Viewer } from '../viewer-schema.ts';
import { updateViewer } from './service.ts';

const UpdateViewerInput = builder.inputType('UpdateViewerInput', {
  description: 'What the viewer says of themselves. An absent field is left alone.',
  fields: (t) => ({
    name: t.string({ description: '1 to 255 characters, in all of their organizations.' }),
    timeZone: t.field({
      type: 'TimeZone',
      description:
        'Where they are, in all of their organizations; null follows each organization’s. Their reminders that wait for a time before a task’s date move with it.',
    }),
    mutedKinds: t.field({
      type: [NotificationKind],
      description:
        'The kinds of notifications that they do not want, in this organization; an empty list mutes nothing. It counts from now on: what they were told stays, and what they were not told while it was muted does not come later.',
    }),
  }),
});

const UpdateViewerPayload = payloadType<object>('UpdateViewerPayload', {
  description: 'The viewer, changed.',
  fields: (t) => ({
    viewer: t.field({
      type: Viewer,
      nullable: true,
      description: 'Null when it was refused.',
      resolve: ({ ok }, _args, { viewer }) => (ok ? viewer : null),
    }),
  }),
});

builder.mutationField('updateViewer', (t) =>
  t.field({
    type: UpdateViewerPayload,
    description:
      'Changes the viewer’s own name, time zone and muted notifications. Name and zone are the person’s, in whichever organization they are; that they changed is told by each one’s log. Viewers may, too; API keys may not (NOT_ALLOWED): they have no profile. A subscription keeps the zone that it began with.',
    args: { input: t.arg({ type: UpdateViewerInput, required: true, description: INPUT }) },
    resolve: async (_root, { input: { name, timeZone, mutedKinds } }, context) => {
      const { runtime, viewer } = context;
      const patch = {
        ...(name !== undefined && { name }),
        ...(timeZone !== undefined && { timeZone }),
        ...(mutedKinds !== undefined && { mutedKinds }),
      };
      const outcome = await updateViewer(runtime, viewer, patch);
      if (outcome.ok) {
        const { mutedKinds: muted, timeZone: chosen } = outcome.value;
        const zone = viewer.requestTimeZone ?? chosen ?? viewer.organizationTimeZone;
        // What the operation goes on to answer with is as it is now.
        context.viewer = { ...viewer, mutedKinds: muted, timeZone: zone };
      }
      return outcome;
    },
  }),
);
