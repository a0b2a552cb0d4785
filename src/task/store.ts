import { type Sight, sightParams } from '../auth/sight.ts';
import { columnsOf } from '../db/columns.ts';
import type { Reader, Tx } from '../db/database.ts';
import { nextDeletion } from '../db/deletion.ts';
import type { Task } from '../db/generated/prisma/client.ts';
import { fixed } from '../db/statement.ts';
import type { TaskState } from './rules.ts';
import { columnsOfState } from './state.ts';
import { VISIBLE } from './visible.ts';

export type { Task };

export const TASK_COLUMNS = columnsOf('Task', 't');

const byIds = fixed(
  'task.byIds',
  `SELECT ${TASK_COLUMNS} FROM task t WHERE t.organization_id = $1 AND ${VISIBLE} AND t.id = ANY ($4::bigint[])`,
);
const byUids = fixed(
  'task.byUids',
  `SELECT ${TASK_COLUMNS} FROM task t WHERE t.organization_id = $1 AND ${VISIBLE} AND t.uid = ANY ($4::text[])`,
);

/** Tasks by inner ids, deleted ones included, as far as the viewer may see them. */
export const tasksByIds = (db: Reader, organizationId: bigint, sight: Sight, ids: readonly bigint[]) =>
  db.rows<Task>(byIds, organizationId, [...sightParams(sight), ids]);

/** Tasks by ULIDs, deleted ones included, as far as the viewer may see them. */
export const tasksByUids = (db: Reader, organizationId: bigint, sight: Sight, uids: readonly string[]) =>
  db.rows<Task>(byUids, organizationId, [...sightParams(sight), uids]);

/** A task's row under lock, with what the log needs to tell of it. */
export interface LockedTask extends Task {
  readonly assigneeUid: string | null;
  readonly completedByUid: string | null;
  /** Of the record that it is linked to directly. */
  readonly linkId: bigint | null;
  readonly linkUid: string | null;
  /** The row as the database's own JSON. */
  readonly image: string;
}

const linked = (table: string, alias: string) =>
  `LEFT JOIN ${table} ${alias} ON ${alias}.organization_id = t.organization_id AND ${alias}.id = t.${table}_id
     AND t.linked_type = '${table.toUpperCase()}'`;

const lock = fixed(
  'task.lock',
  `SELECT ${TASK_COLUMNS}, to_jsonb(t)::text AS image, au.uid AS "assigneeUid", cu.uid AS "completedByUid",
          COALESCE(la.id, lc.id, ll.id, lo.id) AS "linkId", COALESCE(la.uid, lc.uid, ll.uid, lo.uid) AS "linkUid"
   FROM task t
   LEFT JOIN "user" au ON au.id = t.assignee_id
   LEFT JOIN "user" cu ON cu.id = t.completed_by_id
   ${linked('account', 'la')} ${linked('contact', 'lc')} ${linked('lead', 'll')} ${linked('opportunity', 'lo')}
   WHERE t.organization_id = $1 AND ${VISIBLE} AND t.uid = $4 AND NOT t.is_queue_row FOR NO KEY UPDATE OF t`,
);

/** A task that the viewer may see, locked until the transaction ends. */
export const lockTask = async (tx: Tx, sight: Sight, uid: string) =>
  (await tx.rows<LockedTask>(lock, [...sightParams(sight), uid]))[0] ?? null;

export interface TaskRow {
  readonly state: TaskState;
  readonly timelineAt: Date;
}

export async function insertTask(
  { organizationId, prisma }: Tx,
  { state, timelineAt, ...row }: TaskRow & { readonly uid: string; readonly creatorId: bigint },
  at: Date,
): Promise<bigint> {
  const data = { ...columnsOfState(state), ...row, timelineAt, organizationId, createdAt: at, updatedAt: at };
  return (await prisma.task.create({ data, select: { id: true } })).id;
}

/** Writes a new state; the version grows by one. */
export async function updateTaskRow(
  { organizationId, prisma }: Tx,
  task: LockedTask,
  { state, timelineAt }: TaskRow,
  at: Date,
) {
  await prisma.task.update({
    where: { organizationId_id: { organizationId, id: task.id } },
    data: { ...columnsOfState(state), timelineAt, updatedAt: at, version: { increment: 1 } },
    select: { id: true },
  });
}

export async function deleteTaskRow(tx: Tx, task: LockedTask, at: Date) {
  const { organizationId, prisma } = tx;
  const deletionId = await nextDeletion(tx);
  await prisma.task.update({
    where: { organizationId_id: { organizationId, id: task.id } },
    data: { deletedAt: at, isActive: false, deletionId, updatedAt: at, version: { increment: 1 } },
    select: { id: true },
  });
}
