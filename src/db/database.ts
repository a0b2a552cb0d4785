import { PrismaPg } from '@prisma/adapter-pg';
import { isRetryable, toldOf } from './faults.ts';
import { type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { assertOrganization } from './guard.ts';
import { createPool, type Pool, type PoolOptions } from './pool.ts';
import { fixed, preparedName, type Statement } from './statement.ts';
import { Turns } from './turns.ts';

/** Reads rows by one named statement. `$1` is the organization; the parameters follow. */
export interface Reader {
  rows<Row>(statement: Statement, organizationId: bigint, params?: readonly unknown[]): Promise<Row[]>;
}

/** The typed queries alone: raw SQL has one door, which names the organization. */
export type Writes = Omit<Prisma.TransactionClient, `$${string}`>;

/** One transaction of one organization. */
export interface Tx {
  readonly organizationId: bigint;
  /** Typed writes; every query must name the organization. */
  readonly prisma: Writes;
  rows<Row>(statement: Statement, params?: readonly unknown[]): Promise<Row[]>;
  /**
   * Done after all else that the transaction writes, right before the commit; or when `finish` is called. Never when it is
   * rolled back.
   */
  beforeCommit(act: () => Promise<void>): void;
  /** Does what is to be done before the commit, for a caller whose own last write comes even after that. */
  finish(): Promise<void>;
  /** Done once the transaction is committed, and never when it is rolled back. Must neither wait nor throw. */
  afterCommit(act: () => void): void;
}

const ATTEMPTS = 4;
const WRITERS_PER_ORGANIZATION = 4;

const ping = fixed('database.ping', 'SELECT 1 AS up');

/** Thrown through Prisma to roll back, and caught again before anyone sees it. */
class RolledBack {
  readonly result: unknown;
  constructor(result: unknown) {
    this.result = result;
  }
}

/** The database of one process: one pool, shared by Prisma and by raw SQL. */
export class Database implements Reader {
  readonly prisma: PrismaClient;
  readonly #pool: Pool;
  readonly #turns = new Turns(WRITERS_PER_ORGANIZATION);

  constructor(options: PoolOptions) {
    this.#pool = createPool(options);
    const adapter = new PrismaPg(this.#pool.pool, {
      statementNameGenerator: ({ sql }) => preparedName(sql) as string,
      onConnectionError: options.onError,
    });
    this.prisma = new PrismaClient({ adapter }).$extends({
      query: {
        $allModels: {
          $allOperations: ({ model, operation, args, query }) => {
            assertOrganization(model, operation, args as never);
            return query(args);
          },
        },
      },
    }) as unknown as PrismaClient;
  }

  /** The one door of raw SQL: the organization is always the first parameter. */
  async rows<Row>(statement: Statement, organizationId: bigint, params: readonly unknown[] = []): Promise<Row[]> {
    return this.global<Row>(statement, [organizationId, ...params]);
  }

  /** For what belongs to no organization yet: who is calling, which organizations there are. */
  async global<Row>(statement: Statement, params: readonly unknown[] = []): Promise<Row[]> {
    const query = { text: statement.text, values: [...params] };
    try {
      const result = await this.#pool.pool.query(statement.prepared ? { ...query, name: statement.name } : query);
      return result.rows as Row[];
    } catch (error) {
      throw toldOf(error);
    }
  }

  /**
   * Runs `work` in one transaction of one organization and tries again on a deadlock. When `keep` says no of its result,
   * what it wrote is rolled back and the result is given all the same. Nothing but the database may be awaited inside.
   */
  async transaction<Result>(
    organizationId: bigint,
    work: (tx: Tx) => Promise<Result>,
    keep: (result: Result) => boolean = () => true,
  ): Promise<Result> {
    return this.#turns.run(organizationId, async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await this.#once(organizationId, work, keep);
        } catch (error) {
          if (attempt === ATTEMPTS || !isRetryable(error)) throw toldOf(error);
          // Two that met once meet again if they start together.
          await new Promise((retry) => setTimeout(retry, attempt * 10 * (0.5 + Math.random())));
        }
      }
    });
  }

  async #once<Result>(
    organizationId: bigint,
    work: (tx: Tx) => Promise<Result>,
    keep: (result: Result) => boolean,
  ): Promise<Result> {
    const acts: (() => void)[] = [];
    try {
      const kept = await this.prisma.$transaction(
        async (prisma) => {
          const rows = <Row>({ text }: Statement, params: readonly unknown[] = []) =>
            prisma.$queryRawUnsafe<Row[]>(text, organizationId, ...params);
          const afterCommit = (act: () => void) => void acts.push(act);
          const last: (() => Promise<void>)[] = [];
          const beforeCommit = (act: () => Promise<void>) => void last.push(act);
          const finish = async () => {
            for (let act = last.shift(); act; act = last.shift()) await act();
          };
          const result = await work({ organizationId, prisma, rows, beforeCommit, finish, afterCommit });
          if (!keep(result)) throw new RolledBack(result);
          await finish();
          return result;
        },
        { maxWait: 10_000, timeout: 15_000 },
      );
      for (const act of acts) act();
      return kept;
    } catch (thrown) {
      if (thrown instanceof RolledBack) return thrown.result as Result;
      throw thrown;
    }
  }

  /** Whether it answers. */
  async ping(): Promise<boolean> {
    return (await this.global(ping)).length === 1;
  }

  /** Ends all connections, within some seconds, also when the server has stopped answering. */
  async close(): Promise<void> {
    await Promise.all([this.prisma.$disconnect(), this.#pool.close()]);
  }
}
