import { endingOf, ResyncRequired, SubscriptionError } from './ending.ts';
import { Outbox } from './outbox.ts';
import { Place } from './place.ts';
import type { Resumed, ResumeOptions } from './resume.ts';
import { completed, type Payload, pause, type Result, run, type Transport } from './transport.ts';

const LONGEST_WAIT_MS = 30_000;
const byLot = (failures: number) => Math.random() * Math.min(LONGEST_WAIT_MS, 2 ** (failures - 1) * 1_000);
/** How often in a row credentials may be refused: a client sends new ones with each connection. */
const SIGN_INS = 5;
/** How often an event is asked for that the server fails to answer, and skips. */
const ANSWERS = 3;
const skipped = new Set<unknown>(['INTERNAL_SERVER_ERROR', 'TIMEOUT']);
/** Why an operation was ended by us: its consumer is slow. */
const full = {};

/** With the cursor after which it, and what follows it, would come again. */
interface Placed {
  readonly result: Result;
  readonly cursor: string | null;
}

/** What `resume` gives. */
export class Subscription implements Resumed<Record<string, unknown>> {
  cursor: string | null;
  readonly #from: Transport;
  readonly #payload: Payload;
  readonly #options: ResumeOptions;
  readonly #place: Place<Placed>;
  readonly #stop = new AbortController();
  readonly #outbox = new Outbox<Placed>();
  #failures = 0;
  #signIns = 0;
  #unanswered = 0;
  #hasResynced = false;

  constructor(from: Transport, payload: Payload, options: ResumeOptions) {
    const { variable = 'after', signal } = options;
    if (!new RegExp(`\\$${variable}\\s*:`).test(payload.query)) {
      throw new TypeError(`To be resumed, a subscription declares $${variable}: String and hands it to its field.`);
    }
    const place = new Place<Placed>((payload.variables?.[variable] as string | null | undefined) ?? null);
    // A client that connects again by itself sends the same payload: it shall not begin where this one began.
    const after = { enumerable: true, get: () => place.after };
    this.#payload = { ...payload, variables: Object.defineProperty({ ...payload.variables }, variable, after) };
    this.#from = from;
    this.#options = options;
    this.#place = place;
    this.cursor = place.after;
    const end = () => this.#end();
    signal?.addEventListener('abort', end);
    this.#stop.signal.addEventListener('abort', () => signal?.removeEventListener('abort', end));
    if (signal?.aborted) end();
    this.#follow().catch((error) => {
      this.#outbox.fail(error);
      this.#stop.abort();
    });
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async next(): Promise<IteratorResult<Result, undefined>> {
    const { done, value } = await this.#outbox.next();
    if (done) return { done, value };
    this.cursor = value.cursor;
    return { done: false, value: value.result };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#end();
    return { done: true, value: undefined };
  }

  #end(): void {
    this.#outbox.close();
    this.#stop.abort();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const beganAt = performance.now();
      const cause = (await this.#begin()) ?? (await this.#connect());
      if (signal.aborted) return;
      // It has lasted: what went wrong before was something else.
      if (performance.now() - beganAt > LONGEST_WAIT_MS) this.#failures = 0;
      if (cause === full) await this.#outbox.drained();
      else await this.#recover(cause);
    }
  }

  /** Where no cursor was given it asks for one: a connection that breaks before its first event loses nothing either. */
  async #begin(): Promise<unknown> {
    if (this.#place.after !== null) return undefined;
    let answer: Result | undefined;
    const query = 'query LogCursor { viewer { logCursor } }';
    const cause = await run(this.#from, { query }, this.#stop.signal, (result) => {
      answer = result;
    });
    const { viewer } = (answer?.data ?? {}) as { viewer?: { logCursor: string } };
    if (!viewer) return answer?.errors ?? cause ?? completed;
    this.#place.move(viewer.logCursor);
    this.cursor ??= viewer.logCursor;
    return undefined;
  }

  /** Runs the operation, and gives what ended it. */
  async #connect(): Promise<unknown> {
    let isDisposed = false;
    const unlisten = [
      this.#from.on?.('connected', () => {
        isDisposed = false;
        this.#place.begin();
      }),
      // Taskwire does not say 1000, and graphql-ws would go on: it is the client that was disposed of.
      this.#from.on?.('closed', (event) => {
        isDisposed = (event as { code?: unknown }).code === 1000;
      }),
    ];
    this.#place.begin();
    const cause = await run(this.#from, this.#payload, this.#stop.signal, (result) => this.#take(result));
    for (const off of unlisten) off?.();
    if (cause === completed && isDisposed) this.#end();
    return cause;
  }

  /** Takes one result; gives a reason to end the connection, if there is one. */
  #take(result: Result): unknown {
    const { data, errors = [] } = result;
    if (data == null) {
      const { verdict, code } = endingOf(errors);
      this.#unanswered += skipped.has(code) ? 1 : 0;
      if (verdict !== 'again' || !skipped.has(code) || this.#unanswered <= ANSWERS) return errors;
      this.#outbox.push({ result, cursor: this.#place.after });
      return undefined;
    }
    const [event] = Object.values(data);
    const { cursorOf = () => (event as { cursor?: unknown } | null)?.cursor } = this.#options;
    const cursor = cursorOf(data);
    if (typeof cursor !== 'string') {
      const message = 'An event came without its cursor: to be resumed, a subscription selects `cursor`.';
      return new SubscriptionError({ code: null, message });
    }
    this.#failures = 0;
    this.#signIns = 0;
    this.#unanswered = 0;
    this.#hasResynced = false;
    for (const next of this.#place.take({ result, cursor }, event)) this.#outbox.push(next);
    return this.#outbox.size > (this.#options.buffered ?? 1_000) ? full : undefined;
  }

  /** Does what there is to do before the next connection, or throws. */
  async #recover(cause: unknown): Promise<void> {
    if (cause instanceof SubscriptionError) throw cause;
    const { verdict, code, message } = endingOf(cause);
    this.#failures += 1;
    this.#signIns += verdict === 'sign-in' ? 1 : 0;
    if (verdict === 'refused' || this.#signIns > SIGN_INS) throw new SubscriptionError({ code, message }, cause);
    const { onResync, onRetry, waitMs = byLot } = this.#options;
    let ms = waitMs(this.#failures);
    if (verdict === 'resync') {
      if (!onResync) throw new ResyncRequired({ code, message }, cause);
      await this.#outbox.drained();
      if (this.#stop.signal.aborted) return;
      this.#place.move(await onResync());
      if (!this.#hasResynced) ms = 0;
      this.#hasResynced = true;
    }
    onRetry?.({ code, message, failures: this.#failures, waitMs: ms, cause });
    await pause(ms, this.#stop.signal);
  }
}
