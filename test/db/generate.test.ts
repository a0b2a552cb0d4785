import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

describe('prisma generate', () => {
  /** Runs it where every way out leads to a server that counts; answers how often one was tried. */
  async function generate(config: string[]): Promise<{ error: string; requests: number; files: string[] }> {
    let requests = 0;
    const server = createServer((_, response) => {
      requests++;
      response.writeHead(404).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { PATH } = process.env;
    const home = await mkdtemp(join(tmpdir(), 'taskwire-generate-'));
    try {
      const out = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      server.on('connect', (_, socket) => {
        requests++;
        socket.destroy();
      });
      await mkdir(join(home, 'prisma'));
      await copyFile(join(root, 'prisma/schema.prisma'), join(home, 'prisma/schema.prisma'));
      await writeFile(join(home, 'plain.config.ts'), 'export default {};\n');
      const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'PRISMA_ENGINES_MIRROR'];
      const env = {
        HOME: home,
        PATH: [join(root, 'node_modules/.bin'), PATH].join(delimiter),
        ...Object.fromEntries(proxies.map((name) => [name, out])),
      };
      const prisma = join(root, 'node_modules/prisma/build/index.js');
      const schema = ['--schema', join(home, 'prisma/schema.prisma')];
      const args = [prisma, 'generate', ...schema, ...config.map((arg) => arg.replace('HOME', home))];
      const error = await run(process.execPath, args, { cwd: root, env }).then(
        () => '',
        ({ stderr }: { stderr: string }) => stderr,
      );
      const generated = join(home, 'src/db/generated');
      return { error, requests, files: existsSync(generated) ? readdirSync(generated).sort() : [] };
    } finally {
      server.close();
      server.closeAllConnections();
      await rm(home, { recursive: true });
    }
  }

  it('asks the network for nothing', async () => {
    expect(await generate([])).toEqual({ error: '', requests: 0, files: ['pothos.ts', 'prisma'] });
  }, 60_000);

  // Where an older npm ran Prisma's install script, the binary is there already.
  const engines = join(root, 'node_modules/@prisma/engines');
  const downloaded = existsSync(engines) && readdirSync(engines).some((name) => name.startsWith('schema-engine-'));
  it.skipIf(downloaded)(
    'would ask for an engine, were it not for prisma.config.ts',
    async () => {
      const { error, requests } = await generate(['--config', 'HOME/plain.config.ts']);
      expect(error).toContain('schema-engine');
      expect(requests).toBeGreaterThan(0);
    },
    60_000,
  );
});
