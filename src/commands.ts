import { mkdir } from 'node:fs/promises';
import pino from 'pino';
import { createApp } from './app.ts';
import { localSecret } from './auth/secrets.ts';
import { standingsOf } from './auth/store.ts';
import { signToken } from './auth/tokens.ts';
import { type Config, readConfig } from './config.ts';
import { Database } from './db/database.ts';
import { EmbeddedRefused, prepareDataFolder, startEmbedded } from './db/embedded.ts';
import { migrate } from './db/migrate.ts';
import { scratchDatabase } from './db/scratch.ts';
import { writeMigration } from './db/write-migration.ts';
import { isEmpty, seedDemo } from './demo/seed.ts';
import { gateway } from './gateway.ts';
import { onSignal } from './signals.ts';

/** Thrown with one sentence that tells a person what to do. */
export class CommandRefused extends Error {}

type Command = (args: readonly string[]) => Promise<void>;

const TOKEN_HOURS = 24 * 30;

/** The database that the settings mean: the one named, the one that a running gateway embeds, else ours for this command. */
async function withDatabase(
  config: Config,
  work: (url: string, crashed?: Promise<string>) => Promise<void>,
): Promise<void> {
  if (config.databaseUrl) return work(config.databaseUrl);
  try {
    const embedded = await startEmbedded({ dataDir: config.dataDir });
    try {
      await work(embedded.url, embedded.crashed);
    } finally {
      await embedded.stop();
    }
  } catch (error) {
    if (!(error instanceof EmbeddedRefused) || !error.databaseUrl) throw error;
    await work(error.databaseUrl);
  }
}

const token: Command = async ([email]) => {
  const config = readConfig();
  if (!email) throw new CommandRefused('Whose token? npm run -s token -- EMAIL');
  if (config.jwksUrl) throw new CommandRefused('Tokens come from the issuer of JWKS_URL, not from here.');
  await prepareDataFolder(config.dataDir);
  const secret = config.jwtSecret ?? (await localSecret(config.dataDir));
  await withDatabase(config, async (url) => {
    const { statementTimeout } = config;
    const db = new Database({ url, size: 2, statementTimeout, onError: console.error });
    try {
      await migrate(url);
      const [standing] = await standingsOf(db, { email: email.toLowerCase() });
      if (!standing) throw new CommandRefused(`Nobody is a member with the e-mail address ${email}.`);
      console.log(
        await signToken(secret, standing.userUid, TOKEN_HOURS, {
          issuer: config.jwtIssuer,
          audience: config.jwtAudience,
        }),
      );
    } finally {
      await db.close();
    }
  });
};

const seed: Command = async () => {
  const config = readConfig();
  await withDatabase(config, async (databaseUrl) => {
    const logger = pino({ level: 'warn' });
    const app = await createApp(config, { databaseUrl, jwtSecret: 'only-seeds-and-checks-no-token-at-all', logger });
    try {
      if (!(await isEmpty(app.runtime)))
        throw new CommandRefused('The database holds an organization already; the demo goes into an empty one.');
      await seedDemo(app.runtime);
      console.log('The organizations Demo and Other are there. npm run -s token -- admin@demo.example prints a token.');
    } finally {
      await app.stop();
    }
  });
};

const schemaCommand: Command = async () => {
  const { writeSchema } = await import('./graphql/print.ts');
  await writeSchema(new URL('../schema.graphql', import.meta.url));
};

const migration: Command = async ([name]) => {
  if (!name) throw new CommandRefused('What is it called? npm run migration -- NAME');
  await mkdir(readConfig().dataDir, { recursive: true });
  await withDatabase(readConfig(), async (url) => {
    const scratch = await scratchDatabase(url);
    try {
      const written = await writeMigration({ name, databaseUrl: scratch.url, now: new Date() });
      console.log(
        written
          ? `Wrote ${written.path}. Add what Prisma cannot say, and read it.`
          : 'The schema and the migrations agree: nothing to write.',
      );
    } finally {
      await scratch.drop();
    }
  });
};

const worker: Command = async () => {
  const config = readConfig();
  const stopping = Promise.withResolvers<string | null>();
  const stopWhenTold = onSignal(() => stopping.resolve(null));
  await withDatabase(config, async (databaseUrl, crashed) => {
    crashed?.then(stopping.resolve);
    const app = await createApp(config, { databaseUrl, jwtSecret: 'only-works-and-checks-no-token-at-all' });
    app.work();
    console.log(`Working off what is due in ${new URL(databaseUrl).host}. Ctrl-C stops it.`);
    stopWhenTold();
    const words = await stopping.promise;
    await app.stop();
    if (words) throw new CommandRefused(`PostgreSQL ended: ${words}`);
  });
};

/** What `node src/main.ts NAME` does. */
export const commands: Readonly<Record<string, Command | undefined>> = {
  start: () => gateway(readConfig()),
  worker,
  token,
  seed,
  schema: schemaCommand,
  migration,
};
