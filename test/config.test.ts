import { globSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Config, ConfigError, readConfig } from '../src/config.ts';

const SECRET = 'x'.repeat(32);
const URL_ = 'postgresql://user:pass@db.example:5432/taskwire?sslmode=require';

/** The lines of what is wrong; none when nothing is. */
function wrong(env: Record<string, string>): string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n');
  }
}

it('needs no setting', () => {
  expect(readConfig({})).toEqual({
    host: '127.0.0.1',
    port: 4000,
    databaseUrl: null,
    databaseDirectUrl: null,
    databaseConnections: 10,
    statementTimeout: 10_000,
    dataDir: resolve('.taskwire'),
    jwtSecret: null,
    apiKeySecret: null,
    jwksUrl: null,
    jwtIssuer: null,
    jwtAudience: null,
    requireAllCredentials: false,
    corsOrigins: 'loopback',
    graphiql: true,
    isLocal: true,
    worker: true,
    logRetentionDays: 90,
    binRetentionDays: 90,
    logLevel: 'info',
  } satisfies Config);
});

const GOOD: [string, string, keyof Config, unknown][] = [
  ['HOST', '0.0.0.0', 'host', '0.0.0.0'],
  ['HOST', '::1', 'host', '::1'],
  ['PORT', '0', 'port', 0],
  ['PORT', '65535', 'port', 65_535],
  ['DATABASE_URL', URL_, 'databaseUrl', URL_],
  [
    'DATABASE_URL',
    'postgres:///taskwire?host=/run/postgresql',
    'databaseUrl',
    'postgres:///taskwire?host=/run/postgresql',
  ],
  ['DATABASE_CONNECTIONS', '2', 'databaseConnections', 2],
  ['DATABASE_CONNECTIONS', '500', 'databaseConnections', 500],
  ['STATEMENT_TIMEOUT_MS', '100', 'statementTimeout', 100],
  ['STATEMENT_TIMEOUT_MS', '600000', 'statementTimeout', 600_000],
  ['TASKWIRE_DATA', '/var/lib/taskwire', 'dataDir', '/var/lib/taskwire'],
  ['TASKWIRE_DATA', 'data', 'dataDir', resolve('data')],
  ['JWT_SECRET', SECRET, 'jwtSecret', SECRET],
  ['API_KEY_SECRET', SECRET, 'apiKeySecret', SECRET],
  ['JWT_ISSUER', 'https://id.example/', 'jwtIssuer', 'https://id.example/'],
  ['JWT_AUDIENCE', 'taskwire', 'jwtAudience', 'taskwire'],
  ...(['true', '1', 'on'] as const).map(
    (on) => ['REQUIRE_ALL_CREDENTIALS', on, 'requireAllCredentials', true] as never,
  ),
  ...(['false', '0', 'off'] as const).map(
    (off) => ['REQUIRE_ALL_CREDENTIALS', off, 'requireAllCredentials', false] as never,
  ),
  ['CORS_ORIGINS', 'https://a.example', 'corsOrigins', ['https://a.example']],
  [
    'CORS_ORIGINS',
    ' https://a.example,http://b.example:8080\n',
    'corsOrigins',
    ['https://a.example', 'http://b.example:8080'],
  ],
  ['GRAPHIQL', 'on', 'graphiql', true],
  ['GRAPHIQL', 'off', 'graphiql', false],
  ['WORKER', 'off', 'worker', false],
  ['LOG_RETENTION_DAYS', '1', 'logRetentionDays', 1],
  ['LOG_RETENTION_DAYS', '3650', 'logRetentionDays', 3_650],
  ['BIN_RETENTION_DAYS', '1', 'binRetentionDays', 1],
  ['BIN_RETENTION_DAYS', '36500', 'binRetentionDays', 36_500],
  ...(['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const).map(
    (l) => ['LOG_LEVEL', l, 'logLevel', l] as never,
  ),
];

it.each(GOOD)('reads %s=%j', (name, text, field, value) => {
  expect(readConfig({ [name]: text })[field]).toEqual(value);
});

const BAD: [string, string][] = [
  ...['65536', '-1', '4000.5', '0x10', '1e3', ' ', 'http'].map((text): [string, string] => ['PORT', text]),
  ['DATABASE_CONNECTIONS', '1'],
  ['DATABASE_CONNECTIONS', '501'],
  ['STATEMENT_TIMEOUT_MS', '99'],
  ['STATEMENT_TIMEOUT_MS', '600001'],
  ['STATEMENT_TIMEOUT_MS', 'never'],
  ...['mysql://db/x', 'db.example', 'postgresql://', 'postgresql://a b/x', 'postgresql://[/x'].flatMap(
    (text): [string, string][] => [
      ['DATABASE_URL', text],
      ['DATABASE_DIRECT_URL', text],
    ],
  ),
  ['JWT_SECRET', 'x'.repeat(31)],
  ['API_KEY_SECRET', 'x'.repeat(31)],
  ['JWKS_URL', 'file:///etc/passwd'],
  ['JWKS_URL', 'https://'],
  ['JWKS_URL', 'https://[/jwks'],
  ['REQUIRE_ALL_CREDENTIALS', 'yes'],
  ['GRAPHIQL', 'true'],
  ['WORKER', 'maybe'],
  ['LOG_RETENTION_DAYS', '0'],
  ['BIN_RETENTION_DAYS', '0'],
  ['BIN_RETENTION_DAYS', '36501'],
  ['LOG_LEVEL', 'INFO'],
  ...['*', 'null', 'a.example', 'https://a.example/', 'https://a.example/path', 'https://A.example'].map(
    (text): [string, string] => ['CORS_ORIGINS', text],
  ),
];

it.each(BAD)('refuses %s=%j', (name, text) => {
  const beside = {
    DATABASE_DIRECT_URL: { DATABASE_URL: URL_ },
    JWKS_URL: { JWT_ISSUER: 'https://id.example/', JWT_AUDIENCE: 'taskwire' },
  }[name];
  const env = { ...beside, [name]: text };
  const lines = wrong(env);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.split(':')[0]).toBe(name);
});

describe('settings together', () => {
  it('are refused together, each on a line of its own', () => {
    const env = { PORT: 'http', JWT_SECRET: 'short', LOG_LEVEL: 'loud', CORS_ORIGINS: '* https://a.example nowhere' };
    expect(wrong(env).map((line) => line.split(':')[0])).toEqual([
      'PORT',
      'JWT_SECRET',
      'LOG_LEVEL',
      'CORS_ORIGINS',
      'CORS_ORIGINS',
    ]);
  });

  it('never repeat a secret in what they say', () => {
    const lines = wrong({ JWT_SECRET: 'hunter2', API_KEY_SECRET: 'hunter2', DATABASE_URL: 'mysql://me:hunter2@db/x' });
    expect(lines).toHaveLength(3);
    expect(lines.join()).not.toContain('hunter2');
  });

  it('say where tokens come from once', () => {
    const jwks = { JWKS_URL: 'https://id.example/jwks', JWT_ISSUER: 'https://id.example/', JWT_AUDIENCE: 'taskwire' };
    expect(wrong({ ...jwks, JWT_SECRET: SECRET })).toEqual(['JWKS_URL, JWT_SECRET: set one of the two']);
    expect(wrong({ ...jwks, API_KEY_SECRET: SECRET })).toEqual([]);
    const needs = ['JWKS_URL: needs JWT_ISSUER and JWT_AUDIENCE'];
    expect(wrong({ ...jwks, JWT_AUDIENCE: '' })).toEqual(needs);
    expect(wrong({ ...jwks, JWT_ISSUER: '' })).toEqual(needs);
  });

  it('name the direct database beside the other one', () => {
    expect(wrong({ DATABASE_DIRECT_URL: URL_ })).toEqual(['DATABASE_DIRECT_URL: needs DATABASE_URL']);
    expect(readConfig({ DATABASE_DIRECT_URL: URL_, DATABASE_URL: URL_ }).databaseDirectUrl).toBe(URL_);
  });

  it('hand the demo’s token to this machine only: not behind a proxy that brings others', () => {
    expect(readConfig({}).isLocal).toBe(true);
    expect(readConfig({ HOST: '0.0.0.0' }).isLocal).toBe(false);
    expect(readConfig({ CORS_ORIGINS: 'https://app.example' }).isLocal).toBe(false);
  });

  it('close pages and GraphiQL where others can reach it, until told', () => {
    const open = ({ corsOrigins, graphiql }: Config) => ({ corsOrigins, graphiql });
    for (const HOST of ['127.0.0.1', 'localhost', '::1']) {
      expect(open(readConfig({ HOST }))).toEqual({ corsOrigins: 'loopback', graphiql: true });
    }
    for (const HOST of ['0.0.0.0', '::', '10.0.0.1', 'gateway.example']) {
      expect(open(readConfig({ HOST }))).toEqual({ corsOrigins: 'none', graphiql: false });
    }
    const told = { HOST: '0.0.0.0', CORS_ORIGINS: 'https://a.example', GRAPHIQL: 'on' };
    expect(open(readConfig(told))).toEqual({ corsOrigins: ['https://a.example'], graphiql: true });
  });
});

it('takes an empty setting for an absent one', () => {
  const names = GOOD.map(([name]) => name);
  const empty = Object.fromEntries([...names, 'DATABASE_DIRECT_URL'].map((name) => [name, '']));
  expect(readConfig(empty)).toEqual(readConfig({}));
});

it('reads the environment where it is given nothing, and nothing else of it', () => {
  vi.stubEnv('PORT', '4321');
  expect(readConfig().port).toBe(4321);
  vi.unstubAllEnvs();
  expect(readConfig({ PATH: '/bin', NODE_ENV: 'production', UNKNOWN: 'x' })).toEqual(readConfig({}));
});

it('cannot be changed', () => {
  const config = readConfig({ CORS_ORIGINS: 'https://a.example' });
  expect(Object.isFrozen(config)).toBe(true);
  expect(() => (config.corsOrigins as string[]).push('https://evil.example')).toThrow(TypeError);
});

it('is the only reader of the environment', () => {
  const src = join(import.meta.dirname, '../src');
  const readers = globSync('**/*.ts', { cwd: src })
    .filter((path) => !path.includes('generated'))
    .filter((path) =>
      /process\s*(\.env|\[)|import\.meta\.env|\benv\b[^\n]*from 'node:process'/.test(
        readFileSync(join(src, path), 'utf8'),
      ),
    )
    .map((path) => relative('.', path));
  // Where to find initdb and sh is no setting of ours: what it starts inherits PATH and nothing else.
  expect(readers.sort()).toEqual(['config.ts', 'db/embedded-account.ts']);
});
