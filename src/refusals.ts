/** Stable reasons that callers program against. Adding one is safe; renaming one breaks them. */
export type RefusalCode = 'INVALID' | 'NOT_FOUND' | 'NOT_ALLOWED' | 'CONFLICT';

/**
 * A "no" that the caller can act on, handed back as a value.
 * Deliberately not an Error: graphql-js rethrows any Error that a resolver returns.
 */
export abstract class Refusal {
  abstract readonly code: RefusalCode;
  readonly message: string;
  /** Path into the mutation's input, e.g. `['patch', 'date']`; empty when no single field is at fault. */
  readonly path: readonly string[];

  constructor(message: string, path: readonly string[] = []) {
    this.message = message;
    this.path = path;
  }
}

export class Invalid extends Refusal {
  readonly code = 'INVALID';
}

/** Missing, foreign, malformed, of another type or not visible: answered alike, so that existence does not leak. */
export class NotFound extends Refusal {
  readonly code = 'NOT_FOUND';
}

export class NotAllowed extends Refusal {
  readonly code = 'NOT_ALLOWED';
}

/** Someone else changed it first, or its place is taken; a version to retry from is given where there is one. */
export class Conflict extends Refusal {
  readonly code = 'CONFLICT';
  readonly currentVersion: number | null;

  constructor(message: string, path: readonly string[] = [], currentVersion: number | null = null) {
    super(message, path);
    this.currentVersion = currentVersion;
  }
}

/** What a use case gives back: its value, or every reason why not. */
export type Outcome<Value> = { readonly ok: true; readonly value: Value; readonly refusals: readonly [] } | Refused;

export interface Refused {
  readonly ok: false;
  readonly value: null;
  readonly refusals: readonly Refusal[];
}

export const done = <Value>(value: Value): Outcome<Value> => ({ ok: true, value, refusals: [] });
export const refused = (...refusals: readonly Refusal[]): Refused => ({ ok: false, value: null, refusals });

/** The closed list of `extensions.code` that whole operations can end with, beside those of GraphQL itself. */
export type FaultCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'LIMIT_EXCEEDED'
  | 'RATE_LIMITED'
  | 'RESYNC_REQUIRED'
  | 'TIMEOUT'
  | 'SERVICE_UNAVAILABLE';

/** Thrown, from any room, to end the operation with a code and a sentence that the caller may read. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(code: FaultCode, message: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.extensions = extensions;
  }
}
