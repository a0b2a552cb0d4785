import type { Logger } from 'pino';

const QUIET_MS = 60_000;

/** By logger: when each thing was warned of last. */
const warned = new WeakMap<Logger, Map<string, number>>();

/**
 * Warns of what is tried again until it succeeds: the first time, then once a minute for an organization, however many wait
 * for the same. In between it is told to whoever debugs.
 */
export function warnNowAndThen(log: Logger, organizationId: bigint, err: unknown, message: string): void {
  const last = warned.get(log) ?? new Map<string, number>();
  warned.set(log, last);
  const now = performance.now();
  const what = `${organizationId} ${message}`;
  if (now - (last.get(what) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) {
    log.debug({ err, organizationId }, message);
    return;
  }
  // Anew at the end: a map keeps the order in which its keys came, and what is old need not be kept.
  last.delete(what);
  last.set(what, now);
  for (const [oldest, at] of last) {
    if (now - at < QUIET_MS) break;
    last.delete(oldest);
  }
  log.warn({ err, organizationId }, message);
}
