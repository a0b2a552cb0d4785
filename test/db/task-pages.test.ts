import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/cluster.ts';

let database: Awaited<ReturnType<typeof createDatabase>>;
let session: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  session = new pg.Client({ connectionString: database.url });
  await session.connect();
});
afterAll(async () => {
  await session.end();
  await database.drop();
});

describe('a page of tasks', () => {
  const OPEN = `(status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD'))`;
  const LISTED = 'deleted_at IS NULL AND NOT is_queue_row';
  const branches: [string, string, string | null][] = [
    ['due_on', 'due_on IS NOT NULL', 'date'],
    ['due_at', 'due_at IS NOT NULL', 'timestamptz'],
    ['undated', 'due_on IS NULL AND due_at IS NULL', null],
  ];
  const scopes = ['organization', 'assignee', 'account'];
  const cases = scopes.flatMap((scope) =>
    branches.flatMap((branch) => ['IS TRUE', 'IS FALSE'].map((state) => ({ scope, branch, state }))),
  );

  /** The generic plan of one page after a boundary, as a named statement gets it, with everything dearer switched off. */
  async function plan(state: string, scope: string, [key, condition, type]: (typeof branches)[number], order: string) {
    const below = order === 'ASC' ? '>' : '<';
    const [boundary, by] = type ? [`(${key}, id) ${below} ($3, $4)`, `${key} ${order}, `] : [`id ${below} $4`, ''];
    await session.query(`PREPARE page (bigint, bigint, ${type ?? 'date'}, bigint) AS SELECT id FROM task t
      WHERE organization_id = $1 ${scope === 'organization' ? '' : `AND ${scope}_id = $2`} AND ${OPEN} ${state}
        AND ${condition} AND ${LISTED} AND ${boundary} ORDER BY ${by}id ${order} LIMIT 26`);
    const { rows } = await session.query(`EXPLAIN (COSTS OFF) EXECUTE page (1, 1, '2026-01-01', 1)`);
    await session.query('DEALLOCATE page');
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  }

  beforeAll(() =>
    session.query(`SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_bitmapscan = off;
      SET enable_sort = off; SET enable_incremental_sort = off; SET jit = off`),
  );

  it.each(cases)('of $scope by $branch.0 whose openness $state is one range of one index, either way', async (list) => {
    const { scope, branch, state } = list;
    for (const order of ['ASC', 'DESC']) {
      const text = await plan(state, scope, branch, order);
      expect(text).toMatch(new RegExp(`^Limit\n +-> +Index (Only )?Scan.* using task_${scope}_${branch[0]} `));
      expect(text).not.toMatch(/Filter|Sort/);
      expect(text).toMatch(state === 'IS TRUE' ? / = true\)/ : / = false\)/);
    }
  });

  it('would filter and sort, were the closed ones asked for by NOT', async () => {
    const text = await plan('IS NOT TRUE', 'organization', ['due_on', 'due_on IS NOT NULL', 'date'], 'ASC');
    expect(text).toMatch(/Filter/);
    expect(text).toMatch(/Sort/);
  });

  it('of a search is found by its words, in whatever case, beyond ASCII too', async () => {
    // Without its organization, by which any index of an empty table will do.
    const { rows } = await session.query(`EXPLAIN (COSTS OFF) SELECT id FROM task t
      WHERE search_words(title || ' ' || coalesce(description, ''))
        @@ search_query('ÄRGER')`);
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/on task_words\n.*'arger'/);
  });
});
