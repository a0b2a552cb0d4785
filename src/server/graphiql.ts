import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Reply } from './respond.ts';

/** GraphiQL as a reader first meets it. */
export interface GraphiqlPage {
  readonly title: string;
  readonly tabs: readonly { readonly query: string; readonly headers?: string; readonly variables?: string }[];
  /** The headers editor's first content, as JSON. */
  readonly headers?: string;
}

export type Graphiql = (request: Request) => Promise<Reply<Uint8Array<ArrayBuffer> | null>>;

/** GraphiQL in one page: nothing is fetched from anywhere else. It is made (9 MB) when it is first asked for. */
export function createGraphiql(page: GraphiqlPage): Graphiql {
  // The package writes the settings into a script element as they are.
  if (/<\/?script|<!--/i.test(JSON.stringify(page))) throw new Error('A tab of GraphiQL may not contain a script tag.');
  let made: ReturnType<typeof makePage> | undefined;
  return async (request) => {
    made ??= makePage(page);
    const { html, zipped, headers } = await made;
    if (request.headers.get('if-none-match') === headers.etag) return { status: 304, headers, body: null };
    const takesGzip = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '');
    return takesGzip
      ? { status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body: zipped }
      : { status: 200, headers, body: html };
  };
}

async function makePage({ title, tabs, headers = '' }: GraphiqlPage) {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const safeTitle = escapeHtml(title);
  const text = renderGraphiQL({
    // Both into <title> and, as HTML, next to the logo.
    title: safeTitle,
    headers,
    defaultTabs: tabs.map((tab) => ({
      query: tab.query,
      headers: tab.headers ?? headers,
      variables: tab.variables ?? '',
    })),
    // Subscriptions go by SSE: over WebSocket this GraphiQL would not send what is in the headers editor. Always POST:
    // a long subscription would not fit into a URL.
    method: 'POST',
  } as Parameters<typeof renderGraphiQL>[0]).replace(
    '<div id="root">',
    (root) => `<script>${recall([headers, ...tabs.map((tab) => tab.headers ?? headers)])}</script>${root}`,
  );
  const html = Buffer.from(text);
  return {
    html,
    zipped: await promisify(gzip)(html),
    headers: {
      'content-type': 'text/html; charset=utf-8',
      // It can hold a token.
      'cache-control': 'private, no-cache',
      etag: `"${digest(text).slice(0, 22)}"`,
      vary: 'Accept, Accept-Encoding',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': policyFor(text),
    },
  };
}

/** Only this page's own scripts run, and they reach this server alone. */
function policyFor(html: string): string {
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, text = '']) => `'sha256-${digest(text)}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    'worker-src blob:',
    // The editor writes its colours and sizes into style elements.
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * GraphiQL remembers its tabs with their headers, so after a restart with a new secret it would go on sending the old
 * tokens: where an old default still stands, the new one takes its place, and what the reader wrote is left alone. It
 * also opens another empty tab at each visit unless what it keeps as the current query is one of its tabs.
 */
function recall(headers: readonly string[]): string {
  const now = JSON.stringify(headers).replaceAll('<', '\\u003c');
  return `(() => {
    const now = ${now};
    const kept = localStorage.getItem('taskwire:headers');
    localStorage.setItem('taskwire:headers', JSON.stringify(now));
    try {
      const before = JSON.parse(kept);
      const state = JSON.parse(localStorage.getItem('graphiql:tabState'));
      for (const tab of state.tabs) tab.headers = now[before.indexOf(tab.headers)] ?? tab.headers;
      localStorage.setItem('graphiql:tabState', JSON.stringify(state));
      const current = state.tabs[state.activeTabIndex];
      for (const name of ['query', 'variables', 'headers']) localStorage.setItem('graphiql:' + name, current[name] ?? '');
    } catch {}
  })()`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
