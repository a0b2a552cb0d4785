import type { Logger } from 'pino';
import type { Reader } from '../db/database.ts';
import { Fault } from '../refusals.ts';
import { type Delivery, type NotificationRow, readOwn } from './store.ts';

const ROWS_PER_PAGE = 100;
const RETRY_MS = 1_000;

/** A stretch of the log that was read once and is handed to everyone who is level with it. Its identity keys its loaders. */
export interface Batch {
  readonly organizationId: bigint;
  readonly after: bigint;
  readonly to: bigint;
  readonly deliveries: readonly Delivery[];
  /** Whose membership ended in it. */
  readonly gone: ReadonlySet<bigint>;
}

export interface Delivered extends Delivery {
  readonly batch: Batch;
}

/** Whose notifications, which of them, and from where on. */
export interface Place {
  readonly userId: bigint;
  readonly after: bigint;
  readonly wanted: (notification: NotificationRow) => boolean;
}

/** Who reads the log for all: its last stretch, and how far it has read. */
export interface Lead {
  readonly organizationId: bigint;
  readonly batch: Batch | null;
  readonly position: bigint;
  join(feed: Feed): void;
  leave(feed: Feed): void;
}

/** How a subscription ends whose subscriber is no member any more. */
export const membershipEnded = () => new Fault('UNAUTHENTICATED', 'This membership has ended.');

/** How one ends that must go on from where nothing is kept any more. */
export const resyncRequired = () =>
  new Fault(
    'RESYNC_REQUIRED',
    'What followed this cursor is no longer kept. Read the list again and go on from its logCursor.',
  );

const finished: IteratorReturnResult<undefined> = { done: true, value: undefined };
const nobody: ReadonlySet<bigint> = new Set();

/** One subscriber's place in the log. It is asked for the next notification only when the client took the one before. */
export class Feed implements AsyncIterableIterator<Delivered> {
  readonly #db: Reader;
  readonly #log: Logger;
  readonly #lead: Lead;
  readonly #place: Place;
  #position: bigint;
  #page: Delivered[] = [];
  #open = true;
  #fault: Fault | null = null;
  #resume: (() => void) | null = null;

  constructor(db: Reader, log: Logger, lead: Lead, place: Place) {
    this.#db = db;
    this.#log = log;
    this.#lead = lead;
    this.#place = place;
    this.#position = place.after;
    lead.join(this);
  }

  /** There is more to read. At once for whoever left by it, however far behind they are. */
  wake({ gone }: Batch): void {
    if (gone.has(this.#place.userId)) this.#end(membershipEnded());
    else this.#resume?.();
  }

  // Not an async generator: one that is parked on an `await` cannot be returned, and an idle client would never be let go.
  async next(): Promise<IteratorResult<Delivered, undefined>> {
    while (this.#open) {
      const value = this.#page.shift();
      if (value) return { done: false, value };
      const { batch, position } = this.#lead;
      if (batch && batch.after <= this.#position && this.#position < batch.to) this.#take(batch);
      else if (this.#position < position) await this.#catchUp();
      else await this.#rest();
    }
    if (!this.#fault) return finished;
    const fault = this.#fault;
    this.#fault = null;
    throw fault;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#open = false;
    this.#page = [];
    this.#lead.leave(this);
    this.#resume?.();
    return finished;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  #end(fault: Fault): void {
    this.#fault = fault;
    void this.return();
  }

  #take(batch: Batch): void {
    const { userId, wanted } = this.#place;
    const own = batch.deliveries.filter(({ notification: row }) => row.userId === userId && row.seq > this.#position);
    if (batch.gone.has(userId) || own.some(({ standing }) => !standing.isActive)) {
      this.#end(membershipEnded());
      return;
    }
    this.#page = own.filter(({ notification }) => wanted(notification)).map((delivery) => ({ ...delivery, batch }));
    this.#position = batch.to;
  }

  async #catchUp(): Promise<void> {
    const { organizationId } = this.#lead;
    const after = this.#position;
    try {
      const { userId } = this.#place;
      const { to, isActive, pruned, deliveries } = await readOwn(
        this.#db,
        organizationId,
        userId,
        after,
        ROWS_PER_PAGE,
      );
      if (!isActive) this.#end(membershipEnded());
      else if (pruned) this.#end(resyncRequired());
      else this.#take({ organizationId, after, to, deliveries, gone: nobody });
    } catch (error) {
      this.#log.warn({ err: error, organizationId }, 'A subscriber could not catch up; trying again.');
      if (this.#open) await this.#rest(RETRY_MS);
    }
  }

  /** Until there is more to read or it is over, or for so long. */
  async #rest(ms?: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resume) => {
      this.#resume = resume;
      if (ms !== undefined) timer = setTimeout(resume, ms);
    });
    clearTimeout(timer);
    this.#resume = null;
  }
}
