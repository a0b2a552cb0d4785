import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiKeyOrganization, localSecret, newApiKey } from '../../src/auth/secrets.ts';
import { newUid } from '../../src/ids.ts';

describe('the secret of a data folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'taskwire-secret-')), 'data');
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

  it('is made at its first use, and kept', async () => {
    const secret = await localSecret(folder);
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(await localSecret(folder)).toBe(secret);
  });

  it('is one for all that start at the same time, and leaves nothing else behind', async () => {
    const secrets = await Promise.all(Array.from({ length: 20 }, () => localSecret(folder)));
    expect(new Set(secrets).size).toBe(1);
    expect(await readdir(folder)).toEqual(['jwt-secret']);
  });

  it('is nobody else’s to read', async () => {
    await localSecret(folder);
    expect((await stat(join(folder, 'jwt-secret'))).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'short'])('is not %j, which someone has written there', async (text) => {
    await localSecret(folder);
    await writeFile(join(folder, 'jwt-secret'), text);
    await expect(localSecret(folder)).rejects.toThrow('has less than 32 characters');
    expect(await readFile(join(folder, 'jwt-secret'), 'utf8')).toBe(text);
    expect(await readdir(folder)).toEqual(['jwt-secret']);
  });
});

describe('the text of an API key', () => {
  it('names its organization', () => {
    const uid = newUid();
    expect(apiKeyOrganization(newApiKey(uid))).toBe(uid);
  });

  it.each([
    '',
    'twk_',
    'twk__x',
    `twk_${'0'.repeat(26)}_${'a'.repeat(31)}`,
    `xwk_${'0'.repeat(26)}_${'a'.repeat(32)}`,
    `twk_${'0'.repeat(26)}_${'a'.repeat(32)}\n`,
  ])('is none in %j', (text) => {
    expect(apiKeyOrganization(text)).toBeNull();
  });
});
