import { WebSocket } from 'ws';

/** One client: where it may connect, as whom, and after what. */
export interface Member {
  readonly id: number;
  readonly urls: readonly string[];
  readonly params: Readonly<Record<string, string>>;
  readonly after: string;
}

/** What the test says to its crowd. */
export type Order =
  | { readonly does: 'follow'; readonly query: string; readonly members: readonly Member[] }
  | { readonly does: 'drop' | 'pause' | 'resume'; readonly ids: readonly number[] };

/** What the crowd says to its test: who subscribed, what was taken and when, how connections ended. */
export interface News {
  readonly connected: number[];
  /** In milliseconds since 1970. */
  readonly taken: [id: number, cursor: string, at: number][];
  readonly ends: [id: number, how: string][];
}

// Clients in a process of their own, so that what they cost is not taken for the test's or the gateways' slowness. Plain
// frames and one time stamp each: of two cores they must leave as much as they can.

const OPENING_AT_ONCE = 50;
const FLUSH_MS = 20;
const BACK_OFF_MS = 200;
const MOST_BACK_OFF_MS = 1_600;

let query = '';
let opening = 0;
const waiting: Client[] = [];
const clients = new Map<number, Client>();
let news: News = { connected: [], taken: [], ends: [] };

/** Follows for as long as the process lives: whenever its socket ends, it goes on from the last event that it took. */
class Client {
  readonly #member: Member;
  #after: string;
  #socket: WebSocket | null = null;
  #isOpening = false;
  /** Frames as they came: read when there is time. */
  #frames: [data: Buffer, at: number][] = [];
  #end: string | null = null;
  #backOffMs = BACK_OFF_MS;

  constructor(member: Member) {
    this.#member = member;
    this.#after = member.after;
  }

  open(): void {
    const { urls, params } = this.#member;
    opening += 1;
    this.#isOpening = true;
    this.#end = null;
    const url = urls[Math.floor(Math.random() * urls.length)] as string;
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', {
      perMessageDeflate: false,
      skipUTF8Validation: true,
      handshakeTimeout: 10_000,
    });
    this.#socket = socket;
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: params })));
    socket.on('message', (data: Buffer) => {
      this.#frames.push([data, performance.timeOrigin + performance.now()]);
      if (this.#isOpening) this.read();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#end ??= error.code ?? error.message;
    });
    socket.once('close', (code) => {
      this.read();
      this.#opened();
      news.ends.push([this.#member.id, this.#end ?? String(code)]);
      setTimeout(() => wait(this), this.#backOffMs * (0.1 + Math.random()));
      this.#backOffMs = Math.min(2 * this.#backOffMs, MOST_BACK_OFF_MS);
    });
  }

  drop(): void {
    this.#end ??= 'dropped';
    this.#socket?.terminate();
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  /** Takes what has come. */
  read(): void {
    const frames = this.#frames;
    this.#frames = [];
    for (const [data, at] of frames) {
      // Nothing after an event that failed: what follows it would be taken in its place.
      if (this.#end === null) this.#take(JSON.parse(String(data)), at);
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: whatever a server sends.
  #take({ type, payload }: any, at: number): void {
    if (type === 'connection_ack') {
      this.#socket?.send(
        JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { after: this.#after } } }),
      );
      news.connected.push(this.#member.id);
      this.#backOffMs = BACK_OFF_MS;
      this.#opened();
    } else if (type === 'next' && !payload.errors) {
      const [event] = Object.values(payload.data) as [{ cursor: string }];
      this.#after = event.cursor;
      news.taken.push([this.#member.id, event.cursor, at]);
    } else if (type === 'ping') this.#socket?.send('{"type":"pong"}');
    else {
      const errors = type === 'next' ? payload.errors : payload;
      this.#end = errors?.[0]?.extensions?.code ?? type;
      this.drop();
    }
  }

  #opened(): void {
    if (!this.#isOpening) return;
    this.#isOpening = false;
    opening -= 1;
    openNext();
  }
}

function wait(client: Client): void {
  waiting.push(client);
  openNext();
}

function openNext(): void {
  while (opening < OPENING_AT_ONCE) {
    const next = waiting.shift();
    if (!next) return;
    next.open();
  }
}

setInterval(() => {
  for (const client of clients.values()) client.read();
  if (news.connected.length + news.taken.length + news.ends.length === 0) return;
  process.send?.(news);
  news = { connected: [], taken: [], ends: [] };
}, FLUSH_MS);

process.on('message', (order: Order) => {
  if (order.does === 'follow') {
    query = order.query;
    for (const member of order.members) {
      const client = new Client(member);
      clients.set(member.id, client);
      wait(client);
    }
    return;
  }
  for (const id of order.ids) clients.get(id)?.[order.does]();
});
// The test is over, however it ended.
process.once('disconnect', () => process.exit(0));
