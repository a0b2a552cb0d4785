import type { Tx } from '../db/database.ts';
import type { Runtime } from '../runtime.ts';
import { type NewJob, pendingPayload, scheduleJob } from './job/store.ts';
import { POLL_MS } from './rules.ts';

/**
 * Plans a job in the transaction of its cause, or moves the one of that kind and key. One that is being run is not cut
 * off: it is due again after it. Workers hear of it after the commit, unless they look again before it is due anyway.
 * Best at the end of a transaction: whoever else schedules in the organization waits from here until the commit.
 */
export async function schedule({ ringWork }: Pick<Runtime, 'ringWork'>, tx: Tx, job: NewJob): Promise<void> {
  if ((await scheduleJob(tx, job)) < POLL_MS) tx.afterCommit(ringWork);
}

/** As `schedule`, for what nobody waits for: the workers find it when they look next. */
export async function plan(tx: Tx, job: NewJob): Promise<void> {
  await scheduleJob(tx, job);
}

/** What a job that is not over was given; null when there is none. Scheduling it again, give it what it still needs. */
export const pendingJob = (tx: Tx, kind: string, key: string): Promise<unknown> => pendingPayload(tx, kind, key);
