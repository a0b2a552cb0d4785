import type { ExecutionResult } from 'graphql';
import { asGraphQLError } from './operations.ts';
import type { Pulse } from './pulse.ts';

export interface EventStreamOptions {
  /** The client has gone. */
  readonly signal: AbortSignal;
  /** The masked result as JSON. */
  readonly write: (result: ExecutionResult) => string;
  /** The id to come back with once the last result is handled, or, before there was one, to begin with; null for none. */
  readonly eventId: () => string | null;
  /** Whether the client must come back for it: then the stream ends without `complete`. */
  readonly isPostponed: (result: ExecutionResult) => boolean;
  readonly pulse: Pulse;
  readonly heartbeatMs: number;
  readonly stallMs: number;
  readonly endsAt: Date | null;
  /** Cuts the connection of a client that has stopped reading: what is in the stream can no longer be delivered. */
  readonly cut: () => void;
  readonly onEnd: () => void;
}

export interface EventStream {
  readonly body: ReadableStream<Uint8Array>;
  /** Ends it without `complete`, which tells the client to come back. */
  readonly end: () => void;
}

const encoder = new TextEncoder();

/**
 * Server-sent events of a subscription, in the words of graphql-sse's distinct connections: `next` for each result,
 * `complete` when there are no more. However it ends, the source is returned once, at once.
 */
export function createEventStream(
  source: AsyncIterator<ExecutionResult, unknown, void>,
  options: EventStreamOptions,
): EventStream {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let ended = false;
  let wroteAt = Date.now();
  let readAt = Date.now();

  const write = (text: string) => {
    wroteAt = Date.now();
    controller?.enqueue(encoder.encode(text));
  };

  const idLine = () => {
    const id = options.eventId();
    // Where it begins is what the client said: on one line, whatever else that was.
    return id === null ? '' : `id: ${id.replace(/[\r\n\0]/g, '')}\n`;
  };

  const end = () => {
    if (ended) return;
    ended = true;
    options.pulse.delete(clock);
    options.signal.removeEventListener('abort', end);
    // Not awaited: a source that is parked on something may take its time.
    source.return?.()?.catch(() => {});
    try {
      controller?.close();
    } catch {
      // Cancelled by its reader.
    }
    options.onEnd();
  };

  const clock = {
    tick(now: number) {
      if (options.endsAt && now >= options.endsAt.getTime()) return end();
      if ((controller?.desiredSize ?? 0) > 0) {
        readAt = now;
        if (now - wroteAt >= options.heartbeatMs) write(':\n\n');
      } else if (now - readAt >= options.stallMs) {
        end();
        options.cut();
      }
    },
  };

  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
      // Something must be written for the headers to go out, and for `fetch` in some browsers to return.
      // An id alone is no event, and is kept all the same: a client that is cut off before the first one has it.
      write(`:\n${idLine()}\n`);
      options.pulse.add(clock);
      options.signal.addEventListener('abort', end);
      if (options.signal.aborted) end();
    },
    async pull() {
      const { value, done } = await source.next().catch((error: unknown) => ({
        value: { errors: [asGraphQLError(error)] },
        done: true,
      }));
      if (ended) return;
      if (value) {
        const isPostponed = options.isPostponed(value as ExecutionResult);
        // What could not be answered has no id: the client comes back with the one before, and is given it again.
        const id = isPostponed ? '' : idLine();
        write(`${id}event: next\ndata: ${options.write(value as ExecutionResult)}\n\n`);
        if (isPostponed) return end();
      }
      if (!done) return;
      write('event: complete\ndata:\n\n');
      end();
    },
    cancel: end,
  });
  return { body, end };
}
