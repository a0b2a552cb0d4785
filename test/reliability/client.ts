import { print } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type Resumed, resume } from '../../src/client/resume.ts';
import { type Assigned, TaskAssigned } from '../notification/office.ts';
import type { Caller } from '../support/gateway.ts';
import { pick } from './world.ts';

/** Follows someone's assignments for as long as it runs, as a frontend does: each connection goes to any of the addresses. */
export class ResumingClient {
  readonly caller: Caller;
  /** What it took, in order. */
  readonly taken: string[] = [];
  /** When each was taken, in milliseconds since 1970. */
  readonly at: number[] = [];
  /** How its connections ended: codes of errors, close codes, or what was said. */
  readonly ends: string[] = [];
  readonly connected: Promise<void>;
  readonly #client: Client;
  readonly #events: Resumed<{ taskAssigned: Assigned }>;
  readonly #done: Promise<void>;
  #socket: WebSocket | null = null;

  constructor(urls: readonly string[], caller: Caller, cursor: string) {
    this.caller = caller;
    const connected = Promise.withResolvers<void>();
    this.connected = connected.promise;
    this.#client = createClient({
      url: () => pick(urls).replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${caller.token}`, 'x-organization-id': caller.organizationId },
      retryAttempts: 0,
      connectionAckWaitTimeout: 10_000,
      on: {
        connected: (socket) => {
          this.#socket = socket as WebSocket;
          connected.resolve();
        },
      },
    });
    const payload = { query: print(TaskAssigned), variables: { after: cursor } };
    this.#events = resume(this.#client, payload, {
      waitMs: () => 20 + Math.random() * 200,
      onRetry: ({ code, message }) => this.ends.push(code ?? /[A-Z_]{6,}/.exec(message)?.[0] ?? message),
    });
    this.#done = this.#run();
  }

  /** Breaks its connection, as a tunnel does. */
  drop(): void {
    this.#socket?.terminate();
  }

  async stop(): Promise<void> {
    await this.#events.return();
    await this.#done;
    await this.#client.dispose();
  }

  async #run(): Promise<void> {
    for await (const { data } of this.#events) {
      if (!data) throw new Error('An event came without its data.');
      this.taken.push(data.taskAssigned.taskId);
      this.at.push(performance.timeOrigin + performance.now());
    }
  }
}
