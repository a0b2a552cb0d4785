import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uidOf } from '../../src/ids.ts';
import { settlePipeline } from '../../src/pipeline/settle/kind.ts';
import { Settled } from '../../src/work/outcome.ts';
import { useWorld } from '../task/world.ts';
import { plantPipeline } from './board.ts';
import { given, stagesOf } from './stages.ts';

// What each batch reads to find the next cards, of the very statements that the gateway sends, where 5,000 follow their
// pipeline 1,000 at a time: the last no more than the first, and not what is done already.

const COUNT = 5_000;
const world = useWorld();
let session: pg.Client;
/** Somebody who began to read long ago: until they end, nothing that was moved away is forgotten. */
let reader: pg.Client;

beforeAll(async () => {
  const connectionString = world().gateway.database.url;
  [session, reader] = [new pg.Client({ connectionString }), new pg.Client({ connectionString })];
  await Promise.all([session.connect(), reader.connect()]);
});
afterAll(() => Promise.all([session.end(), reader.end()]));

/** So many open tasks in the second stage of a new pipeline, which they alone fill; gives its id and its stages'. */
async function plant() {
  const pipeline = await plantPipeline(world());
  const { id, assistantId } = world().organization;
  await session.query(
    `INSERT INTO task (organization_id, uid, title, creator_id, timeline_at, created_at, updated_at, pipeline_id, stage_id, position)
     SELECT s.organization_id, lpad(nextval('task_id_seq')::text, 26, 'X'), 'Card', $2, now(), now(), now(), s.pipeline_id, s.id,
       'b' || lpad(n::text, 5, '0') || 'V'
     FROM stage s, generate_series(1, ${COUNT}) n WHERE s.organization_id = $1 AND s.uid = $3`,
    [id, assistantId, uidOf('Stage', pipeline.stages[1])],
  );
  await session.query('VACUUM ANALYZE task');
  await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await reader.query('SELECT count(*) FROM task');
  return pipeline;
}

/** What the searches for cards touch that some work sends, together; as they find things right after it. */
async function buffersOf(work: () => Promise<unknown>): Promise<number> {
  const { statements } = world().gateway;
  const from = statements.length;
  await work();
  let sum = 0;
  for (const { text, values } of statements.slice(from)) {
    if (!text.startsWith('/* task.strayCards */')) continue;
    const { rows } = await session.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, [...values]);
    const { Plan } = rows[0]['QUERY PLAN'][0];
    sum += Plan['Shared Hit Blocks'] + Plan['Shared Read Blocks'];
  }
  return sum;
}

/** What each batch of the job reads that goes on with a pipeline's tasks. */
async function batches(): Promise<number[]> {
  const { prisma, organization, gateway } = world();
  const where = { organizationId: organization.id, kind: 'pipeline.settle' };
  const job = await prisma.job.findFirstOrThrow({ where });
  let payload: unknown = job.payload;
  let isDone = false;
  const { signal } = new AbortController();
  const run = () =>
    settlePipeline.run(gateway.app.runtime, {
      ...{ organizationId: organization.id, key: job.key, payload, attempt: 1, signal },
      done: async () => {
        isDone = true;
        return new Settled(null);
      },
      again: async (_tx, _due, next) => {
        // As the database keeps it.
        payload = JSON.parse(JSON.stringify(next));
        return new Settled(null);
      },
    });
  const found: number[] = [];
  while (!isDone && found.length < 20) found.push(await buffersOf(run));
  await prisma.job.deleteMany({ where });
  await reader.query('COMMIT');
  return found;
}

/** How many cards of a stage there are of each status. */
const standing = async (stageId: string) => {
  const { rows } = await session.query(
    `SELECT t.status, count(*)::int FROM task t JOIN stage s ON s.organization_id = t.organization_id AND s.id = t.stage_id
     WHERE s.organization_id = $1 AND s.uid = $2 GROUP BY t.status`,
    [world().organization.id, uidOf('Stage', stageId)],
  );
  return rows.map(({ status, count }) => [status, count]);
};

it('a stage that is deleted is read once', async () => {
  const { stages } = await plant();
  const admin = stagesOf(world(), world().admin);
  const first = await buffersOf(async () =>
    given(await admin.removeStage(stages[1], { moveTasksToStageId: stages[2] })),
  );
  const found = await batches();
  expect(await standing(stages[2])).toEqual([['PENDING', COUNT]]);
  expect(found.length, JSON.stringify(found)).toBeLessThanOrEqual(5);
  expect(Math.max(...found), JSON.stringify([first, ...found])).toBeLessThan(1.3 * first);
  // From the beginning it would find nothing but what is gone, all of it.
  expect(found.at(-1), JSON.stringify([first, ...found])).toBeLessThan(0.6 * first);
});

it('a stage that becomes the won one is read batch by batch, and once more as a whole', async () => {
  const { id, stages } = await plant();
  const admin = stagesOf(world(), world().admin);
  const first = await buffersOf(async () =>
    given(await admin.update(id, { wonStageId: stages[1], completeTasks: true })),
  );
  const found = await batches();
  expect(await standing(stages[1])).toEqual([['COMPLETED', COUNT]]);
  const [whole = 0, ...others] = found.toReversed();
  expect(others, JSON.stringify(found)).toHaveLength(4);
  expect(Math.max(...others), JSON.stringify([first, ...found])).toBeLessThan(1.3 * first);
  expect(whole).toBeGreaterThan(first);
});
