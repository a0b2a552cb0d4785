import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';
import { OPEN } from '../form.ts';
import { type LockedRow, type LockedTask, namedTasks, TASK_COLUMNS } from '../store.ts';

// No row stands for a thread. Without this lock a reply and the e-mail that it answers, recorded at once, would not see
// each other, and the e-mail would be followed up for ever.
const hold = fixed(
  'task.holdThread',
  'SELECT 1 AS held FROM pg_advisory_xact_lock(hashtextextended($2::text, $1::bigint))',
);

/** Waits until nobody else records an e-mail of the thread, and keeps it so until the transaction ends. */
export const holdThread = async (tx: Tx, threadId: string): Promise<void> => {
  await tx.rows(hold, [threadId]);
};

const open = fixed(
  'task.openOfThread',
  `SELECT ${TASK_COLUMNS}, to_jsonb(t)::text AS image FROM task t
   WHERE t.organization_id = $1 AND t.thread_id = $2 AND t.kind IN ('INCOMING_EMAIL', 'EMAIL_FOLLOWUP')
     AND ${OPEN} AND t.deleted_at IS NULL
   ORDER BY t.id FOR NO KEY UPDATE`,
);

/** The open tasks of a thread, locked in the order of their ids: at most one INCOMING_EMAIL, and follow-ups. */
export const lockOpenOfThread = async (tx: Tx, threadId: string): Promise<LockedTask[]> =>
  namedTasks(tx, await tx.rows<LockedRow>(open, [threadId]));

/** An e-mail that a task has gathered, or came out of. */
export interface Gathered {
  readonly id: bigint;
  readonly uid: string;
  readonly at: Date;
}

const gathered = fixed(
  'task.emailsOfThread',
  `SELECT a.id, a.uid, a.activity_timestamp AS at FROM task_email e
   JOIN activity a ON a.organization_id = e.organization_id AND a.id = e.activity_id
   WHERE e.organization_id = $1 AND e.task_id = $2 ORDER BY a.activity_timestamp, a.id`,
);

/** The e-mails that a task has gathered, the oldest first. */
export const emailsOf = (tx: Tx, taskId: bigint) => tx.rows<Gathered>(gathered, [taskId]);

export const insertEmail = async ({ organizationId, prisma }: Tx, taskId: bigint, activityId: bigint) => {
  await prisma.taskEmail.create({ data: { organizationId, taskId, activityId }, select: { taskId: true } });
};

const upTo = fixed(
  'task.answeredEmails',
  `SELECT a.id FROM activity a
   WHERE a.organization_id = $1 AND a.id = ANY ($2::bigint[]) AND a.activity_timestamp <= $3::timestamptz`,
);

/** Those of some e-mails that were written by then. */
export const writtenBy = async (tx: Tx, activityIds: readonly bigint[], at: Date): Promise<ReadonlySet<bigint>> =>
  new Set((await tx.rows<{ id: bigint }>(upTo, [activityIds, at])).map(({ id }) => id));

const complete = fixed(
  'task.completeAnswered',
  `UPDATE task t SET status = 'COMPLETED', status_before = t.status, completed_at = $3::timestamptz, completed_by_id = $4,
     timeline_at = $3::timestamptz, updated_at = $3::timestamptz, version = t.version + 1
   WHERE t.organization_id = $1 AND t.id = ANY ($2::bigint[])`,
);

/** Completes tasks of no pipeline that are locked and open, as the door does one by one. */
export const completeTasks = async (tx: Tx, ids: readonly bigint[], at: Date, by: bigint): Promise<void> => {
  await tx.rows(complete, [ids, at, by]);
};
