import { print } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type Assigned, TaskAssigned } from '../notification/office.ts';
import type { Caller } from '../support/gateway.ts';
import { pause, pick } from './world.ts';

/**
 * Follows someone's assignments for as long as it runs: whenever its socket ends, it connects again, to any of the
 * addresses, and goes on from the cursor of the last event that it took.
 */
export class ResumingClient {
  readonly caller: Caller;
  /** What it took, in order. */
  readonly taken: string[] = [];
  /** When each was taken, in milliseconds since 1970. */
  readonly at: number[] = [];
  /** How its connections ended: close codes, codes of errors, or what was said. */
  readonly ends: string[] = [];
  readonly #urls: readonly string[];
  #cursor: string;
  #client: Client | null = null;
  #running = true;
  #socket: WebSocket | null = null;
  readonly #done: Promise<void>;
  readonly connected: Promise<void>;

  constructor(urls: readonly string[], caller: Caller, cursor: string) {
    this.#urls = urls;
    this.caller = caller;
    this.#cursor = cursor;
    let connected = () => {};
    this.connected = new Promise((resolve) => {
      connected = resolve;
    });
    this.#done = this.#run(connected);
  }

  /** Breaks its connection, as a tunnel does. */
  drop(): void {
    this.#socket?.terminate();
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#client?.dispose();
    await this.#done;
  }

  async #run(connected: () => void): Promise<void> {
    const { token, organizationId } = this.caller;
    while (this.#running) {
      const client = createClient({
        url: pick(this.#urls).replace('http', 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${token}`, 'x-organization-id': organizationId },
        // Coming back is this client's own business: graphql-ws would subscribe with the old cursor.
        retryAttempts: 0,
        connectionAckWaitTimeout: 10_000,
        on: {
          connected: (socket) => {
            this.#socket = socket as WebSocket;
            connected();
          },
        },
      });
      this.#client = client;
      try {
        const variables = { after: this.#cursor };
        const events = client.iterate<{ taskAssigned: Assigned }>({ query: print(TaskAssigned), variables });
        for await (const { data, errors } of events) {
          // Not taken, or not whole: once more, from the one before.
          if (errors || !data) throw new Error(String(errors?.[0]?.extensions?.['code']));
          this.#cursor = data.taskAssigned.cursor;
          this.taken.push(data.taskAssigned.taskId);
          this.at.push(performance.timeOrigin + performance.now());
        }
        this.ends.push('complete');
      } catch (end) {
        const { code, message } = end as { code?: number; message?: string };
        const words = message ?? JSON.stringify(end);
        this.ends.push(String(code ?? /[A-Z_]{6,}/.exec(words)?.[0] ?? words));
      }
      await client.dispose();
      if (this.#running) await pause(20 + Math.random() * 200);
    }
  }
}
