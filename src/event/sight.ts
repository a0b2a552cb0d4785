import { activityVisibleTo } from '../auth/activity-sight.ts';
import { sightOf, sightParams } from '../auth/sight.ts';
import type { Viewer } from '../auth/viewer.ts';

// A subquery that finds at most one row by its key is asked once for each event that is looked at. EXISTS could become a
// hash of all that the viewer sees.
const isOwn = (place: (column: string) => string) =>
  `(COALESCE(${place('assignee_id')} = $3, false) OR ${place('creator_id')} = $3)`;

/**
 * The one condition on `event e` that decides what a viewer sees of the log; its parameters are `$2` to `$5`. A task is
 * judged as it is now, or by its last image once its row is gone. An activity as it is now: of one that is gone nobody can
 * say any more whose it was. Members, keys and the organization are for admins; pipelines for all; records and rules for
 * those with CRM access.
 */
export const EVENT_VISIBLE = `CASE
  WHEN e.subject_type = 'TASK' THEN $2::boolean OR COALESCE(
    (SELECT ${isOwn((column) => `t.${column}`)} FROM task t WHERE t.organization_id = $1 AND t.id = e.subject_id),
    (SELECT ${isOwn((column) => `(COALESCE(i.image_after, i.image_before) ->> '${column}')::bigint`)} FROM event i
     WHERE i.organization_id = $1 AND i.subject_type = 'TASK' AND i.subject_id = e.subject_id
       AND (i.image_after IS NOT NULL OR i.image_before IS NOT NULL) ORDER BY i.seq DESC LIMIT 1),
    false)
  WHEN e.subject_type = 'ACTIVITY' THEN COALESCE(
    (SELECT ${activityVisibleTo({ all: '$2', user: '$3', viewer: '$4' })} FROM activity a
     WHERE a.organization_id = $1 AND a.id = e.subject_id), false)
  WHEN e.subject_type IN ('MEMBERSHIP', 'API_KEY', 'ORGANIZATION') THEN $5::boolean
  WHEN e.subject_type = 'PIPELINE' THEN true
  ELSE $2::boolean END`;

/** `$2` to `$5` of a statement with that condition. */
export const eventSightParams = (viewer: Viewer): readonly unknown[] => [
  ...sightParams(sightOf(viewer)),
  viewer.userId,
  viewer.role === 'ADMIN',
];
