import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import type { Caller } from '../support/gateway.ts';

/** One server-sent event: its name and its data, read as JSON. */
export interface StreamEvent {
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on what it holds.
  readonly data: any;
}

export interface EventStreamReader {
  readonly status: number;
  /** The next event; null at the end of the stream. Comments are skipped. */
  next(): Promise<StreamEvent | null>;
  close(): void;
}

/** Subscribes over HTTP, as a browser's EventSource would. */
export async function openStream<Data, Variables>(
  url: string,
  { token, organizationId }: Caller,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  controller = new AbortController(),
): Promise<EventStreamReader> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
      'x-organization-id': organizationId,
    },
    body: JSON.stringify({ query: print(document), variables }),
    signal: controller.signal,
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
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
        const event = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.+)$/m.exec(block)?.[1];
        if (event) return { event, data: data ? JSON.parse(data) : null };
      }
    },
    close: () => controller.abort(),
  };
}
