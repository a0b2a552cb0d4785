import { Fault } from '../refusals.ts';

/** The database's own code of what went wrong (`40P01`), wherever the drivers have put it. */
export function sqlState(error: unknown): string | undefined {
  for (let at = error, depth = 0; at && typeof at === 'object' && depth < 5; depth += 1) {
    const { code, originalCode, cause, meta } = at as Record<string, unknown>;
    if (typeof originalCode === 'string') return originalCode;
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^P\d{4}$/.test(code)) return code;
    at = cause ?? (meta as Record<string, unknown> | undefined)?.['driverAdapterError'];
  }
  return undefined;
}

const RETRYABLE = new Set(['40P01', '40001']);

/** A deadlock or a serialization failure: the same transaction may succeed when tried again. */
export const isRetryable = (error: unknown) =>
  RETRYABLE.has(sqlState(error) ?? '') || (error as { code?: unknown } | null)?.code === 'P2034';

const SENTENCES = {
  TIMEOUT: 'This took too long and was stopped. Ask for less, or filter by something more specific.',
  SERVICE_UNAVAILABLE: 'The database cannot be reached right now. Try again in a moment.',
} as const;

/** The same error, or what callers are told instead of it; the original stays its cause. */
export function toldOf(error: unknown): unknown {
  const code = outage(error);
  return code ? Object.assign(new Fault(code, SENTENCES[code]), { cause: error }) : error;
}

/** What a caller is told when the database could not answer in time, or at all; anything else is a bug. */
function outage(error: unknown): 'TIMEOUT' | 'SERVICE_UNAVAILABLE' | undefined {
  const state = sqlState(error);
  if (state === '57014' || state === '55P03' || state === '25P03') return 'TIMEOUT';
  if (state?.startsWith('08') || state?.startsWith('57P') || state?.startsWith('53')) return 'SERVICE_UNAVAILABLE';
  const text = error instanceof Error ? `${(error as { code?: string }).code ?? ''} ${error.message}` : '';
  return /ECONNREFUSED|ECONNRESET|EPIPE|Connection terminated|timeout exceeded when trying to connect|P2028|P1001|P1017|P2024/.test(
    text,
  )
    ? 'SERVICE_UNAVAILABLE'
    : undefined;
}
