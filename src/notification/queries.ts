import { readLogCursor } from '../event/service.ts';
import type { NotificationRow } from '../event/store.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import { nowOf } from '../graphql/now.ts';
import { connect } from '../graphql/paging.ts';
import { selects } from '../graphql/selects.ts';
import { notificationList } from './lists.ts';
import { Notification } from './schema.ts';

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
