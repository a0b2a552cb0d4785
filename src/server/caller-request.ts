import type { IncomingHttpHeaders } from 'node:http';
import type { CallerRequest } from './edge.ts';
import type { Exchange } from './exchange.ts';

/** What an HTTP request says of its caller. */
export function httpCaller(
  request: Request,
  { requestId, streamPlace }: Pick<Exchange, 'requestId' | 'streamPlace'>,
): CallerRequest {
  return {
    transport: 'http',
    requestId,
    streamPlace,
    header: (name) => request.headers.get(name) ?? undefined,
    get signal() {
      return request.signal;
    },
  };
}

/** What a socket says of its caller: connectionParams first, then the headers of its upgrade. */
export function socketCaller(
  params: ReadonlyMap<string, string>,
  headers: IncomingHttpHeaders,
  requestId: string,
  signal: AbortSignal,
): CallerRequest {
  return {
    transport: 'ws',
    requestId,
    header(name) {
      const key = name.toLowerCase();
      // Own ones only: Node's headers are a plain object, which has a `constructor`.
      const sent = params.get(key) ?? (Object.hasOwn(headers, key) ? headers[key] : undefined);
      return Array.isArray(sent) ? sent.join(', ') : sent;
    },
    signal,
  };
}

/** connectionParams by name, as headers are: in any case, texts only. Never spread: a caller chooses every name in it. */
export function readParams(params: Readonly<Record<string, unknown>> | undefined): ReadonlyMap<string, string> {
  const byName = new Map<string, string>();
  for (const [name, value] of Object.entries(params ?? {})) {
    if (typeof value === 'string') byName.set(name.toLowerCase(), value);
  }
  return byName;
}
