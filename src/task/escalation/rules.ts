import type { TaskStatus } from '../../db/generated/prisma/enums.ts';
import { isStorable, refusalsOf } from '../../limits.ts';
import { Invalid, NotAllowed, type Refusal } from '../../refusals.ts';
import { isOpen } from '../rules.ts';

const MAX_REASON = 2_000;

/** Why a reason is none; null when it is one. */
export function refuseReason(reason: string): Refusal | null {
  const { length } = [...reason.trim()];
  const fits = length >= 1 && length <= MAX_REASON && isStorable(reason);
  return fits ? null : new Invalid(`A reason has 1 to ${MAX_REASON} characters of valid Unicode.`, ['reason']);
}

/** Every reason why a task cannot be escalated. */
export const refuseEscalation = (status: TaskStatus, reason: string): Refusal[] =>
  refusalsOf(
    isOpen(status) ? null : new NotAllowed('This task is closed; there is nothing to escalate.', ['id']),
    refuseReason(reason),
  );
