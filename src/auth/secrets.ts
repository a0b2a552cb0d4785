import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../config.ts';

const MIN_LENGTH = 32;

/** The secret of a data folder, made at its first use and the same for every process that shares the folder. */
export async function localSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, 'jwt-secret');
  await mkdir(dataDir, { recursive: true });
  const fresh = join(dataDir, `jwt-secret.${process.pid}.${randomBytes(4).toString('hex')}`);
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (kept.length >= MIN_LENGTH) return kept;
  // Written aside and linked into place: of two that start at once one wins, and nobody reads half a secret.
  await writeFile(fresh, randomBytes(32).toString('base64url'), { mode: 0o600 });
  await link(fresh, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(fresh);
  const secret = await readFile(path, 'utf8');
  // Whoever wrote it by hand must hear of it: with a secret that can be guessed anyone is anyone.
  if (secret.length < MIN_LENGTH)
    throw new ConfigError(`${path} has less than ${MIN_LENGTH} characters. Remove it for a new one.`);
  return secret;
}

const apiKeyKey = (secret: string) => Buffer.from(hkdfSync('sha256', secret, '', 'taskwire api keys', 32));

/** What is stored of an API key: an HMAC, so that a copy of the database opens nothing. */
export const hashApiKey = (secret: string, key: string): string =>
  createHmac('sha256', apiKeyKey(secret)).update(key).digest('base64url');

/** A new key's text, which names its organization so that it is looked up there. */
export const newApiKey = (organizationUid: string): string =>
  `twk_${organizationUid}_${randomBytes(24).toString('base64url')}`;

/** The organization in a key's text; null when it is no key of ours. */
export const apiKeyOrganization = (key: string): string | null =>
  /^twk_([0-9A-Z]{26})_[A-Za-z0-9_-]{32}$/.exec(key)?.[1] ?? null;
