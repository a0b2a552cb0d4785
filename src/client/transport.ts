/** One operation, as graphql-ws takes it. */
export interface Payload {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** One result: of a subscription, one event. */
export interface Result<Data = Record<string, unknown>> {
  readonly data?: Data | null | undefined;
  readonly errors?: readonly ResultError[] | undefined;
  readonly extensions?: unknown;
}

export interface ResultError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** Who is told what becomes of an operation. After `error` or `complete` nothing more comes. */
export interface Sink {
  next(result: Result): void;
  error(reason: unknown): void;
  complete(): void;
}

/** What is needed of a client: graphql-ws's has it, and `eventStream()` makes one. */
export interface Transport {
  /** Sends an operation, and gives what ends it. */
  subscribe(payload: Payload, sink: Sink): () => void;
  /** Tells of its sockets, if it has any. */
  on?(event: 'connected' | 'closed', listener: (event: unknown) => void): () => void;
}

/** What an operation has ended by that was completed by the server. */
export const completed = { message: 'The server has completed the operation.' };

/**
 * Runs an operation until it ends, the signal comes, or `take` gives a reason to end it; gives that reason, or what a sink's
 * `error` was given. The operation is disposed of in any case: graphql-ws counts those that failed as running until then.
 */
export function run(
  from: Transport,
  payload: Payload,
  signal: AbortSignal,
  take: (result: Result) => unknown,
): Promise<unknown> {
  return new Promise((resolve) => {
    let dispose: (() => void) | null = null;
    let isOver = false;
    const end = (reason: unknown) => {
      if (!isOver) signal.removeEventListener('abort', end);
      isOver = true;
      dispose?.();
      resolve(reason);
    };
    if (signal.aborted) return end(signal.reason);
    signal.addEventListener('abort', end);
    try {
      dispose = from.subscribe(payload, {
        next(result) {
          const reason = isOver ? undefined : take(result);
          if (reason !== undefined) end(reason);
        },
        error: end,
        complete: () => end(completed),
      });
      // It may have ended before we had what disposes of it.
      if (isOver) dispose();
    } catch (error) {
      end(error);
    }
  });
}

/** Waits, or less when the signal comes; leaves no timer behind. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
