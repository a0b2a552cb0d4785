import { mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inflate } from '@sparticuz/chromium';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** The package holds a binary for this platform only. */
export const hasBrowser = process.platform === 'linux' && process.arch === 'x64';

export interface Browsing {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Whatever was asked of another machine: every such request was aborted. */
  readonly foreignRequests: readonly string[];
  /** Errors of the pages, violations of their policies among them. */
  readonly pageErrors: readonly string[];
}

/**
 * Runs `use` with a fresh headless browser, and ends it, by its process id, whatever happens. Needs nothing but npm's
 * packages: no system library or font, no network, no particular user, and leaves nothing behind but the unpacked binary.
 */
export async function withBrowser<Result>(use: (browsing: Browsing) => Promise<Result>): Promise<Result> {
  const home = await unpacked();
  const own = await mkdtemp(join(tmpdir(), 'taskwire-browser-'));
  const server = await chromium.launchServer({
    executablePath: join(home, 'chromium'),
    // Under root there is no sandbox to be had; nothing but our own pages is opened.
    args: [
      '--no-sandbox',
      '--no-zygote',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-domain-reliability',
      '--no-pings',
      '--no-proxy-server',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]',
    ],
    env: {
      // Profiles, caches and sockets go below these.
      HOME: own,
      TMPDIR: own,
      XDG_CONFIG_HOME: own,
      XDG_CACHE_HOME: own,
      FONTCONFIG_FILE: join(home, 'fonts.conf'),
      LD_LIBRARY_PATH: join(home, 'al2023', 'lib'),
    },
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  try {
    const browser = await chromium.connect(server.wsEndpoint());
    const context = await browser.newContext();
    const foreignRequests: string[] = [];
    const pageErrors: string[] = [];
    await context.route(isForeign, (route) => {
      foreignRequests.push(route.request().url());
      return route.abort();
    });
    await context.routeWebSocket(isForeign, (socket) => {
      foreignRequests.push(socket.url());
      return socket.close();
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => pageErrors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && pageErrors.push(message.text()));
    return await use({ page, context, foreignRequests, pageErrors });
  } finally {
    const { pid } = server.process();
    await Promise.race([server.close(), new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
    if (pid && isAlive(pid)) process.kill(pid, 'SIGKILL');
    await rm(own, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * The folder with the unpacked browser: one for each user, since the package's own place, /tmp/chromium, belongs to
 * whoever came first. Unpacked aside and renamed, so that two runs at once never see half of it.
 */
async function unpacked(): Promise<string> {
  const packed = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..');
  const { version } = JSON.parse(await readFile(join(packed, 'package.json'), 'utf8')) as { version: string };
  const uid = process.getuid?.();
  const home = join(tmpdir(), `taskwire-chromium-${version}-${uid}`);
  const found = await stat(home).catch(() => null);
  if (found?.uid === uid) return home;
  if (found) throw new Error(`${home} belongs to another user.`);

  const aside = await mkdtemp(join(tmpdir(), 'taskwire-chromium-'));
  const { TMPDIR } = process.env;
  Object.assign(process.env, { TMPDIR: aside });
  // Each reads TMPDIR when it is called.
  const parts = ['chromium.br', 'fonts.tar.br', 'al2023.tar.br'].map((file) => inflate(join(packed, 'bin', file)));
  if (TMPDIR === undefined) Reflect.deleteProperty(process.env, 'TMPDIR');
  else Object.assign(process.env, { TMPDIR });
  await Promise.all(parts);
  const fonts = `<dir>${join(home, 'fonts')}</dir><cachedir>${join(home, 'fonts-cache')}</cachedir>`;
  await writeFile(join(aside, 'fonts.conf'), `<?xml version="1.0"?><fontconfig>${fonts}</fontconfig>`);
  await rename(aside, home).catch(async (error: NodeJS.ErrnoException) => {
    await rm(aside, { recursive: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  return home;
}

/**
 * Runs what stands in GraphiQL's editor, once it holds `text`, and waits for `seen` to resolve. GraphiQL names the
 * operation by what stood there a moment ago ("Cannot infer operation"), so just after a change of tabs it may take
 * more than one click.
 */
export async function runInGraphiql(page: Page, text: string, seen: () => Promise<unknown>): Promise<void> {
  await page.locator('.graphiql-query-editor').getByText(text).first().waitFor();
  const button = page.getByRole('button', { name: /Execute query/ });
  const misnamed = page.locator('.graphiql-response').getByText('Cannot infer operation').first();
  let hasSeen = false;
  const done = seen().then(() => {
    hasSeen = true;
  });
  while (!hasSeen) {
    await button.click();
    const again = misnamed.waitFor().catch(() => {});
    await Promise.race([done, again]);
    if (!hasSeen) await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function isForeign(url: URL): boolean {
  return (
    !['localhost', '127.0.0.1', '[::1]'].includes(url.hostname) && !['data:', 'blob:', 'about:'].includes(url.protocol)
  );
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
