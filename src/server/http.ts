import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type ExecutionResult, OperationTypeNode } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { createMask, refuse } from '../graphql/errors.ts';
import { mediaTypes, readAccept } from './accept.ts';
import { readOperation } from './body.ts';
import { httpCaller } from './caller-request.ts';
import type { Edge } from './edge.ts';
import { createEventStream } from './event-stream.ts';
import { asGraphQLError, type OperationRequest, type OperationResult } from './operations.ts';
import { requestIdOf } from './request-id.ts';
import { type Reply, replyWith, writeResult } from './respond.ts';
import { createRoutes, graphqlPath, pathOf } from './routes.ts';
import type { Shared } from './shared.ts';

/** One request and its answer, as this edge sees it. */
export interface Exchange {
  readonly requestId: string;
  readonly startedAt: number;
  /** Of every answer to this request. */
  readonly headers: Record<string, string>;
  readonly mask: ReturnType<typeof createMask>;
  operationName: string | null;
  /** When the answer, being a stream, must end. */
  endsAt: Date | null;
  /** Gives back the place that a stream holds. */
  leave: () => void;
}

/** What yoga carries along with a request; `req` and `res` are missing under `fetch`. */
interface ServerContext {
  req?: IncomingMessage;
  res?: ServerResponse;
  exchange?: Exchange;
}

export interface Http {
  readonly listener: RequestListener;
  fetch(request: Request): Response | Promise<Response>;
  /** Ends every event stream in a way that has its client come back. */
  endStreams(): void;
}

/**
 * GraphQL over HTTP. Yoga carries requests and responses; what they say is decided here: its own parsers, limits and
 * mask let forms and unknown messages through, and read each body twice.
 */
export function createHttp<Caller, Context extends object>(edge: Edge<Caller, Context>, shared: Shared): Http {
  const { limits, operations, connections, pulse } = shared;
  const route = createRoutes(edge, shared);
  const streams = new Set<() => void>();

  async function operate(asked: OperationRequest, request: Request, exchange: Exchange): Promise<OperationResult> {
    try {
      const caller = httpCaller(request, exchange.requestId);
      const known = await edge.authenticate(caller);
      const operation = operations.check(asked);
      if (operation.errors) return operation;
      const { definition } = operation;
      exchange.operationName = definition.name?.value ?? null;
      const kind = definition.operation;
      if (kind === OperationTypeNode.MUTATION && request.method === 'GET') throw mutationByGet();
      if (kind === OperationTypeNode.SUBSCRIPTION) {
        if (!readAccept(request.headers.get('accept')).events) throw subscriptionAsJson();
        const leave = connections.take(known ? edge.callerKey(known) : '');
        if (!leave) throw refuse('RATE_LIMITED', 'Too many sockets and event streams are open.');
        exchange.leave = leave;
        exchange.endsAt = known && edge.expiresAt(known);
      }
      return await operations.run(operations.argumentsOf(operation, await edge.context(known, caller)));
    } catch (error) {
      return { errors: [asGraphQLError(error)] };
    }
  }

  function stream(source: AsyncIterator<ExecutionResult, unknown, void>, request: Request, context: ServerContext) {
    const { res, exchange } = context;
    const events = createEventStream(source, {
      signal: request.signal,
      write: (result) => writeResult(result, (exchange as Exchange).mask),
      pulse,
      heartbeatMs: limits.heartbeatMs,
      stallMs: limits.stallMs,
      endsAt: exchange?.endsAt ?? null,
      cut: () => res?.destroy(),
      onEnd: () => {
        streams.delete(events.end);
        exchange?.leave();
      },
    });
    streams.add(events.end);
    if (shared.state.draining) events.end();
    return events.body;
  }

  const plugin: Plugin<object, ServerContext> = {
    onRequest({ request, serverContext, endResponse, fetchAPI }) {
      const exchange = begin(request);
      serverContext.exchange = exchange;
      const send = (
        reply: Pick<Reply, 'status' | 'headers'> & { body: Reply['body'] | Uint8Array<ArrayBuffer> | null },
      ) =>
        endResponse(
          new fetchAPI.Response(reply.body, {
            status: reply.status,
            headers: { ...exchange.headers, ...reply.headers },
          }),
        );
      const answer = route(request, serverContext.req, exchange);
      if (answer instanceof Promise) return answer.then(send);
      return answer ? send(answer) : undefined;
    },

    onRequestParse({ request, serverContext, setRequestParser }) {
      if (request.method !== 'POST' && request.method !== 'GET') throw methodUnknown();
      const { json, events } = readAccept(request.headers.get('accept'));
      if (!json && !events) throw notAcceptable();
      setRequestParser(() => readOperation(request, serverContext.req, limits.bodyBytes) as Promise<object>);
    },

    onParams({ setParamsHandler, context }) {
      setParamsHandler(({ params, request }) =>
        operate(params as OperationRequest, request, context.exchange as Exchange),
      );
    },

    onResultProcess({ request, result, serverContext, setResultProcessor }) {
      const exchange = serverContext.exchange as Exchange;
      setResultProcessor((_, { Response }) => {
        const { json, events } = readAccept(request.headers.get('accept'));
        const single = result as ExecutionResult;
        const source =
          Symbol.asyncIterator in result
            ? (result as AsyncIterable<ExecutionResult>)[Symbol.asyncIterator]()
            : !json && events && single.data !== undefined
              ? justOnce(single)
              : null;
        if (source) {
          const headers = { ...exchange.headers, 'content-type': `${mediaTypes.events}; charset=utf-8`, ...unbuffered };
          return new Response(stream(source, request, serverContext), { headers });
        }
        exchange.leave();
        const { status, headers, body } = replyWith(single, json ?? mediaTypes.json, exchange.mask);
        return new Response(body, { status, headers: { ...exchange.headers, ...headers, ...lengthOf(body) } });
      }, mediaTypes.json);
    },

    onResponse({ request, response, serverContext: { exchange, req } }) {
      if (!exchange || pathOf(request, req) !== graphqlPath) return;
      const { requestId, startedAt, operationName } = exchange;
      const ms = Math.round(performance.now() - startedAt);
      edge.logger.info({ requestId, method: request.method, status: response.status, ms, operationName }, 'http');
    },
  };

  function begin(request: Request): Exchange {
    const requestId = requestIdOf(request.headers.get('x-request-id'));
    const report = (err: unknown) => edge.logger.error({ requestId, err }, 'an operation failed');
    return {
      requestId,
      startedAt: performance.now(),
      headers: { 'x-request-id': requestId },
      mask: createMask(requestId, report),
      operationName: null,
      endsAt: null,
      leave: () => {},
    };
  }

  const yoga = createYoga<ServerContext>({
    schema: edge.schema,
    graphqlEndpoint: graphqlPath,
    plugins: [plugin],
    // All of these are ours to do.
    maskedErrors: false,
    logging: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    parserAndValidationCache: false,
    maxRequestBodySize: false,
    // No URL ends like this. Left alone, it answers whatever ends in /health.
    healthCheckEndpoint: ' ',
  });

  return {
    listener: yoga.requestListener,
    fetch: (request) => yoga.fetch(request),
    endStreams: () => {
      for (const end of streams) end();
    },
  };
}

/** Without a length Node would send it in chunks. */
function lengthOf(body: string) {
  return { 'content-length': String(Buffer.byteLength(body)) };
}

/** nginx holds back what it proxies unless told; nothing may compress, which would hold back too. */
const unbuffered = { 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' };

async function* justOnce(result: ExecutionResult) {
  yield result;
}

const methodUnknown = () =>
  refuse(
    'BAD_USER_INPUT',
    'Send operations by POST or GET.',
    {},
    { status: 405, headers: { allow: 'GET, POST, OPTIONS' } },
  );

const mutationByGet = () =>
  refuse('BAD_USER_INPUT', 'Send mutations by POST.', {}, { status: 405, headers: { allow: 'POST' } });

const notAcceptable = () =>
  refuse('BAD_USER_INPUT', `Accept one of ${Object.values(mediaTypes).join(', ')}.`, {}, { status: 406 });

const subscriptionAsJson = () =>
  refuse('BAD_USER_INPUT', `Subscribe by WebSocket, or accept ${mediaTypes.events}.`, {}, { status: 406 });
