import { GraphQLError, type GraphQLErrorExtensions, type GraphQLFormattedError, Kind } from 'graphql';
import { Fault } from '../refusals.ts';

/** Every `extensions.code` that a caller can meet at the top level: a closed list, part of the contract. */
export const errorCodes = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'LIMIT_EXCEEDED',
  'RATE_LIMITED',
  'RESYNC_REQUIRED',
  'TIMEOUT',
  'SERVICE_UNAVAILABLE',
  'IDEMPOTENCY_MISMATCH',
  'PERSISTED_OPERATION_REQUIRED',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'INTERNAL_SERVER_ERROR',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** How an error is answered over HTTP when nothing was executed (no `data` in the response). */
export interface HttpAnswer {
  readonly status: number;
  /** Under `application/json`, where GraphQL over HTTP wants 200 for a well-formed request with a faulty document. */
  readonly jsonStatus?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const answers: Record<ErrorCode, HttpAnswer> = {
  UNAUTHENTICATED: { status: 401, headers: { 'www-authenticate': 'Bearer' } },
  FORBIDDEN: { status: 403 },
  BAD_USER_INPUT: { status: 400 },
  LIMIT_EXCEEDED: { status: 400 },
  RATE_LIMITED: { status: 429 },
  RESYNC_REQUIRED: { status: 410 },
  TIMEOUT: { status: 504 },
  SERVICE_UNAVAILABLE: { status: 503 },
  IDEMPOTENCY_MISMATCH: { status: 422 },
  PERSISTED_OPERATION_REQUIRED: { status: 400 },
  GRAPHQL_PARSE_FAILED: { status: 400, jsonStatus: 200 },
  GRAPHQL_VALIDATION_FAILED: { status: 400, jsonStatus: 200 },
  INTERNAL_SERVER_ERROR: { status: 500 },
};

/** A fault of the operation's own (its variables, its name): 200 under `application/json`, as for its document. */
export const faultOfTheOperation: HttpAnswer = { status: 400, jsonStatus: 200 };

/** Kept beside the errors, not in `extensions`, so that it can never be sent. */
const answersOf = new WeakMap<GraphQLError, HttpAnswer>();

/** The codes that our own code may give. INTERNAL_SERVER_ERROR is only ever the mask's: its message would be unknown. */
export type RefusalCode = Exclude<ErrorCode, 'INTERNAL_SERVER_ERROR'>;

/**
 * A top-level error that callers may see, like a `Fault` but with a say in HTTP: throw it with a message fit for them.
 * `http` overrides the status and headers that the code stands for.
 */
export function refuse(
  code: RefusalCode,
  message: string,
  extensions: GraphQLErrorExtensions = {},
  http?: HttpAnswer,
): GraphQLError {
  return withAnswer(new GraphQLError(message, { extensions: { ...extensions, code } }), http);
}

/** A syntax or validation error of graphql-js's own making under its code; what a scalar threw as a plain Error is cut off. */
export function refuseDocument(
  code: 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED',
  error: GraphQLError,
): GraphQLError {
  const { nodes = null, source = null, positions = null } = error;
  const extensions = { code: refusalIn(error)?.code ?? code };
  return withAnswer(
    new GraphQLError(withoutForeignText(error), { nodes, source, positions, extensions }),
    faultOfTheOperation,
  );
}

/** What is sent for an error, and how it counts for the HTTP status. */
export interface Shown {
  readonly code: ErrorCode;
  readonly formatted: GraphQLFormattedError;
  readonly http: HttpAnswer;
}

/**
 * Makes the mask of one request. It shows refusals and graphql-js's complaints about the caller's input, and turns all
 * else into INTERNAL_SERVER_ERROR with the request id, handing each original to `report` once.
 */
export function createMask(requestId: string, report: (bug: unknown) => void): (error: unknown) => Shown {
  const reported = new Set<unknown>();
  return (error) => {
    const outer = error instanceof GraphQLError ? error : null;
    const refusal = refusalIn(error);
    if (outer && isAboutInput(outer)) return show(outer, refusal?.code ?? 'BAD_USER_INPUT', faultOfTheOperation);
    if (refusal) return show(outer ?? refusal.error, refusal.code, refusal.http, refusal.extensions);
    // One rejected promise can fail fifty fields: it is one bug.
    const bug = rootOf(error);
    if (!reported.has(bug)) report(bug);
    reported.add(bug);
    return {
      code: 'INTERNAL_SERVER_ERROR',
      http: answers.INTERNAL_SERVER_ERROR,
      formatted: {
        message: 'Something went wrong on our side. Quote the request id when you ask.',
        ...placeOf(outer),
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
      },
    };
  };
}

function show(error: Error, code: RefusalCode, http: HttpAnswer, extensions: GraphQLErrorExtensions = {}): Shown {
  const message = shortened(withoutForeignText(error));
  return { code, http, formatted: { message, ...placeOf(error), extensions: { ...extensions, code } } };
}

function placeOf(error: Error | null): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  if (!(error instanceof GraphQLError)) return {};
  return { ...(error.locations && { locations: error.locations }), ...(error.path && { path: error.path }) };
}

/** graphql-js wraps what resolvers and scalars throw, once or twice: what was thrown first. */
function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof GraphQLError && root.originalError) root = root.originalError;
  return root;
}

interface Refusal {
  readonly error: Error;
  readonly code: RefusalCode;
  readonly http: HttpAnswer;
  readonly extensions: GraphQLErrorExtensions;
}

/** What was thrown at the root, if it was meant for the caller: a Fault, or a GraphQLError with one of our codes. */
function refusalIn(error: unknown): Refusal | null {
  const root = rootOf(error);
  if (!(root instanceof Fault || root instanceof GraphQLError)) return null;
  const { code: given } = root instanceof Fault ? root : (root.extensions as { code?: unknown });
  const code = errorCodes.find((known) => known === given);
  if (code === undefined || code === 'INTERNAL_SERVER_ERROR') return null;
  const http = (root instanceof GraphQLError && answersOf.get(root)) || answers[code];
  return { error: root, code, http, extensions: root.extensions };
}

/**
 * Whether graphql-js itself complains of variables, arguments or the operation. Judged by what only it makes: these
 * words *and* AST nodes. Nodes alone are not enough: its complaints about our resolvers' values (isTypeOf,
 * resolveType) carry nodes and print the value.
 */
function isAboutInput(error: GraphQLError): boolean {
  // Of variables: thrown before execution, so without a path.
  if (!error.path && error.nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION)
    return error.message.startsWith('Variable "$');
  const root = rootOf(error);
  if (!(root instanceof GraphQLError) || root.path) return false;
  if (root.message.startsWith('Too many errors processing variables')) return true;
  return root.nodes !== undefined && /^(Argument "|Schema is not configured to execute )/.test(root.message);
}

/** `Expected type "Day". Cannot read properties of undefined` → without the words of the Error that a scalar threw. */
function withoutForeignText(error: Error): string {
  const root = rootOf(error);
  if (refusalIn(error) || root instanceof GraphQLError || !(root instanceof Error) || root.message === '') {
    return error.message;
  }
  return error.message.endsWith(root.message) ? error.message.slice(0, -root.message.length).trimEnd() : error.message;
}

/** graphql-js prints the value it did not like, whole: a long string, once for each of fifty errors. */
function shortened(message: string): string {
  return message.length > 1_000 ? `${message.slice(0, 1_000)}…` : message;
}

function withAnswer(error: GraphQLError, http: HttpAnswer | undefined): GraphQLError {
  if (http) answersOf.set(error, http);
  return error;
}
