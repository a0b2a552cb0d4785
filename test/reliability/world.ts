import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import pg from 'pg';
import { signToken } from '../../src/auth/tokens.ts';
import { type Embedded, startEmbedded } from '../../src/db/embedded.ts';
import { encodeId, newUid, uidOf } from '../../src/ids.ts';
import { Create, LogCursor, type Office, openOffice } from '../notification/office.ts';
import { type Caller, Gateway, JWT_SECRET } from '../support/gateway.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/process.ts';
import { cpuOf, type Memory, memoryOf } from './measures.ts';
import { Scribe } from './scribe.ts';

export const isLong = process.env['SIZE'] === 'long';
/** What CI does, or what a night does. */
export const size = <T>(short: T, long: T): T => (isLong ? long : short);

export const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)] as T;
export const pause = (ms: number) => new Promise<void>((go) => setTimeout(go, ms));

/** A gateway that is started again whenever it ends, at the same address, as a supervisor does. */
export interface Supervised {
  readonly url: string;
  readonly process: GatewayProcess | null;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Someone in the organization, with their inner id. */
export interface Person extends Caller {
  readonly id: bigint;
}

/** A notification's place in the log, and when it was committed, in milliseconds since 1970. */
export interface Notified {
  readonly seq: number;
  readonly ms: number;
}

/** One organization with people, on a PostgreSQL of its own, behind gateways in processes of their own. */
export interface World {
  readonly office: Office;
  readonly people: readonly Person[];
  readonly gateways: readonly Supervised[];
  readonly databaseUrl: string;
  restartPostgres(): Promise<void>;
  query<Row>(text: string, ...params: unknown[]): Promise<Row[]>;
  /** Creates a task for someone through a gateway; throws when there is no answer, or a bad one. */
  assign(gateway: { readonly url: string }, to: Caller, title: string): Promise<string>;
  cursorNow(): Promise<string>;
  /** By person: all that they were notified of, in order. */
  notified(): Promise<ReadonlyMap<bigint, readonly Notified[]>>;
  /** One process more that writes the log; closed with the world. */
  scribe(): Scribe;
  memory(): Promise<Memory>;
  /** What all gateways have used of processors so far, in milliseconds: it says what something costs on a busy machine, too. */
  cpuMs(): Promise<number>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly gateways: number;
  readonly people: number;
  /** Of the gateways. */
  readonly env?: Record<string, string>;
}

// Requests go over connections that stay, as a server's would.
const agent = new Agent({ keepAlive: true });

/** Asks a gateway as cheaply as can be; throws what is not an answer without errors. */
async function ask<Data, Variables>(
  url: string,
  { token, organizationId }: Caller,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json',
    authorization: `Bearer ${token}`,
    'x-organization-id': organizationId,
  };
  const sent = request(url, { method: 'POST', agent, headers, signal: AbortSignal.timeout(20_000) });
  sent.end(JSON.stringify({ query: print(document), variables }));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const body = await text(response);
  if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${body}`);
  const { data, errors } = JSON.parse(body) as { data: Data | null; errors?: unknown };
  if (errors || !data) throw new Error(body);
  return data;
}

/** So many people, without the transaction that each would have in life. */
async function peopleOf(line: pg.Pool, organization: { readonly id: bigint }, count: number): Promise<Person[]> {
  const uids = Array.from({ length: count }, () => newUid());
  const { rows } = await line.query<{ id: string; uid: string; organizationUid: string }>(
    `WITH someone AS (
       INSERT INTO "user" (uid, name, email) SELECT uid, 'Person ' || ord, 'person' || ord || '@world.example'
       FROM unnest($2::text[]) WITH ORDINALITY AS given (uid, ord) RETURNING id, uid
     ), joined AS (
       INSERT INTO membership (organization_id, user_id, uid, role) SELECT $1, id, uid, 'MEMBER' FROM someone
     )
     SELECT s.id, s.uid, o.uid AS "organizationUid" FROM someone s, organization o WHERE o.id = $1`,
    [organization.id, uids],
  );
  return Promise.all(
    rows.map(async ({ id, uid, organizationUid }) => ({
      id: BigInt(id),
      token: await signToken(JWT_SECRET, uid, 1),
      userId: encodeId('User', uid),
      organizationId: encodeId('Organization', organizationUid),
    })),
  );
}

export async function openWorld(options: WorldOptions): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'taskwire-reliability-'));
  await chmod(dataDir, 0o755);
  // A crash of a process must lose nothing; only a power cut might, which nobody here makes.
  // The moment of each commit is the database's own.
  const extraSettings = { fsync: 'off', full_page_writes: 'off', track_commit_timestamp: 'on' };
  let postgres: Embedded = await startEmbedded({ dataDir, extraSettings });
  const { url } = postgres;

  const founder = await Gateway.start({ database: { url, drop: async () => {} } });
  const office = await openOffice(founder);
  const given = { title: 'what everyone is told of', assigneeId: office.member.userId };
  const taskUid = uidOf('Task', await office.create(given)) as string;
  await founder.stop({ keep: true });

  let closing = false;
  let line = new pg.Pool({ connectionString: url, max: 3 });
  line.on('error', () => {});
  const people = await peopleOf(line, office.organization, options.people);
  const told = await line.query<{ id: string }>('SELECT id FROM task WHERE uid = $1', [taskUid]);
  const task = { type: 'TASK', id: BigInt(told.rows[0]?.id as string), uid: taskUid } as const;
  const { id: organizationId, assistantId } = office.organization;
  const actor = { organizationId, userId: assistantId, kind: 'SYSTEM' } as const;
  const scribes: Scribe[] = [];

  const env = {
    NODE_OPTIONS: `--expose-gc --disable-warning=ExperimentalWarning --import ${join(import.meta.dirname, 'memory-probe.ts')}`,
    ...options.env,
  };
  const supervise = async (): Promise<Supervised> => {
    let running: GatewayProcess | null = await startGatewayProcess(url, { env });
    const address = running.url;
    const port = Number(new URL(address).port);
    const restart = async () => {
      while (!closing && !running) {
        // It gives up when the database is away: then once more.
        running = await startGatewayProcess(url, { port, env }).catch(() => null);
        if (running) watch(running);
        else await pause(200);
      }
    };
    const watch = (process: GatewayProcess) =>
      void process.ended.then(() => {
        running = null;
        return restart();
      });
    watch(running);
    return {
      url: address,
      get process() {
        return running;
      },
      async kill(signal) {
        await running?.kill(signal);
      },
    };
  };
  const gateways = await Promise.all(Array.from({ length: options.gateways }, supervise));

  return {
    office,
    people,
    gateways,
    databaseUrl: url,
    async restartPostgres() {
      await line.end();
      await postgres.stop();
      postgres = await startEmbedded({ dataDir, port: Number(new URL(url).port), extraSettings });
      line = new pg.Pool({ connectionString: url, max: 3 });
      line.on('error', () => {});
    },
    query: async <Row>(text: string, ...params: unknown[]) => (await line.query(text, params)).rows as Row[],
    async assign({ url: at }, to, title) {
      const input = { title, accountId: office.accountId, assigneeId: to.userId };
      const { createTask } = await ask(at, office.admin, Create, { input });
      if (!createTask.task) throw new Error(JSON.stringify(createTask.errors));
      return createTask.task.id;
    },
    async cursorNow() {
      return (await ask((gateways[0] as Supervised).url, office.admin, LogCursor, {})).viewer.logCursor;
    },
    async notified() {
      const { rows } = await line.query<Notified & { person: string }>(
        `SELECT user_id AS person, seq::int AS seq,
           (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000)::float8 AS ms
         FROM notification WHERE kind = 'TASK_ASSIGNED' ORDER BY organization_id, seq`,
      );
      return Map.groupBy(rows, ({ person }) => BigInt(person));
    },
    scribe() {
      const scribe = new Scribe(url, actor, task);
      scribes.push(scribe);
      return scribe;
    },
    async memory() {
      const each = await Promise.all(gateways.flatMap(({ process }) => (process ? [memoryOf(process)] : [])));
      const sum = (of: keyof Memory) => each.reduce((total, memory) => total + memory[of], 0);
      return { used: sum('used'), resident: sum('resident') };
    },
    async cpuMs() {
      const each = await Promise.all(gateways.map(({ process }) => (process ? cpuOf(process.pid) : 0)));
      return each.reduce((sum, ms) => sum + ms, 0);
    },
    async close() {
      closing = true;
      agent.destroy();
      await Promise.all(scribes.map((scribe) => scribe.close()));
      await Promise.all(gateways.map((gateway) => gateway.kill('SIGTERM')));
      await line.end();
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
