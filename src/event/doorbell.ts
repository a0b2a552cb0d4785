import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { endsWithin } from '../db/patience.ts';

const CHANNEL = 'taskwire_log';
/** Between two NOTIFYs of a process: what commits meanwhile shares the next one. */
const GATHER_MS = 5;
const RECONNECT_MS = 1_000;
/** After this long without an answer a connection is dead, though nobody said so. */
const PATIENCE_MS = 5_000;
/** How long a goodbye may take; then the connection is cut. */
const CLOSE_MS = 1_000;
/** A payload holds less than 8,000 bytes. */
const IDS_PER_NOTIFY = 350;
/** Stands among the organizations' ids. */
const WORK = 'work';

export interface Doorbell {
  /** Says that an organization's log has grown. Never throws, never waits: a lost ring costs a poll, not data. */
  ring(organizationId: bigint): void;
  /** Says that something is due soon, for whatever organization. As `ring` otherwise. */
  ringWork(): void;
  /** Sends what has gathered, and hangs up. */
  close(): Promise<void>;
}

interface Line {
  readonly client: pg.Client;
  readonly hangUp: (error?: Error) => void;
}

/**
 * Carries rings between processes by NOTIFY, sent after commit on a connection of its own: inside a transaction it would
 * take a lock on the whole database at commit. Our own readers are rung at once.
 */
export function openDoorbell(
  url: string,
  log: Logger,
  heard: (organizationId: bigint) => void,
  heardWork: () => void = () => {},
): Doorbell {
  const gathered = new Set<bigint | typeof WORK>();
  let line: Line | null = null;
  let sending = false;
  let sent = Promise.resolve();
  let closed = false;
  let waiting: NodeJS.Timeout | undefined;
  let socket: Socket;
  let connecting: Promise<void>;

  const connect = async () => {
    const stream = new Socket();
    socket = stream;
    const client = new pg.Client({
      connectionString: url,
      application_name: 'taskwire doorbell',
      keepAlive: true,
      keepAliveInitialDelayMillis: 2 * PATIENCE_MS,
      connectionTimeoutMillis: PATIENCE_MS,
      query_timeout: PATIENCE_MS,
      stream: () => stream,
    });
    // Once only: after the first error the client is spent, but it may emit more.
    let lost = false;
    const hangUp = (error?: Error) => {
      if (lost) return;
      lost = true;
      if (line?.client === client) line = null;
      void client.end().catch(() => {});
      if (closed) return;
      log.warn({ err: error }, 'The doorbell is disconnected; readers poll until it is back.');
      waiting = setTimeout(() => {
        connecting = connect();
      }, RECONNECT_MS);
    };
    client.on('error', hangUp);
    client.on('end', () => hangUp());
    client.on('notification', ({ payload, processId }) => {
      if (processId === (client as unknown as { processID: number }).processID) return; // our own ring: heard already
      for (const id of (payload ?? '').split(',')) {
        if (/^\d+$/.test(id)) heard(BigInt(id));
        else if (id === WORK) heardWork();
      }
    });
    try {
      await client.connect();
      await client.query(`/* event.listen */ LISTEN ${CHANNEL}`);
      line = { client, hangUp };
      send();
    } catch (error) {
      hangUp(error as Error);
    }
  };

  const notify = async ({ client, hangUp }: Line) => {
    const ids = [...gathered].slice(0, IDS_PER_NOTIFY);
    for (const id of ids) gathered.delete(id);
    try {
      await client.query('/* event.ring */ SELECT pg_notify($1, $2)', [CHANNEL, ids.join()]);
      return true;
    } catch (error) {
      log.warn({ err: error }, 'A ring was not sent; other processes find the events when they poll.');
      hangUp(error as Error);
      return false;
    }
  };

  const send = () => {
    if (!sending && line && gathered.size > 0) sent = sendAll();
  };

  const sendAll = async () => {
    sending = true;
    while (line && gathered.size > 0) {
      await notify(line);
      await delay(GATHER_MS);
    }
    sending = false;
  };

  connecting = connect();
  return {
    ring(organizationId) {
      heard(organizationId);
      gathered.add(organizationId);
      send();
    },
    ringWork() {
      heardWork();
      gathered.add(WORK);
      send();
    },
    async close() {
      closed = true;
      clearTimeout(waiting);
      // A connection that is still being made can take long, and is of no use any more.
      if (!line) socket.destroy(new Error('The doorbell is closed.'));
      await connecting;
      const last = line;
      line = null;
      const goodbye = async () => {
        await sent;
        // What was committed last would otherwise wait for the others' next poll.
        while (last && gathered.size > 0 && (await notify(last)));
        await last?.client.end();
      };
      if (!(await endsWithin(CLOSE_MS, goodbye()))) socket.destroy();
    },
  };
}
