export const mediaTypes = {
  graphql: 'application/graphql-response+json',
  json: 'application/json',
  events: 'text/event-stream',
} as const;
export type JsonType = typeof mediaTypes.graphql | typeof mediaTypes.json;

/** What a client can read: its preferred kind of JSON, if any, and whether it takes an event stream. */
export interface Accepted {
  readonly json: JsonType | null;
  readonly events: boolean;
}

/** Clients send few different headers, but may send any. */
const maxKnown = 100;
const known = new Map<string, Accepted>();

/** Reads an `Accept` header. None, and wildcards, mean application/json: what clients of before the specification expect. */
export function readAccept(header: string | null | undefined): Accepted {
  const key = header ?? '*/*';
  let accepted = known.get(key);
  if (!accepted) {
    accepted = parseAccept(key);
    if (known.size < maxKnown && key.length < 500) known.set(key, accepted);
  }
  return accepted;
}

function parseAccept(header: string): Accepted {
  let json: JsonType | null = null;
  let best = 0;
  let events = false;
  for (const range of header.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    // A quality of 0 means "not this"; NaN is nonsense.
    if (!(quality > 0)) continue;
    if (type === mediaTypes.events) events = true;
    const offered = jsonTypeFor(type);
    // Of equals the first: clients that know both write the new one first.
    if (offered && quality > best) {
      json = offered;
      best = quality;
    }
  }
  return { json, events };
}

function jsonTypeFor(range: string): JsonType | null {
  if (range === mediaTypes.graphql) return mediaTypes.graphql;
  return range === mediaTypes.json || range === 'application/*' || range === '*/*' || range === ''
    ? mediaTypes.json
    : null;
}
