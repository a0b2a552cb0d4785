import { resolve } from 'node:path';
import { z } from 'zod';

/** Everything that can be set from outside, read once and checked together. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Null: an embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | null;
  /** For LISTEN and migrations where `databaseUrl` is a pooler. */
  readonly databaseDirectUrl: string | null;
  readonly databaseConnections: number;
  readonly statementTimeout: number;
  readonly dataDir: string;
  /** Null: a secret of this data folder's own. */
  readonly jwtSecret: string | null;
  /** What API keys are hashed with; null: the JWT secret. */
  readonly apiKeySecret: string | null;
  readonly jwksUrl: string | null;
  readonly jwtIssuer: string | null;
  readonly jwtAudience: string | null;
  /** Bearer token, API key and organization must all be sent (THENA-A21). */
  readonly requireAllCredentials: boolean;
  readonly corsOrigins: readonly string[] | 'loopback' | 'none';
  readonly graphiql: boolean;
  /**
   * Only reachable from this machine, and only under its own names: what is handed out to whoever asks, the demo's token,
   * is handed out only there. Origins that are named mean a proxy, which brings the world.
   */
  readonly isLocal: boolean;
  /** Whether `npm start` works off what is due, too. */
  readonly worker: boolean;
  /** How long every event and notification is kept. */
  readonly logRetentionDays: number;
  /** How long what was deleted stays in the bin. */
  readonly binRetentionDays: number;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';
}

const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false', '1', '0', 'on', 'off'])
    .default(fallback ? 'on' : 'off')
    .transform((value) => ['true', '1', 'on'].includes(value));

/** Digits only: Number() would take a space for 0, and `1e3` for a port. */
const integer = (min: number, max: number, fallback: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .default(String(fallback))
    .transform(Number);

const urlOf = (scheme: RegExp, error: string) =>
  z
    .string()
    .refine((text) => scheme.test(text) && URL.canParse(text), { error })
    .nullable()
    .default(null);
const postgresUrl = urlOf(/^postgres(ql)?:\/\/\S+$/, 'must be a postgresql:// URL');
const webUrl = urlOf(/^https?:\/\/\S+$/, 'must be an http(s) URL');

const Settings = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: integer(0, 65_535, 4_000),
  DATABASE_URL: postgresUrl,
  DATABASE_DIRECT_URL: postgresUrl,
  DATABASE_CONNECTIONS: integer(2, 500, 10),
  STATEMENT_TIMEOUT_MS: integer(100, 600_000, 10_000),
  TASKWIRE_DATA: z.string().min(1).default('.taskwire'),
  JWT_SECRET: z.string().min(32, 'must have at least 32 characters').nullable().default(null),
  API_KEY_SECRET: z.string().min(32, 'must have at least 32 characters').nullable().default(null),
  JWKS_URL: webUrl,
  JWT_ISSUER: z.string().min(1).nullable().default(null),
  JWT_AUDIENCE: z.string().min(1).nullable().default(null),
  REQUIRE_ALL_CREDENTIALS: flag(false),
  CORS_ORIGINS: z.string().nullable().default(null),
  GRAPHIQL: z.enum(['on', 'off']).nullable().default(null),
  WORKER: flag(true),
  LOG_RETENTION_DAYS: integer(1, 36_500, 90),
  BIN_RETENTION_DAYS: integer(1, 36_500, 90),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
});

const LOOPBACK_HOSTS = new Set(['127.0.0.1', 'localhost', '::1']);

/** Thrown with a line for each setting that is wrong. */
export class ConfigError extends Error {}

const origins = (text: string): readonly string[] => text.split(/[\s,]+/).filter((origin) => origin !== '');

/** Reads the settings; the only place that knows the environment. An empty variable counts as absent. */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = Settings.safeParse(given);
  const wrong = parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const list = origins(String(given['CORS_ORIGINS'] ?? ''));
  for (const origin of list) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) wrong.push(`CORS_ORIGINS: ${origin} is no origin`);
  }
  if (given['JWKS_URL'] && given['JWT_SECRET']) wrong.push('JWKS_URL, JWT_SECRET: set one of the two');
  if (given['JWKS_URL'] && !(given['JWT_ISSUER'] && given['JWT_AUDIENCE'])) {
    // Whoever publishes keys signs for others too: a token for another application must not open this one.
    wrong.push('JWKS_URL: needs JWT_ISSUER and JWT_AUDIENCE');
  }
  if (given['DATABASE_DIRECT_URL'] && !given['DATABASE_URL']) wrong.push('DATABASE_DIRECT_URL: needs DATABASE_URL');
  if (!parsed.success || wrong.length > 0) throw new ConfigError(wrong.join('\n'));

  const set = parsed.data;
  // What is only reachable from this machine is somebody's own: friendly there, closed everywhere else until told.
  const local = LOOPBACK_HOSTS.has(set.HOST);
  return Object.freeze({
    host: set.HOST,
    port: set.PORT,
    databaseUrl: set.DATABASE_URL,
    databaseDirectUrl: set.DATABASE_DIRECT_URL,
    databaseConnections: set.DATABASE_CONNECTIONS,
    statementTimeout: set.STATEMENT_TIMEOUT_MS,
    dataDir: resolve(set.TASKWIRE_DATA),
    jwtSecret: set.JWT_SECRET,
    apiKeySecret: set.API_KEY_SECRET,
    jwksUrl: set.JWKS_URL,
    jwtIssuer: set.JWT_ISSUER,
    jwtAudience: set.JWT_AUDIENCE,
    requireAllCredentials: set.REQUIRE_ALL_CREDENTIALS,
    corsOrigins: list.length > 0 ? Object.freeze(list) : local ? 'loopback' : 'none',
    isLocal: local && list.length === 0,
    graphiql: set.GRAPHIQL === null ? local : set.GRAPHIQL === 'on',
    worker: set.WORKER,
    logRetentionDays: set.LOG_RETENTION_DAYS,
    binRetentionDays: set.BIN_RETENTION_DAYS,
    logLevel: set.LOG_LEVEL,
  });
}
