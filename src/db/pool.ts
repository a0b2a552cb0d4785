import { Socket } from 'node:net';
import pg from 'pg';
import { endsWithin } from './patience.ts';

/** One statement as it went to the database. */
export interface Sent {
  readonly text: string;
  readonly values: readonly unknown[];
}

export interface PoolOptions {
  readonly url: string;
  /** Connections at most. */
  readonly size: number;
  /** Longest a statement may run, in milliseconds; what no index serves ends here. */
  readonly statementTimeout: number;
  /** Told of every statement; the tests hold them against the rule of organizations. */
  readonly onStatement?: ((sent: Sent) => void) | undefined;
  readonly onError: (error: Error) => void;
}

const { builtins } = pg.types;
const INT8_ARRAY = 1016;
const bigints = (text: string) => (text === '{}' ? [] : text.slice(1, -1).split(',').map(BigInt));

// As ISO writes it, which the platform reads several times as fast as pg does; before the year 1 or after 9999 pg does.
const readInstant = pg.types.getTypeParser(builtins.TIMESTAMPTZ);
const instant = (text: string) =>
  text[10] === ' ' && text.endsWith('+00')
    ? new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`)
    : readInstant(text);

// The forms that Prisma gives, so that a row is the same whichever of the two read it.
const parsers = new Map<number, (text: string) => unknown>([
  [builtins.INT8, BigInt],
  [INT8_ARRAY, bigints],
  [builtins.TIMESTAMPTZ, instant],
  [builtins.DATE, (text) => new Date(`${text}T00:00:00.000Z`)],
]);

const types = {
  getTypeParser: (oid: number, format?: string) =>
    (format !== 'binary' && parsers.get(oid)) || pg.types.getTypeParser(oid, format as 'text'),
};

/**
 * The settings that every connection starts with. The zone is UTC because the adapter reads `timestamptz` as if it were;
 * READ COMMITTED because the log's counter relies on it.
 */
const sessionOptions = (statementTimeout: number) =>
  [
    'timezone=UTC',
    'default_transaction_isolation=read\\ committed',
    `statement_timeout=${statementTimeout}`,
    'lock_timeout=5000',
    'idle_in_transaction_session_timeout=15000',
  ]
    .map((setting) => `-c ${setting}`)
    .join(' ');

/** The URL without its own `options`, which `pg` would prefer to ours, and those options. */
function withoutOptions(text: string): [url: string, options: string] {
  if (!/[?&]options=/.test(text)) return [text, ''];
  const url = new URL(text);
  const options = url.searchParams.get('options') ?? '';
  url.searchParams.delete('options');
  return [url.href, `${options} `];
}

/** Connections that were not told to end in time are cut; the server rolls back what they had begun. */
const CLOSE_MS = 1_000;

export interface Pool {
  readonly pool: pg.Pool;
  /** Ends every connection once it is given back; cuts those that are not, or of which the server says nothing more. */
  close(): Promise<void>;
}

/** The one pool of a process. Prisma and raw SQL share it; a connection that comes back inside a transaction is destroyed. */
export function createPool({ url, size, statementTimeout, onStatement, onError }: PoolOptions): Pool {
  const Client = onStatement ? recording(onStatement) : pg.Client;
  const [connectionString, given] = withoutOptions(url);
  const sockets = new Set<Socket>();
  const open = () => {
    const socket = new Socket();
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket));
  };
  const pool = new pg.Pool({
    connectionString,
    max: size,
    // Ours come last, and hold.
    options: `${given}${sessionOptions(statementTimeout)}`,
    connectionTimeoutMillis: 10_000,
    // The server ends what is slow; these end what the server no longer hears, such as after a failover.
    keepAlive: true,
    query_timeout: statementTimeout + 5_000,
    idleTimeoutMillis: 30_000,
    application_name: 'taskwire',
    types: types as never,
    stream: open,
    Client: Client as never,
  });
  pool.on('error', (error: Error & { client?: unknown }) => {
    // The client knows the password and the key that cancels queries: nothing for a log.
    delete error.client;
    onError(error);
  });
  pool.on('release', (error, client) => {
    // An interactive transaction can end without its COMMIT or ROLLBACK having arrived. Its open transaction must never
    // become the next caller's: an ending client is removed from the pool.
    const status = (client as pg.PoolClient).getTransactionStatus();
    if (!error && status !== 'I' && status !== null) void client.end();
  });
  return {
    pool,
    async close() {
      if (await endsWithin(CLOSE_MS, pool.end())) return;
      for (const socket of sockets) socket.destroy();
    },
  };
}

const recording = (onStatement: (sent: Sent) => void) =>
  class extends pg.Client {
    override query(...args: unknown[]): never {
      const [query, values] = args as [string | { text?: string; values?: unknown[] }, unknown[] | undefined];
      const text = typeof query === 'string' ? query : query.text;
      if (text) onStatement({ text, values: (typeof query === 'string' ? values : query.values) ?? [] });
      return (super.query as (...args: unknown[]) => never)(...args);
    }
  };
