import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { refuse, refuseDocument } from '../graphql/errors.ts';
import { type Shape, shapeOf } from './document-shape.ts';
import type { Limits } from './limits.ts';

export type Checked =
  | { readonly document: DocumentNode; readonly errors?: undefined }
  | { readonly errors: readonly GraphQLError[] };

/** More errors than this help nobody, and each is computed and sent. */
const maxErrors = 20;

/** What graphql-js says when its costliest rule, whether fields can be merged, has used up its budget. */
const aborted = 'Validation aborted.';

/**
 * Makes the one door through which documents come in, from HTTP and sockets alike: limits first, then validation. Never
 * throws. Good documents are kept, least recently used first out, so that a frontend's own operations are parsed once;
 * faulty ones are not, or a flood of them would push those out.
 */
export function createDocuments(schema: GraphQLSchema, limits: Limits): (source: string) => Checked {
  const kept = new Map<string, { readonly document: DocumentNode; readonly weight: number }>();
  let total = 0;

  function keep(source: string, document: DocumentNode) {
    // In tokens; a long string or comment is one token and many bytes.
    const weight = (document.tokenCount ?? limits.tokens) + Math.ceil(source.length / 256);
    kept.set(source, { document, weight });
    total += weight;
    for (const [oldest, entry] of kept) {
      if (total <= limits.cachedTokens) return;
      kept.delete(oldest);
      total -= entry.weight;
    }
  }

  return (source) => {
    const known = kept.get(source);
    if (known) {
      // A Map keeps the order of insertion: the youngest is last.
      kept.delete(source);
      kept.set(source, known);
      return known;
    }
    const read = readDocument(source, limits);
    if (read.errors) return read;
    const errors = validate(schema, read.document, undefined, { maxErrors });
    if (errors.some(({ message }) => message === aborted)) return { errors: [tooManyComparisons()] };
    if (errors.length > 0) return { errors: errors.map((error) => refuseDocument('GRAPHQL_VALIDATION_FAILED', error)) };
    keep(source, read.document);
    return read;
  };
}

function readDocument(source: string, limits: Limits): Checked {
  try {
    // The parser itself stops at the limit, so neither its recursion nor its work can outgrow it.
    const document = parse(source, { maxTokens: limits.tokens });
    const excess = excessOf(shapeOf(document), limits);
    return excess ? { errors: [excess] } : { document };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (/ contains more tha[tn] \d+ tokens/.test(error.message)) {
      return { errors: [tooMuch('tokens', limits.tokens)] };
    }
    return { errors: [refuseDocument('GRAPHQL_PARSE_FAILED', error)] };
  }
}

function excessOf(shape: Shape, limits: Limits): GraphQLError | null {
  if (shape.depth > limits.depth) return tooMuch('levels of fields', limits.depth);
  if (shape.aliases > limits.aliases) return tooMuch('aliases', limits.aliases);
  if (shape.directives > limits.directives) return tooMuch('directives', limits.directives);
  if (shape.fields > limits.fields) return tooMuch('fields', limits.fields);
  return null;
}

function tooMuch(what: string, limit: number): GraphQLError {
  return refuse('LIMIT_EXCEEDED', `An operation may have ${limit.toLocaleString('en')} ${what}.`, { limit });
}

function tooManyComparisons(): GraphQLError {
  return refuse('LIMIT_EXCEEDED', 'The operation selects the same fields too often to be compared.');
}
