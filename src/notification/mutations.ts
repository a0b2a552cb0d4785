import { builder } from '../graphql/builder.ts';
import { INPUT, payloadType } from '../graphql/payload.ts';
import { Viewer } from '../organization/viewer-schema.ts';
import { markNotificationsRead } from './service.ts';

const MarkNotificationsReadInput = builder.inputType('MarkNotificationsReadInput', {
  description: 'Which of the viewer’s notifications were read: exactly one of the three.',
  fields: (t) => ({
    ids: t.idList({ description: 'These, at most 1,000. One that is not the viewer’s refuses all of them.' }),
    all: t.boolean({ required: true, defaultValue: false, description: 'All that there are now.' }),
    upTo: t.string({
      description:
        'All up to this cursor, it included: a notification’s `cursor`, or a list’s `logCursor`, so that what came since it was shown stays unread.',
    }),
  }),
});

const MarkNotificationsReadPayload = payloadType<true>('MarkNotificationsReadPayload', {
  description: 'Whose notifications were read.',
  fields: (t) => ({
    viewer: t.field({
      type: Viewer,
      nullable: true,
      description: 'With the unread count as it is now. Null when it was refused.',
      resolve: ({ ok }, _args, { viewer }) => (ok ? viewer : null),
    }),
  }),
});

builder.mutationField('markNotificationsRead', (t) =>
  t.field({
    type: MarkNotificationsReadPayload,
    description:
      'Says that the viewer has read notifications. Those that were read already keep their `readAt`. It is the viewer’s own: the log does not tell of it, and no subscription is sent anything, of another tab neither; `viewer.unreadNotificationCount` is right at once everywhere. Viewers may, too.',
    args: { input: t.arg({ type: MarkNotificationsReadInput, required: true, description: INPUT }) },
    resolve: (_root, { input: { ids, all, upTo } }, { runtime, viewer }) =>
      markNotificationsRead(runtime, viewer, { ids: ids ?? null, all, upTo: upTo ?? null }),
  }),
);
