/** How long a claim holds without a heartbeat. */
export const LEASE_MS = 30_000;

/**
 * The longest that a worker sleeps. No longer than a lease: whoever looks once in the time of a lease sees its end come,
 * and takes over at once what its holder has lost.
 */
export const POLL_MS = LEASE_MS;

/** After so many, who may give up does; of others it is told as an error from then on. */
export const MAX_ATTEMPTS = 5;

const BACKOFF_MS = 10_000;
const MAX_BACKOFF_MS = 3_600_000;
const DAMP_MS = 100;

/** A factor from 0.8 to 1.2, so that what failed together does not come back together. `dice` is from 0 to 1. */
export const jitter = (dice: number): number => 1 + (2 * dice - 1) / 5;

/** How long to wait after the attempt, counted from 1: 10, 20, 40, 80 s and so on, at most an hour. */
export const backoff = (attempt: number, dice: number): number =>
  Math.min(BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS) * jitter(dice);

/** What becomes of a job after a failed attempt. */
export interface AfterFailure {
  readonly state: 'SCHEDULED' | 'FAILED';
  /** As they are counted from now on. */
  readonly attempts: number;
  /** Null: never again. */
  readonly inMs: number | null;
}

/** It is tried again, without end, unless it may be given up: then until it has used its attempts. */
export const afterFailure = (attempt: number, givesUp: boolean, dice: number): AfterFailure =>
  givesUp && attempt >= MAX_ATTEMPTS
    ? { state: 'FAILED', inMs: null, attempts: MAX_ATTEMPTS }
    : { state: 'SCHEDULED', inMs: backoff(attempt, dice), attempts: attempt };

/**
 * Whether a job that was claimed is not even begun, since its worker went away too often while it ran: it would take the
 * next one down at once. What may not be given up is begun again when it has waited as after a failure.
 */
export const isPoison = (attempt: number, wasLost: boolean, givesUp: boolean): boolean =>
  attempt > MAX_ATTEMPTS && (wasLost || givesUp);

export interface Told {
  readonly code: string;
  readonly message: string;
}

/** What is kept of an error: a code in capitals, its own if it has one, and a message of at most 1,000 characters. */
export function tellError(error: unknown): Told {
  const { code, message } = error instanceof Error ? (error as Error & { code?: unknown }) : { message: String(error) };
  const known = typeof code === 'string' && /^[A-Z][A-Z_]+$/.test(code);
  return { code: known ? code : 'INTERNAL', message: message.slice(0, 1_000) || 'It gave no reason.' };
}

/**
 * How long to sleep when the next work is due in `dueInMs` (null: none is planned). Never for nothing: what is due and
 * could not be had is locked by somebody who is about to be done with it.
 */
export function sleepFor(dueInMs: number | null, pollMs: number, dice: number): number {
  const longest = pollMs * (0.9 + 0.1 * dice);
  return Math.min(longest, Math.max(dueInMs ?? longest, DAMP_MS));
}
