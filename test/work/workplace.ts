import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { Database } from '../../src/db/database.ts';
import type { Sent } from '../../src/db/pool.ts';
import { createOrganization } from '../../src/organization/service.ts';
import type { Runtime } from '../../src/runtime.ts';
import { jobSource } from '../../src/work/job/jobs.ts';
import type { NewJob } from '../../src/work/job/rules.ts';
import type { Kind } from '../../src/work/kind.ts';
import { schedule } from '../../src/work/service.ts';
import { Worker, type WorkerOptions } from '../../src/work/worker.ts';
import { createDatabase, type TestDatabase } from '../support/cluster.ts';
import { nameOf } from '../support/gateway.ts';

/** What a job did, as it stands in the database once it is committed. */
export interface Effect {
  readonly organizationId: bigint;
  readonly key: string;
  readonly by: string;
  readonly attempt: number;
  readonly at: Date;
}

/** A job as the database holds it. */
export interface StoredJob {
  readonly kind: string;
  readonly key: string;
  readonly due_at: Date;
  readonly payload: unknown;
  readonly attempts: number;
  readonly lease: string | null;
  readonly leased_until: Date | null;
  readonly rescheduled: boolean;
  readonly state: 'SCHEDULED' | 'FAILED';
  readonly error_code: string | null;
  readonly error_message: string | null;
}

/** A database of a test file's own, with organizations, jobs and workers. */
export class Workplace {
  readonly database: TestDatabase;
  readonly db: Database;
  /** Sees and changes everything, beside the gateway's door. */
  readonly admin: pg.Client;
  readonly statements: Sent[];
  /** What was logged. */
  readonly lines: { readonly level: number; readonly msg: string; readonly [key: string]: unknown }[] = [];
  readonly runtime: Runtime;
  /** How often the doorbell was rung; it wakes the workers only if a test says so. */
  rings = 0;
  onRing: () => void = () => {};
  readonly #workers: Worker[] = [];

  private constructor(database: TestDatabase, admin: pg.Client, statements: Sent[]) {
    this.database = database;
    this.admin = admin;
    this.statements = statements;
    const log = pino({ level: 'info' }, { write: (line) => void this.lines.push(JSON.parse(line)) });
    const onStatement = (sent: Sent) => void statements.push(sent);
    this.db = new Database({ url: database.url, size: 20, statementTimeout: 5_000, onStatement, onError: () => {} });
    const ringWork = () => {
      this.rings += 1;
      this.onRing();
    };
    // What a kind of these tests needs of it.
    this.runtime = {
      db: this.db,
      log,
      now: () => new Date(),
      ringWork,
      consequences: [],
    } as Partial<Runtime> as Runtime;
  }

  static async open(): Promise<Workplace> {
    const database = await createDatabase();
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await admin.query(`CREATE TABLE effect (organization_id bigint, id serial, key text, by text, attempt int,
      at timestamptz(3) DEFAULT clock_timestamp())`);
    return new Workplace(database, admin, []);
  }

  async close(): Promise<void> {
    await this.db.close();
    await this.admin.end();
    await this.database.drop();
  }

  /** Stops all workers, and forgets all work. */
  async reset(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.stop(0)));
    await this.admin.query(
      `TRUNCATE job, effect; UPDATE organization_work SET next_due_at = NULL, last_served_at = NULL`,
    );
    this.statements.length = 0;
    this.lines.length = 0;
    this.rings = 0;
    this.onRing = () => {};
  }

  /** An organization with no work. */
  async organization(name = 'Some'): Promise<bigint> {
    const { id } = await createOrganization(this.runtime, { name, timeZone: 'UTC' });
    await this.admin.query('DELETE FROM job WHERE organization_id = $1', [id]);
    await this.admin.query('UPDATE organization_work SET next_due_at = NULL WHERE organization_id = $1', [id]);
    return id;
  }

  /** A worker that is stopped after the test; its own process as far as it knows. */
  worker(kinds: readonly Kind[], options: Partial<WorkerOptions> = {}, runtime = this.runtime): Worker {
    const worker = new Worker(runtime, [jobSource(runtime, kinds)], options);
    this.#workers.push(worker);
    worker.start();
    return worker;
  }

  schedule(organizationId: bigint, job: Partial<NewJob> = {}): Promise<void> {
    return this.db.transaction(organizationId, async (tx) =>
      schedule(this.runtime, tx, { kind: 'note', due: { inMs: 0 }, ...job }),
    );
  }

  /** So many that are due, of keys `1`, `2`, …, the first due first. */
  async scheduleMany(organizationId: bigint, count: number, kind = 'note'): Promise<void> {
    await this.admin.query(
      `INSERT INTO job (organization_id, kind, key, due_at)
       SELECT $1, $2, n, now() - interval '1 minute' + n * interval '1 millisecond' FROM generate_series(1, $3) n`,
      [organizationId, kind, count],
    );
    await this.admin.query('UPDATE organization_work SET next_due_at = now() WHERE organization_id = $1', [
      organizationId,
    ]);
  }

  /** What was done, in the order of its commits. */
  async effects(): Promise<Effect[]> {
    const text = `SELECT organization_id::int8 AS "organizationId", key, by, attempt, at FROM effect ORDER BY id`;
    const { rows } = await this.admin.query(text);
    return rows.map((row) => ({ ...row, organizationId: BigInt(row.organizationId) }));
  }

  /** The jobs that there are, as the database holds them. */
  async jobs(): Promise<StoredJob[]> {
    return (await this.admin.query('SELECT * FROM job ORDER BY organization_id, id')).rows;
  }

  async nextDueAt(organizationId: bigint): Promise<Date | null> {
    const text = 'SELECT next_due_at FROM organization_work WHERE organization_id = $1';
    return (await this.admin.query(text, [organizationId])).rows[0].next_due_at;
  }

  /** Milliseconds from the database's now. */
  async fromNow(at: Date | null | undefined): Promise<number> {
    const { rows } = await this.admin.query(
      'SELECT EXTRACT(epoch FROM $1::timestamptz - clock_timestamp()) * 1000 AS ms',
      [at],
    );
    return Number(rows[0].ms);
  }

  /** The names of the statements sent so far. */
  get sent(): string[] {
    return this.statements.map(({ text }) => nameOf(text));
  }
}

/** A workplace for the file; what a test leaves undone is forgotten after it. */
export function useWorkplace(): () => Workplace {
  let place: Workplace;
  beforeAll(async () => {
    place = await Workplace.open();
  });
  afterEach(() => place.reset());
  afterAll(() => place.close());
  return () => place;
}
