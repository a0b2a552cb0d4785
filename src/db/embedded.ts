import pg from 'pg';
import { nativeFolder, readyBinaries } from './embedded-binaries.ts';
import { ensureCluster, readPassword, stopOrphan } from './embedded-cluster.ts';
import { launch, type Server } from './embedded-launch.ts';
import { takeLock } from './embedded-lock.ts';
import { leaveNote, locate, type Place, prepareDataFolder, sweep } from './embedded-place.ts';
import { asRefusal, EmbeddedRefused } from './embedded-refused.ts';

export { prepareDataFolder } from './embedded-place.ts';
export { EmbeddedRefused } from './embedded-refused.ts';

export interface Embedded {
  /** Superuser's, with its password: whoever has it has the data. */
  url: string;
  /** Stops PostgreSQL and waits for it; a second call waits too. */
  stop(): Promise<void>;
  /** Resolves with PostgreSQL's last words if it ends unasked; the gateway cannot go on then. */
  crashed: Promise<string>;
}

export interface EmbeddedOptions {
  /** Taskwire's own data folder, absolute; made if missing. */
  dataDir: string;
  /** PostgreSQL settings over ours, such as `fsync: 'off'` in tests. */
  extraSettings?: Record<string, string>;
  /** Without it the last start's port, or else a free one. */
  port?: number;
}

/**
 * Starts the PostgreSQL of a data folder for this process, which ends with it however it ends; EmbeddedRefused where a
 * person must act.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  // Before anything is made: a machine without an embedded PostgreSQL is told only that.
  nativeFolder();
  try {
    return await start(await locate(await prepareDataFolder(options.dataDir)), options);
  } catch (error) {
    throw asRefusal(error, options.dataDir);
  }
}

async function start(place: Place, { extraSettings = {}, port }: EmbeddedOptions): Promise<Embedded> {
  const { fsync } = extraSettings;
  const urlOf = async (at: number) => `postgresql://postgres:${await readPassword(place)}@127.0.0.1:${at}/taskwire`;
  const lock = await takeLock(place, urlOf);
  let server: Server | undefined;
  let asked = false;
  const stop = async () => {
    asked = true;
    await server?.stop();
    lock.release();
  };
  try {
    await sweep(place);
    const binaries = await readyBinaries(place);
    await stopOrphan(place);
    await ensureCluster(place, binaries, fsync !== 'off');
    await leaveNote(place);
    const running = await launch(place, binaries, extraSettings, { wanted: port, last: lock.lastPort });
    server = running;
    const url = await urlOf(running.port);
    await ensureDatabase(url);
    await lock.announce(running.port);
    return { url, stop, crashed: new Promise((resolve) => running.ended.then((words) => asked || resolve(words))) };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ensureDatabase(url: string) {
  const MISSING = '3D000';
  try {
    await run(url, '/* embedded.probe */ SELECT 1').catch((error) => {
      if (error.code !== MISSING) throw error;
      return run(url.replace(/taskwire$/, 'postgres'), '/* embedded.create */ CREATE DATABASE taskwire');
    });
  } catch (error) {
    throw new EmbeddedRefused(
      `The embedded PostgreSQL runs, but its database "taskwire" cannot be opened: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}

async function run(url: string, statement: string) {
  // Explicit, or PGSSLMODE and PGOPTIONS of the caller's environment would apply.
  const client = new pg.Client({ connectionString: url, ssl: false, options: '' });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
