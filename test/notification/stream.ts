import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import type { Caller } from '../support/gateway.ts';

/** One server-sent event: its name and its data, read as JSON. */
export interface StreamEvent {
  readonly event: string;
  /** What to come back with, as a browser keeps it: that of this event or of the last block that had one. */
  readonly id: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on what it holds.
  readonly data: any;
}

export interface EventStreamReader {
  readonly status: number;
  /** The next event; null at the end of the stream. Comments are skipped. */
  next(): Promise<StreamEvent | null>;
  close(): void;
  /** What the client would come back with now. */
  readonly lastEventId: string | null;
}

export interface StreamOptions {
  readonly controller?: AbortController;
  readonly lastEventId?: string | null;
  readonly method?: 'GET' | 'POST';
}

/** Subscribes over HTTP, as a browser's EventSource would. */
export async function openStream<Data, Variables>(
  url: string,
  { token, organizationId }: Caller,
  document: TypedDocumentNode<Data, Variables> | string,
  variables: Variables,
  { controller = new AbortController(), lastEventId: cameWith = null, method = 'POST' }: StreamOptions = {},
): Promise<EventStreamReader> {
  const query = typeof document === 'string' ? document : print(document);
  const isGet = method === 'GET';
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  const response = await fetch(isGet ? `${url}?${search}` : url, {
    method,
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
      'x-organization-id': organizationId,
      ...(cameWith !== null && { 'last-event-id': cameWith }),
    },
    ...(!isGet && { body: JSON.stringify({ query, variables }) }),
    signal: controller.signal,
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  let lastEventId: string | null = null;
  return {
    status: response.status,
    async next() {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end < 0) {
          const { done, value } = await reader.read();
          if (done) return null;
          text += decoder.decode(value, { stream: true });
          continue;
        }
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        lastEventId = /^id: (.*)$/m.exec(block)?.[1] ?? lastEventId;
        const event = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.+)$/m.exec(block)?.[1];
        if (event) return { event, id: lastEventId, data: data ? JSON.parse(data) : null };
      }
    },
    close: () => controller.abort(),
    get lastEventId() {
      return lastEventId;
    },
  };
}
