import type { Logger } from 'pino';
import type { Reader } from '../db/database.ts';
import { type Delivery, type NotificationRow, readBatch, readOwn } from './store.ts';

const EVENTS_PER_BATCH = 500;
const ROWS_PER_PAGE = 100;
/** How long a lost ring can delay an event. */
const POLL_MS = 5_000;
const RETRY_MS = 1_000;

/** A stretch of the log that was read once and is handed to everyone who is level with it. Its identity keys its loaders. */
export interface Batch {
  readonly organizationId: bigint;
  readonly after: bigint;
  readonly to: bigint;
  readonly deliveries: readonly Delivery[];
}

export interface Delivered extends Delivery {
  readonly batch: Batch;
}

export interface Following {
  readonly organizationId: bigint;
  readonly userId: bigint;
  readonly after: bigint;
  readonly head: bigint;
  readonly wanted: (notification: NotificationRow) => boolean;
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
   * `after` was judged. `return()` ends it even while it waits.
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
class LogReader {
  readonly organizationId: bigint;
  readonly feeds = new Set<Feed>();
  batch: Batch | null = null;
  /** How far it has read. */
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
        const { to, head, deliveries } = await readBatch(this.#db, this.organizationId, after, EVENTS_PER_BATCH);
        if (to > after) {
          this.batch = { organizationId: this.organizationId, after, to, deliveries };
          this.position = to;
          for (const feed of this.feeds) feed.wake();
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

const finished: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** One subscriber's place in the log. It is asked for the next notification only when the client took the one before. */
class Feed implements AsyncIterableIterator<Delivered> {
  readonly #db: Reader;
  readonly #log: Logger;
  readonly #reader: LogReader;
  readonly #place: Omit<Following, 'organizationId' | 'head'>;
  #position: bigint;
  #page: Delivered[] = [];
  #open = true;
  #woken = false;
  #resume: (() => void) | null = null;

  constructor(db: Reader, log: Logger, reader: LogReader, place: Omit<Following, 'organizationId' | 'head'>) {
    this.#db = db;
    this.#log = log;
    this.#reader = reader;
    this.#place = place;
    this.#position = place.after;
    reader.join(this);
  }

  wake(): void {
    this.#woken = true;
    this.#resume?.();
  }

  // Not an async generator: one that is parked on an `await` cannot be returned, and an idle client would never be let go.
  async next(): Promise<IteratorResult<Delivered, undefined>> {
    while (this.#open) {
      const value = this.#page.shift();
      if (value) return { done: false, value };
      const { batch, position } = this.#reader;
      if (batch && batch.after <= this.#position && this.#position < batch.to) this.#take(batch);
      else if (this.#position < position) await this.#catchUp();
      else await this.#rest();
    }
    return finished;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#open = false;
    this.#page = [];
    this.#reader.leave(this);
    this.wake();
    return finished;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  #take(batch: Batch): void {
    const { userId, wanted } = this.#place;
    this.#page = batch.deliveries
      .filter(({ notification: row }) => row.userId === userId && row.seq > this.#position && wanted(row))
      .map((delivery) => ({ ...delivery, batch }));
    this.#position = batch.to;
  }

  async #catchUp(): Promise<void> {
    const { organizationId } = this.#reader;
    const after = this.#position;
    try {
      const { userId } = this.#place;
      const { to, deliveries } = await readOwn(this.#db, organizationId, userId, after, ROWS_PER_PAGE);
      this.#take({ organizationId, after, to, deliveries });
    } catch (error) {
      this.#log.warn({ err: error, organizationId }, 'A subscriber could not catch up; trying again.');
      await new Promise((retry) => setTimeout(retry, RETRY_MS));
    }
  }

  async #rest(): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resume) => {
        this.#resume = resume;
      });
    }
    this.#resume = null;
    this.#woken = false;
  }
}
