import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isRoot } from '../../src/db/embedded-account.ts';
import { nativeFolder } from '../../src/db/embedded-binaries.ts';
import { STOP, startGuarded } from '../../src/db/embedded-guard.ts';
import { roomOf } from '../../src/db/embedded-place.ts';
import {
  cloneProject,
  eventually,
  type Gateway,
  makeHome,
  makeProject,
  makeScratch,
  nativeIn,
  ordinary,
  type Process,
  processesOf,
  type Start,
  startGateway,
} from '../support/embedded-harness.ts';

const root = { uid: 0, gid: 0 };
let scratch = '';
let project = '';
let used = '';
let cases = 0;
const gateways: Gateway[] = [];
/** Folders outside the scratch that a case made. */
const rooms = new Set<string>();

/** A home of its own for a case, and the data folder in it, not made yet. */
async function aDataFolder() {
  return join(await makeHome(join(scratch, `home-${++cases}`)), '.taskwire');
}

/** The same with a database in it that remembers 42; a copy, since most cases are not about how it is made. */
async function aUsedFolder() {
  const dataDir = await aDataFolder();
  await promisify(execFile)('cp', ['-a', used, dataDir]);
  return dataDir;
}

function start(dataDir: string, options: Start & { project?: string } = {}) {
  const gateway = startGateway(options.project ?? project, dataDir, options);
  gateways.push(gateway);
  return gateway;
}

/** Its end, by the polite way. */
async function end(gateway: Gateway) {
  gateway.child.kill('SIGTERM');
  return gateway.ended;
}

/** The sentence with which a start is refused. */
async function refusal(gateway: Gateway) {
  const { code, lines, errors } = await gateway.ended;
  expect({ code, lines, sentences: errors.trim().split('\n').length }).toEqual({ code: 1, lines: [], sentences: 1 });
  return errors.trim();
}

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, ssl: false });
  await client.connect();
  try {
    const { rows } = await client.query({ text: statement, rowMode: 'array' });
    return rows.flat();
  } finally {
    await client.end();
  }
}

const remember = (url: string) => query(url, 'CREATE TABLE remembered AS SELECT 42 AS answer');
const recall = (url: string) => query(url, 'SELECT answer FROM remembered');

const postmaster = async (cluster: string) =>
  Number.parseInt(await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '0'), 10);
const nothingRuns = (...folders: string[]) =>
  eventually(async () => (await processesOf(...folders)).length === 0, `nothing runs in ${folders}`, 50);

/** Listens on a port, or on any, until the case is over. */
async function occupy(port = 0) {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as { port: number }).port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

beforeAll(async () => {
  scratch = await makeScratch();
  project = await makeProject(join(scratch, 'project'));
  used = join(await makeHome(join(scratch, 'used')), '.taskwire');
  const gateway = start(used);
  await remember((await gateway.ready).url);
  await end(gateway);
});

// After each case: its gateways end, and with them everything that they started.
afterEach(async () => {
  await Promise.all(gateways.splice(0).map(end));
  const folders = [`${scratch}/`, ...rooms];
  await nothingRuns(...folders).catch(() => {});
  const left = await processesOf(...folders);
  for (const { pid } of left) process.kill(pid, 'SIGKILL');
  // At once, before the disk has to write them.
  const homes = (await readdir(scratch)).filter((name) => name.startsWith('home-')).map((name) => join(scratch, name));
  for (const folder of [...homes, ...rooms]) await rm(folder, { recursive: true, force: true });
  rooms.clear();
  expect(left).toEqual([]);
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

describe('an ordinary user', () => {
  it('has a database of UTF-8, in UTC, on loopback, with fsync and ICU, whatever the environment says', async () => {
    const dataDir = await aDataFolder();
    const gateway = start(dataDir, {
      env: {
        PGSSLMODE: 'require',
        PGOPTIONS: '-c timezone=Asia/Tokyo',
        PGPORT: '1',
        LC_ALL: 'xx_XX',
        TZ: 'Asia/Tokyo',
      },
    });
    const { url, ms } = await gateway.ready;
    const settings = `SELECT array[current_database()::text, current_setting('server_encoding'), current_setting('timezone'),
      current_setting('listen_addresses'), current_setting('unix_socket_directories'), current_setting('fsync'),
      current_setting('max_connections')]`;
    expect(await query(url, settings)).toEqual([['taskwire', 'UTF8', 'UTC', '127.0.0.1', '', 'on', '200']]);
    const sorted = `SELECT string_agg(word, ' ' ORDER BY word COLLATE "sv-x-icu") FROM unnest(array['öl','zon','ar']) word`;
    expect(await query(url, sorted)).toEqual(['ar zon öl']);
    expect(await query(url, `SELECT lower('ÖL'), 'ÖL' ILIKE 'öl', 'a' < 'B'`)).toEqual(['öl', true, false]);
    const server = await postmaster(join(dataDir, 'postgres'));
    expect(await readFile(`/proc/${server}/environ`, 'utf8').catch(() => '')).not.toContain('PGSSLMODE');
    await remember(url);
    expect(await end(gateway)).toMatchObject({ code: 0, signal: null });
    await nothingRuns(dataDir);

    const again = await start(dataDir).ready;
    expect(again.url).toBe(url);
    expect(await recall(again.url)).toEqual([42]);
    console.log(`first start ${ms} ms, second ${again.ms} ms`);
    expect(ms).toBeLessThan(10_000);
    expect(again.ms).toBeLessThan(4000);
  });

  it('is the only one with the password, which the cluster keeps', async () => {
    const dataDir = await aDataFolder();
    const { url } = await start(dataDir).ready;
    await expect(query(url.replace(/:[^:@]+@/, '@'), 'SELECT 1')).rejects.toThrow(/password/);
    await expect(query(url.replace(/:[^:@]+@/, ':guess@'), 'SELECT 1')).rejects.toThrow(
      'password authentication failed',
    );
    const modes = ['', 'gateway.lock', 'gateway.json', 'postgres', 'postgres/gateway-password'].map(async (name) => {
      const { mode } = await stat(join(dataDir, name));
      return (mode & 0o777).toString(8);
    });
    expect(await Promise.all(modes)).toEqual(['700', '600', '600', '700', '600']);
  });

  it('gets a dropped database back, empty', async () => {
    const dataDir = await aUsedFolder();
    const first = start(dataDir);
    const { url } = await first.ready;
    await query(url.replace(/taskwire$/, 'postgres'), 'DROP DATABASE taskwire');
    await end(first);
    const { url: again } = await start(dataDir).ready;
    await expect(recall(again)).rejects.toThrow('does not exist');
  });

  it('runs two data folders at once', async () => {
    const [one, other] = [start(await aDataFolder()), start(await aDataFolder())];
    const urls = [(await one.ready).url, (await other.ready).url] as const;
    await remember(urls[0]);
    await expect(recall(urls[1])).rejects.toThrow('does not exist');
    await end(one);
    expect(await query(urls[1], 'SELECT 1')).toEqual([1]);
  });
});

describe('a second gateway on the folder', () => {
  it('is told the process and the URL of the first, which goes on', async () => {
    const dataDir = await aUsedFolder();
    const { pid, url } = await start(dataDir).ready;
    const sentence = await refusal(start(dataDir));
    expect(sentence).toContain(`Another gateway (process ${pid})`);
    expect(sentence).toContain(`DATABASE_URL=${url} `);
    expect(await query(url, 'SELECT 1')).toEqual([1]);
  });

  it('is told to wait while the first makes the cluster', async () => {
    const dataDir = await aDataFolder();
    const first = start(dataDir);
    await eventually(() => existsSync(join(dataDir, 'gateway.json')), 'the first has the lock');
    const sentence = await refusal(start(dataDir));
    expect(sentence).toContain(`Another gateway (process ${first.child.pid}) is starting`);
    expect(await query((await first.ready).url, 'SELECT 1')).toEqual([1]);
  });

  it('wins or is refused when four start at the same moment, on a fresh folder and on a used one', async () => {
    const dataDir = await aDataFolder();
    for (const round of ['fresh', 'used']) {
      const four = [1, 2, 3, 4].map(() => start(dataDir));
      const won = await Promise.any(four.map(async (gateway) => ({ gateway, ...(await gateway.ready) })));
      const losers = four.filter((gateway) => gateway !== won.gateway);
      for (const loser of losers) expect(await refusal(loser), round).toContain(`(process ${won.pid})`);
      expect(await query(won.url, 'SELECT 1')).toEqual([1]);
      await end(won.gateway);
    }
  });
});

describe('after SIGKILL', () => {
  async function aRunningGateway() {
    const dataDir = await aUsedFolder();
    const gateway = start(dataDir);
    await gateway.ready;
    const cluster = join(dataDir, 'postgres');
    return { dataDir, gateway, cluster, server: await postmaster(cluster) };
  }

  it('of the gateway, PostgreSQL stops by itself, cleanly', async () => {
    const { dataDir, gateway, cluster } = await aRunningGateway();
    gateway.child.kill('SIGKILL');
    await nothingRuns(dataDir);
    expect(existsSync(join(cluster, 'postmaster.pid'))).toBe(false);
    expect(await recall((await start(dataDir).ready).url)).toEqual([42]);
  });

  it('of the gateway, a start in the same moment waits for PostgreSQL to stop', async () => {
    const { dataDir, gateway } = await aRunningGateway();
    gateway.child.kill('SIGKILL');
    expect(await recall((await start(dataDir).ready).url)).toEqual([42]);
  });

  it('of PostgreSQL, the gateway is told, and the next start recovers', async () => {
    const { dataDir, gateway, server } = await aRunningGateway();
    process.kill(server, 'SIGKILL');
    expect(await gateway.ended).toMatchObject({ code: 1, errors: 'PostgreSQL ended: killed by signal 9\n' });
    expect(await recall((await start(dataDir).ready).url)).toEqual([42]);
  });

  it('of both, the next start recovers', async () => {
    const { dataDir, gateway, server } = await aRunningGateway();
    process.kill(server, 'SIGKILL');
    gateway.child.kill('SIGKILL');
    expect(await recall((await start(dataDir).ready).url)).toEqual([42]);
  });

  it('of both, the next start waits for the last of its processes', async () => {
    const { dataDir, gateway, cluster, server } = await aRunningGateway();
    const slow = (await processesOf(cluster)).find(({ command }) => command[0]?.startsWith('postgres: checkpointer'));
    process.kill(slow?.pid ?? 0, 'SIGSTOP');
    process.kill(server, 'SIGKILL');
    gateway.child.kill('SIGKILL');
    await gateway.ended;
    const next = start(dataDir);
    const isServer = ({ pid, command }: Process) => pid !== server && command[0]?.endsWith('/bin/postgres');
    await eventually(async () => (await processesOf(cluster)).some(isServer), 'it tries');
    process.kill(slow?.pid ?? 0, 'SIGCONT');
    expect(await recall((await next.ready).url)).toEqual([42]);
  });

  it('of the gateway and its guard, the next start stops the orphan and goes on', async () => {
    const { dataDir, gateway, cluster, server } = await aRunningGateway();
    const guards = (await processesOf(cluster)).filter(({ command }) => command[0] === '/bin/sh');
    expect(guards.length).toBeGreaterThan(0);
    // The gateway cannot help PostgreSQL to end while it is stopped.
    gateway.child.kill('SIGSTOP');
    for (const { pid } of guards) process.kill(pid, 'SIGKILL');
    gateway.child.kill('SIGKILL');
    await gateway.ended;
    const left = await processesOf(cluster);
    expect(left.map(({ pid }) => pid)).toContain(server);

    expect(await recall((await start(dataDir).ready).url)).toEqual([42]);
    expect(await postmaster(cluster)).not.toBe(server);
  });

  it('of the guard alone, PostgreSQL stops and the gateway is told', async () => {
    const { gateway, cluster, server } = await aRunningGateway();
    const parent = Number(/^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${server}/status`, 'utf8'))?.[1]);
    expect((await processesOf(cluster)).find(({ pid }) => pid === parent)?.command[0]).toBe('/bin/sh');
    process.kill(parent, 'SIGKILL');
    expect(await gateway.ended).toMatchObject({ code: 1 });
    expect(existsSync(join(cluster, 'postmaster.pid'))).toBe(false);
  });

  it('a process that has got the id of the dead PostgreSQL is left alone', async () => {
    const { dataDir, gateway, cluster, server } = await aRunningGateway();
    const stranger = start(await aUsedFolder());
    await stranger.ready;
    const left = await readFile(join(cluster, 'postmaster.pid'), 'utf8');
    process.kill(server, 'SIGKILL');
    await gateway.ended;
    // Of the same account as PostgreSQL, which would refuse to start for it.
    await writeFile(join(cluster, 'postmaster.pid'), left.replace(String(server), String(stranger.child.pid)));
    expect(await recall((await start(dataDir).ready).url)).toEqual([42]);
    expect(stranger.child.exitCode ?? stranger.child.signalCode).toBeNull();
  });
});

describe('the guard', () => {
  it('says again what a program that was just being loaded did not hear', async () => {
    const deaf = `let heard = 0; process.on('SIGINT', () => ++heard === 2 && process.exit(7));
      setTimeout(() => {}, 5000); console.error('up')`;
    const guarded = startGuarded(STOP.postgres, [process.execPath, '-e', deaf], undefined);
    expect(await guarded.says('up')).toBe(true);
    expect(await guarded.stop()).toBe(7);
  });
});

describe('Ctrl-C', () => {
  it('at any moment of the first start leaves nothing running, and the next start works', async () => {
    const dataDir = await aDataFolder();
    // What an earlier round left behind does not count.
    const old = new Set<string>();
    const entries = async () => (await readdir(dataDir).catch(() => [])).filter((entry) => !old.has(entry));
    const made = async (name: string) =>
      ['.', ...(await entries())].some((entry) => existsSync(join(dataDir, entry, name)));
    const LAST = 'postgres/base/5';
    const moments = [
      'gateway.lock',
      'gateway.json',
      'postgres/PG_VERSION',
      'postgres/global/pg_control',
      'postgres/base/1/PG_VERSION',
      LAST,
      'postgres/gateway-password',
      'postgres/postmaster.pid',
    ];
    const seen: string[] = [];
    for (const moment of moments) {
      const gateway = start(dataDir);
      await eventually(() => made(moment), moment);
      gateway.interrupt();
      // Killed by the signal, since no handler was there yet.
      seen.push(`${moment} ${(await gateway.ended).signal}`);
      await nothingRuns(dataDir);
      // initdb was stopped, and did not come to its end by itself.
      if (moments.indexOf(moment) < moments.indexOf(LAST)) expect(await made(LAST), moment).toBe(false);
      for (const name of ['gateway.lock', 'gateway.json']) await rm(join(dataDir, name), { force: true });
      for (const entry of await entries()) if (entry.startsWith('unfinished-')) old.add(entry);
    }
    expect(seen).toEqual(moments.map((moment) => `${moment} SIGINT`));

    const { url } = await start(dataDir).ready;
    expect(await query(url, 'SELECT 1')).toEqual([1]);
    expect((await readdir(dataDir)).filter((name) => name.startsWith('unfinished-'))).toEqual([]);
  }, 30_000);

  it('while running, PostgreSQL outlives the draining and stops after it', async () => {
    const dataDir = await aUsedFolder();
    const gateway = start(dataDir);
    await gateway.ready;
    gateway.interrupt();
    const { code, lines } = await gateway.ended;
    expect({ code, lines: lines.slice(1) }).toEqual({ code: 0, lines: [{ drained: true }, { stopped: true }] });
    const left = await processesOf(dataDir);
    // The guard may still be pausing before its last look.
    expect(left.filter(({ command }) => command[0] !== '/bin/sh')).toEqual([]);
  });
});

describe('a port', () => {
  it('that is taken meanwhile gives way to a free one', async () => {
    const dataDir = await aUsedFolder();
    const first = start(dataDir);
    const port = Number(new URL((await first.ready).url).port);
    await end(first);
    await using _ = await occupy(port);
    const { url } = await start(dataDir).ready;
    expect(Number(new URL(url).port)).not.toBe(port);
    expect(await query(url, 'SELECT 1')).toEqual([1]);
  });

  it('that was chosen is used, or named in the refusal if it is taken', async () => {
    const dataDir = await aUsedFolder();
    const { port } = await (async () => {
      await using taken = await occupy();
      expect(await refusal(start(dataDir, { port: taken.port }))).toContain(`Port ${taken.port}`);
      return { port: taken.port };
    })();
    const { url } = await start(dataDir, { port }).ready;
    expect(Number(new URL(url).port)).toBe(port);
  });
});

describe('binaries', () => {
  it('get the symlinks of their libraries back where npm ran no scripts', async () => {
    const bare = await cloneProject(project, join(scratch, 'bare'), { symlinks: false });
    if (ordinary) await chown(join(nativeIn(bare), 'lib'), ordinary.uid, ordinary.gid);
    const dataDir = await aDataFolder();
    const { url } = await start(dataDir, { project: bare }).ready;
    expect(await query(url, 'SELECT 1')).toEqual([1]);
    expect(await readdir(dataDir)).not.toContainEqual(expect.stringMatching(/^binaries/));
  });

  it('are copied to the data folder where node_modules cannot be repaired', async () => {
    const frozen = await cloneProject(project, join(scratch, 'frozen'), { symlinks: false });
    await chmod(join(nativeIn(frozen), 'lib'), 0o555);
    const dataDir = await aDataFolder();
    for (const round of ['copied', 'kept']) {
      const gateway = start(dataDir, { project: frozen });
      expect(await query((await gateway.ready).url, 'SELECT 1'), round).toEqual([1]);
      expect(await readdir(dataDir)).toContainEqual(expect.stringMatching(/^binaries-\d/));
      await end(gateway);
    }
    await chmod(join(nativeIn(frozen), 'lib'), 0o755);
  });

  it('that do not exist for a platform are refused with the way out', () => {
    for (const [platform, arch] of [['win32', 'x64'] as const, ['linux', 'ia32'] as const]) {
      expect(() => nativeFolder(platform, arch)).toThrow(
        `There is no embedded PostgreSQL for ${platform}-${arch}: set DATABASE_URL`,
      );
    }
    const missing = process.platform === 'darwin' ? ['linux', 'x64'] : ['darwin', 'x64'];
    expect(() => nativeFolder(...missing)).toThrow('is not installed');
  });
});

describe('a data folder', () => {
  it('that cannot be written is refused', async () => {
    const dataDir = await aDataFolder();
    await makeHome(dataDir);
    await chmod(dataDir, 0o555);
    expect(await refusal(start(dataDir))).toBe(
      `Taskwire cannot keep its database in ${dataDir} (permission denied at ${dataDir}/gateway.lock): set TASKWIRE_DATA to a folder of yours, or DATABASE_URL to a PostgreSQL.`,
    );
    expect(await refusal(start(join(dataDir, 'below')))).toContain('permission denied');
    await chmod(dataDir, 0o755);
  });

  it('that is a file is refused', async () => {
    const dataDir = await aDataFolder();
    await writeFile(dataDir, '');
    expect(await refusal(start(dataDir))).toContain(`${dataDir} (a file is in the way)`);
  });

  it('with the cluster of another PostgreSQL is refused', async () => {
    const dataDir = await aUsedFolder();
    await writeFile(join(dataDir, 'postgres/PG_VERSION'), '12\n');
    expect(await refusal(start(dataDir))).toMatch(
      /was made by PostgreSQL 12, and this Taskwire carries PostgreSQL \d+/,
    );
  });

  it('with something else in the place of the cluster is refused, and keeps it', async () => {
    const dataDir = await aDataFolder();
    const thing = join(await makeHome(dataDir), 'postgres', 'thing');
    await makeHome(dirname(thing));
    await writeFile(thing, '');
    expect(await refusal(start(dataDir))).toContain('is not a PostgreSQL cluster');
    expect(existsSync(thing)).toBe(true);
  });

  const canMount = isRoot() && spawnSync('unshare', ['-m', 'true']).status === 0;
  it.runIf(canMount)('on a full disk is refused', async () => {
    const dataDir = await aDataFolder();
    await makeHome(dataDir);
    const mount = `mount -t tmpfs -o size=8m none ${dataDir} && chmod 777 ${dataDir} && exec setpriv --reuid=${ordinary?.uid} --regid=${ordinary?.gid} --clear-groups "$@"`;
    const sentence = await refusal(
      start(dataDir, { account: root, wrapper: ['unshare', '-m', 'sh', '-c', mount, 'sh'] }),
    );
    expect(sentence).toBe(`PostgreSQL could not make its cluster in ${dataDir}: the disk is full.`);
  });
});

describe.runIf(isRoot())('root', () => {
  const NOTE = 'DATABASE-IS-ELSEWHERE.txt';

  it('has PostgreSQL run as nobody, in the data folder', async () => {
    const dataDir = join(await makeHome(join(scratch, `home-${++cases}`), root), '.taskwire');
    const { url } = await start(dataDir, { account: root }).ready;
    expect(await query(url, 'SELECT 1')).toEqual([1]);
    const cluster = join(dataDir, 'postgres');
    const server = (await processesOf(cluster)).find(({ command }) => command[0]?.endsWith('/bin/postgres'));
    expect(server?.uid).toBe(ordinary?.uid);
    expect((await stat(cluster)).uid).toBe(ordinary?.uid);
    expect(await readdir(dataDir)).not.toContain(NOTE);
  });

  it('below a home that is closed to others keeps database and binaries in /var/lib/taskwire, and says so', async () => {
    const home = await makeHome(join(scratch, `home-${++cases}`), root);
    const closed = await cloneProject(project, join(home, 'project'));
    await chmod(home, 0o700);
    const dataDir = join(closed, '.taskwire');
    const room = roomOf(dataDir);
    rooms.add(room);
    const first = start(dataDir, { account: root, project: closed });
    const { url } = await first.ready;
    expect(await readFile(join(dataDir, NOTE), 'utf8')).toContain(`\n${room}\n`);
    await remember(url);
    expect(await readdir(room)).toContainEqual(expect.stringMatching(/^binaries-\d/));
    expect(await refusal(start(dataDir, { account: root, project: closed }))).toContain(`DATABASE_URL=${url} `);
    await end(first);
    await nothingRuns(room);

    // Opened or not, the database stays where the note says.
    for (const mode of [0o700, 0o755]) {
      await chmod(home, mode);
      const again = start(dataDir, { account: root, project: closed });
      expect(await recall((await again.ready).url)).toEqual([42]);
      await end(again);
    }

    const moved = join(home, 'moved');
    await rename(dataDir, moved);
    expect(await refusal(start(moved, { account: root, project: closed }))).toContain(`the database is in ${room}`);
    await rename(moved, dataDir);
    await rm(room, { recursive: true });
    expect(await refusal(start(dataDir, { account: root, project: closed }))).toContain('but it is not there');
  }, 30_000);

  it('is told when folders were closed over a database that nobody owns', async () => {
    const home = await makeHome(join(scratch, `home-${++cases}`), root);
    const dataDir = join(home, '.taskwire');
    const first = start(dataDir, { account: root });
    await first.ready;
    await end(first);
    await chmod(home, 0o700);
    expect(await refusal(start(dataDir, { account: root }))).toContain('cannot enter that folder any more');
  });

  it('starts the database of an ordinary user as that user, who can go on afterwards', async () => {
    const account = { uid: 12345, gid: 12345 };
    const home = await makeHome(join(scratch, `home-${++cases}`), account);
    const dataDir = join(home, '.taskwire');
    // initdb needs an account with a name, so the cluster is made by one and given away.
    const maker = start(dataDir, { account: root });
    await remember((await maker.ready).url);
    await end(maker);
    await giveAway(dataDir, account);

    for (const starter of [account, root, account]) {
      const gateway = start(dataDir, { account: starter });
      expect(await recall((await gateway.ready).url)).toEqual([42]);
      await end(gateway);
    }
  });

  async function giveAway(path: string, { uid, gid }: { uid: number; gid: number }) {
    await chown(path, uid, gid);
    for (const name of (await readdir(path, { recursive: true })) as string[]) await chown(join(path, name), uid, gid);
  }
});
