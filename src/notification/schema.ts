import { Activity } from '../activity/schema.ts';
import { sightOf } from '../auth/sight.ts';
import type { NotificationRow } from '../event/store.ts';
import { builder } from '../graphql/builder.ts';
import type { Context } from '../graphql/context.ts';
import { Node, registerNode } from '../graphql/node.ts';
import { present } from '../graphql/present.ts';
import { encodeId, encodeLogId } from '../ids.ts';
import { User } from '../organization/schema.ts';
import { Viewer } from '../organization/viewer-schema.ts';
import { Task } from '../task/schema.ts';
import { NotificationKind } from './kind.ts';
import { notificationCursor } from './lists.ts';
import { countUnread } from './store.ts';

export const GONE = 'Null when it no longer exists or the viewer may no longer see it.';

/** The task that it is about, if the viewer may see it. */
export const taskOf = ({ taskId }: NotificationRow, { loaders, viewer }: Context) =>
  taskId === null ? null : loaders.task(sightOf(viewer)).load(taskId);

export const Notification = builder.objectRef<NotificationRow>('Notification').implement({
  description: 'Something that the viewer is told. One row per recipient and event.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: ({ seq }, _args, { viewer }) => encodeLogId('Notification', viewer.membershipUid, seq) }),
    cursor: t.string({
      description: 'Its place in the organization’s log: `after` for a subscription.',
      resolve: (row, _args, { viewer }) => notificationCursor(viewer, row),
    }),
    kind: t.expose('kind', { type: NotificationKind }),
    taskId: t.id({
      nullable: true,
      description: 'Stays when the task is gone. Null when it is not about a task.',
      resolve: ({ taskUid }) => taskUid && encodeId('Task', taskUid),
    }),
    task: t.field({
      type: Task,
      nullable: true,
      description: GONE,
      resolve: (row, _args, context) => taskOf(row, context),
    }),
    activity: t.field({
      type: Activity,
      nullable: true,
      description: `${GONE} Null, too, when it is not about an activity.`,
      resolve: ({ activityId }, _args, { loaders, viewer }) =>
        activityId === null ? null : loaders.activity(viewer).load(activityId),
    }),
    actor: t.field({
      type: User,
      description: 'Who did what it tells of.',
      resolve: async ({ actorId }, _args, { loaders }) => present(await loaders.user.load(actorId)),
    }),
    batchId: t.id({
      nullable: true,
      description:
        'What one change notified of has one batch id. Null unless it came of a bulk update, a pipeline’s change or of what followed from one.',
      resolve: ({ batchId }) => batchId,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    readAt: t.expose('readAt', { type: 'DateTime', nullable: true, description: 'Null while it is unread.' }),
  }),
});
registerNode('Notification', async ({ uid, seq }, { loaders, viewer: { membershipUid, userId } }) =>
  uid === membershipUid && seq !== null ? loaders.notificationBySeq(userId).load(seq) : null,
);

builder.objectFields(Viewer, (t) => ({
  unreadNotificationCount: t.int({
    description: 'How many notifications are unread, now.',
    resolve: ({ organizationId, userId }, _args, { runtime }) => countUnread(runtime.db, organizationId, userId),
  }),
  mutedKinds: t.field({
    type: [NotificationKind],
    description: 'Kinds of notifications that they chose not to get in this organization, as `updateViewer` set them.',
    resolve: ({ mutedKinds }) => mutedKinds,
  }),
}));
