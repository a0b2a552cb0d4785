import type { ExecutionResult } from 'graphql';
import type { createMask, ErrorCode } from '../graphql/errors.ts';

// Neither a bug of ours nor what takes too long: coming back for it would meet it again, for ever.
const passing: ReadonlySet<ErrorCode> = new Set(['SERVICE_UNAVAILABLE', 'RATE_LIMITED']);

/**
 * What the answer to an event means for the stream that it came on: `refused` when the caller may no longer have it;
 * `later` when it could not be answered now, so that the client must come back with its last cursor and be given it again;
 * null when the stream goes on.
 */
export function aftermathOf(
  { data, errors }: ExecutionResult,
  mask: ReturnType<typeof createMask>,
): 'refused' | 'later' | null {
  const codes = errors?.map((error) => mask(error).code) ?? [];
  if (codes.includes('UNAUTHENTICATED')) return 'refused';
  return data == null && codes.some((code) => passing.has(code)) ? 'later' : null;
}
