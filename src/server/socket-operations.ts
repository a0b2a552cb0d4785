import type { SubscribePayload } from 'graphql-ws';
import type { Logger } from 'pino';
import { createMask } from '../graphql/errors.ts';
import type { CallerRequest } from './edge.ts';

/** One operation on a socket, from its subscribe message to its end. */
export interface SocketOperation {
  readonly request: CallerRequest;
  readonly mask: ReturnType<typeof createMask>;
  readonly controller: AbortController;
  readonly startedAt: number;
  /** A query or mutation, as far as is known: closing the socket before its answer makes clients send it again. */
  isSingle: boolean;
  operationName: string | null;
}

/** What runs on one socket. */
export interface SocketOperations {
  start(payload: SubscribePayload): SocketOperation;
  /** The operation of a message, also when it has ended; the message itself is the key, and ends its memory. */
  of(payload: SubscribePayload): SocketOperation | undefined;
  finish(operation: SocketOperation | undefined): void;
  abort(): void;
  /** Resolves once no query or mutation is in flight. */
  idle(): Promise<void>;
}

/** `callerOf` says who asks, given a request id and a signal of their own for each operation. */
export function createSocketOperations(
  socketId: string,
  logger: Logger,
  callerOf: (requestId: string, signal: AbortSignal) => CallerRequest,
): SocketOperations {
  const running = new Set<SocketOperation>();
  const known = new WeakMap<SubscribePayload, SocketOperation>();
  let count = 0;
  let whenIdle = () => {};

  function isIdle() {
    return ![...running].some(({ isSingle }) => isSingle);
  }

  function finish(operation: SocketOperation | undefined) {
    if (!operation || !running.delete(operation)) return;
    const { request, startedAt, operationName } = operation;
    const ms = Math.round(performance.now() - startedAt);
    logger.info({ requestId: request.requestId, ms, operationName }, 'ws');
    // Its last message is sent within this turn.
    if (isIdle()) setImmediate(whenIdle);
  }

  return {
    finish,
    of: (payload) => known.get(payload),

    start(payload) {
      count += 1;
      const requestId = `${socketId}.${count}`;
      const controller = new AbortController();
      const operation: SocketOperation = {
        request: callerOf(requestId, controller.signal),
        mask: createMask(requestId, (err) => logger.error({ requestId, err }, 'an operation failed')),
        controller,
        startedAt: performance.now(),
        isSingle: true,
        operationName: null,
      };
      running.add(operation);
      known.set(payload, operation);
      return operation;
    },

    abort() {
      for (const operation of running) {
        operation.controller.abort();
        finish(operation);
      }
    },

    async idle() {
      if (isIdle()) return;
      await new Promise<void>((resolve) => {
        whenIdle = () => isIdle() && resolve();
      });
    },
  };
}
