import { builder } from '../graphql/builder.ts';

export const NotificationKind = builder.enumType('NotificationKind', {
  description: 'Why someone is told. Of several reasons for one event the most specific counts.',
  values: {
    TASK_ASSIGNED: { description: 'Someone assigned a task to you.' },
    TASK_REMINDER: { description: 'A reminder that was set on a task is due.' },
    TASK_COMPLETED: { description: 'A task that you watch or are assigned to was completed.' },
    TASK_COMMENTED: { description: 'A task that you watch or are assigned to was commented.' },
    TASK_UNBLOCKED: { description: 'The last blocker of a task of yours was completed.' },
    TASK_ESCALATED: { description: 'A task was escalated to you.' },
    ACTIVITY_COMPLETED: { description: 'An activity that you took part in was completed.' },
    ACTIVITY_COMMENTED: { description: 'An activity that you created or took part in was commented.' },
    MENTIONED: { description: 'Someone mentioned you in a comment.' },
  },
});
