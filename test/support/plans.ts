import type pg from 'pg';
import type { Sent } from '../../src/db/pool.ts';

/** A node of PostgreSQL's plan, with what it read. */
export interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
}

export const everyNode = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(everyNode)];

/** The plan that PostgreSQL keeps for a prepared statement once it has been run some times. */
export async function settledPlan(session: pg.Client, { text, values }: Sent): Promise<Plan> {
  const written = (value: unknown) =>
    value instanceof Date ? value.toISOString() : Array.isArray(value) ? `{${value}}` : String(value);
  const given = values.map((value) => (value === null ? 'NULL' : session.escapeLiteral(written(value))));
  const execute = `EXECUTE page (${given.join(', ')})`;
  await session.query(`PREPARE page AS ${text}`);
  for (let run = 0; run < 6; run += 1) await session.query(execute);
  const { rows } = await session.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${execute}`);
  await session.query('DEALLOCATE page');
  return rows[0]['QUERY PLAN'][0].Plan;
}
