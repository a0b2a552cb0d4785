import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { uidOf } from '../../../src/ids.ts';
import { boardOf, type KnownPipeline, plantPipeline } from '../../pipeline/board.ts';
import { type Known, useWorld } from '../world.ts';
import { granted, writesOf } from '../writes.ts';
import { bulkOf, changed, putInto, refusals } from './asked.ts';

const world = useWorld();
let session: pg.Client;
let account: Known;
let boards: [KnownPipeline, KnownPipeline];

beforeAll(async () => {
  session = new pg.Client({ connectionString: world().gateway.database.url });
  await session.connect();
  account = await world().record('ACCOUNT');
  boards = [await plantPipeline(world(), true, 'One'), await plantPipeline(world(), true, 'Two')];
});
afterAll(() => session.end());
beforeEach(async () => {
  await world().clear();
});

const waiting = async () =>
  (
    await session.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
  ).rowCount;
const admin = () => bulkOf(world(), world().admin);
const ofAccount = () => ({ accountId: { eq: account.key } });

/** Asks for a bulk update that has to wait for what `held` changes, and gives its answer. */
async function behind(held: () => Promise<unknown>, input: Parameters<ReturnType<typeof bulkOf>['update']>[0]) {
  await session.query('BEGIN');
  try {
    await held();
    const asked = admin().update(input);
    await expect.poll(waiting).toBe(1);
    await session.query('COMMIT');
    return await asked;
  } catch (error) {
    await session.query('ROLLBACK');
    throw error;
  }
}

describe('a bulk update that has to wait', () => {
  it('leaves alone what no longer matches by then', async () => {
    const [one, other] = (await world().tasks([
      { accountId: account.id, day: '2026-03-01' },
      { accountId: account.id, day: '2026-03-02' },
    ])) as [Known, Known];
    const filter = { ...ofAccount(), date: { lt: '2026-03-05' } };
    const answer = await behind(() => session.query(`UPDATE task SET due_on = '2026-03-09' WHERE id = $1`, [one.id]), {
      filter,
      set: { date: '2026-03-04' },
    });
    expect(changed(answer)).toEqual({ matched: 1, updated: 1, ids: [other.key] });
    expect(await writesOf(world(), world().admin).read(one.key)).toMatchObject({ date: '2026-03-09', version: 1 });
  });

  it('refuses what came into the bin meanwhile, if the filter asks for that too', async () => {
    const [task] = (await world().tasks([{ accountId: account.id }])) as [Known];
    const bin = () => session.query('UPDATE task SET deleted_at = now(), is_active = false WHERE id = $1', [task.id]);
    const set = { date: '2026-03-04' };
    const answer = await behind(bin, { filter: { ...ofAccount(), deleted: 'INCLUDE' }, set });
    expect(refusals(answer)).toEqual([`NOT_ALLOWED filter.${task.key}`]);
    expect(changed(await admin().update({ filter: ofAccount(), set }))).toMatchObject({ matched: 0 });
  });

  it('starts anew where a task came to another pipeline meanwhile, and completes it there', async () => {
    const [card] = (await world().tasks([{ accountId: account.id }])) as [Known];
    await putInto(world(), boards[0].stages[0], [card.id]);
    const { prisma, organization } = world();
    const uid = uidOf('Stage', boards[1].stages[0]) as string;
    const { id: stageId, pipelineId } = await prisma.stage.findUniqueOrThrow({
      where: { organizationId_uid: { organizationId: organization.id, uid } },
    });
    const move = () =>
      session.query('UPDATE task SET pipeline_id = $2, stage_id = $3 WHERE id = $1', [card.id, pipelineId, stageId]);
    const answer = await behind(move, { filter: ofAccount(), set: { isComplete: true } });
    expect(changed(answer).updated).toBe(1);
    expect(await boardOf(world(), world().admin).read(card.key)).toMatchObject({
      status: 'COMPLETED',
      pipeline: { id: boards[1].id },
      stage: { id: boards[1].stages[3] },
    });
  });
});

it('starts anew where a task left the won stage meanwhile, since nobody may take a place there unheld', async () => {
  const [card] = (await world().tasks([{ accountId: account.id }])) as [Known];
  await putInto(world(), boards[0].stages[3], [card.id]);
  const done = `status = 'COMPLETED', completed_at = now(), completed_by_id = creator_id, status_before = 'PENDING'`;
  await session.query(`UPDATE task SET ${done} WHERE id = $1`, [card.id]);
  const stage = { organizationId: world().organization.id, uid: uidOf('Stage', boards[0].stages[0]) as string };
  const { id: stageId } = await world().prisma.stage.findUniqueOrThrow({ where: { organizationId_uid: stage } });
  const open = `status = 'PENDING', completed_at = NULL, completed_by_id = NULL, stage_id = $2`;
  const leave = () => session.query(`UPDATE task SET ${open} WHERE id = $1`, [card.id, stageId]);
  const sent = await world().gateway.statementsOf(async () => {
    expect(changed(await behind(leave, { filter: ofAccount(), set: { isComplete: true } })).updated).toBe(1);
  });
  // As it was found, it came to no other stage; then it does.
  const steps = ['task.lockAll', 'stage.lock', 'task.writeAll'];
  expect(sent.filter((name) => steps.includes(name))).toEqual([
    'task.lockAll',
    'stage.lock',
    'task.lockAll',
    'task.writeAll',
  ]);
  expect(await boardOf(world(), world().admin).read(card.key)).toMatchObject({
    status: 'COMPLETED',
    stage: { id: boards[0].stages[3] },
  });
});

it('bulk updates and single ones at once all succeed, and the log’s last word is what stands there', async () => {
  const { member, prisma, organization } = world();
  const tasks = await world().tasks(Array.from({ length: 60 }, () => ({ accountId: account.id })));
  const ids = tasks.map(({ id }) => id);
  await putInto(world(), boards[0].stages[1], ids.slice(0, 20));
  await putInto(world(), boards[1].stages[0], ids.slice(20, 40));
  const filter = ofAccount();
  const bulk = bulkOf(world(), member);
  const many = Array.from({ length: 12 }, (_, n) => {
    const day = `2026-04-${String(n + 10)}`;
    const sets = [
      { date: day },
      { isComplete: n % 2 === 0 },
      { assigneeId: n % 2 === 0 ? member.userId : null, date: day },
    ];
    return (n % 4 === 3 ? admin() : bulk).update({ filter, set: sets[n % 3] as (typeof sets)[number] });
  });
  // The other way round, so that tasks and stages are wanted in every order.
  const one = boardOf(world(), world().admin);
  const single = tasks.toReversed().flatMap(({ key }, n) => {
    if (n % 3 === 0) return [one.update(key, { isComplete: n % 2 === 0 })];
    if (n % 3 === 1) return [one.update(key, { date: '2026-06-01' })];
    return n < 40 ? [] : [one.move(key, boards[0].stages[(n % 4) as 0])];
  });
  const answers = await Promise.all(many);
  for (const answer of answers) expect(changed(answer).matched).toBe(60);
  for (const answer of await Promise.all(single)) granted(answer);

  const where = { organizationId: organization.id };
  const rows = await prisma.task.findMany({ where });
  const stages = new Map((await prisma.stage.findMany({ where })).map((stage) => [stage.id, stage]));
  for (const row of rows) {
    const events = await prisma.event.findMany({ where: { ...where, subjectId: row.id }, orderBy: { seq: 'asc' } });
    const images = events.flatMap(({ imageAfter }) => (imageAfter as { version: number } | null) ?? []);
    const versions = images.map(({ version }) => version);
    // One image a version, none left out and none twice.
    expect(versions).toEqual(versions.map((_, n) => n + 2));
    expect(row.version).toBe(versions.length + 1);
    if (row.stageId !== null) expect(stages.get(row.stageId)?.isWon).toBe(row.status === 'COMPLETED');
  }
}, 30_000);
