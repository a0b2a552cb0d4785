import { type Sight, sightParams } from '../../auth/sight.ts';
import { taskDateOf } from '../../dates.ts';
import { columnsOf } from '../../db/columns.ts';
import type { Reader, Tx } from '../../db/database.ts';
import type { Reminder } from '../../db/generated/prisma/client.ts';
import type { TaskStatus } from '../../db/generated/prisma/enums.ts';
import { fixed } from '../../db/statement.ts';
import { newUid } from '../../ids.ts';
import { VISIBLE } from '../visible.ts';
import type { Facts, Standing, When } from './rules.ts';

export type { Reminder };

const COLUMNS = columnsOf('Reminder', 'r');

const ofTasks = fixed(
  'reminder.ofTasks',
  `SELECT ${COLUMNS} FROM reminder r WHERE r.organization_id = $1 AND r.task_id = ANY ($2::bigint[])
   ORDER BY r.remind_at NULLS LAST, r.id`,
);

/** The reminders of tasks that the viewer may see, by time; those that wait for a date last. */
export const remindersOfTasks = (db: Reader, organizationId: bigint, taskIds: readonly bigint[]) =>
  db.rows<Reminder>(ofTasks, organizationId, [taskIds]);

/** The same of one task, in the transaction that holds it. */
export const remindersIn = (tx: Tx, taskId: bigint) => tx.rows<Reminder>(ofTasks, [[taskId]]);

const byUids = fixed(
  'reminder.byUids',
  `SELECT ${COLUMNS} FROM reminder r JOIN task t ON t.organization_id = r.organization_id AND t.id = r.task_id
   WHERE r.organization_id = $1 AND ${VISIBLE} AND r.uid = ANY ($4::text[])`,
);

export const remindersByUids = (db: Reader, organizationId: bigint, sight: Sight, uids: readonly string[]) =>
  db.rows<Reminder>(byUids, organizationId, [...sightParams(sight), uids]);

export async function insertReminders({ organizationId, prisma }: Tx, taskId: bigint, whens: readonly When[]) {
  if (whens.length === 0) return;
  await prisma.reminder.createMany({
    data: whens.map(({ at, before }) => ({ organizationId, uid: newUid(), taskId, at, before })),
  });
}

const remove = fixed(
  'reminder.delete',
  'DELETE FROM reminder r WHERE r.organization_id = $1 AND r.id = ANY ($2::bigint[])',
);

export const deleteReminders = async (tx: Tx, ids: readonly bigint[]): Promise<void> => {
  if (ids.length > 0) await tx.rows(remove, [ids]);
};

/** A reminder with its task, as it is now. */
export interface Reminding extends Standing {
  readonly id: bigint;
  readonly task: Facts & {
    readonly id: bigint;
    readonly uid: string;
    /** Who is reminded: the assignee while they are an active member, else who created it, who may be neither. */
    readonly recipientId: bigint;
  };
}

interface Row extends Standing {
  readonly id: bigint;
  readonly taskId: bigint;
  readonly taskUid: string;
  readonly status: TaskStatus;
  readonly dueOn: Date | null;
  readonly dueAt: Date | null;
  readonly deletedAt: Date | null;
  readonly recipientId: bigint;
  readonly zone: string;
}

// The assignee while their membership is active: whoever has left is told nothing.
const ASSIGNEE = `LEFT JOIN membership m
     ON m.organization_id = t.organization_id AND m.user_id = t.assignee_id AND m.is_active`;
const RECIPIENT = 'COALESCE(m.user_id, t.creator_id)';

const standing = fixed(
  'reminder.standing',
  `SELECT r.id, r.at, r.before, r.remind_at AS "remindAt", r.sent_at AS "sentAt", t.id AS "taskId", t.uid AS "taskUid",
     t.status, t.due_on AS "dueOn", t.due_at AS "dueAt", t.deleted_at AS "deletedAt",
     ${RECIPIENT} AS "recipientId", COALESCE(u.time_zone, o.time_zone) AS zone
   FROM reminder r JOIN task t ON t.organization_id = r.organization_id AND t.id = r.task_id
   JOIN organization o ON o.id = r.organization_id
   ${ASSIGNEE}
   LEFT JOIN "user" u ON u.id = ${RECIPIENT}
   WHERE r.organization_id = $1 AND r.task_id = ANY ($2::bigint[]) ORDER BY r.task_id, r.remind_at NULLS LAST, r.id`,
);

/** All reminders of tasks. */
export async function standingOf(tx: Tx, taskIds: readonly bigint[]): Promise<Reminding[]> {
  const rows = await tx.rows<Row>(standing, [taskIds]);
  return rows.map(({ id, at, before, remindAt, sentAt, taskId, taskUid, ...task }) => ({
    ...{ id, at, before, remindAt, sentAt },
    task: {
      id: taskId,
      uid: taskUid,
      status: task.status,
      date: taskDateOf(task),
      isDeleted: task.deletedAt !== null,
      recipientId: task.recipientId,
      zone: task.zone,
    },
  }));
}

const pending = fixed(
  'reminder.pending',
  `SELECT r.id, r.task_id AS "taskId" FROM reminder r
   WHERE r.organization_id = $1 AND r.id > $2 AND r.before IS NOT NULL AND r.sent_at IS NULL ORDER BY r.id LIMIT $3::int`,
);

/** The next reminders after an id that are to come and go by a date. */
export const pendingAfter = (tx: Tx, after: bigint, limit: number) =>
  tx.rows<{ readonly id: bigint; readonly taskId: bigint }>(pending, [after, limit]);

const write = fixed(
  'reminder.write',
  `UPDATE reminder r SET remind_at = n.remind_at, sent_at = n.sent_at
   FROM jsonb_to_recordset($2::jsonb) AS n(id bigint, remind_at timestamptz, sent_at timestamptz)
   WHERE r.organization_id = $1 AND r.id = n.id`,
);

export type Plan = Pick<Standing, 'remindAt' | 'sentAt'> & { readonly id: bigint };

/** Writes when reminders are to be sent, and were. */
export async function writePlans(tx: Tx, plans: readonly Plan[]): Promise<void> {
  if (plans.length === 0) return;
  const rows = plans.map(({ id, remindAt, sentAt }) => ({ id: String(id), remind_at: remindAt, sent_at: sentAt }));
  await tx.rows(write, [JSON.stringify(rows)]);
}

const DUE = 'r.sent_at IS NULL AND r.remind_at IS NOT NULL';

// Due times are judged by the database's clock, as those of all jobs.
const due = fixed(
  'reminder.due',
  `SELECT DISTINCT d.task_id AS "taskId" FROM (
     SELECT r.task_id FROM reminder r
     WHERE r.organization_id = $1 AND ${DUE} AND r.remind_at <= statement_timestamp()
     ORDER BY r.remind_at, r.id LIMIT $2::int
   ) d`,
);

/** The tasks of the reminders that have been due longest, so many. */
export const findDue = async (tx: Tx, limit: number): Promise<bigint[]> =>
  (await tx.rows<{ taskId: bigint }>(due, [limit])).map(({ taskId }) => taskId);

const lock = fixed(
  'reminder.lockTasks',
  `SELECT t.id, to_jsonb(t)::text AS image, statement_timestamp() AS now FROM task t
   WHERE t.organization_id = $1 AND t.id = ANY ($2::bigint[]) ORDER BY t.id FOR NO KEY UPDATE`,
);

/** Locks tasks in the order of their ids. */
export const lockTasks = (tx: Tx, ids: readonly bigint[]) =>
  tx.rows<{ readonly id: bigint; readonly image: string; readonly now: Date }>(lock, [ids]);

const next = fixed(
  'reminder.next',
  `SELECT r.remind_at AS "remindAt" FROM reminder r WHERE r.organization_id = $1 AND ${DUE}
   ORDER BY r.remind_at, r.id LIMIT 1`,
);

/** When the next reminder of the organization is due; null when none is. */
export const nextDue = async (tx: Tx): Promise<Date | null> =>
  (await tx.rows<{ remindAt: Date }>(next))[0]?.remindAt ?? null;

const waiting = fixed(
  'reminder.waitingFor',
  `SELECT DISTINCT r.task_id AS "taskId" FROM reminder r
   JOIN task t ON t.organization_id = r.organization_id AND t.id = r.task_id
   ${ASSIGNEE}
   WHERE r.organization_id = $1 AND r.sent_at IS NULL AND r.before IS NOT NULL AND r.task_id > $3
     AND ${RECIPIENT} = $2
   ORDER BY r.task_id LIMIT $4::int`,
);

/** Tasks of which someone is yet to be reminded so long before the date, by their ids from one on, so many. */
export const tasksWaiting = async (tx: Tx, recipientId: bigint, after: bigint, limit: number): Promise<bigint[]> =>
  (await tx.rows<{ taskId: bigint }>(waiting, [recipientId, after, limit])).map(({ taskId }) => taskId);
