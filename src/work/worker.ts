import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Tx } from '../db/database.ts';
import type { Runtime } from '../runtime.ts';
import { Batch } from './batch.ts';
import { LEASE_MS, POLL_MS, sleepFor } from './rules.ts';
import type { Claimed, Lease, Source } from './source.ts';
import { lockWork, lowerNextDue, putNextDue, takeOrganization } from './store.ts';

export interface WorkerOptions {
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** The longest sleep; no longer than a lease. */
  readonly pollMs: number;
  /** Rows of an organization that are claimed at once. */
  readonly batch: number;
  /** Batches at once. */
  readonly lanes: number;
  /** What one attempt may take. */
  readonly budgetMs: number;
}

const DEFAULTS: WorkerOptions = {
  leaseMs: LEASE_MS,
  heartbeatMs: LEASE_MS / 3,
  pollMs: POLL_MS,
  batch: 20,
  lanes: 4,
  budgetMs: 300_000,
};

/** After a failure to look; doubled after each that follows. */
const RETRY_MS = 1_000;

type Ground = Pick<Runtime, 'db' | 'log' | 'ringWork'>;

/**
 * Works off what is due, for all organizations in turn. Any number of them share a database: the rows' leases say whose
 * turn it is, all of it by the database's clock.
 */
export class Worker {
  readonly #runtime: Ground;
  readonly #sources: Source[];
  readonly #options: WorkerOptions;
  readonly #batches = new Map<Batch, Promise<void>>();
  readonly #stopped = new AbortController();
  #loop: Promise<void> | null = null;
  #rung = false;
  #failures = 0;
  #wake: (() => void) | null = null;

  constructor(runtime: Ground, sources: readonly Source[], options: Partial<WorkerOptions> = {}) {
    this.#runtime = runtime;
    this.#sources = [...sources];
    this.#options = { ...DEFAULTS, ...options };
  }

  start(): void {
    this.#loop ??= this.#work();
  }

  /** Something may be due. */
  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Begins nothing more and gives back what it has not begun; what it has gets so long to end, and is then given back too. */
  async stop(withinMs = 5_000): Promise<void> {
    this.#stopped.abort();
    this.ring();
    for (const batch of this.#batches.keys()) batch.stop();
    const patience = setTimeout(() => {
      for (const batch of this.#batches.keys()) batch.abandon();
    }, withinMs);
    await this.#loop;
    await Promise.all(this.#batches.values());
    clearTimeout(patience);
  }

  get #stopping(): boolean {
    return this.#stopped.signal.aborted;
  }

  async #work(): Promise<void> {
    while (!this.#stopping) {
      if (this.#batches.size < this.#options.lanes) await this.#look();
      else await Promise.race(this.#batches.values());
    }
  }

  /** Begins with what is due; sleeps when nothing is. */
  async #look(): Promise<void> {
    const { db, log } = this.#runtime;
    this.#rung = false;
    try {
      const { organizationId, dueInMs } = await takeOrganization(db);
      if (organizationId === null) await this.#sleep(sleepFor(dueInMs, this.#options.pollMs, Math.random()));
      else await this.#serve(organizationId);
      this.#failures = 0;
    } catch (error) {
      log.warn({ err: error }, 'The worker could not look for work; trying again.');
      const ms = Math.min(RETRY_MS * 2 ** this.#failures, this.#options.pollMs);
      this.#failures += 1;
      // Deaf to rings: they would have it ask a database that is down, over and over.
      await delay(ms, undefined, { signal: this.#stopped.signal }).catch(() => {});
    }
  }

  async #serve(organizationId: bigint): Promise<void> {
    const { db, log } = this.#runtime;
    const lease = { organizationId, token: randomUUID(), ms: this.#options.leaseMs };
    // Who is asked first this time is asked last the next time.
    this.#sources.push(...this.#sources.splice(0, 1));
    const { source, rows } = await db.transaction(organizationId, async (tx) => {
      await lockWork(tx);
      const claim = await this.#claim(tx, lease);
      const due = await Promise.all(this.#sources.map((each) => each.nextDue(tx)));
      await putNextDue(tx, earliest(due), claim.rows.length === 0);
      return claim;
    });
    if (!source) return;
    const batch = new Batch(source, lease, rows, log, this.#options);
    if (this.#stopping) batch.stop();
    this.#batches.set(batch, this.#run(batch, organizationId));
  }

  /** The rows of the first source that has any. */
  async #claim(tx: Tx, lease: Lease): Promise<{ readonly source: Source | null; readonly rows: readonly Claimed[] }> {
    for (const source of this.#sources) {
      const rows = await source.claim(tx, lease, this.#options.batch);
      if (rows.length > 0) return { source, rows };
    }
    return { source: null, rows: [] };
  }

  async #run(batch: Batch, organizationId: bigint): Promise<void> {
    const { db, log, ringWork } = this.#runtime;
    const dueAt = await batch.run();
    try {
      if (dueAt) await lowerNextDue(db, organizationId, dueAt);
      if (dueAt && this.#stopping) ringWork();
    } catch (error) {
      log.warn({ err: error, organizationId }, 'What is due again is found when the lease would have ended.');
    }
    this.#batches.delete(batch);
    this.ring();
  }

  /** For so long, or until it is rung. */
  async #sleep(ms: number): Promise<void> {
    if (this.#rung) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((wake) => {
      this.#wake = wake;
      timer = setTimeout(wake, ms);
    });
    clearTimeout(timer);
    this.#wake = null;
  }
}

const earliest = (instants: readonly (Date | null)[]): Date | null =>
  instants.reduce((first, at) => (at && (!first || at < first) ? at : first), null);
