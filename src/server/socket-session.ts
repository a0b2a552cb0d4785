import type { IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { type ExecutionArgs, type ExecutionResult, type GraphQLError, OperationTypeNode } from 'graphql';
import { CloseCode, makeServer, type SubscribePayload } from 'graphql-ws';
import type { RawData, WebSocket } from 'ws';
import { createMask, refuse } from '../graphql/errors.ts';
import { aftermathOf } from './aftermath.ts';
import { readParams, socketCaller } from './caller-request.ts';
import type { CallerRequest, Edge } from './edge.ts';
import { asGraphQLError } from './operations.ts';
import { createRecheck, isRefusal } from './recheck.ts';
import type { Shared } from './shared.ts';
import { closeReason, createBucket, createWatch } from './socket-limits.ts';
import { createSocketOperations, type SocketOperation } from './socket-operations.ts';
import { stoppable } from './stoppable.ts';

/**
 * Close codes after which clients connect again by themselves: all of ours that say "not now" are among these.
 * graphql-ws clients give up for good after 4400, 4401, 4429 and 4500; 4500 is never sent.
 */
const goingAway = 1001;
const tryAgainLater = 1013;

export interface Opened {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  readonly id: string;
}

export interface Session {
  /** Waits `afterMs`, then until queries and mutations in flight are answered or its patience is over; then closes. */
  drain(patienceMs: number, afterMs: number): Promise<void>;
}

/** One socket, from its upgrade to its end: who is behind it, and how long it may stay. */
export function createSession<Caller, Context extends object>(
  edge: Edge<Caller, Context>,
  { limits, operations, connections, pulse, state }: Shared,
  { socket, request, id }: Opened,
): Session {
  const callerOf = (requestId: string, signal: AbortSignal) => socketCaller(params, request.headers, requestId, signal);
  const own = createSocketOperations(id, edge.logger, callerOf);
  const bucket = createBucket(limits.messageBurst, limits.messagesPerSecond);
  const watch = createWatch(socket, limits, () => close(tryAgainLater, 'Reading too slowly'));
  const mask = createMask(id, (err) => edge.logger.error({ requestId: id, err }, 'a socket failed'));
  const ended = new AbortController();
  const ask = () => authenticate(callerOf(id, ended.signal));
  const recheck = createRecheck(limits.recheckMs, mask, ask, (code) => close(CloseCode.Forbidden, code));
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let params: ReadonlyMap<string, string> = new Map();
  let expiresAt: Date | null = null;
  let leave = () => {};
  let isClosing = false;
  // graphql-ws's own cleaning up. It may close a socket (4406) while it is still being opened, before we have this.
  let closed: ReturnType<ReturnType<typeof makeServer>['opened']> | undefined;

  const server = makeServer({
    connectionInitWaitTimeout: limits.initMs,

    async onConnect({ connectionParams }) {
      params = readParams(connectionParams);
      const caller = await ask().catch(turnAway);
      // The caller may have gone while we asked.
      if (caller == null || isClosing) return false;
      const place = connections.take(edge.callerKey(caller));
      if (place) leave = place;
      else close(tryAgainLater, 'Too many sockets and event streams are open');
      return place !== null;
    },

    async onSubscribe({ subscriptions }, _id, payload) {
      const operation = own.start(payload);
      // Returned, never thrown: a throw here would close the socket and every other subscription on it.
      const prepared = await prepare(operation, payload, Object.keys(subscriptions).length).catch((error: unknown) => [
        asGraphQLError(error),
      ]);
      if (Array.isArray(prepared)) own.finish(operation);
      return prepared;
    },
    execute: operations.run as never,
    subscribe: operations.run as never,
    onOperation(_context, _id, payload, _args, result) {
      const operation = own.of(payload);
      if (!operation || !(Symbol.asyncIterator in result)) return;
      const source = (result as AsyncIterable<ExecutionResult, void, void>)[Symbol.asyncIterator]();
      return stoppable(source, () => operation.controller.abort(), operation.mask);
    },

    onNext(_context, _id, payload, _args, { data, errors, extensions }) {
      const shownBy = own.of(payload)?.mask ?? mask;
      if (!errors?.length) return;
      settle(payload, { data, errors } as ExecutionResult);
      return {
        errors: errors.map((error) => shownBy(error).formatted),
        ...(data !== undefined && { data }),
        ...(extensions && { extensions }),
      };
    },
    onError(_context, _id, payload, errors) {
      settle(payload, { errors });
      return errors.map((error) => (own.of(payload)?.mask ?? mask)(error).formatted);
    },
    onComplete: (_context, _id, payload) => own.finish(own.of(payload)),
  });

  /** Ends the socket, once the message is out, when a subscription's event was refused or could not be answered. */
  function settle(payload: SubscribePayload, result: ExecutionResult) {
    const operation = own.of(payload);
    if (!operation || operation.isSingle) return;
    const aftermath = aftermathOf(result, operation.mask);
    if (aftermath === 'refused') setImmediate(close, CloseCode.Forbidden, 'UNAUTHENTICATED');
    // A source that failed has ended its operation, and said so; an event that was skipped says nothing.
    if (aftermath === 'later' && result.data === null)
      setImmediate(close, tryAgainLater, 'An event could not be answered');
  }

  async function prepare(
    operation: SocketOperation,
    payload: SubscribePayload,
    open: number,
  ): Promise<ExecutionArgs | GraphQLError[]> {
    if (state.draining) throw refuse('SERVICE_UNAVAILABLE', 'This server is going away: connect again.');
    if (open > limits.operationsPerSocket) {
      const limit = limits.operationsPerSocket;
      throw refuse('LIMIT_EXCEEDED', `A socket may have ${limit} operations at once.`, { limit });
    }
    // Again: a socket outlives tokens, keys and memberships.
    const caller = await authenticate(operation.request).catch((error: unknown) => {
      const { code } = operation.mask(error);
      // After the error message, which is sent within this turn.
      if (isRefusal(code)) setImmediate(close, CloseCode.Forbidden, code);
      throw error;
    });
    const checked = operations.check(payload);
    if (checked.errors) return [...checked.errors];
    operation.operationName = checked.definition.name?.value ?? null;
    operation.isSingle = checked.definition.operation !== OperationTypeNode.SUBSCRIPTION;
    const context = await edge.context(caller, operation.request);
    // Nobody is left to be told what a mutation did.
    if (operation.controller.signal.aborted) throw refuse('SERVICE_UNAVAILABLE', 'The socket was closed.');
    return operations.argumentsOf(checked, context);
  }

  async function authenticate(asking: CallerRequest): Promise<Caller> {
    const caller = await edge.authenticate(asking);
    if (caller === null) throw refuse('UNAUTHENTICATED', 'Send credentials in connectionParams.');
    expiresAt = edge.expiresAt(caller);
    recheck.done();
    return caller;
  }

  function turnAway(error: unknown): null {
    const { code, formatted } = mask(error);
    // Our own faults and overload pass: the client shall try again.
    if (isRefusal(code)) close(CloseCode.Forbidden, `${code}: ${formatted.message}`);
    else close(tryAgainLater, code);
    return null;
  }

  closed = server.opened(
    {
      protocol: socket.protocol,
      // Settles when it is written, which is what holds back a subscription whose client reads slowly. A failed write
      // is a socket about to close, and no fault of the subscription's.
      send: (text) =>
        new Promise((resolve) => {
          if (socket.readyState === socket.OPEN) socket.send(text, () => resolve());
          else resolve();
        }),
      close: (code = goingAway, reason = '') => close(code, reason),
      onMessage(handle) {
        socket.on('message', (data: RawData) => {
          if (isClosing) return;
          const text = String(data);
          if (bucket.take()) handle(text).catch((error: unknown) => failed(error, text));
          else close(tryAgainLater, 'Too many messages');
        });
      },
      // Without the payload: nobody needs its echo, and one nested 100,000 deep cannot be written.
      onPing: () => socket.send('{"type":"pong"}'),
    },
    undefined,
  );

  function failed(error: unknown, text: string) {
    // What graphql-ws throws over a message that only servers send.
    if (error instanceof Error && error.message.startsWith('Unexpected message of type')) {
      return close(CloseCode.BadRequest, 'Unexpected message');
    }
    // Such as a result that JSON cannot hold: the end of that operation, and of no other.
    const { formatted } = mask(error);
    const { id: operationId } = JSON.parse(text) as { id?: string };
    if (operationId === undefined) return close(tryAgainLater, 'INTERNAL_SERVER_ERROR');
    return socket.send(JSON.stringify({ id: operationId, type: 'error', payload: [formatted] }));
  }

  const clock = {
    tick(now: number) {
      if (expiresAt && now >= expiresAt.getTime())
        return close(CloseCode.Forbidden, 'UNAUTHENTICATED: The credentials have expired.');
      recheck.tick(now);
      return watch.tick(now);
    },
  };
  pulse.add(clock);
  const count = () => bucket.take() || close(tryAgainLater, 'Too many messages');
  socket.on('pong', () => {
    watch.alive();
    count();
  });
  socket.on('ping', count);
  // A frame too large, or not UTF-8: ws has closed the socket with the right code, and says so here.
  socket.on('error', (err) => edge.logger.debug({ requestId: id, err }, 'a socket failed'));
  socket.once('close', (code, reason) => {
    pulse.delete(clock);
    leave();
    end(code, String(reason));
  });

  function close(code: number, reason: string) {
    if (isClosing) return;
    socket.close(code, closeReason(reason));
    // Not only once the peer has answered: whoever is refused gets nothing more.
    end(code, reason);
  }

  function end(code: number, reason: string) {
    if (isClosing) return;
    isClosing = true;
    ended.abort();
    own.abort();
    closed?.(code, reason).catch(mask);
  }

  return {
    async drain(patienceMs, afterMs) {
      await pause(afterMs, ended.signal);
      await Promise.race([own.idle(), pause(patienceMs, ended.signal)]);
      close(goingAway, 'Going away');
      await gone;
    },
  };
}

/** Waits; shorter if the signal comes, and then leaves no timer behind. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {});
}
