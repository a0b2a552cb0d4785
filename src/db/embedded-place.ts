import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, isRoot, nobody, reaches } from './embedded-account.ts';
import { EmbeddedRefused } from './embedded-refused.ts';

/** Where one data folder's database lives: in it, or for a root below closed folders in a room that `nobody` can enter. */
export interface Place {
  dataDir: string;
  base: string;
  cluster: string;
  account: Account | undefined;
}

const ROOMS = '/var/lib/taskwire';
const NOTE = 'DATABASE-IS-ELSEWHERE.txt';

/** Makes Taskwire's data folder if it is missing, closed to others; as root PostgreSQL's account may pass through. */
export async function prepareDataFolder(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  const { mode, uid } = await stat(dataDir);
  // Also one that a test made with mkdtemp, or whose mode our umask cut. One that is in use stays as it is.
  if (isRoot() && uid === 0 && !(mode & 0o001) && (await readdir(dataDir)).length === 0) {
    await chmod(dataDir, (mode & 0o777) | 0o011);
  }
  return realpath(dataDir);
}

/** The room of a data folder that lies below closed ones. */
export const roomOf = (dataDir: string) => join(ROOMS, createHash('sha256').update(dataDir).digest('hex').slice(0, 16));

/** Finds the database of a data folder, or the place for a new one; never two places for one folder. */
export async function locate(dataDir: string): Promise<Place> {
  const own = join(dataDir, 'postgres');
  const room = roomOf(dataDir);
  const noted = await readNote(dataDir);
  if (noted && noted !== room) {
    throw new EmbeddedRefused(
      `${join(dataDir, NOTE)} says that the database is in ${noted}, which belongs to this folder under its former name: move it to ${room} and delete the note to go on with it, or delete the note to begin anew.`,
    );
  }
  if (noted && !existsSync(join(noted, 'postgres'))) {
    throw new EmbeddedRefused(
      `${join(dataDir, NOTE)} says that the database is in ${noted}, but it is not there: restore it, or delete the note to begin anew.`,
    );
  }
  // A cluster keeps its owner: one start as root must not lock out the ordinary user who made it.
  const account = isRoot() ? ((await owner(own)) ?? (await owner(join(room, 'postgres'))) ?? nobody()) : undefined;
  const open = !account || reaches(account, dataDir);
  if (!noted && !open && existsSync(own)) {
    throw new EmbeddedRefused(
      `PostgreSQL does not run as root, and account ${account.uid}, which owns ${own}, cannot enter that folder any more: open the folders above it (chmod o+x), or set DATABASE_URL.`,
    );
  }
  const base = noted || !open ? room : dataDir;
  if (base === room && isRoot()) {
    for (const folder of [ROOMS, room]) {
      if (await mkdir(folder, { recursive: true })) await chmod(folder, 0o711);
    }
  }
  return { dataDir, base, cluster: join(base, 'postgres'), account };
}

/** Says in the data folder where its database is, once there is one. */
export async function leaveNote({ dataDir, base }: Place) {
  const note = join(dataDir, NOTE);
  if (base === dataDir || existsSync(note)) return;
  await writeFile(
    note,
    `The database of this folder is in\n${base}\nsince PostgreSQL does not run as root, and the account it runs as cannot enter this folder.\n`,
  );
}

/** Removes what an interrupted start left half made; for the holder of the lock only. */
export async function sweep({ base }: Place) {
  const halfMade = (await readdir(base)).filter((name) => name.startsWith(HALF_MADE));
  await Promise.all(halfMade.map((name) => rm(join(base, name), { recursive: true, force: true, maxRetries: 3 })));
}

/** Names what is made beside its final place and renamed when whole. */
export const HALF_MADE = 'unfinished-';

async function owner(cluster: string): Promise<Account | undefined> {
  const found = await stat(cluster).catch(() => undefined);
  return found && found.uid !== 0 ? { uid: found.uid, gid: found.gid } : undefined;
}

async function readNote(dataDir: string) {
  const text = await readFile(join(dataDir, NOTE), 'utf8').catch(() => '');
  return text.split('\n')[1];
}
