import type { ExecutionResult } from 'graphql';
import type { Shown } from '../graphql/errors.ts';
import { type JsonType, mediaTypes } from './accept.ts';
import { asGraphQLError } from './operations.ts';

type Mask = (error: unknown) => Shown;

export interface Reply<Body = string> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** One result as JSON, its errors masked. Never throws: what cannot be written becomes an error itself. */
export function writeResult({ data, errors, extensions }: ExecutionResult, mask: Mask): string {
  try {
    return JSON.stringify({ errors: errors?.map((error) => mask(error).formatted), data, extensions });
  } catch (error) {
    return JSON.stringify({ errors: [mask(error).formatted] });
  }
}

/**
 * One result as an HTTP response, by GraphQL over HTTP: with `data` it is 200. Without, nothing was executed, and the
 * status is the first error's: under application/json too, except for faults of the document and its variables, where
 * the specification wants 200.
 */
export function replyWith(result: ExecutionResult, type: JsonType, mask: Mask): Reply {
  const headers = { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' };
  const { data, errors, extensions } = result;
  if (!errors?.length && data !== undefined) {
    return {
      status: 200,
      headers,
      body: extensions ? JSON.stringify({ data, extensions }) : `{"data":${JSON.stringify(data)}}`,
    };
  }
  // Neither data nor errors: something swallowed the error on its way.
  const shown = (errors?.length ? errors : [asGraphQLError('no result')]).map(mask);
  const formatted = shown.map((each) => each.formatted);
  const first = shown.find(({ code }) => code === 'UNAUTHENTICATED') ?? shown[0];
  // Resolvers that ask who is there refuse one by one. If none was satisfied, the request as a whole was not.
  const isRefused = first?.code === 'UNAUTHENTICATED' && Object.values(data ?? {}).every((value) => value === null);
  if (data !== undefined && !isRefused) {
    return { status: 200, headers, body: JSON.stringify({ errors: formatted, data, extensions }) };
  }
  const { status = 500, jsonStatus = status, headers: more } = first?.http ?? {};
  return {
    status: type === mediaTypes.json ? jsonStatus : status,
    headers: { ...headers, ...more },
    body: JSON.stringify({ errors: formatted, extensions }),
  };
}
