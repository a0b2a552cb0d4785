import type { ErrorCode } from '../graphql/errors.ts';

/** Credentials that will not do, whatever else is done. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'BAD_USER_INPUT']);

export const isRefusal = (code: ErrorCode): boolean => REFUSALS.has(code);

/**
 * Asks again now and then whose a long-lived connection is: one on which nothing runs would not hear that its key was
 * revoked. What fails for another reason says nothing about them.
 */
export function createRecheck(
  everyMs: number,
  mask: (error: unknown) => { readonly code: ErrorCode },
  ask: () => Promise<unknown>,
  onRefused: (code: ErrorCode) => void,
) {
  // Not all that came at once ask at once.
  const next = () => Date.now() + everyMs * (0.5 + 0.5 * Math.random());
  let dueAt = next();
  return {
    /** They have just been asked for. */
    done() {
      dueAt = next();
    },
    tick(now: number) {
      if (now < dueAt) return;
      dueAt = next();
      ask().catch((error: unknown) => {
        const { code } = mask(error);
        if (isRefusal(code)) onRefused(code);
      });
    },
  };
}
