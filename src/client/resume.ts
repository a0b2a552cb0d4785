import type { Ending } from './ending.ts';
import { Subscription } from './subscription.ts';
import type { Payload, Result, Sink, Transport } from './transport.ts';

export { ResyncRequired, SubscriptionError } from './ending.ts';
export type { Payload, Result, Sink, Transport } from './transport.ts';

/** A connection has ended, and another will be tried. */
export interface Retry extends Pick<Ending, 'code' | 'message'> {
  /** How many have ended in a row without an event. */
  readonly failures: number;
  readonly waitMs: number;
  /** What it ended by: GraphQL errors, a close event, or whatever was thrown. */
  readonly cause: unknown;
}

export interface ResumeOptions {
  /** The variable that takes the cursor, `after` unless said otherwise. If it has a value, the subscription begins there. */
  readonly variable?: string;
  /** Where an event's cursor is: unless said otherwise, `cursor` of the only root field. */
  readonly cursorOf?: (data: Record<string, unknown>) => unknown;
  /**
   * Called when what was missed is no longer known, after the consumer has dealt with all events before: reads again what
   * the subscription keeps up to date, and gives its cursor. If it rejects, that is thrown. Without it, `ResyncRequired` is.
   */
  readonly onResync?: () => Promise<string>;
  /** Told of every end that is not the last. What it throws ends the subscription. */
  readonly onRetry?: (retry: Retry) => void;
  /** How long to wait after so many failures in a row: unless said otherwise, up to 1, 2, 4 … 30 s, by lot. */
  readonly waitMs?: (failures: number) => number;
  /** Ends the subscription, as `return()` does. */
  readonly signal?: AbortSignal;
  /** How many events may wait for the consumer: 1,000. With more the operation is ended, and resumed once they are taken. */
  readonly buffered?: number;
}

/** The events of a subscription: it ends by `return()`, by the signal, or by an error. */
export interface Resumed<Data> extends AsyncIterableIterator<Result<Data>, undefined, undefined> {
  /** Where someone would begin who comes after the event that was given last. Null before that is known. */
  readonly cursor: string | null;
  return(): Promise<IteratorReturnResult<undefined>>;
}

/**
 * Follows a subscription across connections: every event once, in order. The query declares `$after: String`, hands it
 * to its field and selects `cursor`. However a connection ends, another begins after the last event, unless the server
 * refused what would be refused again (`ending.ts`). `place.ts` says what is handed over and when.
 *
 * It connects at once. Results come as they are, with the `errors` beside their `data`; `data` is null only for an event
 * that the server could not answer after several attempts.
 */
export const resume = <Data = Record<string, unknown>>(
  from: Transport,
  payload: Payload,
  options: ResumeOptions = {},
): Resumed<Data> => new Subscription(from, payload, options) as Resumed<unknown> as Resumed<Data>;

/** The same client, whose subscriptions resume: for urql's exchange, Apollo's link and the like. */
export const resuming = <Client extends Transport>(client: Client, options: ResumeOptions = {}): Client => ({
  ...client,
  iterate: (payload: Payload) => resume(client, payload, options),
  subscribe(payload: Payload, sink: Sink) {
    let events: Resumed<Record<string, unknown>> | undefined;
    const forward = async () => {
      // In here, so that what it throws is the sink's: who calls `subscribe` looks for errors nowhere else.
      events = resume(client, payload, options);
      for await (const event of events) sink.next(event);
    };
    forward().then(
      () => sink.complete(),
      (error) => sink.error(error),
    );
    return () => void events?.return();
  },
});
