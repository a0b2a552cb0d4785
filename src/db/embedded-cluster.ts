import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from './embedded-binaries.ts';
import { STOP, startGuarded } from './embedded-guard.ts';
import { isAlive } from './embedded-lock.ts';
import { HALF_MADE, type Place } from './embedded-place.ts';
import { EmbeddedRefused } from './embedded-refused.ts';

/** In the cluster, so that neither can be moved or lost without the other. */
const PASSWORD = 'gateway-password';

/** The password of the cluster's superuser `postgres`; EmbeddedRefused where it is missing. */
export async function readPassword({ cluster }: Place): Promise<string> {
  const file = join(cluster, PASSWORD);
  const text = await readFile(file, 'utf8').catch(() => {
    throw new EmbeddedRefused(`${file} with the password of the embedded PostgreSQL is missing: restore it.`);
  });
  return text.trim();
}

/** Makes the cluster if there is none; EmbeddedRefused if the one there is of another major version. */
export async function ensureCluster(place: Place, { initdb, major }: Binaries, sync: boolean) {
  const version = await readFile(join(place.cluster, 'PG_VERSION'), 'utf8').catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (version === undefined) return initialise(place, initdb, sync);
  if (version.trim() !== major) {
    throw new EmbeddedRefused(
      `${place.cluster} was made by PostgreSQL ${version.trim()}, and this Taskwire carries PostgreSQL ${major}: move that folder away to begin anew (pg_dump with the old version saves its data), or set DATABASE_URL.`,
    );
  }
}

/** Into a folder beside it, renamed when whole: a first start that is interrupted leaves nothing half made in its place. */
async function initialise({ base, cluster, account }: Place, initdb: string, sync: boolean) {
  const nursery = await mkdtemp(join(base, HALF_MADE));
  const [fresh, password] = [join(nursery, 'postgres'), join(nursery, PASSWORD)];
  // Loopback is open to every account of the machine, so being on it proves nothing.
  await writeFile(password, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  if (account) for (const path of [password, nursery]) await chown(path, account.uid, account.gid);

  const access = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${password}`];
  // Sorts by code point and needs no locale of the machine, yet lower() and ILIKE know letters beyond ASCII.
  const text = ['-E', 'UTF8', '--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const command = [initdb, '-D', fresh, ...access, ...text, ...(sync ? [] : ['--no-sync'])];
  const run = startGuarded(STOP.initdb, command, account);
  if ((await run.ended) !== 0) {
    await rm(nursery, { recursive: true, force: true });
    throw new EmbeddedRefused(`PostgreSQL could not make its cluster in ${base}: ${reason(run.log())}.`);
  }
  await rename(password, join(fresh, PASSWORD));
  await rename(fresh, cluster).catch((error) => {
    if (!existsSync(cluster)) throw error;
    throw new EmbeddedRefused(`${cluster} holds something that is not a PostgreSQL cluster: move it away.`);
  });
  await rm(nursery, { recursive: true, force: true });
}

/** Why a program ended, in its own words: the first grave ones, since others follow from them. */
export function reason(log: string): string {
  if (log.includes('No space left on device')) return 'the disk is full';
  const grave = /(could not bind.*)|(?:FATAL|PANIC|initdb: error): +(.*)/.exec(log);
  return grave?.[1] ?? grave?.[2] ?? (log.trim().split('\n').at(-1) || 'it did not say why');
}

/** Stops the PostgreSQL that a gateway left behind; the holder of the lock calls it, so no living gateway owns it. */
export async function stopOrphan({ cluster }: Place) {
  const file = join(cluster, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
  if (!(pid > 0) || !isAlive(pid)) return;
  if (!(await isServerOf(pid, cluster))) {
    // The id belongs to another program by now, and PostgreSQL would take that for a server. Should we be wrong (a folder
    // moved under a running server), it still refuses, by the shared memory of that server.
    return rm(file, { force: true });
  }
  for (const [signal, seconds] of [['SIGINT', 30] as const, ['SIGQUIT', 5] as const, ['SIGKILL', 5] as const]) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone meanwhile, which the loop sees; or not ours, which the last line says.
    }
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await delay(20)) {
      if (!(await isServerOf(pid, cluster))) return;
    }
  }
  throw new EmbeddedRefused(`PostgreSQL (process ${pid}) of an earlier gateway does not stop: end it.`);
}

async function isServerOf(pid: number, cluster: string) {
  if (existsSync('/proc/self')) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return command.split('\0').includes(cluster);
  }
  return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.includes(cluster);
}
