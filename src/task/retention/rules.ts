import type { TaskKind } from '../../db/generated/prisma/enums.ts';

export const TASK_RETENTION = 'task.retention';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** The job that every organization has from its beginning: some time of its first day, so that not all come at once. */
export const firstRetention = (dice: number) => ({ kind: TASK_RETENTION, due: { inMs: dice * DAY_MS } });

/** When it is due again once all is done. */
export const tomorrow = (dice: number) => ({ inMs: DAY_MS + (2 * dice - 1) * HOUR_MS });

/** For how long an organization keeps what is done with, in days of 24 hours. */
export interface Terms {
  /** After completion, tasks of every kind but LEAD; null: forever. */
  readonly taskRetentionDays: number | null;
  /** After deletion, whatever is in the bin. */
  readonly binRetentionDays: number;
}

/** What of a task decides when retention deletes it. */
export interface Kept {
  readonly kind: TaskKind;
  readonly isQueueRow: boolean;
  readonly completedAt: Date | null;
  readonly deletedAt: Date | null;
}

const after = (at: Date | null, days: number | null): number | null =>
  at === null || days === null ? null : at.getTime() + days * DAY_MS;

/**
 * When retention deletes a task [CLOSE-04]: complete ones of every kind but LEAD so long after their completion, those in
 * the bin so long after their deletion, whichever is earlier; null where neither is ever so. Queue rows go with their queue.
 */
export function expiresAt({ kind, isQueueRow, completedAt, deletedAt }: Kept, terms: Terms): Date | null {
  if (isQueueRow) return null;
  const ends = [
    kind === 'LEAD' ? null : after(completedAt, terms.taskRetentionDays),
    after(deletedAt, terms.binRetentionDays),
  ].filter((end) => end !== null);
  return ends.length === 0 ? null : new Date(Math.min(...ends));
}

/** What is kept no longer at an instant: what was completed, and what was deleted, up to these. */
export interface Cutoffs {
  /** Null: nothing. */
  readonly completed: Date | null;
  readonly deleted: Date;
}

export const cutoffsAt = ({ taskRetentionDays, binRetentionDays }: Terms, now: Date): Cutoffs => ({
  completed: taskRetentionDays === null ? null : new Date(now.getTime() - taskRetentionDays * DAY_MS),
  deleted: new Date(now.getTime() - binRetentionDays * DAY_MS),
});

/** What is deleted one after the other: whatever refers to something comes before it. */
export const STAGES = ['TASK', 'ACTIVITY', 'OPPORTUNITY', 'LEAD', 'CONTACT', 'ACCOUNT'] as const;
export type Stage = (typeof STAGES)[number];

/** Where a day's work stands: at which of them, and after which of its rows. */
export interface Place {
  readonly stage: Stage;
  readonly after: string;
}

export const FIRST: Place = { stage: 'TASK', after: '0' };

/** Where it goes on after a step, null at its end: after this row, or with the first of the next. */
export function nextPlace(stage: Stage, after: bigint | null): Place | null {
  if (after !== null) return { stage, after: String(after) };
  const next = STAGES[STAGES.indexOf(stage) + 1];
  return next === undefined ? null : { stage: next, after: '0' };
}
