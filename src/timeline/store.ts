import { listedActivityVisibleTo } from '../auth/activity-sight.ts';
import { columnsOf } from '../db/columns.ts';
import type { Reader } from '../db/database.ts';
import type { Activity, Task } from '../db/generated/prisma/client.ts';
import type { RecordType } from '../db/generated/prisma/enums.ts';
import { fixed, shaped } from '../db/statement.ts';
import { byRecordType } from '../record/names.ts';
import type { Bound } from './rules.ts';

export type { Activity, Task };

/** Which of a row's ids names the record: derived ones as well as the one that it is linked to. */
const COLUMNS = {
  ACCOUNT: 'account_id',
  CONTACT: 'contact_id',
  LEAD: 'lead_id',
  OPPORTUNITY: 'opportunity_id',
} as const;

/** A stretch of the entries of one kind, in the walk's direction. */
export interface Stretch {
  readonly bound: Bound;
  readonly backward: boolean;
  readonly limit: number;
}

export type Of<Row> = Row & { readonly of: bigint };

const tasksOf = (type: RecordType) =>
  `t.organization_id = $1 AND t.${COLUMNS[type]} = of.id AND t.deleted_at IS NULL AND NOT t.is_queue_row`;
const activitiesOf = (type: RecordType, viewer: string) =>
  `a.organization_id = $1 AND a.${COLUMNS[type]} = of.id AND a.deleted_at IS NULL AND ${listedActivityVisibleTo(viewer)}`;

/** The same stretch of each record's entries of one kind: each one range of one index, limited to the page. */
function pageText(columns: string, from: string, where: string, at: string, id: string, backward: boolean): string {
  const [beyond, direction] = backward ? ['>', 'ASC'] : ['<', 'DESC'];
  return `SELECT of.id AS "of", page.* FROM unnest($2::bigint[]) AS of(id) CROSS JOIN LATERAL (
     SELECT ${columns} FROM ${from} WHERE ${where} AND (${at}, ${id}) ${beyond} ($3::timestamptz, $4::bigint)
     ORDER BY ${at} ${direction}, ${id} ${direction} LIMIT $5::int
   ) page`;
}

const TASK_COLUMNS = columnsOf('Task', 't');
const ACTIVITY_COLUMNS = columnsOf('Activity', 'a');

/** Tasks of each record, at their place in timelines. All are seen: timelines are read with CRM access only. */
export function readTasks(
  db: Reader,
  organizationId: bigint,
  type: RecordType,
  ids: readonly bigint[],
  { bound, backward, limit }: Stretch,
): Promise<Of<Task>[]> {
  const text = pageText(TASK_COLUMNS, 'task t', tasksOf(type), 't.timeline_at', 't.id', backward);
  return db.rows(shaped('timeline.tasks', text), organizationId, [ids, bound.at, bound.id, limit]);
}

/** Activities of each record that someone sees who sees all of the organization. */
export function readActivities(
  db: Reader,
  organizationId: bigint,
  type: RecordType,
  ids: readonly bigint[],
  userId: bigint,
  { bound, backward, limit }: Stretch,
): Promise<Of<Activity>[]> {
  const where = activitiesOf(type, '$6::bigint');
  const text = pageText(ACTIVITY_COLUMNS, 'activity a', where, 'a.activity_timestamp', 'a.id', backward);
  return db.rows(shaped('timeline.activities', text), organizationId, [ids, bound.at, bound.id, limit, userId]);
}

const counts = byRecordType((type) =>
  fixed(
    `timeline.counts.${type.toLowerCase()}`,
    `SELECT of.id AS "of", ((SELECT count(*) FROM task t WHERE ${tasksOf(type)})
       + (SELECT count(*) FROM activity a WHERE ${activitiesOf(type, '$3::bigint')}))::int AS count
     FROM unnest($2::bigint[]) AS of(id)`,
  ),
);

/** How many entries each record's timeline has. */
export const countEntries = (
  db: Reader,
  organizationId: bigint,
  type: RecordType,
  ids: readonly bigint[],
  userId: bigint,
): Promise<Of<{ readonly count: number }>[]> => db.rows(counts[type], organizationId, [ids, userId]);
