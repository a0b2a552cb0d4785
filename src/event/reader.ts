import type { Logger } from 'pino';
import { warnNowAndThen } from './warnings.ts';

/** How long a lost ring can delay an event: this at most, and less by lot, so that not all readers poll at once. */
const POLL_MS = 5_000;
const RETRY_MS = 1_000;

/** A stretch of the log that was read once and is handed to everyone who is level with it. */
export interface Stretch {
  /** Exclusive. */
  readonly after: bigint;
  readonly to: bigint;
  /** When its reading began: whoever began later is answered from nothing that was loaded for it. */
  readonly moment: number;
}

/** How a stretch is read: the next one after a place, and where the log ends. */
export type Read<Batch extends Stretch> = (
  after: bigint,
  now: number,
) => Promise<{ readonly batch: Batch; readonly head: bigint }>;

/** Who is told when there is more to read. */
export interface Subscriber<Batch> {
  /** There is more to read. At once for whoever left by it, however far behind they are. */
  wake(batch: Batch): void;
  /** The clock has come to where somebody wanted to be told. */
  tick(): void;
  return(): Promise<unknown>;
}

/** Who reads the log for all: its last stretch, and how far it has read. */
export interface Lead<Batch extends Stretch> {
  readonly organizationId: bigint;
  readonly batch: Batch | null;
  readonly position: bigint;
  /** The clock as it was looked at last, in milliseconds: the same for all who act upon it. */
  readonly now: number;
  join(subscriber: Subscriber<Batch>): void;
  leave(subscriber: Subscriber<Batch>): void;
  ring(): void;
  /** Has everyone told when the clock comes to this instant. */
  wakeAt(instant: number): void;
}

export interface ReaderOptions<Batch extends Stretch> {
  readonly organizationId: bigint;
  /** From where on it reads: whoever is behind it catches up alone, and delays nobody. */
  readonly position: bigint;
  readonly read: Read<Batch>;
  readonly clock: () => number;
  readonly log: Logger;
  /** Nobody is left. */
  readonly idle: () => void;
}

/** Reads one organization's log, each stretch once. It keeps the last stretch only: nobody's slowness makes it grow. */
export class LogReader<Batch extends Stretch> implements Lead<Batch> {
  readonly organizationId: bigint;
  readonly subscribers = new Set<Subscriber<Batch>>();
  batch: Batch | null = null;
  position: bigint;
  now: number;
  readonly #options: ReaderOptions<Batch>;
  #reading = false;
  #rung = false;
  #due = Number.POSITIVE_INFINITY;
  #poll: NodeJS.Timeout | undefined;
  #alarm: NodeJS.Timeout | undefined;

  constructor(options: ReaderOptions<Batch>) {
    this.#options = options;
    this.organizationId = options.organizationId;
    this.position = options.position;
    this.now = options.clock();
  }

  join(subscriber: Subscriber<Batch>): void {
    this.subscribers.add(subscriber);
    this.ring(); // what was committed between the subscriber's cursor and now must not wait for the next ring
  }

  leave(subscriber: Subscriber<Batch>): void {
    if (!this.subscribers.delete(subscriber) || this.subscribers.size > 0) return;
    this.#stopTimers();
    this.#options.idle();
  }

  ring(): void {
    this.#rung = true;
    if (!this.#reading) void this.#read();
  }

  wakeAt(instant: number): void {
    if (instant >= this.#due) return;
    this.#due = instant;
    if (!this.#reading) this.#setAlarm();
  }

  async #read(): Promise<void> {
    const { read, clock, log } = this.#options;
    this.#reading = true;
    this.#stopTimers();
    let again = POLL_MS * (0.6 + 0.4 * Math.random());
    let hasFailed = false;
    try {
      while (this.subscribers.size > 0 && this.#rung) {
        this.#rung = false;
        const now = clock();
        const { batch, head } = await read(this.position, now);
        this.now = now;
        if (batch.to > batch.after) {
          this.batch = batch;
          this.position = batch.to;
          for (const subscriber of [...this.subscribers]) subscriber.wake(batch);
        }
        if (head > batch.to) this.#rung = true;
      }
    } catch (error) {
      warnNowAndThen(log, this.organizationId, error, 'The log could not be read; trying again.');
      again = RETRY_MS;
      hasFailed = true;
    }
    this.#reading = false;
    if (this.subscribers.size === 0) return;
    this.#poll = setTimeout(() => this.ring(), again);
    // Whoever is due waits for a reading that succeeds.
    if (hasFailed) return;
    this.#tick();
    this.#setAlarm();
  }

  #tick(): void {
    if (this.now < this.#due) return;
    this.#due = Number.POSITIVE_INFINITY;
    for (const subscriber of [...this.subscribers]) subscriber.tick();
  }

  /** Where somebody wants to be told before the log is looked at anyway. That is not put off by it. */
  #setAlarm(): void {
    clearTimeout(this.#alarm);
    const ms = Math.max(this.#due - this.#options.clock(), 1);
    if (ms < POLL_MS) this.#alarm = setTimeout(() => this.ring(), ms);
  }

  #stopTimers(): void {
    clearTimeout(this.#poll);
    clearTimeout(this.#alarm);
  }
}
