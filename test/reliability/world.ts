import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Embedded, startEmbedded } from '../../src/db/embedded.ts';
import { Create, LogCursor, type Office, openOffice } from '../notification/office.ts';
import { type Caller, Gateway } from '../support/gateway.ts';
import { askAt, type GatewayProcess, startGatewayProcess } from '../support/process.ts';

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

/** One organization with people, on a PostgreSQL of its own, behind gateways in processes of their own. */
export interface World {
  readonly office: Office;
  readonly people: readonly Caller[];
  readonly gateways: readonly Supervised[];
  readonly databaseUrl: string;
  restartPostgres(): Promise<void>;
  query<Row>(text: string, ...params: unknown[]): Promise<Row[]>;
  /** Creates a task for someone through a gateway; throws when there is no answer, or a bad one. */
  assign(gateway: { readonly url: string }, to: Caller, title: string): Promise<string>;
  cursorNow(): Promise<string>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly gateways: number;
  readonly people: number;
  /** Of PostgreSQL, over those of a test. */
  readonly settings?: Record<string, string>;
}

export async function openWorld(options: WorldOptions): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'taskwire-reliability-'));
  await chmod(dataDir, 0o755);
  // A crash of a process must lose nothing; only a power cut might, which nobody here makes.
  const extraSettings = { fsync: 'off', full_page_writes: 'off', ...options.settings };
  let postgres: Embedded = await startEmbedded({ dataDir, extraSettings });
  const { url } = postgres;

  const founder = await Gateway.start({ database: { url, drop: async () => {} } });
  const office = await openOffice(founder);
  const people: Caller[] = [];
  for (let count = 0; count < options.people; count += 1) {
    people.push(await founder.member(office.organization, { email: `person${count}@world.example` }));
  }
  await founder.stop({ keep: true });

  let closing = false;
  let line = new pg.Pool({ connectionString: url, max: 3 });
  line.on('error', () => {});

  const supervise = async (): Promise<Supervised> => {
    let running: GatewayProcess | null = await startGatewayProcess(url);
    const address = running.url;
    const port = Number(new URL(address).port);
    const restart = async () => {
      while (!closing && !running) {
        // It gives up when the database is away: then once more.
        running = await startGatewayProcess(url, { port }).catch(() => null);
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
      const { createTask } = await askAt(at, office.admin, Create, { input }, AbortSignal.timeout(20_000));
      if (!createTask.task) throw new Error(JSON.stringify(createTask.errors));
      return createTask.task.id;
    },
    async cursorNow() {
      return (await askAt((gateways[0] as Supervised).url, office.admin, LogCursor, {})).viewer.logCursor;
    },
    async close() {
      closing = true;
      await Promise.all(gateways.map((gateway) => gateway.kill('SIGTERM')));
      await line.end();
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** How it is of some numbers: the value that so many percent are at or below. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}
