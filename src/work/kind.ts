import type { Tx } from '../db/database.ts';
import type { Runtime } from '../runtime.ts';
import type { Settled } from './outcome.ts';

/** When something is due, by the database's clock: at an instant, or so many milliseconds from now. */
export type When = { readonly at: Date } | { readonly inMs: number };

/** A job that is being run. Its handler ends it, by `done` or `again`, in the transaction of its effect. */
export interface Job {
  readonly organizationId: bigint;
  readonly key: string;
  readonly payload: unknown;
  /** From 1. */
  readonly attempt: number;
  /** Aborted when the lease is lost, the attempt takes too long or the worker stops. */
  readonly signal: AbortSignal;
  /** It is over. Throws Fenced, and so rolls `tx` back, when somebody else has taken it. */
  done(tx: Tx): Promise<Settled>;
  /** It is due again, with this payload and with all its attempts. Throws as `done` does. */
  again(tx: Tx, due: When, payload: object): Promise<Settled>;
}

/**
 * What is to be done when a job of this name is due. Given to the worker by the app: work knows no noun. Its end holds the
 * job's row for the rest of the transaction. So before it ends, it locks what those lock who plan the job anew, such as the
 * record that its key names; or else what follows from it may plan no other job.
 */
export interface Kind {
  readonly name: string;
  /**
   * Whether it may be left undone: after five failed attempts it is kept as FAILED, until it is scheduled anew. What does
   * not say so must be done in the end, or recurs: it is tried without end, after longer and longer, at most an hour, and
   * every failure from the fifth on is logged as an error.
   */
  readonly givesUp?: true;
  /** One attempt. What it throws is a failed one. */
  run(runtime: Runtime, job: Job): Promise<Settled>;
}
