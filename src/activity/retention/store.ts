import { emptyBinOf } from '../../db/bin.ts';

/** Deletes activities in the bin for good, those that no task came out of. */
export const emptyActivities = emptyBinOf('activity', [
  'task t WHERE t.organization_id = $1 AND t.activity_id = r.id',
  'task_email e WHERE e.organization_id = $1 AND e.activity_id = r.id',
]);
