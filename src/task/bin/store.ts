import type { Tx } from '../../db/database.ts';
import { nextDeletion } from '../../db/deletion.ts';
import { columnsOfState } from '../state.ts';
import type { LockedTask, TaskRow } from '../store.ts';

export async function deleteTaskRow(tx: Tx, task: LockedTask, at: Date) {
  const { organizationId, prisma } = tx;
  const deletionId = await nextDeletion(tx);
  await prisma.task.update({
    where: { organizationId_id: { organizationId, id: task.id } },
    data: { deletedAt: at, isActive: false, deletionId, updatedAt: at, version: { increment: 1 } },
    select: { id: true },
  });
}

/** Takes a task out of the bin, to where its state says. */
export async function restoreTaskRow(
  { organizationId, prisma }: Tx,
  task: LockedTask,
  { state, timelineAt }: TaskRow,
  at: Date,
) {
  const back = { deletedAt: null, isActive: true, deletionId: null, updatedAt: at, version: { increment: 1 } };
  await prisma.task.update({
    where: { organizationId_id: { organizationId, id: task.id } },
    data: { ...columnsOfState(state), timelineAt, ...back },
    select: { id: true },
  });
}
