import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** A network between a client and its database, for the test to break. */
export interface Wire {
  /** The database through the wire. */
  readonly url: string;
  /** Connections that it carries. */
  readonly size: number;
  /** Keeps back what the database says, on all connections there are, until it is let go. */
  hold(): () => void;
  /** Carries nothing from now on, on connections old and new: whoever is at its end is accepted, and never answered. */
  freeze(): void;
  /** Refuses new connections, until it is opened again. */
  refuse(): () => void;
  /** Cuts every connection, as a crash does. */
  cut(): void;
  close(): Promise<void>;
}

export async function openWire(databaseUrl: string): Promise<Wire> {
  const target = new URL(databaseUrl);
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>();
  let [isFrozen, isRefusing] = [false, false];
  const listener = createServer((client) => {
    if (isRefusing) {
      client.destroy();
      return;
    }
    const server = connect(Number(target.port), target.hostname);
    const pair = { client, server };
    pairs.add(pair);
    if (!isFrozen) client.pipe(server).pipe(client);
    for (const socket of [client, server]) {
      socket.on('error', () => {});
      socket.once('close', () => {
        pairs.delete(pair);
        client.destroy();
        server.destroy();
      });
    }
  });
  await new Promise<void>((ready) => listener.listen(0, '127.0.0.1', ready));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((listener.address() as AddressInfo).port);
  const cut = () => {
    for (const { client, server } of pairs) {
      client.destroy();
      server.destroy();
    }
  };
  return {
    url: url.href,
    get size() {
      return pairs.size;
    },
    hold() {
      const held = [...pairs];
      for (const { client, server } of held) server.unpipe(client);
      return () => {
        for (const { client, server } of held) server.pipe(client);
      };
    },
    freeze() {
      isFrozen = true;
      for (const { client, server } of pairs) {
        client.unpipe(server).pause();
        server.unpipe(client).pause();
      }
    },
    refuse() {
      isRefusing = true;
      return () => {
        isRefusing = false;
      };
    },
    cut,
    async close() {
      cut();
      await new Promise((closed) => listener.close(closed));
    },
  };
}
