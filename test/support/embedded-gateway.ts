/**
 * Stands in for a gateway: starts the embedded PostgreSQL, says so in a line of JSON, and at SIGTERM or SIGINT drains (it
 * still reads from the database for a while) before it stops.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { EmbeddedRefused, startEmbedded } from '../../src/db/embedded.ts';

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const [dataDir = '', port] = process.argv.slice(2);
const began = performance.now();
try {
  const embedded = await startEmbedded({ dataDir, ...(port && { port: Number(port) }) });
  const ms = Math.round(performance.now() - began);
  const drain = async () => {
    const client = new pg.Client({ connectionString: embedded.url, ssl: false });
    await client.connect();
    for (let read = 0; read < 10; read++) {
      await client.query('SELECT 1');
      await delay(10);
    }
    await client.end();
    say({ drained: true });
    await embedded.stop();
    say({ stopped: true });
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, drain);
  embedded.crashed.then((words) => {
    process.stderr.write(`PostgreSQL ended: ${words}\n`);
    process.exit(1);
  });
  // Last: whoever reads it may signal us at once.
  say({ url: embedded.url, pid: process.pid, ms });
} catch (error) {
  if (!(error instanceof EmbeddedRefused)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
