import type { Logger } from 'pino';
import { Failure, Fenced } from './outcome.ts';
import type { Claimed, Lease, Source } from './source.ts';

/** Thrown into an attempt that the worker cannot wait for. */
class Stopped extends Error {}

interface Running {
  readonly row: Claimed;
  readonly controller: AbortController;
  /** Ends our waiting for it, whatever it does. */
  readonly cut: (error: Error) => void;
}

export interface BatchOptions {
  readonly heartbeatMs: number;
  /** What one attempt may take. */
  readonly budgetMs: number;
}

/** The rows of one claim, carried out one after the other while their lease is kept alive. */
export class Batch {
  readonly #source: Source;
  readonly #lease: Lease;
  readonly #waiting: Claimed[];
  readonly #log: Logger;
  readonly #options: BatchOptions;
  #running: Running | null = null;
  #stopping = false;
  #dueAt: Date | null = null;

  constructor(source: Source, lease: Lease, rows: readonly Claimed[], log: Logger, options: BatchOptions) {
    this.#source = source;
    this.#lease = lease;
    this.#waiting = [...rows];
    this.#log = log.child({ organizationId: lease.organizationId });
    this.#options = options;
  }

  /** Answers when the first of them is due again. Never throws: what we cannot write down, the end of the lease does. */
  async run(): Promise<Date | null> {
    const beat = setInterval(() => void this.#beat(), this.#options.heartbeatMs);
    try {
      for (let row = this.#next(); row; row = this.#next()) this.#note(await this.#carryOut(row));
      if (this.#waiting.length > 0) this.#note(await this.#release(this.#waiting, false));
    } catch (error) {
      this.#log.error({ err: error }, 'The end of a batch could not be written; others take over when its lease ends.');
    } finally {
      clearInterval(beat);
    }
    return this.#dueAt;
  }

  /** Begins no other row, and gives back those that wait. */
  stop(): void {
    this.#stopping = true;
  }

  /** Waits no longer for the one that runs, and gives it back too. */
  abandon(): void {
    this.stop();
    this.#cut(new Stopped('The worker stops.'));
  }

  #next(): Claimed | undefined {
    return this.#stopping ? undefined : this.#waiting.shift();
  }

  #note(dueAt: Date | null): void {
    if (dueAt && (!this.#dueAt || dueAt < this.#dueAt)) this.#dueAt = dueAt;
  }

  #cut(error: Error): void {
    this.#running?.controller.abort(error);
    this.#running?.cut(error);
  }

  async #carryOut(row: Claimed): Promise<Date | null> {
    const controller = new AbortController();
    const { promise, reject: cut } = Promise.withResolvers<never>();
    this.#running = { row, controller, cut };
    const { budgetMs } = this.#options;
    const late = () => this.#cut(new Failure('TIMED_OUT', `It was not done after ${budgetMs / 1_000} s.`));
    const budget = setTimeout(late, budgetMs);
    try {
      return await Promise.race([row.run(controller.signal), promise]);
    } catch (error) {
      return await this.#after(row, error);
    } finally {
      clearTimeout(budget);
      this.#running = null;
    }
  }

  async #after(row: Claimed, error: unknown): Promise<Date | null> {
    try {
      if (error instanceof Fenced) throw error;
      return await (error instanceof Stopped ? this.#release([row], true) : row.fail(error));
    } catch (last) {
      if (last instanceof Fenced) this.#log.warn({ row: row.id }, 'Fenced: the lease was lost, nothing was written.');
      else this.#log.error({ err: last, row: row.id, cause: error }, 'A failure could not be written down.');
      return null;
    }
  }

  #release(rows: readonly Claimed[], begun: boolean): Promise<Date | null> {
    const ids = rows.map(({ id }) => id);
    return this.#source.release(this.#lease, ids, begun);
  }

  /** Keeps the lease of all that is not done, and lets go of what is lost. */
  async #beat(): Promise<void> {
    const running = this.#running;
    const rows = [...(running ? [running.row] : []), ...this.#waiting];
    if (rows.length === 0) return;
    try {
      const ids = rows.map(({ id }) => id);
      const ours = await this.#source.renew(this.#lease, ids);
      const kept = this.#waiting.filter(({ id }) => ours.has(id));
      this.#waiting.splice(0, this.#waiting.length, ...kept);
      // It may have written its end just now: it is told, and not cut off.
      if (running && !ours.has(running.row.id)) running.controller.abort(new Fenced());
    } catch (error) {
      this.#log.warn({ err: error }, 'A heartbeat was missed.');
    }
  }
}
