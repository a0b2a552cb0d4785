import { type ClientOptions, WebSocket } from 'ws';

/** A message of graphql-transport-ws, as it came. */
export interface Message {
  readonly type: string;
  readonly id?: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on what it holds.
  readonly payload?: any;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export interface TestSubscription {
  readonly id: string;
  /** The next message of this operation; rejects if there is none in time, saying what came instead. */
  next(): Promise<Message>;
  /** Tells the server that no more is wanted. */
  complete(): void;
}

export interface TestSocket {
  /** The next message that belongs to no operation. */
  next(): Promise<Message>;
  /** Sends anything: a text as it is, all else as JSON. */
  send(message: unknown): void;
  subscribe(payload: Record<string, unknown> & { query: string }, id?: string): TestSubscription;
  readonly closed: Promise<Closed>;
  close(): Promise<Closed>;
  /** For what a polite client would not do. */
  readonly raw: WebSocket;
}

export interface ConnectOptions {
  readonly params?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  /** false: leave the handshake to the test. */
  readonly init?: boolean;
  readonly protocol?: string;
}

const patienceMs = 5_000;

/** Messages in the order they came, each given out once; a test never misses one that came early. */
function createQueue(name: string, closed: Promise<Closed>) {
  const waiting: Message[] = [];
  const asking: ((message: Message) => void)[] = [];
  return {
    push(message: Message) {
      const next = asking.shift();
      if (next) next(message);
      else waiting.push(message);
    },
    next(): Promise<Message> {
      const message = waiting.shift();
      if (message) return Promise.resolve(message);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`No message for ${name} within ${patienceMs} ms.`)),
          patienceMs,
        );
        asking.push((next) => {
          clearTimeout(timer);
          resolve(next);
        });
        closed.then(({ code, reason }) => {
          clearTimeout(timer);
          reject(new Error(`The socket closed (${code} ${reason}) while waiting for ${name}.`));
        });
      });
    },
  };
}

/** Connects to a gateway's socket (`http:` is read as `ws:`) and, unless told otherwise, waits until it is let in. */
export async function connect(url: string, options: ConnectOptions = {}): Promise<TestSocket> {
  const { params, headers = {}, init = true, protocol = 'graphql-transport-ws' } = options;
  const clientOptions: ClientOptions = { headers };
  const raw = new WebSocket(url.replace(/^http/, 'ws'), protocol, clientOptions);
  const closed = new Promise<Closed>((resolve) => {
    raw.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  const queues = new Map<string, ReturnType<typeof createQueue>>();
  const others = createQueue('the connection', closed);
  let count = 0;

  raw.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message;
    (queues.get(message.id ?? '') ?? others).push(message);
  });
  await new Promise<void>((resolve, reject) => {
    raw.once('open', resolve);
    raw.once('error', reject);
  });
  raw.on('error', () => {});

  const send = (message: unknown) => raw.send(typeof message === 'string' ? message : JSON.stringify(message));
  const socket: TestSocket = {
    raw,
    send,
    closed,
    next: others.next,
    subscribe(payload, given) {
      count += 1;
      const id = given ?? String(count);
      const queue = createQueue(`operation ${id}`, closed);
      queues.set(id, queue);
      send({ type: 'subscribe', id, payload });
      return { id, next: queue.next, complete: () => send({ type: 'complete', id }) };
    },
    close() {
      raw.close(1000);
      return closed;
    },
  };
  if (init) {
    send({ type: 'connection_init', payload: params });
    const { type } = await others.next();
    if (type !== 'connection_ack') throw new Error(`Expected connection_ack, got ${type}.`);
  }
  return socket;
}
