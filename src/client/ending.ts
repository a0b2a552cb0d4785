/**
 * What to do when a connection has ended: `again` after a wait, `sign-in` again (the same, but not for ever), `resync` what
 * was read before, or nothing, since the caller was `refused`.
 */
export interface Ending {
  readonly verdict: 'again' | 'sign-in' | 'resync' | 'refused';
  /** The error's `extensions.code`, the socket's close code, or null when there is neither. */
  readonly code: string | null;
  readonly message: string;
}

/** What the same operation would meet again, however often it is sent. */
const refused = new Set([
  'BAD_USER_INPUT',
  'FORBIDDEN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'IDEMPOTENCY_MISMATCH',
  'LIMIT_EXCEEDED',
  'PERSISTED_OPERATION_REQUIRED',
]);

/** Likewise: messages that are too large (1009) or that break the protocol. 4403 is judged by its reason. */
const refusedCloses = new Set([1009, 4400, 4401, 4406, 4409, 4429]);
const forbidden = 4403;

/** Judges whatever a graphql-ws client gives to a sink's `error`: GraphQL errors, a close event, or something thrown. */
export function endingOf(reason: unknown): Ending {
  if (Array.isArray(reason)) return endingByErrors(reason);
  const { code, reason: words = '', message } = (reason ?? {}) as { code?: unknown; reason?: string; message?: string };
  if (typeof code !== 'number') {
    return {
      verdict: 'again',
      code: typeof code === 'string' ? code : null,
      message: message || 'The connection failed.',
    };
  }
  const closed = { code: String(code), message: `The socket was closed: ${code} ${words}`.trim() };
  if (refusedCloses.has(code)) return { verdict: 'refused', ...closed };
  // Taskwire begins the reason with the code of the error: `FORBIDDEN: …`.
  if (code === forbidden)
    return { verdict: refused.has(words.split(':', 1)[0] ?? '') ? 'refused' : 'sign-in', ...closed };
  return { verdict: 'again', ...closed };
}

interface GraphQLErrorLike {
  readonly message?: string;
  readonly extensions?: { readonly code?: unknown };
}

function endingByErrors(errors: readonly GraphQLErrorLike[]): Ending {
  const judged = errors.map(({ message = '', extensions }): Ending => {
    const code = typeof extensions?.code === 'string' ? extensions.code : null;
    return { verdict: verdictOf(code), code, message };
  });
  // One that no repetition cures decides.
  const order = ['refused', 'resync', 'sign-in', 'again'];
  const [first] = judged.sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  return first ?? { verdict: 'again', code: null, message: 'The operation failed.' };
}

function verdictOf(code: string | null): Ending['verdict'] {
  if (code === 'RESYNC_REQUIRED') return 'resync';
  if (code === 'UNAUTHENTICATED') return 'sign-in';
  return code !== null && refused.has(code) ? 'refused' : 'again';
}

/** A subscription has ended for good; `cause` is what ended it. */
export class SubscriptionError extends Error {
  override readonly name: string = 'SubscriptionError';
  /** The GraphQL error's `extensions.code`, the socket's close code as text, or null when there is neither. */
  readonly code: string | null;

  constructor({ code, message }: { readonly code: string | null; readonly message: string }, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** What was missed is no longer known: read again what the subscription keeps up to date, and begin at its cursor. */
export class ResyncRequired extends SubscriptionError {
  override readonly name = 'ResyncRequired';
}
