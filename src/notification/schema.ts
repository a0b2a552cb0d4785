import { Activity } from '../activity/schema.ts';
import { sightOf } from '../auth/sight.ts';
import type { Delivered } from '../event/feed.ts';
import { followNotifications, readLogCursor } from '../event/service.ts';
import type { NotificationRow } from '../event/store.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import type { Context } from '../graphql/context.ts';
import { Node, registerNode } from '../graphql/node.ts';
import { nowOf } from '../graphql/now.ts';
import { connect } from '../graphql/paging.ts';
import { present } from '../graphql/present.ts';
import { renew } from '../graphql/renew.ts';
import { selects } from '../graphql/selects.ts';
import { encodeId, encodeLogId } from '../ids.ts';
import { User } from '../organization/schema.ts';
import { Viewer } from '../organization/viewer-schema.ts';
import { Task } from '../task/schema.ts';
import { NotificationKind } from './kind.ts';
import { notificationCursor, notificationList } from './lists.ts';
import { countUnread } from './store.ts';

const GONE = 'Null when it no longer exists or the viewer may no longer see it.';

const taskOf = ({ taskId }: NotificationRow, { loaders, viewer }: Context) =>
  taskId === null ? null : loaders.task(sightOf(viewer)).load(taskId);

const Notification = builder.objectRef<NotificationRow>('Notification').implement({
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
      description: 'What one change notified of has one batch id. Null when the change was of a single thing.',
      resolve: ({ batchId }) => batchId,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    readAt: t.expose('readAt', { type: 'DateTime', nullable: true, description: 'Null while it is unread.' }),
  }),
});
registerNode('Notification', async ({ uid, seq }, { loaders, viewer: { membershipUid, userId } }) =>
  uid === membershipUid && seq !== null ? loaders.notificationBySeq(userId).load(seq) : null,
);

const NotificationConnection = connectionType<NotificationRow>('Notification', Notification, {
  of: 'notifications',
  logCursor: true,
});

builder.queryField('notifications', (t) =>
  t.field({
    type: NotificationConnection,
    description: 'What the viewer was told, newest first. Kept for 90 days (a setting).',
    args: {
      unreadOnly: t.arg.boolean({
        required: true,
        defaultValue: false,
        description: 'Leaves out those that were read.',
      }),
      ...pageArgs(t.arg),
    },
    resolve: async (_root, { unreadOnly, ...page }, context, info) => {
      const { runtime, viewer } = context;
      const logCursor = selects(info, 'logCursor') ? await readLogCursor(runtime, viewer, nowOf(context)) : null;
      return connect(page, notificationList(runtime.db, viewer, unreadOnly, logCursor));
    },
  }),
);

builder.objectFields(Viewer, (t) => ({
  unreadNotificationCount: t.int({
    description: 'How many notifications are unread.',
    resolve: ({ organizationId, userId }, _args, { runtime }) => countUnread(runtime.db, organizationId, userId),
  }),
  mutedKinds: t.field({
    type: [NotificationKind],
    description: 'Kinds of notifications that they chose not to get.',
    resolve: ({ mutedKinds }) => mutedKinds,
  }),
}));

const TaskAssignedEvent = builder.objectRef<Delivered>('TaskAssignedEvent').implement({
  description: 'A task was assigned to the viewer.',
  fields: (t) => ({
    cursor: t.string({
      description: 'Give the last one that you handled as `after` when you connect again.',
      resolve: ({ notification }, _args, { viewer }) => notificationCursor(viewer, notification),
    }),
    taskId: t.id({
      description: 'Stays when the task is gone.',
      resolve: ({ notification: { taskUid } }) => encodeId('Task', present(taskUid)),
    }),
    task: t.field({
      type: Task,
      nullable: true,
      description: `As it is when the event is read for delivery. ${GONE}`,
      resolve: ({ notification }, _args, context) => taskOf(notification, context),
    }),
    actor: t.field({
      type: User,
      description: 'Who assigned it.',
      resolve: async ({ notification }, _args, { loaders }) => present(await loaders.user.load(notification.actorId)),
    }),
    notification: t.field({ type: Notification, resolve: ({ notification }) => notification }),
  }),
});

builder.subscriptionField('taskAssigned', (t) =>
  t.field({
    type: TaskAssignedEvent,
    description:
      'The viewer’s notifications of kind TASK_ASSIGNED: what was missed since `after`, then live. Delivered at least once, in order, without a gap; within milliseconds as a rule, within 5 seconds if a ring between processes is lost. RESYNC_REQUIRED before any event when `after` is older than what is kept.',
    args: {
      after: t.arg.string({
        description:
          'The cursor of the last event, or a list’s `logCursor`; exclusive. Absent: only what happens from now on.',
      }),
    },
    subscribe: (_root, { after }, { runtime, viewer }) =>
      followNotifications(runtime, viewer, after ?? null, ({ kind }) => kind === 'TASK_ASSIGNED'),
    resolve: (delivered: Delivered, _args, context) => {
      renew(context, delivered.batch, delivered.standing);
      return delivered;
    },
  }),
);
