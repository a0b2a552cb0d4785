import { columnsOf } from '../../db/columns.ts';
import type { Reader, Tx } from '../../db/database.ts';
import type { User } from '../../db/generated/prisma/client.ts';
import { fixed } from '../../db/statement.ts';
import type { Onlooker } from './rules.ts';

// Without a row the creator watches, and nobody else.
const IS_WATCHING = 'COALESCE(w.is_watching, m.user_id = t.creator_id)';

// People who are still here and see the task: those with CRM access see all, others what they have or created.
const ONLOOKING = `FROM task t
   CROSS JOIN LATERAL (
     SELECT t.assignee_id AS user_id UNION SELECT t.creator_id
     UNION SELECT w.user_id FROM task_watcher w WHERE w.organization_id = $1 AND w.task_id = t.id AND w.is_watching
   ) who
   JOIN membership m ON m.organization_id = t.organization_id AND m.user_id = who.user_id
   LEFT JOIN task_watcher w ON w.organization_id = t.organization_id AND w.task_id = t.id AND w.user_id = m.user_id
   WHERE t.organization_id = $1 AND t.id = ANY ($2::bigint[]) AND m.is_active AND m.kind = 'PERSON'
     AND (m.crm_access OR m.user_id = t.creator_id OR m.user_id = t.assignee_id)`;

const onlookers = fixed(
  'task.onlookers',
  `SELECT t.id AS "taskId", m.user_id AS "userId", ${IS_WATCHING} AS "isWatching",
     COALESCE(m.user_id = t.assignee_id, false) AS "isAssignee"
   ${ONLOOKING} AND (${IS_WATCHING} OR m.user_id = t.assignee_id) ORDER BY t.id, m.user_id`,
);

/** Who hears of tasks. */
export const findOnlookers = (tx: Tx, taskIds: readonly bigint[]) =>
  tx.rows<Onlooker & { readonly taskId: bigint }>(onlookers, [taskIds]);

const watchers = fixed(
  'task.watchers',
  `SELECT g.*, ${columnsOf('User', 'u')} FROM (SELECT t.id AS "taskId", m.user_id ${ONLOOKING} AND ${IS_WATCHING}) g
   JOIN "user" u ON u.id = g.user_id ORDER BY g."taskId", u.name COLLATE "und-x-icu", u.id LIMIT $3::int`,
);

/** Someone, and the task that they watch. */
export type Watcher = User & { readonly taskId: bigint };

/** Who watches tasks, by name, so many rows at most. */
export const watchersOf = (db: Reader, organizationId: bigint, taskIds: readonly bigint[], most: number) =>
  db.rows<Watcher>(watchers, organizationId, [taskIds, most]);

const watch = fixed(
  'task.watch',
  `INSERT INTO task_watcher AS w (organization_id, task_id, user_id, is_watching) VALUES ($1, $2, $3, $4)
   ON CONFLICT (organization_id, task_id, user_id) DO UPDATE SET is_watching = $4 WHERE w.is_watching <> $4`,
);

/** Says whether someone watches a task. */
export const setWatching = async (tx: Tx, taskId: bigint, userId: bigint, isWatching: boolean): Promise<void> => {
  await tx.rows(watch, [taskId, userId, isWatching]);
};
