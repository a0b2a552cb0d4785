import { emptyBinOf, refersBy } from '../../db/bin.ts';

/** Deletes activities in the bin for good, those that no task came out of, with what was said about them. */
export const emptyActivities = emptyBinOf(
  'activity',
  [refersBy('task', 'activity_id'), refersBy('task_email', 'activity_id')],
  [{ table: 'comment', column: 'activity_id' }],
);
