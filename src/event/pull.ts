import type { Logger } from 'pino';
import { Fault } from '../refusals.ts';
import { warnNowAndThen } from './warnings.ts';

const RETRY_MS = 1_000;

/** How a subscription ends whose subscriber is no member any more. */
export const membershipEnded = () => new Fault('UNAUTHENTICATED', 'This membership has ended.');

/** How one ends that must go on from where nothing is kept any more, or whose list cannot be kept by changes. */
export const resyncRequired = (why = 'What followed this cursor is no longer kept.') =>
  new Fault('RESYNC_REQUIRED', `${why} Read the list again and go on from its logCursor.`);

/** How one does not begin whose cursor names no place there is: it is of another organization, or beyond the log's end. */
export const notOfThisLog = () => resyncRequired('This cursor is not of this log.');

const finished: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** One subscriber's place in the log. It is asked for the next item only when the client took the one before. */
export abstract class Pull<Item> implements AsyncIterableIterator<Item> {
  readonly #log: Logger;
  #page: Iterator<Item> | null = null;
  #open = true;
  #fault: Fault | null = null;
  #resume: (() => void) | null = null;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Goes one step on: takes a page, or rests until there is more. */
  protected abstract advance(): Promise<void>;

  /** It is over. */
  protected abstract leave(): void;

  // Not an async generator: one that is parked on an `await` cannot be returned, and an idle client would never be let go.
  async next(): Promise<IteratorResult<Item, undefined>> {
    while (this.#open) {
      const next = this.#page?.next();
      if (next && !next.done) return { done: false, value: next.value };
      this.#page = null;
      await this.advance();
    }
    if (!this.#fault) return finished;
    const fault = this.#fault;
    this.#fault = null;
    throw fault;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#open = false;
    this.#page = null;
    this.leave();
    this.#resume?.();
    return finished;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  /** What is given out before it goes another step on. */
  protected give(page: Iterable<Item>): void {
    if (this.#open) this.#page = page[Symbol.iterator]();
  }

  protected end(fault: Fault): void {
    if (!this.#open) return;
    this.#fault = fault;
    void this.return();
  }

  protected resume(): void {
    this.#resume?.();
  }

  /** Reads something for this subscriber alone; what fails is tried again after a moment. */
  protected async attempt(what: string, organizationId: bigint, read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      warnNowAndThen(this.#log, organizationId, error, `${what}; trying again.`);
      if (this.#open) await this.rest(RETRY_MS);
    }
  }

  /** Until there is more to read or it is over, or for so long. */
  protected async rest(ms?: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resume) => {
      this.#resume = resume;
      if (ms !== undefined) timer = setTimeout(resume, ms);
    });
    clearTimeout(timer);
    this.#resume = null;
  }
}
