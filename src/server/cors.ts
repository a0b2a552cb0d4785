import type { Origins } from './origins.ts';

/** Ten minutes: long enough to spare most preflights, short enough to feel a change of settings. */
const maxAge = '600';

/** CORS headers for one answer; `vary` always, so that no cache serves one origin's answer to another. */
export function corsHeaders(request: Request, origins: Origins): Record<string, string> {
  const origin = request.headers.get('origin');
  if (!origin) return { vary: 'Origin' };
  if (!origins.allows(origin, request.headers.get('host'))) return { vary: 'Origin' };
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'x-request-id, retry-after',
  };
}

/** What a preflight from an allowed origin is told, beside `corsHeaders`. Headers are the caller's to name: none means anything by itself. */
export function preflightHeaders(request: Request): Record<string, string> {
  const asked = request.headers.get('access-control-request-headers') ?? '';
  return {
    vary: 'Origin, Access-Control-Request-Headers',
    'access-control-allow-methods': 'GET, POST',
    ...(/^[A-Za-z0-9_, -]{1,1024}$/.test(asked) && { 'access-control-allow-headers': asked }),
    'access-control-max-age': maxAge,
  };
}
