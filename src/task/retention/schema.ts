import { builder } from '../../graphql/builder.ts';
import { present } from '../../graphql/present.ts';
import { Task } from '../schema.ts';
import { expiresAt } from './rules.ts';
import { previewRetention } from './service.ts';
import type { Preview } from './store.ts';

builder.objectField(Task, 'expiresAt', (t) =>
  t.field({
    type: 'DateTime',
    nullable: true,
    description:
      'When retention will delete it for good, or soon after: a complete task of any kind but LEAD the organization’s `taskRetentionDays` after its completion, one in the bin 90 days (a setting) after its deletion, whichever comes first; days of 24 hours, by the settings as they are now. Reopening ends the one, restoring the other. Null when neither is to come: it is not in the bin, and it is open, or cancelled, or LEAD, or the organization keeps complete tasks forever.',
    resolve: async (task, _args, { loaders, runtime, viewer }) => {
      // Of most tasks no setting has to be known.
      if (task.completedAt === null && task.deletedAt === null) return null;
      const { taskRetentionDays } = present(await loaders.organization.load(viewer.organizationId));
      return expiresAt(task, { taskRetentionDays, binRetentionDays: runtime.binRetentionDays });
    },
  }),
);

const RetentionPreview = builder.objectRef<Preview>('RetentionPreview').implement({
  description: 'What retention would delete now. It runs once a day by itself.',
  fields: (t) => ({
    taskCount: t.exposeInt('taskCount', {
      description:
        'Complete tasks of every kind but LEAD, completed `taskRetentionDays` ago or longer; those among them that are in the bin, too.',
    }),
    binCount: t.exposeInt('binCount', {
      description:
        'Tasks of any kind that were put into the bin 90 days (a setting) ago or longer, and are not in `taskCount`. The bin’s activities and records, which go once nothing refers to them, are not counted.',
    }),
    oldestCompletedAt: t.expose('oldestCompletedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the first of those in `taskCount` was completed. Null when there are none.',
    }),
  }),
});

builder.queryField('retentionPreview', (t) =>
  t.field({
    type: RetentionPreview,
    description:
      'What retention would delete now: a look before `taskRetentionDays` is changed, or after. For admins. Ends in TIMEOUT where there is too much to count.',
    resolve: (_root, _args, { runtime, viewer }) => previewRetention(runtime, viewer),
  }),
);
