import pino from 'pino';
import { type App, createApp } from './app.ts';
import { localSecret } from './auth/secrets.ts';
import { signToken } from './auth/tokens.ts';
import { type Config, ConfigError } from './config.ts';
import { type Embedded, prepareDataFolder, startEmbedded } from './db/embedded.ts';
import { findExamples } from './demo/examples.ts';
import { isEmpty, seedDemo } from './demo/seed.ts';
import type { Runtime } from './runtime.ts';
import { onSignal } from './signals.ts';
import { graphiqlPage } from './tabs.ts';
import { welcome } from './welcome.ts';

const TOKEN_HOURS = 24 * 30;
// The edge drains for 7.5 s at most, then PostgreSQL stops.
const STUCK_MS = 15_000;

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
    const named = { issuer: config.jwtIssuer, audience: config.jwtAudience };
    const signs = config.jwksUrl === null && config.isLocal;
    const sign = (userUid: string) => signToken(jwtSecret, userUid, TOKEN_HOURS, named);
    const examples = signs ? await findExamples(runtime, sign) : null;
    token = examples?.adminToken ?? null;
    return config.graphiql ? graphiqlPage(examples) : null;
  };
  try {
    if (config.databaseUrl === null) embedded = await startEmbedded({ dataDir: config.dataDir });
    const databaseUrl = config.databaseUrl ?? (embedded as Embedded).url;
    embedded?.crashed.then((words) => {
      logger.fatal({ words }, 'PostgreSQL ended.');
      return end(1);
    });
    app = await createApp(config, { databaseUrl, jwtSecret, prepare, logger });
    const { url } = await app.listen().catch((error) => {
      throw error.code === 'EADDRINUSE' ? portTaken(config) : error;
    });
    if (config.worker) app.work();
    console.log(
      welcome({
        url,
        token,
        databaseUrl: embedded ? databaseUrl : null,
        dataDir: config.dataDir,
        graphiql: config.graphiql,
      }),
    );
  } catch (error) {
    await app?.stop();
    await embedded?.stop();
    throw error;
  }
  stopWhenTold();
}

const portTaken = ({ host, port }: Config) =>
  new ConfigError(`PORT: ${port} is taken on ${host}; set another, or stop what listens there.`);
