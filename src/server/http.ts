import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { refuse } from '../graphql/errors.ts';
import { mediaTypes, readAccept } from './accept.ts';
import { aftermathOf } from './aftermath.ts';
import { readOperation } from './body.ts';
import { httpCaller } from './caller-request.ts';
import { apartMs } from './departures.ts';
import type { Edge } from './edge.ts';
import { createEventStream } from './event-stream.ts';
import { beginExchange, type Exchange } from './exchange.ts';
import { createOperate } from './http-operation.ts';
import { asGraphQLError, type OperationRequest } from './operations.ts';
import { createRecheck } from './recheck.ts';
import { type Reply, replyWith, writeResult } from './respond.ts';
import { createRoutes, graphqlPath, pathOf } from './routes.ts';
import type { Shared } from './shared.ts';

/** What yoga carries along with a request; `req` and `res` are missing under `fetch`. */
interface ServerContext {
  req?: IncomingMessage;
  res?: ServerResponse;
  exchange?: Exchange;
}

interface OpenStream {
  end: () => void;
  /** Aborted when it has ended. */
  readonly gone: AbortController;
}

export interface Http {
  readonly listener: RequestListener;
  fetch(request: Request): Response | Promise<Response>;
  /** Ends every event stream in a way that has its client come back, one after the other, within `withinMs`. */
  endStreams(withinMs: number): Promise<void>;
}

/**
 * GraphQL over HTTP. Yoga carries requests and responses; what they say is decided here: its own parsers, limits and
 * mask let forms and unknown messages through, and read each body twice.
 */
export function createHttp<Caller, Context extends object>(edge: Edge<Caller, Context>, shared: Shared): Http {
  const { limits, pulse } = shared;
  const route = createRoutes(edge, shared);
  const operate = createOperate(edge, shared);
  const streams = new Set<OpenStream>();

  function stream(source: AsyncIterator<ExecutionResult, unknown, void>, request: Request, context: ServerContext) {
    const { res, exchange } = context;
    // It ends while it is being made when its client has gone already.
    const open: OpenStream = { end: () => {}, gone: new AbortController() };
    streams.add(open);
    const { mask } = exchange as Exchange;
    const ask = () => edge.authenticate(httpCaller(request, exchange as Exchange));
    const recheck = createRecheck(limits.recheckMs, mask, ask, () => open.end());
    pulse.add(recheck);
    const events = createEventStream(source, {
      signal: request.signal,
      write: (result) => {
        // As a socket is closed 4403: once it is told.
        if (aftermathOf(result, mask) === 'refused') setImmediate(() => open.end());
        return writeResult(result, mask);
      },
      eventId: () => exchange?.streamPlace.eventId ?? null,
      isPostponed: (result) => aftermathOf(result, mask) === 'later',
      pulse,
      heartbeatMs: limits.heartbeatMs,
      stallMs: limits.stallMs,
      endsAt: exchange?.endsAt ?? null,
      cut: () => res?.destroy(),
      onEnd: () => {
        pulse.delete(recheck);
        streams.delete(open);
        open.gone.abort();
        exchange?.leave();
      },
    });
    open.end = events.end;
    if (shared.state.draining) events.end();
    return events.body;
  }

  const plugin: Plugin<object, ServerContext> = {
    onRequest({ request, serverContext, endResponse, fetchAPI }) {
      const exchange = beginExchange(request, edge.logger);
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
      // An error that left this hook would be answered with its stack.
      const failed = (error: unknown) =>
        send(replyWith({ errors: [asGraphQLError(error)] }, mediaTypes.json, exchange.mask));
      try {
        const answer = route(request, serverContext.req, exchange);
        if (answer instanceof Promise) return answer.then(send).catch(failed);
        return answer ? send(answer) : undefined;
      } catch (error) {
        return failed(error);
      }
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
    listener(request, response) {
      // Yoga makes a URL of these before any hook runs, and would answer its failure with a stack.
      if (URL.canParse(`http://${request.headers.host}${request.url}`)) return yoga.requestListener(request, response);
      return response.writeHead(400).end();
    },
    fetch: (request) => yoga.fetch(request),
    async endStreams(withinMs) {
      const apart = apartMs(streams.size, withinMs);
      const leaving = [...streams].map(async (open, index) => {
        if (index > 0) await setTimeout(index * apart, undefined, { signal: open.gone.signal }).catch(() => {});
        open.end();
      });
      await Promise.all(leaving);
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

const notAcceptable = () =>
  refuse('BAD_USER_INPUT', `Accept one of ${Object.values(mediaTypes).join(', ')}.`, {}, { status: 406 });
