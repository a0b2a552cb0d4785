type Answer<Event> = IteratorResult<Event, undefined>;

interface Asking<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

/** What `Promise.withResolvers` gives, which Node 20 and browsers of 2023 do not have. */
function ask<Value>(): Asking<Value> {
  let settle!: Omit<Asking<Value>, 'promise'>;
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}

/** Events on their way to a consumer who asks for one at a time. */
export class Outbox<Event> {
  readonly #ready: Event[] = [];
  readonly #asking: Asking<Answer<Event>>[] = [];
  #end: { readonly error: unknown } | 'done' | null = null;
  #drained = ask<void>();

  /** How many wait to be asked for. */
  get size(): number {
    return this.#ready.length;
  }

  push(event: Event): void {
    const asking = this.#asking.shift();
    if (asking) asking.resolve({ done: false, value: event });
    else this.#ready.push(event);
  }

  next(): Promise<Answer<Event>> {
    const asking = ask<Answer<Event>>();
    if (this.#ready.length > 0) asking.resolve({ done: false, value: this.#ready.shift() as Event });
    else if (this.#end === null) this.#asking.push(asking);
    else this.#settle(asking);
    if (this.#asking.length > 0) this.#drained.resolve();
    return asking.promise;
  }

  /** Resolves once the consumer has dealt with all there was, and asks for more. */
  drained(): Promise<void> {
    this.#drained = ask();
    if (this.#asking.length > 0 || this.#end) this.#drained.resolve();
    return this.#drained.promise;
  }

  /** No more comes; what waits is dropped. */
  close(): void {
    this.#ready.length = 0;
    this.#finish('done');
  }

  /** No more comes: after what waits, the error is thrown, once. */
  fail(error: unknown): void {
    this.#finish({ error });
  }

  #finish(end: { readonly error: unknown } | 'done'): void {
    if (this.#end !== 'done') this.#end = end;
    for (const asking of this.#asking.splice(0)) this.#settle(asking);
    this.#drained.resolve();
  }

  #settle(asking: Asking<Answer<Event>>): void {
    const end = this.#end;
    this.#end = 'done';
    if (end === 'done' || end === null) asking.resolve({ done: true, value: undefined });
    else asking.reject(end.error);
  }
}
