import type { IncomingMessage } from 'node:http';
import { refuse } from '../graphql/errors.ts';
import type { OperationRequest } from './operations.ts';

/**
 * Reads what a request asks for: from the URL of a GET, from the JSON body of a POST. Throws refusals that hold for
 * both response types, since such a request is not a GraphQL request at all. `incoming` is Node's own request, if there
 * is one: reading it directly spares two layers of streams.
 */
export async function readOperation(
  request: Request,
  incoming: IncomingMessage | undefined,
  maxBytes: number,
): Promise<OperationRequest> {
  if (request.method === 'GET') return readUrl(request.url);
  // The other types that browsers send without asking first (form, multipart, text) are how CSRF begins.
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    throw malformed('Send the operation as JSON, with content-type application/json.', 415);
  }
  if (!/^(identity)?$/i.test(request.headers.get('content-encoding') ?? '')) {
    throw malformed('Send the body uncompressed.', 415);
  }
  const text = incoming ? await readIncoming(incoming, maxBytes) : await readFetch(request, maxBytes);
  return asOperation(parseJson(text, 'The body'));
}

function readUrl(url: string): OperationRequest {
  const query = url.indexOf('?');
  const parameters = new URLSearchParams(query < 0 ? '' : url.slice(query + 1));
  const json = (name: string) => {
    const text = parameters.get(name);
    return text ? parseJson(text, name) : undefined;
  };
  return asOperation({
    query: parameters.get('query') ?? undefined,
    operationName: parameters.get('operationName') ?? undefined,
    variables: json('variables'),
    extensions: json('extensions'),
  });
}

function readIncoming(incoming: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuseSize = () => {
      // Read on without keeping: a client that is still sending would otherwise meet a reset instead of our answer.
      incoming.removeAllListeners('data').resume();
      reject(tooLarge(maxBytes));
    };
    if (Number(incoming.headers['content-length']) > maxBytes) return refuseSize();
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) refuseSize();
      else chunks.push(chunk);
    });
    incoming.on('end', () => resolve((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString() ?? ''));
    incoming.on('error', () => reject(malformed('The body broke off.')));
    incoming.on('close', () => incoming.complete || reject(malformed('The body broke off.')));
  });
}

async function readFetch(request: Request, maxBytes: number): Promise<string> {
  const text = await request.text();
  if (Buffer.byteLength(text) > maxBytes) throw tooLarge(maxBytes);
  return text;
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // V8's message quotes the text.
    throw malformed(`${what} is not valid JSON.`);
  }
}

function asOperation(body: unknown): OperationRequest {
  if (Array.isArray(body)) throw malformed('Batches are not supported: send one operation a request.');
  if (!isObject(body)) throw malformed('The body is not a JSON object.');
  // Other members are ignored, as the specification asks; nothing of the body is spread into anything.
  const { query, variables, operationName, extensions } = body;
  if (typeof query !== 'string') throw malformed('"query" is missing or not a string.');
  if (variables != null && !isObject(variables)) throw malformed('"variables" is not an object.');
  if (operationName != null && typeof operationName !== 'string') throw malformed('"operationName" is not a string.');
  if (extensions != null && !isObject(extensions)) throw malformed('"extensions" is not an object.');
  return { query, variables, operationName: operationName || null };
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(message: string, status = 400) {
  return refuse('BAD_USER_INPUT', message, {}, { status });
}

function tooLarge(limit: number) {
  return refuse('LIMIT_EXCEEDED', `A body may have ${limit / 1024} KiB.`, { limit }, { status: 413 });
}
