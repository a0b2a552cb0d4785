import type { Tx } from '../db/database.ts';
import type { Runtime } from '../runtime.ts';
import { merged, type NewJob, nameOf, type Planned } from './job/rules.ts';
import { pendingPayload, scheduleJobs } from './job/store.ts';
import { POLL_MS } from './rules.ts';

/** What a transaction is going to plan, by kind and key; and how to wake the workers, if somebody waits for it. */
interface Plans {
  readonly jobs: Map<string, Planned>;
  readonly rings: Set<() => void>;
}

const plansOf = new WeakMap<Tx, Plans>();

function plansIn(tx: Tx): Plans {
  const there = plansOf.get(tx);
  if (there) return there;
  const plans: Plans = { jobs: new Map(), rings: new Set() };
  plansOf.set(tx, plans);
  return plans;
}

/** Writes all that is planned, by one statement. */
async function write(tx: Tx): Promise<void> {
  const { jobs, rings } = plansIn(tx);
  plansOf.delete(tx);
  const dueInMs = await scheduleJobs(tx, [...jobs.values()]);
  if (dueInMs < POLL_MS) for (const ring of rings) tx.afterCommit(ring);
}

/**
 * Plans a job in the transaction of its cause. Whoever else plans one in the organization waits from its row on until the
 * commit: so all are written together, after everything else, and nobody waits for a lock while holding that row.
 */
export function plan(tx: Tx, job: NewJob): void {
  const { jobs } = plansIn(tx);
  if (jobs.size === 0) tx.beforeCommit(() => write(tx));
  const name = nameOf({ key: '', ...job });
  jobs.set(name, merged(jobs.get(name), job));
}

/**
 * Plans a job in the transaction of its cause, or moves the one of that kind and key. One that is being run is not cut
 * off: it is due again after it. Workers hear of it after the commit, unless they look again before it is due anyway.
 */
export function schedule({ ringWork }: Pick<Runtime, 'ringWork'>, tx: Tx, job: NewJob): void {
  plan(tx, job);
  plansIn(tx).rings.add(ringWork);
}

/** What a job that is not over was given; null when there is none. Scheduling it again, give it what it still needs. */
export async function pendingJob(tx: Tx, kind: string, key: string): Promise<unknown> {
  return plansOf.get(tx)?.jobs.get(nameOf({ kind, key }))?.payload ?? pendingPayload(tx, kind, key);
}
