import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import type { Place } from './embedded-place.ts';
import { EmbeddedRefused } from './embedded-refused.ts';

/** What the holder writes beside the lock for others to read; it outlives the holder. */
interface Holder {
  pid: number;
  /** Where PostgreSQL answers; missing while it starts. */
  port?: number;
  /** Where it answered last time, so that a DATABASE_URL once copied stays true. */
  lastPort?: number | undefined;
}

export interface Lock {
  lastPort: number | undefined;
  announce(port: number): Promise<void>;
  release(): void;
}

// A lock goes when its object is collected, and nobody else needs to keep the object.
const held = new Set<DatabaseSync>();

/**
 * Makes us the one gateway that runs PostgreSQL at the place, or throws EmbeddedRefused naming the one that does.
 * The lock is SQLite's on an empty file, thus the kernel's (fcntl): atomic, and gone with its process however that ends,
 * which no pid in a file is (pids are used again, and containers have their own).
 */
export async function takeLock(place: Place, urlOf: (port: number) => Promise<string>): Promise<Lock> {
  const file = join(place.base, 'gateway.lock');
  const info = join(place.base, 'gateway.json');
  let database = tryLock(file);
  for (let tries = 0; !database; tries++) {
    const holder = await readHolder(info);
    // The holder's word may not be written yet, or its lock may be just going.
    if (holder && (isAlive(holder.pid) || tries === 40)) throw await inUse(place, holder, urlOf);
    if (tries === 40) throw new EmbeddedRefused(`Another process holds ${file}: end it, or set DATABASE_URL.`);
    await delay(50);
    database = tryLock(file);
  }
  const taken = database;
  held.add(taken);
  const release = () => {
    if (held.delete(taken)) taken.close();
  };
  try {
    const before = await readHolder(info);
    const lastPort = before?.port ?? before?.lastPort;
    await writeHolder(info, { pid: process.pid, lastPort });
    return { lastPort, announce: (port) => writeHolder(info, { pid: process.pid, port }), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Whether a process with this id exists, ours to signal or not. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function tryLock(file: string): DatabaseSync | undefined {
  // Closed to others, who could hold it too. Made without a pause: closing any descriptor of a file drops every fcntl lock
  // that the process has on it, so nothing may lock it before this one is closed, and one that is there is not opened.
  try {
    closeSync(openSync(file, 'ax', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    accessSync(file, constants.R_OK | constants.W_OK);
  }
  const database = new DatabaseSync(file);
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    const SQLITE_BUSY = 5;
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY) return undefined;
    throw new EmbeddedRefused(
      `Taskwire cannot lock ${file} (${(error as Error).message}): set TASKWIRE_DATA to a folder on a local disk, or DATABASE_URL to a PostgreSQL.`,
      { cause: error },
    );
  }
}

async function inUse({ dataDir }: Place, { pid, port }: Holder, urlOf: (port: number) => Promise<string>) {
  const url = port && (await urlOf(port).catch(() => undefined));
  const refused = new EmbeddedRefused(
    url
      ? `Another gateway (process ${pid}) runs the PostgreSQL of ${dataDir}: give this one DATABASE_URL=${url} and a PORT of its own to attach it.`
      : `Another gateway (process ${pid}) is starting the PostgreSQL of ${dataDir}: wait for it to print its DATABASE_URL, and give this one that and a PORT of its own.`,
  );
  refused.databaseUrl = url || undefined;
  return refused;
}

async function readHolder(info: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(info, 'utf8'));
  } catch {
    return undefined;
  }
}

async function writeHolder(info: string, holder: Holder) {
  await writeFile(`${info}.new`, JSON.stringify(holder), { mode: 0o600 });
  await rename(`${info}.new`, info);
}
