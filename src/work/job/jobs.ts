import type { Runtime } from '../../runtime.ts';
import type { Kind } from '../kind.ts';
import { Failure, Fenced, Settled } from '../outcome.ts';
import { afterFailure, isPoison, MAX_ATTEMPTS, tellError } from '../rules.ts';
import type { Claimed, Lease, Source } from '../source.ts';
import { claimJobs, endJob, failJob, type JobRow, nextJobDue, rearmJob, releaseJobs, renewJobs } from './store.ts';

/** A kind that this process does not know is left to a newer one, and asked for again after this long. */
const UNKNOWN_MS = 60_000;

/** The source of the organizations' jobs. Their kinds come from the app. */
export function jobSource(runtime: Runtime, kinds: readonly Kind[]): Source {
  const { db } = runtime;
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  return {
    claim: async (tx, lease, limit) =>
      (await claimJobs(tx, lease, limit)).map((row) => new ClaimedJob(runtime, byName.get(row.kind), lease, row)),
    nextDue: nextJobDue,
    renew: (lease, ids) => renewJobs(db, lease, ids),
    release: (lease, ids, begun) => releaseJobs(db, lease, ids, begun),
  };
}

class ClaimedJob implements Claimed {
  readonly id: bigint;
  readonly #runtime: Runtime;
  readonly #kind: Kind | undefined;
  readonly #lease: Lease;
  readonly #row: JobRow;

  constructor(runtime: Runtime, kind: Kind | undefined, lease: Lease, row: JobRow) {
    this.id = row.id;
    this.#runtime = runtime;
    this.#kind = kind;
    this.#lease = lease;
    this.#row = row;
  }

  async run(signal: AbortSignal): Promise<Date | null> {
    const { id, key, payload, attempt, wasLost } = this.#row;
    const lease = this.#lease;
    const { organizationId } = lease;
    if (!this.#kind) return this.#leave();
    if (isPoison(attempt, wasLost, this.#givesUp))
      throw new Failure('LOST', 'Time after time its worker went away while it ran.');
    const { dueAt } = await this.#kind.run(this.#runtime, {
      ...{ organizationId, key, payload, attempt, signal },
      done: async (tx) => {
        if (await endJob(tx, lease, id)) return new Settled(null);
        // Lost; or scheduled anew, which is what rearming leaves it at.
        return settled(await rearmJob(tx, lease, id, { inMs: 0 }, null));
      },
      again: async (tx, due, next) => settled(await rearmJob(tx, lease, id, due, next)),
    });
    return dueAt;
  }

  async fail(error: unknown): Promise<Date | null> {
    const { id, kind, key, attempt } = this.#row;
    const { organizationId } = this.#lease;
    const after = afterFailure(attempt, this.#givesUp, Math.random());
    const failed = await failJob(this.#runtime.db, this.#lease, id, tellError(error), after);
    if (!failed) throw new Fenced();
    const line = { err: error, organizationId, job: id, kind, key, attempt, dueAt: failed.dueAt };
    if (after.state === 'FAILED') this.#runtime.log.error(line, 'A job has failed for good.');
    else if (attempt < MAX_ATTEMPTS) this.#runtime.log.warn(line, 'A job has failed; it will be tried again.');
    else this.#runtime.log.error(line, 'A job keeps failing; it will be tried again.');
    return failed.dueAt;
  }

  get #givesUp(): boolean {
    return this.#kind?.givesUp ?? false;
  }

  async #leave(): Promise<Date> {
    const { id, kind } = this.#row;
    const { organizationId } = this.#lease;
    this.#runtime.log.warn({ organizationId, job: id, kind }, 'This process does not know this kind of job.');
    const rearmed = await this.#runtime.db.transaction(organizationId, (tx) =>
      rearmJob(tx, this.#lease, id, { inMs: UNKNOWN_MS }, null),
    );
    return settled(rearmed).dueAt as Date;
  }
}

function settled(dueAt: Date | null): Settled {
  if (dueAt === null) throw new Fenced();
  return new Settled(dueAt);
}
