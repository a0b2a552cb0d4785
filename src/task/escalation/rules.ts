import type { TaskStatus } from '../../db/generated/prisma/enums.ts';
import { hasLength, refusalsOf } from '../../limits.ts';
import { Invalid, NotAllowed, type Refusal } from '../../refusals.ts';
import { isOpen } from '../rules.ts';

const MAX_REASON = 2_000;

/** Why a reason is none; null when it is one. */
export function refuseReason(reason: string): Refusal | null {
  const form = `A reason has 1 to ${MAX_REASON} characters of valid Unicode, at least one of which can be seen.`;
  return hasLength(reason, MAX_REASON) ? null : new Invalid(form, ['reason']);
}

/** Every reason why a task cannot be escalated. */
export const refuseEscalation = (status: TaskStatus, reason: string): Refusal[] =>
  refusalsOf(
    isOpen(status) ? null : new NotAllowed('This task is closed; there is nothing to escalate.', ['id']),
    refuseReason(reason),
  );
