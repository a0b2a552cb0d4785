import { createServer as createNodeServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { StreamPlace } from '../graphql/stream-place.ts';
import { createConnections } from './connections.ts';
import type { GraphiqlPage } from './graphiql.ts';
import { createHttp } from './http.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { createOperations } from './operations.ts';
import { type AllowedOrigins, createOrigins } from './origins.ts';
import { createPulse } from './pulse.ts';
import { createSockets } from './websocket.ts';

/**
 * What a caller sent, by name and whatever the transport: HTTP headers, or connectionParams first and then the upgrade
 * request's headers. Names are case-insensitive.
 */
export interface CallerRequest {
  header(name: string): string | undefined;
  readonly transport: 'http' | 'ws';
  readonly requestId: string;
  /** Aborted when the caller is gone, or has ended the operation, before it was answered. */
  readonly signal?: AbortSignal;
  /** Of server-sent events alone. */
  readonly streamPlace?: StreamPlace;
}

/** All that the edge asks of the application behind it. */
export interface Edge<Caller, Context extends object> {
  readonly schema: GraphQLSchema;
  /** null: no credentials at all. Throws a refusal (UNAUTHENTICATED, BAD_USER_INPUT, FORBIDDEN) for refused ones. */
  authenticate(request: CallerRequest): Promise<Caller | null>;
  /** Whom to count open connections for, such as the id of the membership. */
  callerKey(caller: Caller): string;
  /** When a socket or event stream of this caller must be closed at the latest (its token's expiry). */
  expiresAt(caller: Caller): Date | null;
  /** One operation's context, handed to resolvers as it is. */
  context(caller: Caller | null, request: CallerRequest): Context | Promise<Context>;
  /** Whether operations can be served. What it throws, and more than two seconds, mean no. */
  ready(): Promise<boolean>;
  readonly logger: Logger;
  readonly settings: {
    readonly corsOrigins: AllowedOrigins;
    readonly graphiql: GraphiqlPage | null;
    readonly limits?: Partial<Limits>;
  };
}

export interface Server {
  /** Rejects when the address cannot be had. */
  listen(port: number, host: string): Promise<{ readonly url: string }>;
  /**
   * Drains: stops accepting, lets requests in flight end, ends event streams and closes sockets 1001, a little apart; cuts
   * what is left, and resolves, within `ms`.
   */
  close(ms?: number): Promise<void>;
  /** HTTP without a port, for tests. */
  fetch(request: Request): Promise<Response>;
}

/** The whole HTTP and WebSocket edge in front of a schema. */
export function createServer<Caller, Context extends object>(edge: Edge<Caller, Context>): Server {
  const limits = { ...defaultLimits, ...edge.settings.limits };
  const shared = {
    limits,
    origins: createOrigins(edge.settings.corsOrigins),
    operations: createOperations(edge.schema, limits),
    connections: createConnections(limits.connectionsPerCaller, limits.connections),
    pulse: createPulse(limits.tickMs),
    state: { draining: false },
  };
  const http = createHttp(edge, shared);
  const sockets = createSockets(edge, shared);
  const answering = new Set<ServerResponse>();
  let closing: Promise<void> | undefined;

  const node = createNodeServer({
    // Longer than the idle time of common load balancers (60 s), so that it is they who close.
    keepAliveTimeout: 72_000,
    headersTimeout: 20_000,
    requestTimeout: 60_000,
    // Some clients offer `Upgrade: h2c` with every request: those go on as what they are, plain requests.
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
  });
  node.on('request', (request, response) => {
    answering.add(response);
    response.on('close', () => answering.delete(response));
    if (shared.state.draining) response.shouldKeepAlive = false;
    http.listener(request, response);
  });
  node.on('upgrade', sockets.upgrade);

  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        node.once('error', reject);
        node.listen(port, host, () => {
          node.off('error', reject);
          node.on('error', (error) => edge.logger.error({ err: error }, 'the HTTP server failed'));
          const { address, family, port: actual } = node.address() as AddressInfo;
          resolve({ url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}` });
        });
      }),

    close: (ms = 10_000) => (closing ??= drain(ms)),

    fetch: async (request) => http.fetch(request),
  };

  async function drain(ms: number) {
    shared.state.draining = true;
    const closed = new Promise<void>((resolve) => {
      if (node.listening) node.close(() => resolve());
      else resolve();
    });
    // Answers that have begun to go out have said "keep-alive" already: their connections idle, and are closed then.
    for (const response of answering) {
      response.shouldKeepAlive = false;
      response.on('close', () => node.closeIdleConnections());
    }
    const cut = setTimeout(() => {
      node.closeAllConnections();
      sockets.cut();
    }, ms);
    await Promise.all([http.endStreams(ms / 2), sockets.close(ms / 2), closed]);
    clearTimeout(cut);
  }
}
