import { createActivityLoaders } from '../activity/loaders.ts';
import { createCommentLoaders } from '../comment/loaders.ts';
import type { Database } from '../db/database.ts';
import { createEventLoaders } from '../event/loaders.ts';
import { createNotificationLoaders } from '../notification/loaders.ts';
import { createOrganizationLoaders } from '../organization/loaders.ts';
import { createPipelineLoaders } from '../pipeline/loaders.ts';
import { createRecordLoaders } from '../record/loaders.ts';
import { createDetailLoaders } from '../task/detail/loaders.ts';
import { createTaskLoaders } from '../task/loaders.ts';
import { createReminderLoaders } from '../task/reminder/loaders.ts';
import { createWatchLoaders } from '../task/watch/loaders.ts';
import { createTimelineLoaders } from '../timeline/loaders.ts';

/** Every room's loaders of one organization: what one operation, or one batch of events, has read. */
export const createLoaders = (db: Database, organizationId: bigint) => ({
  ...createActivityLoaders(db, organizationId),
  ...createCommentLoaders(db, organizationId),
  ...createDetailLoaders(db, organizationId),
  ...createEventLoaders(db, organizationId),
  ...createNotificationLoaders(db, organizationId),
  ...createOrganizationLoaders(db, organizationId),
  ...createTaskLoaders(db, organizationId),
  ...createPipelineLoaders(db, organizationId),
  ...createRecordLoaders(db, organizationId),
  ...createReminderLoaders(db, organizationId),
  ...createTimelineLoaders(db, organizationId),
  ...createWatchLoaders(db, organizationId),
});

export type Loaders = ReturnType<typeof createLoaders>;
