import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from './embedded-binaries.ts';
import { reason, stopOrphan } from './embedded-cluster.ts';
import { STOP, startGuarded } from './embedded-guard.ts';
import type { Place } from './embedded-place.ts';
import { EmbeddedRefused } from './embedded-refused.ts';

export interface Server {
  port: number;
  /** Resolves with how it ended. */
  ended: Promise<string>;
  stop(): Promise<unknown>;
}

/** Starts PostgreSQL on the wanted port, on the last one if that is free, or on a free one, and waits until it answers. */
export async function launch(
  place: Place,
  { postgres }: Binaries,
  extraSettings: Record<string, string>,
  { wanted, last }: { wanted: number | undefined; last: number | undefined },
): Promise<Server> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    // We read its log to know when it answers, and why it does not.
    log_destination: 'stderr',
    logging_collector: 'off',
    ...extraSettings,
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const patience = Date.now() + 15_000;
  for (let port = wanted ?? last ?? (await freePort()); ; ) {
    const command = [postgres, '-D', place.cluster, '-p', String(port), ...options];
    const server = startGuarded(STOP.postgres, command, place.account);
    if (await server.says('database system is ready to accept connections')) {
      const ended = server.ended.then((code) =>
        // As a shell reports it.
        code && code > 128 ? `killed by signal ${code - 128}` : reason(server.log()),
      );
      return { port, ended, stop: server.stop };
    }
    await server.stop();
    const log = server.log();
    const patient = Date.now() < patience;
    if (log.includes('Address already in use') && patient) {
      if (wanted) {
        throw new EmbeddedRefused(
          `Port ${wanted}, chosen for the embedded PostgreSQL, is taken: free it or choose another.`,
        );
      }
      port = await freePort();
    } else if (/pre-existing shared memory block|lock file "postmaster.pid" already/.test(log) && patient) {
      // What a crashed server left is still ending, or an orphan came up between our look and our start.
      await delay(100);
      await stopOrphan(place);
    } else {
      throw new EmbeddedRefused(`PostgreSQL in ${place.cluster} did not start: ${reason(log)}.`);
    }
  }
}

/** Another process may take it before PostgreSQL does. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
