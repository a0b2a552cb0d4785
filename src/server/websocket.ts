import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import { apartMs } from './departures.ts';
import type { Edge } from './edge.ts';
import { requestIdOf } from './request-id.ts';
import { foreignHost, graphqlPath } from './routes.ts';
import type { Shared } from './shared.ts';
import { createSession, type Session } from './socket-session.ts';

export interface Sockets {
  /** Node's `upgrade` event. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes all sockets, each once what it is answering is answered, or after `patienceMs`. */
  close(patienceMs: number): Promise<void>;
  /** Ends those that are left, without a word. */
  cut(): void;
}

/** GraphQL over WebSocket (graphql-transport-ws), on the same path as HTTP. */
export function createSockets<Caller, Context extends object>(edge: Edge<Caller, Context>, shared: Shared): Sockets {
  const { limits, origins, state } = shared;
  const sessions = new Set<Session>();
  const server = new WebSocketServer({
    noServer: true,
    // ws answers a larger frame with 1009, which clients do not retry: it would be as large again.
    maxPayload: limits.frameBytes,
    // Each compressing socket holds a window of memory, and a small frame can unpack to a large one.
    perMessageDeflate: false,
    handleProtocols,
    // How long a peer may take to answer our close; the types do not know it yet.
    ...{ closeTimeout: 5_000 },
  });

  return {
    upgrade(request, socket, head) {
      const { host, origin } = request.headers;
      const path = request.url?.split('?', 1)[0];
      if (path !== graphqlPath) return refuseUpgrade(socket, 404, `Sockets are at ${graphqlPath}.`);
      if (state.draining) return refuseUpgrade(socket, 503, 'This server is going away.');
      // Whose they are is known only later: until then nobody's places are counted but these.
      if (sessions.size >= limits.connections) return refuseUpgrade(socket, 503, 'Too many sockets are open.');
      if (!origins.serves(host, request.socket.localAddress)) return refuseUpgrade(socket, 403, foreignHost);
      // Browsers do not ask before they open a socket to another origin: this is the only place to say no.
      if (!origins.allows(origin, host)) {
        return refuseUpgrade(
          socket,
          403,
          'Pages of this origin may not use this server: CORS_ORIGINS does not name it.',
        );
      }
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const id = requestIdOf(request.headers['x-request-id'] as string | undefined);
        const session = createSession(edge, shared, { socket: webSocket, request, id });
        sessions.add(session);
        webSocket.once('close', () => sessions.delete(session));
      });
    },

    async close(patienceMs) {
      const apart = apartMs(sessions.size, patienceMs);
      await Promise.all([...sessions].map((session, index) => session.drain(patienceMs, index * apart)));
    },

    cut() {
      for (const client of server.clients) client.terminate();
    },
  };
}

function refuseUpgrade(socket: Duplex, status: number, message: string) {
  const body = JSON.stringify({ errors: [{ message }] });
  // The peer may be gone already; that is no news.
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'connection: close',
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
