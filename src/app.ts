import pino, { type Logger } from 'pino';
import { tellOfActivityCompletion } from './activity/audience/service.ts';
import { authenticate } from './auth/authenticate.ts';
import { createTokens } from './auth/tokens.ts';
import type { Viewer } from './auth/viewer.ts';
import type { Config } from './config.ts';
import { Database } from './db/database.ts';
import { migrate } from './db/migrate.ts';
import { endsWithin } from './db/patience.ts';
import type { Sent } from './db/pool.ts';
import type { Consequence } from './event/consequences.ts';
import { openDoorbell } from './event/doorbell.ts';
import { Follower } from './event/follow.ts';
import { pruneLog } from './event/prune.ts';
import { type Context, createContext } from './graphql/context.ts';
import { schema } from './graphql/schema.ts';
import { makeDueTasks } from './opportunity/due/kind.ts';
import { spreadProfile } from './organization/profile/kind.ts';
import { settlePipeline } from './pipeline/settle/kind.ts';
import { carryOutDeletion } from './record/deletion/kind.ts';
import { relinkRecord } from './record/relink/kind.ts';
import type { Runtime } from './runtime.ts';
import { createServer } from './server/edge.ts';
import type { GraphiqlPage } from './server/graphiql.ts';
import type { Limits } from './server/limits.ts';
import { followBlockers } from './task/blockers/follow.ts';
import { recountBlocked } from './task/blockers/kind.ts';
import { followReminders } from './task/reminder/follow.ts';
import { sendReminders } from './task/reminder/kind.ts';
import { rezoneReminders } from './task/reminder/rezone.ts';
import { retainTasks } from './task/retention/kind.ts';
import { rezoneTasks } from './task/rezone/kind.ts';
import { tellOfTaskCompletion } from './task/watch/service.ts';
import { jobSource } from './work/job/jobs.ts';
import { Worker } from './work/worker.ts';

/** What the composition root is given beside the settings. */
export interface AppOptions {
  /** The database to use, whoever runs it. */
  readonly databaseUrl: string;
  /** Signs and checks bearer tokens. */
  readonly jwtSecret: string;
  /** Runs before anything is served; gives the page at /graphql in a browser, or null for none. */
  readonly prepare?: (runtime: Runtime) => Promise<GraphiqlPage | null>;
  readonly logger?: Logger;
  /** Tests set their own. */
  readonly now?: () => Date;
  readonly onStatement?: ((sent: Sent) => void) | undefined;
  readonly limits?: Partial<Limits>;
}

export interface App {
  readonly runtime: Runtime;
  /** Gives the address that it listens on. */
  listen(): Promise<{ readonly url: string }>;
  /** HTTP without a port, for tests. */
  fetch(request: Request): Promise<Response>;
  /** Works off what is due from now on, beside whatever other workers there are. */
  work(): void;
  /** Drains and closes everything, in order. */
  stop(): Promise<void>;
}

/** With a second for closing what is left, well within the ten seconds that supervisors give. */
const DRAIN_MS = 7_500;
/** How long what a worker has begun may take; the rest of the time it has for giving back what it could not do. */
const WORK_MS = 6_500;

/** Puts a gateway together: the database migrated, the log followed, the edge in front. Nothing listens yet. */
export async function createApp(config: Config, options: AppOptions): Promise<App> {
  const { databaseUrl, jwtSecret, onStatement } = options;
  const log = options.logger ?? pino({ level: config.logLevel });
  const directUrl = config.databaseDirectUrl ?? databaseUrl;
  const applied = await migrate(directUrl);
  if (applied.length > 0) log.info({ migrations: applied }, 'The database is migrated.');

  const onError = (error: Error) => log.warn({ err: error }, 'A connection to the database was lost.');
  const { databaseConnections: size, statementTimeout } = config;
  const db = new Database({ url: databaseUrl, size, statementTimeout, onStatement, onError });
  const follower = new Follower(db, log, options.now);
  let worker: Worker | undefined;
  const bell = openDoorbell(
    directUrl,
    log,
    (organizationId) => follower.ring(organizationId),
    () => worker?.ring(),
  );
  const apiKeySecret = config.apiKeySecret ?? jwtSecret;
  const now = options.now ?? (() => new Date());
  const { binRetentionDays } = config;
  const { ring, ringWork } = bell;
  const consequences: Consequence[] = [
    followBlockers({ ringWork }),
    tellOfTaskCompletion,
    tellOfActivityCompletion,
    followReminders({ ringWork }),
  ];
  const settings = { apiKeySecret, binRetentionDays };
  const runtime: Runtime = { db, log, now, ...settings, follower, ring, ringWork, consequences };

  const close = async () => {
    follower.close();
    await Promise.allSettled([bell.close(), db.close()]);
  };

  const prepared = options.prepare?.(runtime).catch(async (error) => {
    // What is open would keep the process alive.
    await close();
    throw error;
  });
  const graphiql = (await prepared) ?? null;

  const { jwksUrl, jwtIssuer: issuer, jwtAudience: audience, requireAllCredentials: requireAll } = config;
  const tokens = createTokens({ secret: jwtSecret, jwksUrl, issuer, audience });
  const auth = { db, tokens, apiKeySecret, requireAll, now };
  const server = createServer<Viewer, Context>({
    schema,
    authenticate: (request) => authenticate(auth, request),
    callerKey: ({ membershipUid }) => membershipUid,
    expiresAt: ({ expiresAt }) => expiresAt,
    context: (viewer, request) => createContext(runtime, viewer, request),
    ready: () => db.ping(),
    logger: log,
    settings: {
      corsOrigins: config.corsOrigins,
      graphiql,
      ...(options.limits && { limits: options.limits }),
    },
  });

  let stopping: Promise<void> | undefined;
  return {
    runtime,
    listen: () => server.listen(config.port, config.host),
    fetch: (request) => server.fetch(request),
    work() {
      const kinds = [
        pruneLog(config.logRetentionDays),
        carryOutDeletion,
        relinkRecord,
        makeDueTasks,
        settlePipeline,
        sendReminders,
        retainTasks,
        recountBlocked(),
        spreadProfile,
        rezoneReminders(),
        rezoneTasks,
      ];
      worker ??= new Worker(runtime, [jobSource(runtime, kinds)]);
      worker.start();
    },
    stop: () =>
      (stopping ??= (async () => {
        // Whatever becomes of these, nothing stays open: a database that has stopped answering is waited for no longer.
        const working = worker?.stop(WORK_MS) ?? Promise.resolve();
        await Promise.allSettled([server.close(DRAIN_MS), endsWithin(DRAIN_MS, working)]);
        await close();
      })()),
  };
}
