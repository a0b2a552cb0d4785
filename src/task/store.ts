import { type Sight, sightParams } from '../auth/sight.ts';
import { columnsOf } from '../db/columns.ts';
import type { Reader, Tx } from '../db/database.ts';
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

/** The ULIDs of what a task names: what the log tells of it. */
interface Names {
  readonly assigneeUid: string | null;
  readonly completedByUid: string | null;
  /** Of the record that it is linked to directly. */
  readonly linkUid: string | null;
  readonly accountUid: string | null;
  readonly leadUid: string | null;
  readonly activityUid: string | null;
  readonly pipelineUid: string | null;
  readonly stageUid: string | null;
}

/** A task's row under lock, with what the log needs to tell of it. */
export interface LockedTask extends Task, Names {
  /** The row as the database's own JSON. */
  readonly image: string;
}

// Without a join: a row that was waited for is judged again with the joined rows as they were found before the wait, and
// what it names by then would be missing.
const lock = fixed(
  'task.lock',
  `SELECT ${TASK_COLUMNS}, to_jsonb(t)::text AS image FROM task t
   WHERE t.organization_id = $1 AND ${VISIBLE} AND t.uid = $4 AND NOT t.is_queue_row FOR NO KEY UPDATE`,
);

const uidIn = (table: string, id: string) =>
  `(SELECT x.uid FROM ${table} x WHERE x.organization_id = $1 AND x.id = ${id})`;

const NAME_COLUMNS = `(SELECT x.uid FROM "user" x WHERE x.id = t.assignee_id) AS "assigneeUid",
  (SELECT x.uid FROM "user" x WHERE x.id = t.completed_by_id) AS "completedByUid",
  CASE t.linked_type WHEN 'ACCOUNT' THEN ${uidIn('account', 't.account_id')}
                     WHEN 'CONTACT' THEN ${uidIn('contact', 't.contact_id')}
                     WHEN 'LEAD' THEN ${uidIn('lead', 't.lead_id')}
                     WHEN 'OPPORTUNITY' THEN ${uidIn('opportunity', 't.opportunity_id')} END AS "linkUid",
  ${uidIn('account', 't.account_id')} AS "accountUid", ${uidIn('lead', 't.lead_id')} AS "leadUid",
  ${uidIn('activity', 't.activity_id')} AS "activityUid",
  ${uidIn('pipeline', 't.pipeline_id')} AS "pipelineUid", ${uidIn('stage', 't.stage_id')} AS "stageUid"`;

/** All of a task that is locked already: read by a statement of its own, it is as it was locked. */
export const LOCKED_COLUMNS = `${TASK_COLUMNS}, to_jsonb(t)::text AS image, ${NAME_COLUMNS}`;

const names = fixed(
  'task.names',
  `SELECT t.id, ${NAME_COLUMNS} FROM task t WHERE t.organization_id = $1 AND t.id = ANY ($2::bigint[])`,
);

/** A locked row as it is, before what it names is read. */
export type LockedRow = Task & { readonly image: string };

/** The same rows with what they name, in their order. */
export async function namedTasks(tx: Tx, rows: readonly LockedRow[]): Promise<LockedTask[]> {
  if (rows.length === 0) return [];
  const found = await tx.rows<Names & { readonly id: bigint }>(names, [rows.map(({ id }) => id)]);
  const byId = new Map(found.map((each) => [each.id, each]));
  return rows.map((row) => ({ ...row, ...(byId.get(row.id) as Names) }));
}

/** A task that the viewer may see, locked until the transaction ends. */
export async function lockTask(tx: Tx, sight: Sight, uid: string): Promise<LockedTask | null> {
  const [task] = await namedTasks(tx, await tx.rows<LockedRow>(lock, [...sightParams(sight), uid]));
  return task ?? null;
}

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

/** Many new tasks by one statement; answers their inner ids by ULID. */
export async function insertTasks(
  { organizationId, prisma }: Tx,
  rows: readonly (TaskRow & { readonly uid: string; readonly creatorId: bigint })[],
  at: Date,
): Promise<ReadonlyMap<string, bigint>> {
  const own = { organizationId, createdAt: at, updatedAt: at };
  const data = rows.map(({ state, ...row }) => ({ ...columnsOfState(state), ...row, ...own }));
  const made = await prisma.task.createManyAndReturn({ data, select: { id: true, uid: true } });
  return new Map(made.map(({ id, uid }) => [uid, id]));
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
