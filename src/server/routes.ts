import type { IncomingMessage } from 'node:http';
import { refuse } from '../graphql/errors.ts';
import { mediaTypes } from './accept.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import type { Edge } from './edge.ts';
import type { Exchange } from './exchange.ts';
import { createGraphiql } from './graphiql.ts';
import { isReady } from './health.ts';
import { type Reply, replyWith } from './respond.ts';
import type { Shared } from './shared.ts';

export const graphqlPath = '/graphql';

type Answer = Reply<string | Uint8Array<ArrayBuffer> | null>;
type Route = (
  request: Request,
  incoming: IncomingMessage | undefined,
  exchange: Exchange,
) => Answer | Promise<Answer> | null;

/** Decides what is answered before, or instead of, an operation; null lets the operation through. */
export function createRoutes<Caller, Context extends object>(edge: Edge<Caller, Context>, shared: Shared): Route {
  const { origins, limits, state } = shared;
  const graphiql = edge.settings.graphiql && createGraphiql(edge.settings.graphiql);

  return (request, incoming, exchange) => {
    const refused = (message: string, status: number) =>
      replyWith(
        { errors: [refuse(status === 403 ? 'FORBIDDEN' : 'BAD_USER_INPUT', message, {}, { status })] },
        mediaTypes.json,
        exchange.mask,
      );
    const host = request.headers.get('host');
    if (!origins.serves(host, incoming?.socket.localAddress)) return refused(foreignHost, 403);

    const path = pathOf(request, incoming);
    if (path === '/health') return plain(200, 'ok');
    if (path === '/ready') {
      if (state.draining) return plain(503, 'draining');
      return isReady(() => edge.ready(), limits.readyMs).then((ready) =>
        ready ? plain(200, 'ready') : plain(503, 'not ready'),
      );
    }
    if (path !== graphqlPath) return refused(`There is nothing at this path: GraphQL is at ${graphqlPath}.`, 404);

    if (request.method === 'GET' && request.headers.get('accept')?.includes('text/html')) {
      // Without CORS headers: no other origin may read the page, which can hold a token.
      return graphiql ? graphiql(request) : refused('There is no page here.', 406);
    }
    Object.assign(exchange.headers, corsHeaders(request, origins));
    if (request.method !== 'OPTIONS') return null;
    if (!request.headers.has('origin')) return { status: 204, headers: { allow: 'GET, POST, OPTIONS' }, body: null };
    if (origins.allows(request.headers.get('origin'), host)) {
      return { status: 204, headers: preflightHeaders(request), body: null };
    }
    return refused('Pages of this origin may not use this server: CORS_ORIGINS does not name it.', 403);
  };
}

/** The path that was asked for, without its query. */
export function pathOf(request: Request, incoming: IncomingMessage | undefined): string {
  const url = incoming?.url ?? request.url;
  // Proxies may send, and `fetch` has, the whole URL.
  if (!url.startsWith('/')) return URL.canParse(url) ? new URL(url).pathname : url;
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

export const foreignHost =
  'This server answers for localhost only. To reach it by another name, set CORS_ORIGINS to the origins of its pages.';

function plain(status: number, text: string): Reply {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  return { status, headers, body: `{"status":"${text}"}` };
}
