import pg from 'pg';
import type { Logger } from 'pino';

const CHANNEL = 'taskwire_log';
/** Between two NOTIFYs of a process: what commits meanwhile shares the next one. */
const GATHER_MS = 5;
const RECONNECT_MS = 1_000;
/** A payload holds less than 8,000 bytes. */
const IDS_PER_NOTIFY = 350;

export interface Doorbell {
  /** Says that an organization's log has grown. Never throws, never waits: a lost ring costs a poll, not data. */
  ring(organizationId: bigint): void;
  close(): Promise<void>;
}

/**
 * Carries rings between processes by NOTIFY, sent after commit on a connection of its own: inside a transaction it would
 * take a lock on the whole database at commit. Our own readers are rung at once.
 */
export function openDoorbell(url: string, log: Logger, heard: (organizationId: bigint) => void): Doorbell {
  const gathered = new Set<bigint>();
  let line: pg.Client | null = null;
  let sending = false;
  let closed = false;
  let waiting: NodeJS.Timeout | undefined;

  const connect = async () => {
    const client = new pg.Client({ connectionString: url, application_name: 'taskwire doorbell', keepAlive: true });
    // Once only: after the first error the client is spent, but it may emit more.
    let lost = false;
    const reconnect = (error?: Error) => {
      if (lost) return;
      lost = true;
      if (line === client) line = null;
      void client.end().catch(() => {});
      if (closed) return;
      log.warn({ err: error }, 'The doorbell is disconnected; readers poll until it is back.');
      waiting = setTimeout(connect, RECONNECT_MS);
    };
    client.on('error', reconnect);
    client.on('end', () => reconnect());
    client.on('notification', ({ payload, processId }) => {
      if (processId === (client as unknown as { processID: number }).processID) return; // our own ring: heard already
      for (const id of (payload ?? '').split(',')) if (/^\d+$/.test(id)) heard(BigInt(id));
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      if (closed) return void client.end();
      line = client;
      void send();
    } catch (error) {
      reconnect(error as Error);
    }
  };

  const send = async () => {
    if (sending || !line || gathered.size === 0) return;
    sending = true;
    const ids = [...gathered].slice(0, IDS_PER_NOTIFY);
    for (const id of ids) gathered.delete(id);
    try {
      await line.query('SELECT pg_notify($1, $2)', [CHANNEL, ids.join()]);
    } catch (error) {
      log.warn({ err: error }, 'A ring was not sent; other processes find the events when they poll.');
    }
    await new Promise((next) => setTimeout(next, GATHER_MS));
    sending = false;
    void send();
  };

  const connecting = connect();
  return {
    ring(organizationId) {
      heard(organizationId);
      gathered.add(organizationId);
      void send();
    },
    async close() {
      closed = true;
      clearTimeout(waiting);
      await connecting;
      const open = line;
      line = null;
      await open?.end().catch(() => {});
    },
  };
}
