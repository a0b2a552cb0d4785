import { Fault } from '../refusals.ts';

/** Five digits and capitals; neither Prisma's `P1001` nor Node's `EPIPE`. */
const SQL_STATE = /^(?!P[1-9]\d{3}$)(?=.*\d)[0-9A-Z]{5}$/;

/** The database's own code of what went wrong (`40P01`), wherever the drivers have put it. */
export function sqlState(error: unknown): string | undefined {
  for (const { code, originalCode } of layersOf(error)) {
    if (typeof originalCode === 'string') return originalCode;
    if (typeof code === 'string' && SQL_STATE.test(code)) return code;
  }
  return undefined;
}

/** An error and what it was made of, by whichever driver wrapped it. */
function layersOf(error: unknown): Record<string, unknown>[] {
  const layers: Record<string, unknown>[] = [];
  for (let at = error; at && typeof at === 'object' && layers.length < 5; ) {
    const layer = at as Record<string, unknown>;
    layers.push(layer);
    at = layer['cause'] ?? (layer['meta'] as Record<string, unknown> | undefined)?.['driverAdapterError'];
  }
  return layers;
}

/** Whether a write was refused since a unique index, this one if it is named, holds such a row already: someone was faster. */
export const isDuplicate = (error: unknown, index?: string): boolean =>
  sqlState(error) === '23505' &&
  (index === undefined ||
    layersOf(error).some(
      ({ constraint, originalMessage }) =>
        constraint === index || (typeof originalMessage === 'string' && originalMessage.includes(`"${index}"`)),
    ));

const RETRYABLE = new Set(['40P01', '40001']);

/** A deadlock or a serialization failure: the same transaction may succeed when tried again. */
export const isRetryable = (error: unknown) =>
  RETRYABLE.has(sqlState(error) ?? '') || (error as { code?: unknown } | null)?.code === 'P2034';

const SENTENCES = {
  TIMEOUT: 'This took too long and was stopped. Ask for less, or filter by something more specific.',
  SERVICE_UNAVAILABLE: 'The database cannot be reached right now, or has too much to do. Try again in a moment.',
  BAD_USER_INPUT: 'A text must not hold the character U+0000.',
} as const;

/** The same error, or what callers are told instead of it; the original stays its cause. */
export function toldOf(error: unknown): unknown {
  const code = codeOf(error);
  return code ? Object.assign(new Fault(code, SENTENCES[code]), { cause: error }) : error;
}

// What Node, pg and Prisma say of a connection that cannot be had, or is gone: before PostgreSQL, nobody gives an SQLSTATE.
const UNREACHABLE = new RegExp(
  [
    'ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN',
    'Connection terminated|Query read timeout|Client was closed|connection error and is not queryable|timeout exceeded when trying to connect',
    'P1001|P1002|P1008|P1017|P2024',
  ].join('|'),
);

/**
 * What a caller is told when the database could not answer in time, or at all, or cannot hold a text of theirs; anything
 * else is a bug.
 */
function codeOf(error: unknown): keyof typeof SENTENCES | undefined {
  const state = sqlState(error);
  if (state === '57014' || state === '55P03' || state === '25P03') return 'TIMEOUT';
  // A transaction of ours that took too long.
  if ((error as { code?: unknown } | null)?.code === 'P2028') return 'TIMEOUT';
  // Tried again some times, and each time in somebody's way.
  if (state !== undefined && RETRYABLE.has(state)) return 'SERVICE_UNAVAILABLE';
  // The one character that JavaScript's texts and JSON can hold, and PostgreSQL's cannot.
  if (state === '22021' || state === '22P05') return 'BAD_USER_INPUT';
  // Where PostgreSQL has answered, its words are not looked at: they may be a caller's.
  if (state) return /^(08|53|57P)/.test(state) ? 'SERVICE_UNAVAILABLE' : undefined;
  const text = error instanceof Error ? `${(error as { code?: string }).code ?? ''} ${error.message}` : '';
  return UNREACHABLE.test(text) ? 'SERVICE_UNAVAILABLE' : undefined;
}

/** Someone was faster: what a transaction has locked is not what it needs, and it is tried anew. */
export class Outrun extends Error {
  readonly code = '40001';
}
