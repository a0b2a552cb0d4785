import type { NewJob } from '../../work/job/rules.ts';

/** The name of the job that follows when an organization's zone changes. */
export const TASK_REZONE = 'task.rezone';

/** What is gone through, one after the other. */
export const STAGES = ['TASK', 'REMINDER'] as const;
export type Stage = (typeof STAGES)[number];

/** Where the job stands: in which of its sweeps, at which of the stages, and after which row. */
export interface Place {
  readonly sweep: number;
  readonly stage: Stage;
  readonly after: string;
}

const SWEEPS = 2;

/** Longer than any request takes that still went by the zone before. */
const BETWEEN_MS = 60_000;

const START: Place = { sweep: 1, stage: 'TASK', after: '0' };

/** The job's beginning. Scheduled while it is under way, it begins anew. */
export const firstSweep: NewJob = { kind: TASK_REZONE, due: { inMs: 0 }, payload: START };

/**
 * Where it goes on after a step, which has ended after a row or, null, with the last one; null at the end. It goes through
 * all of it twice: what was being written during the first sweep may have been judged by the zone before.
 */
export function nextPlace({ sweep, stage }: Place, after: bigint | null): { place: Place; inMs: number } | null {
  if (after !== null) return { place: { sweep, stage, after: String(after) }, inMs: 0 };
  const next = STAGES[STAGES.indexOf(stage) + 1];
  if (next !== undefined) return { place: { sweep, stage: next, after: '0' }, inMs: 0 };
  return sweep < SWEEPS ? { place: { ...START, sweep: sweep + 1 }, inMs: BETWEEN_MS } : null;
}
