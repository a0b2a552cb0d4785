import type { Viewer } from '../../auth/viewer.ts';
import type { TaskDate } from '../../dates.ts';
import type { Tx } from '../../db/database.ts';
import { isDuplicate, Outrun } from '../../db/faults.ts';
import type { TaskKind, TaskType } from '../../db/generated/prisma/enums.ts';
import type { NewEvent } from '../../event/log.ts';
import { newUid } from '../../ids.ts';
import { findAssistant, findMembers } from '../../organization/service.ts';
import { taskEvents } from '../changes.ts';
import {
  blankTask,
  type Person,
  type Ref,
  refuseAssignee,
  type TaskLink,
  type TaskState,
  timelineAt,
} from '../rules.ts';
import { insertTask } from '../store.ts';
import { notifications } from '../write.ts';

/** A task that the system makes by itself, of any kind but LEAD, for what came in or is due. */
export interface Made {
  readonly kind: Exclude<TaskKind, 'LEAD'>;
  readonly type: TaskType;
  readonly title: string;
  readonly date: TaskDate;
  readonly link: TaskLink | null;
  readonly activity: Ref | null;
  /** The thread of e-mails that it is about; null for what is about none. */
  readonly threadId: string | null;
  readonly assignee: Person | null;
}

/**
 * For each of some tasks that the system makes, the first of some users who can be given tasks; null for nobody. Members
 * come before records elsewhere; here they are known only once the record is held. Whoever holds a member waits for no
 * record, or is tried again.
 */
export async function firstAble(
  tx: Tx,
  tasks: readonly (readonly (bigint | null)[])[],
): Promise<readonly (Person | null)[]> {
  const userIds = new Set(tasks.flat().filter((id) => id !== null));
  const members = await findMembers(tx, [...userIds]);
  return tasks.map((candidates) => {
    const all = candidates.map((id) => (id === null ? undefined : members.get(id)));
    const able = all.find((member) => member?.isActive && !refuseAssignee(member, []));
    return able ? { id: able.userId, uid: able.userUid } : null;
  });
}

/**
 * Writes such a task. Its creator is the organization's assistant, whoever the viewer is by whom it came to be
 * [CLOSE-45]; its assignee is told as of any other.
 */
export async function insertMade(
  tx: Tx,
  viewer: Viewer,
  made: Made,
  now: Date,
): Promise<Ref & { readonly events: readonly NewEvent[] }> {
  const uid = newUid();
  const state: TaskState = { ...blankTask, ...made };
  const { id: creatorId } = await findAssistant(tx);
  const row = { state, uid, creatorId, timelineAt: timelineAt(state, now, viewer.organizationTimeZone) };
  const id = await insertTask(tx, row, now).catch((error: unknown) => {
    // A thread has one open INCOMING_EMAIL, a close date one task: somebody reopened or restored it at the same time.
    throw isDuplicate(error) ? new Outrun('Its place is taken.') : error;
  });
  return {
    id,
    uid,
    events: taskEvents({ type: 'TASK', id, uid }, null, state, notifications(viewer, state, true)),
  };
}
