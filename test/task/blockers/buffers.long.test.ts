import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { useWorld } from '../world.ts';
import { granted, writesOf } from '../writes.ts';
import { blockersOf } from './asked.ts';

// What blockers read, of the very statements that the gateway sends, among 10,000 tasks in chains of ten.

const world = useWorld();
let session: pg.Client;

beforeAll(async () => {
  const { gateway, organization } = world();
  session = new pg.Client({ connectionString: gateway.database.url });
  await session.connect();
  const { id, assistantId } = organization;
  await session.query(
    `INSERT INTO task (organization_id, uid, title, creator_id, created_at, updated_at, timeline_at, open_blockers)
     SELECT ${id}, lpad('T' || n, 26, '0'), 'Task ' || n, ${assistantId}, now(), now(), now(), (n % 10 <> 0)::int
     FROM generate_series(1, 10000) n`,
  );
  await session.query(
    `INSERT INTO task_blocker (organization_id, task_id, blocker_id)
     SELECT ${id}, a.id, b.id FROM task a JOIN task b ON b.organization_id = ${id}
       AND b.uid = lpad('T' || (substr(a.uid, strpos(a.uid, 'T') + 1)::int + 1), 26, '0')
     WHERE a.organization_id = ${id} AND a.open_blockers = 1`,
  );
  await session.query('VACUUM ANALYZE');
});
afterAll(() => session.end());

const key = (n: number) => `task_${`T${n}`.padStart(26, '0')}`;

/** What each statement of some work touches, by name; a write is undone. */
async function buffersOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const { gateway } = world();
  const from = gateway.statements.length;
  await work();
  const found: Record<string, number> = {};
  for (const { text, values } of gateway.statements.slice(from)) {
    const name = /^\/\* (blocker\.\w+|task\.(?:lists|counts)) \*\//.exec(text)?.[1];
    if (!name || name === 'blocker.insert') continue;
    await session.query('BEGIN');
    const { rows } = await session.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, [...values]);
    await session.query('ROLLBACK');
    const plan = rows[0]['QUERY PLAN'][0].Plan;
    found[name] = Math.max(found[name] ?? 0, plan['Shared Hit Blocks'] + plan['Shared Read Blocks']);
  }
  return found;
}

const most = (found: Record<string, number>) => Math.max(...Object.values(found));

it('the lists of a page of tasks are found by their keys', async () => {
  const found = await buffersOf(() =>
    world().gateway.ask(
      world().admin,
      '{ tasks(first: 25) { nodes { blockedBy { totalCount nodes { id } } blocks { totalCount nodes { id } } } } }',
    ),
  );
  expect(Object.keys(found).toSorted()).toEqual(['task.counts', 'task.lists']);
  // Of each of 25: its edges, the tasks that they name, and those once more for what is shown.
  expect(most(found), JSON.stringify(found)).toBeLessThan(25 * 20);
});

it('a new blocker reads what it waits for itself, and no more', async () => {
  const { add } = blockersOf(world(), world().admin);
  const found = await buffersOf(async () => granted(await add(key(11), key(1))));
  expect(Object.keys(found)).toContain('blocker.ways');
  expect(most(found), JSON.stringify(found)).toBeLessThan(150);
});

it('completing a task reads who waits for it, and what else they wait for', async () => {
  const found = await buffersOf(async () => granted(await writesOf(world(), world().admin).complete(key(5))));
  expect(Object.keys(found).toSorted()).toEqual(['blocker.dependants', 'blocker.holdFree', 'blocker.recount']);
  expect(most(found), JSON.stringify(found)).toBeLessThan(80);
});
