import pino from 'pino';
import { type App, createApp } from './app.ts';
import { localSecret } from './auth/secrets.ts';
import { standingsOf } from './auth/store.ts';
import { signToken } from './auth/tokens.ts';
import type { Config } from './config.ts';
import { type Embedded, prepareDataFolder, startEmbedded } from './db/embedded.ts';
import { isEmpty, seedDemo } from './demo.ts';
import type { Runtime } from './runtime.ts';
import { graphiqlPage, welcome } from './welcome.ts';

const DEMO_EMAIL = 'admin@demo.example';
const TOKEN_HOURS = 24 * 30;
const STUCK_MS = 10_000;

/** Runs one gateway until it is told to stop or its database ends; then the process exits. */
export async function gateway(config: Config): Promise<void> {
  const logger = pino({ level: config.logLevel });
  let embedded: Embedded | undefined;
  let app: App | undefined;
  let ending: Promise<void> | undefined;
  const end = (code: number) =>
    (ending ??= (async () => {
      // What still runs after this is stuck; whoever supervises us must not have to wait for it.
      setTimeout(() => process.exit(code || 1), STUCK_MS).unref();
      await app?.stop();
      await embedded?.stop();
      process.exit(code);
    })());
  const stopWhenTold = onSignal(() => end(0));

  if (config.databaseUrl === null || config.jwtSecret === null) await prepareDataFolder(config.dataDir);
  const jwtSecret = config.jwtSecret ?? (await localSecret(config.dataDir));
  let token: string | null = null;
  const prepare = async (runtime: Runtime) => {
    if (embedded && (await isEmpty(runtime))) await seedDemo(runtime);
    if (config.jwksUrl === null && config.host !== '0.0.0.0') token = await demoToken(runtime, jwtSecret);
    return config.graphiql ? graphiqlPage(token) : null;
  };
  try {
    if (config.databaseUrl === null) embedded = await startEmbedded({ dataDir: config.dataDir });
    const databaseUrl = config.databaseUrl ?? (embedded as Embedded).url;
    embedded?.crashed.then((words) => {
      logger.fatal({ words }, 'PostgreSQL ended.');
      return end(1);
    });
    app = await createApp(config, { databaseUrl, jwtSecret, prepare, logger });
    const { url } = await app.listen();
    console.log(welcome({ url, token, databaseUrl: embedded ? databaseUrl : null, graphiql: config.graphiql }));
  } catch (error) {
    await app?.stop();
    await embedded?.stop();
    throw error;
  }
  stopWhenTold();
}

/** A token of the demo's admin, where the demo is. */
async function demoToken({ db }: Runtime, secret: string): Promise<string | null> {
  const [standing] = await standingsOf(db, { email: DEMO_EMAIL });
  return standing ? signToken(secret, standing.userUid, TOKEN_HOURS) : null;
}

/**
 * Keeps a signal that comes while we start until there is something to stop in order: Ctrl-C during the first start must
 * not leave half a database. A second one ends us at once; PostgreSQL's guard sees that and stops it.
 */
function onSignal(stop: () => void): () => void {
  let told = false;
  let ready = false;
  const hear = () => {
    if (told && !ready) process.exit(130);
    told = true;
    if (ready) stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, hear);
  return () => {
    ready = true;
    if (told) stop();
  };
}
