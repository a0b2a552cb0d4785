import { activityVisibleTo } from '../../auth/activity-sight.ts';
import { sightOf, sightParams } from '../../auth/sight.ts';
import type { Viewer } from '../../auth/viewer.ts';
import { columnsOf } from '../../db/columns.ts';
import type { Reader } from '../../db/database.ts';
import type { Activity } from '../../db/generated/prisma/client.ts';
import { fixed } from '../../db/statement.ts';

/** An e-mail, and the task that gathered it. */
export interface Gathered extends Activity {
  readonly taskId: bigint;
}

const VISIBLE = activityVisibleTo({ all: '$2', user: '$3', viewer: '$4' });

// Of each task the newest, and of all tasks together no more than can be held.
const emails = fixed(
  'task.emails',
  `SELECT g.* FROM task t CROSS JOIN LATERAL (
     SELECT te.task_id AS "taskId", ${columnsOf('Activity', 'a')}
     FROM task_email te JOIN activity a ON a.organization_id = te.organization_id AND a.id = te.activity_id
     WHERE te.organization_id = $1 AND te.task_id = t.id AND ${VISIBLE}
     ORDER BY a.activity_timestamp DESC, a.id DESC LIMIT $6::int
   ) g
   WHERE t.organization_id = $1 AND t.id = ANY ($5::bigint[])
   ORDER BY g."taskId", g."activityTimestamp", g.id LIMIT $7::int`,
);

/** The e-mails that tasks gathered, oldest first, deleted ones included, as far as the viewer may see them. */
export const gatheredEmails = (
  db: Reader,
  organizationId: bigint,
  viewer: Pick<Viewer, 'userId' | 'crmAccess'>,
  taskIds: readonly bigint[],
  { ofEach, ofAll }: { readonly ofEach: number; readonly ofAll: number },
) =>
  db.rows<Gathered>(emails, organizationId, [...sightParams(sightOf(viewer)), viewer.userId, taskIds, ofEach, ofAll]);
