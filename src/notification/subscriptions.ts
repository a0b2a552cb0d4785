import type { Delivered } from '../event/feed.ts';
import { followNotifications } from '../event/service.ts';
import type { NotificationRow } from '../event/store.ts';
import { builder } from '../graphql/builder.ts';
import type { Context } from '../graphql/context.ts';
import { present } from '../graphql/present.ts';
import { renew } from '../graphql/renew.ts';
import { encodeId } from '../ids.ts';
import { User } from '../organization/schema.ts';
import { Task } from '../task/schema.ts';
import { notificationCursor } from './lists.ts';
import { GONE, Notification, taskOf } from './schema.ts';

const cursorOf = ({ notification }: Delivered, _args: unknown, { viewer }: Context) =>
  notificationCursor(viewer, notification);

const CURSOR = 'Give the last one that you handled as `after` when you connect again.';

const TaskAssignedEvent = builder.objectRef<Delivered>('TaskAssignedEvent').implement({
  description: 'A task was assigned to the viewer.',
  fields: (t) => ({
    cursor: t.string({
      description: CURSOR,
      resolve: cursorOf,
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

const NotificationEvent = builder.objectRef<Delivered>('NotificationEvent').implement({
  description: 'The viewer is told something.',
  fields: (t) => ({
    cursor: t.string({ description: CURSOR, resolve: cursorOf }),
    notification: t.field({ type: Notification, resolve: ({ notification }) => notification }),
  }),
});

const DELIVERY =
  'what was missed since `after`, then live. Delivered at least once, in order, without a gap; within milliseconds as a rule, within 5 seconds if a ring between processes is lost. RESYNC_REQUIRED before any event when `after` is older than what is kept or not of this log, and later when a subscriber lags so far that what they have not had is no longer kept: then read the list again, and go on from its `logCursor`.';
const AFTER =
  'The cursor of the last event, or a list’s `logCursor`; exclusive. Absent: only what happens from now on. Over server-sent events a `Last-Event-ID` header takes its place.';

const follow = (after: string | null | undefined, { runtime, viewer }: Context, wanted: Wanted) =>
  followNotifications(runtime, viewer, after ?? null, wanted);
type Wanted = (notification: NotificationRow) => boolean;

const renewed = (delivered: Delivered, _args: unknown, context: Context): Delivered => {
  renew(context, delivered.batch, delivered.standing);
  return delivered;
};

builder.subscriptionFields((t) => ({
  taskAssigned: t.field({
    type: TaskAssignedEvent,
    description: `The viewer’s notifications of kind TASK_ASSIGNED: ${DELIVERY}`,
    args: { after: t.arg.string({ description: AFTER }) },
    subscribe: (_root, { after }, context) => follow(after, context, ({ kind }) => kind === 'TASK_ASSIGNED'),
    resolve: renewed,
  }),
  notificationReceived: t.field({
    type: NotificationEvent,
    description: `The viewer’s notifications of every kind: ${DELIVERY} Kinds that they muted have none. That one was read, here or elsewhere, is no event: ask \`viewer.unreadNotificationCount\` for how many are left.`,
    args: { after: t.arg.string({ description: AFTER }) },
    subscribe: (_root, { after }, context) => follow(after, context, () => true),
    resolve: renewed,
  }),
}));
