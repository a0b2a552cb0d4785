import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type App, type AppOptions, createApp } from '../../src/app.ts';
import { signToken } from '../../src/auth/tokens.ts';
import { type Config, readConfig } from '../../src/config.ts';
import type { Sent } from '../../src/db/pool.ts';
import { encodeId } from '../../src/ids.ts';
import { addMember, createOrganization, type NewMember } from '../../src/organization/service.ts';
import type { Limits } from '../../src/server/limits.ts';
import { createDatabase, type TestDatabase } from './cluster.ts';

export const JWT_SECRET = 'a secret that is only used in tests';

/** Someone who calls: their token, and what they are. */
export interface Caller {
  readonly token: string;
  readonly userId: string;
  readonly organizationId: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer<Data> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Record<string, unknown>;
  }[];
}

export interface GatewayOptions {
  readonly env?: Record<string, string>;
  readonly now?: () => Date;
  readonly limits?: Partial<Limits>;
  readonly database?: TestDatabase;
  readonly prepare?: AppOptions['prepare'];
}

/** A gateway of a test file's own, in this process, on a database of its own. */
export class Gateway {
  readonly app: App;
  readonly url: string;
  readonly database: TestDatabase;
  /** Every statement since the start, or since it was cleared. */
  readonly statements: Sent[];
  readonly config: Config;

  private constructor(app: App, url: string, database: TestDatabase, statements: Sent[], config: Config) {
    this.app = app;
    this.url = url;
    this.database = database;
    this.statements = statements;
    this.config = config;
  }

  static async start({ env = {}, now, limits, database, prepare }: GatewayOptions = {}): Promise<Gateway> {
    const own = database ?? (await createDatabase());
    const statements: Sent[] = [];
    const config = readConfig({ PORT: '0', LOG_LEVEL: 'silent', ...env });
    const app = await createApp(config, {
      databaseUrl: own.url,
      jwtSecret: JWT_SECRET,
      logger: pino({ level: config.logLevel }),
      onStatement: (sent) => statements.push(sent),
      ...(now && { now }),
      ...(limits && { limits }),
      ...(prepare && { prepare }),
    });
    const { url } = await app.listen();
    return new Gateway(app, `${url}/graphql`, own, statements, config);
  }

  async stop({ keep = false }: { keep?: boolean } = {}): Promise<void> {
    await this.app.stop();
    if (!keep) await this.database.drop();
  }

  /** Founds an organization; its people are added with `member`. */
  organization(name: string, timeZone = 'UTC') {
    return createOrganization(this.app.runtime, { name, timeZone });
  }

  /** Adds a person to an organization and signs them in. */
  async member(
    organization: { readonly id: bigint; readonly assistantId: bigint },
    given: Partial<NewMember> & Pick<NewMember, 'email'>,
  ): Promise<Caller> {
    const input = { name: given.email.split('@')[0] as string, role: 'MEMBER', crmAccess: true, ...given } as const;
    const { userUid } = await addMember(this.app.runtime, organization, input);
    const { uid } = await this.app.runtime.db.prisma.organization.findUniqueOrThrow({ where: { id: organization.id } });
    const organizationId = encodeId('Organization', uid);
    return { token: await signToken(JWT_SECRET, userUid, 1), userId: encodeId('User', userUid), organizationId };
  }

  /** Asks over HTTP, as a client would, and gives the whole answer. */
  async send<Data, Variables>(
    caller: Caller | null,
    document: TypedDocumentNode<Data, Variables> | string,
    variables?: Variables,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Data>> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        ...(caller && { authorization: `Bearer ${caller.token}`, 'x-organization-id': caller.organizationId }),
        ...caller?.headers,
        ...headers,
      },
      body: JSON.stringify({ query: typeof document === 'string' ? document : print(document), variables }),
    });
    return {
      status: response.status,
      headers: response.headers,
      ...((await response.json()) as object),
    } as Answer<Data>;
  }

  /** Asks and gives the data; an error fails the test with all there is to know. */
  async ask<Data, Variables>(
    caller: Caller,
    document: TypedDocumentNode<Data, Variables> | string,
    variables?: Variables,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Data> {
    const answer = await this.send(caller, document, variables, headers);
    if (answer.errors || !answer.data) {
      const query = typeof document === 'string' ? document : print(document);
      throw new Error(`${JSON.stringify(answer.errors, null, 2)}\n${query}\n${JSON.stringify(variables)}`);
    }
    return answer.data;
  }

  /** The names of the statements that `work` sent, in order; what Prisma wrote by its verb and table. */
  async statementsOf(work: () => Promise<unknown>): Promise<string[]> {
    const before = this.statements.length;
    await work();
    return this.statements.slice(before).map(({ text }) => nameOf(text));
  }
}

/** `/* task.list *\/ SELECT …` → `task.list`; `INSERT INTO "public"."task" …` → `INSERT task`. */
export function nameOf(text: string): string {
  const named = /^\/\* (\S+) \*\//.exec(text)?.[1];
  if (named) return named;
  const written = /^(INSERT INTO|UPDATE|DELETE FROM|SELECT .*? FROM) "public"\."(\w+)"/s.exec(text);
  return written ? `${written[1]?.split(' ')[0]} ${written[2]}` : (text.split(/\s/)[0] as string);
}

/** A gateway for the file: started before its tests, stopped after them, with a leak check after each. */
export function useGateway(options?: GatewayOptions | (() => GatewayOptions)): () => Gateway {
  let gateway: Gateway | undefined;
  beforeAll(async () => {
    gateway = await Gateway.start(typeof options === 'function' ? options() : options);
  });
  afterEach(async () => {
    // A client's goodbye takes a moment to arrive.
    await expect.poll(() => gateway?.app.runtime.follower.size, { timeout: 2_000 }).toBe(0);
    await expect.poll(() => openTransactions(gateway as Gateway), { timeout: 2_000 }).toEqual([]);
  });
  afterAll(async () => {
    await gateway?.stop();
  });
  return () => gateway as Gateway;
}

const openTransactions = async ({ app }: Gateway) =>
  app.runtime.db.prisma.$queryRawUnsafe<unknown[]>(
    `/* test.leaks */ SELECT query FROM pg_stat_activity
     WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
  );
