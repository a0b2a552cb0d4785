import { type IncomingHttpHeaders, request as nodeRequest } from 'node:http';
import { afterEach, beforeEach, expect } from 'vitest';
import { createServer, type Edge } from '../../src/server/edge.ts';
import { createToy, type Toy, type ToyContext } from './toy.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on what it holds.
  readonly json: any;
}

export interface Send {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** One HTTP request on a connection of its own, which `fetch` would keep open behind the test's back. */
export function send(url: string, { method = 'GET', headers = {}, body }: Send = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = nodeRequest(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.includes('json');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: isJson ? JSON.parse(text) : null,
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** An operation by POST. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return send(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: text });
}

/** Starts the toy on a free port. What a test leaves behind fails it: sources, sockets, timers. */
export function useToy(settings: Partial<Edge<string, ToyContext>['settings']> = {}) {
  const held: { toy: Toy; url: string; server: ReturnType<typeof createServer> } = {} as never;
  let before: Resources;
  beforeEach(async () => {
    before = resources();
    held.toy = createToy();
    const limits = { ...held.toy.edge.settings.limits, ...settings.limits };
    held.server = createServer({ ...held.toy.edge, settings: { ...held.toy.edge.settings, ...settings, limits } });
    held.url = `${(await held.server.listen(0, '127.0.0.1')).url}/graphql`;
  });
  afterEach(async () => {
    held.toy.release();
    await held.server.close(1_000);
    // The kernel may take a moment to end what was closed.
    for (let tries = 0; tries < 200 && left(held.toy, before).length > 0; tries += 1) await turn();
    expect(left(held.toy, before)).toEqual([]);
  });
  return held;
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

type Resources = Record<'TCPServerWrap' | 'TCPSocketWrap' | 'Timeout', number>;

function resources(): Resources {
  const counts: Resources = { TCPServerWrap: 0, TCPSocketWrap: 0, Timeout: 0 };
  for (const name of process.getActiveResourcesInfo()) if (name in counts) counts[name as keyof Resources] += 1;
  return counts;
}

/** What is there now that was not there before the test. */
function left(toy: Toy, before: Resources): string[] {
  const now = resources();
  const more = (Object.keys(now) as (keyof Resources)[]).filter((name) => now[name] > before[name]);
  return toy.open.size > 0 ? [...more, 'source'] : more;
}
