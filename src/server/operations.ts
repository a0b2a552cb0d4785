import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  OperationTypeNode,
  subscribe,
} from 'graphql';
import { faultOfTheOperation, refuse } from '../graphql/errors.ts';
import { createDocuments } from './documents.ts';
import { entriesOf } from './entries.ts';
import type { Limits } from './limits.ts';

/** What a caller asks for, in the same words over every transport. */
export interface OperationRequest {
  readonly query: string;
  readonly variables?: { readonly [name: string]: unknown } | null | undefined;
  readonly operationName?: string | null | undefined;
}

export interface Operation {
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  readonly request: OperationRequest;
  readonly errors?: undefined;
}

export type OperationResult = ExecutionResult | AsyncGenerator<ExecutionResult, void, void>;

export interface Operations {
  /** The operation, within limits and valid; or why not. Never throws. */
  check(request: OperationRequest): Operation | { readonly errors: readonly GraphQLError[] };
  argumentsOf(operation: Operation, contextValue: unknown): ExecutionArgs;
  /** Runs it; what graphql-js throws becomes a result, so that no transport falls over it. */
  run(args: ExecutionArgs): Promise<OperationResult>;
}

/** What HTTP and sockets share: the way from a text to a result. */
export function createOperations(schema: GraphQLSchema, limits: Limits): Operations {
  const check = createDocuments(schema, limits);
  return {
    check(request) {
      const excess = excessOf(request.variables, limits.variablesDepth);
      if (excess) return { errors: [excess] };
      const checked = check(request.query);
      if (checked.errors) return checked;
      const { document } = checked;
      const definition = getOperationAST(document, request.operationName);
      if (!definition) return { errors: [unknownOperation(request.operationName)] };
      const entries = entriesOf(document, definition, request.variables ?? {});
      if (entries > limits.entries) return { errors: [tooManyEntries(entries, limits.entries)] };
      return { document, definition, request };
    },

    argumentsOf: ({ document, request }, contextValue) => ({
      schema,
      document,
      contextValue,
      variableValues: request.variables ?? null,
      operationName: request.operationName ?? null,
    }),

    async run(args) {
      try {
        const isSubscription =
          getOperationAST(args.document, args.operationName)?.operation === OperationTypeNode.SUBSCRIPTION;
        return isSubscription ? ((await subscribe(args)) as OperationResult) : await execute(args);
      } catch (error) {
        return { errors: [asGraphQLError(error)] };
      }
    },
  };
}

/** For the places that only take GraphQLErrors; the mask finds the original again. */
export function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(`Thrown, though not an Error: ${String(error)}`);
  return new GraphQLError(originalError.message, { originalError });
}

function tooManyEntries(entries: number, limit: number): GraphQLError {
  const [asked, allowed] = [entries, limit].map((count) => count.toLocaleString('en'));
  const message = `An operation may ask for ${allowed} entries of lists, those of lists within lists counted; this one asks for up to ${asked}.`;
  return refuse('LIMIT_EXCEEDED', message, { limit });
}

function unknownOperation(name: string | null | undefined): GraphQLError {
  const message = name
    ? `The document has no operation named "${name.slice(0, 100)}".`
    : 'The document has several operations: say which with operationName.';
  return refuse('BAD_USER_INPUT', message, {}, faultOfTheOperation);
}

function excessOf(variables: OperationRequest['variables'], limit: number): GraphQLError | null {
  let level: unknown[] = variables ? [variables] : [];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return refuse('LIMIT_EXCEEDED', `Variables may be nested ${limit} levels deep.`, { limit });
    const next: unknown[] = [];
    for (const value of level) {
      for (const inner of Object.values(value as object)) if (typeof inner === 'object' && inner) next.push(inner);
    }
    level = next;
  }
  return null;
}
