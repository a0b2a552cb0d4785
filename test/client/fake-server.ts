import type { Payload, Result, Sink, Transport } from '../../src/client/resume.ts';

export const query = 'subscription ($after: String) { told(after: $after) { cursor id change } }';

/** What an event tells: its cursor, and of what. */
export interface Told {
  readonly cursor: string;
  readonly id: string;
  readonly change?: string;
}
export const event = (told: Told): Result => ({ data: { told } });
export const errors = (code: string) => [{ message: `It is ${code}.`, extensions: { code } }];

/** One operation, as the server sees it. */
export interface Operation {
  readonly payload: Payload;
  /** `$after`, as it was when the operation was sent. */
  readonly after: string | null;
  readonly sink: Sink;
  isOpen: boolean;
}

/** A server whose operations are ended by hand, or by `onSubscribe`. */
export class FakeServer implements Transport {
  readonly operations: Operation[] = [];
  readonly #listeners = { connected: new Set<(event: unknown) => void>(), closed: new Set<(event: unknown) => void>() };
  readonly #onSubscribe: (operation: Operation, server: FakeServer) => void;

  constructor(onSubscribe: (operation: Operation, server: FakeServer) => void = () => {}) {
    this.#onSubscribe = onSubscribe;
  }

  get listeners(): number {
    return this.#listeners.connected.size + this.#listeners.closed.size;
  }

  get open(): Operation[] {
    return this.operations.filter(({ isOpen }) => isOpen);
  }

  subscribe(payload: Payload, sink: Sink): () => void {
    const after = (payload.variables?.['after'] ?? null) as string | null;
    const operation: Operation = { payload, after, sink, isOpen: true };
    this.operations.push(operation);
    this.#onSubscribe(operation, this);
    return () => {
      operation.isOpen = false;
    };
  }

  on(name: 'connected' | 'closed', listener: (event: unknown) => void): () => void {
    this.#listeners[name].add(listener);
    return () => this.#listeners[name].delete(listener);
  }

  tell(name: 'connected' | 'closed', what: unknown = {}): void {
    for (const listener of this.#listeners[name]) listener(what);
  }
}
