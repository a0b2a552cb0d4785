import type { TaskKind, TaskStatus } from '../../db/generated/prisma/enums.ts';
import { Conflict } from '../../refusals.ts';
import { isOpen } from '../rules.ts';

// A thread of e-mails has one open INCOMING_EMAIL, and an opportunity one open OPPORTUNITY_DUE. Whatever opens a task of
// these kinds, or takes it out of the bin, asks first whether another one has its place.

/** A task by what it takes a place of when it is open. */
export interface Claim {
  readonly id: bigint;
  readonly uid: string;
  readonly kind: TaskKind;
  readonly threadId: string | null;
  readonly opportunityId: bigint | null;
}

/** The place that an open task takes, and no other can; null for one that takes none. */
export function placeOf({ kind, threadId, opportunityId }: Omit<Claim, 'id' | 'uid'>): string | null {
  if (kind === 'INCOMING_EMAIL') return threadId === null ? null : `thread ${threadId}`;
  if (kind === 'OPPORTUNITY_DUE') return opportunityId === null ? null : `opportunity ${opportunityId}`;
  return null;
}

/** Whether a change of status opens a task. */
export const opens = (before: TaskStatus, after: TaskStatus): boolean => !isOpen(before) && isOpen(after);

/** Who has the place that a task wants. */
export interface Holder {
  readonly id: bigint;
  /** Its id as the API knows it; null where the viewer may not see it. */
  readonly key: string | null;
}

/** Why a task cannot be open. */
export function refuseTaken({ kind }: Claim, { key }: Holder, path: readonly string[]): Conflict {
  const what = kind === 'INCOMING_EMAIL' ? 'thread' : 'opportunity';
  const which = key === null ? '' : `: ${key}`;
  return new Conflict(`Another open task of this kind is there for the same ${what}${which}.`, path);
}
