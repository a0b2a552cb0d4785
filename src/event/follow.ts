import type { Logger } from 'pino';
import type { Reader } from '../db/database.ts';
import { type Batch, type Delivered, Feed, type Lead, type Place } from './feed.ts';
import { readBatch } from './store.ts';

const EVENTS_PER_BATCH = 500;
/** How long a lost ring can delay an event. */
const POLL_MS = 5_000;
const RETRY_MS = 1_000;

export interface Following extends Place {
  readonly organizationId: bigint;
  readonly head: bigint;
}

/** Follows the logs of the organizations that have subscribers in this process: one reader each. */
export class Follower {
  readonly #db: Reader;
  readonly #log: Logger;
  readonly #readers = new Map<bigint, LogReader>();

  constructor(db: Reader, log: Logger) {
    this.#db = db;
    this.#log = log;
  }

  /** The doorbell: an organization's log may have grown. */
  ring(organizationId: bigint): void {
    this.#readers.get(organizationId)?.ring();
  }

  /**
   * Someone's notifications after `after` that pass `wanted`, in order and without end; `head` is where the log ended when
   * `after` was judged. `return()` ends it even while it waits; once the membership has ended, `next()` throws that.
   */
  notifications({ organizationId, head, ...place }: Following): AsyncIterableIterator<Delivered> {
    let reader = this.#readers.get(organizationId);
    if (!reader) {
      // From the log's end: whoever is behind it catches up alone, and delays nobody.
      reader = new LogReader(this.#db, this.#log, organizationId, head, () => this.#readers.delete(organizationId));
      this.#readers.set(organizationId, reader);
    }
    return new Feed(this.#db, this.#log, reader, place);
  }

  /** Subscriptions open in this process. */
  get size(): number {
    let size = 0;
    for (const reader of this.#readers.values()) size += reader.feeds.size;
    return size;
  }

  /** Ends every subscription. */
  close(): void {
    for (const reader of [...this.#readers.values()]) for (const feed of [...reader.feeds]) void feed.return();
  }
}

/** Reads one organization's log, each stretch once. It keeps the last stretch only: nobody's slowness makes it grow. */
class LogReader implements Lead {
  readonly organizationId: bigint;
  readonly feeds = new Set<Feed>();
  batch: Batch | null = null;
  position: bigint;
  readonly #db: Reader;
  readonly #log: Logger;
  readonly #idle: () => void;
  #reading = false;
  #rung = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Reader, log: Logger, organizationId: bigint, position: bigint, idle: () => void) {
    this.#db = db;
    this.#log = log;
    this.organizationId = organizationId;
    this.position = position;
    this.#idle = idle;
  }

  join(feed: Feed): void {
    this.feeds.add(feed);
    this.ring(); // what was committed between the feed's cursor and now must not wait for the next ring
  }

  leave(feed: Feed): void {
    if (!this.feeds.delete(feed) || this.feeds.size > 0) return;
    clearTimeout(this.#timer);
    this.#idle();
  }

  ring(): void {
    this.#rung = true;
    if (!this.#reading) void this.#read();
  }

  async #read(): Promise<void> {
    this.#reading = true;
    clearTimeout(this.#timer);
    let again = POLL_MS * (0.8 + 0.4 * Math.random());
    try {
      while (this.feeds.size > 0 && this.#rung) {
        this.#rung = false;
        const after = this.position;
        const { to, head, ...read } = await readBatch(this.#db, this.organizationId, after, EVENTS_PER_BATCH);
        if (to > after) {
          this.batch = { organizationId: this.organizationId, after, to, ...read };
          this.position = to;
          for (const feed of [...this.feeds]) feed.wake(this.batch);
        }
        if (head > to) this.#rung = true;
      }
    } catch (error) {
      this.#log.warn({ err: error, organizationId: this.organizationId }, 'The log could not be read; trying again.');
      again = RETRY_MS;
    }
    this.#reading = false;
    if (this.feeds.size === 0) return;
    this.#timer = setTimeout(() => this.ring(), again);
  }
}
