import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { uidOf } from '../../src/ids.ts';
import { settlePipeline } from '../../src/pipeline/settle/kind.ts';
import { jobSource } from '../../src/work/job/jobs.ts';
import type { Kind } from '../../src/work/kind.ts';
import { Worker } from '../../src/work/worker.ts';
import { type Known, useWorld } from '../task/world.ts';
import { granted } from '../task/writes.ts';
import { type BoardWrites, boardOf, type KnownPipeline, plantPipeline } from './board.ts';
import { given, logOf, refusedAt, type StageWrites, stagesOf } from './stages.ts';

// More tasks follow their pipeline than one transaction takes: 1,000 at once, the rest by a job. And several people at once.

const world = useWorld();
let tasks: BoardWrites;
let admin: StageWrites;
let account: Known;
let pipeline: KnownPipeline;
let other: KnownPipeline;
let [drafted, sent, approved, done] = ['', '', '', ''];
const where = () => ({ organizationId: world().organization.id });

beforeAll(async () => {
  tasks = boardOf(world(), world().admin);
  admin = stagesOf(world(), world().admin);
  account = await world().record('ACCOUNT');
});
beforeEach(async () => {
  pipeline = await plantPipeline(world());
  other = await plantPipeline(world(), true, 'Other');
  [drafted, sent, approved, done] = pipeline.stages;
});

const innerOf = async (stageId: string) =>
  world().prisma.stage.findUniqueOrThrow({
    where: { organizationId_uid: { ...where(), uid: uidOf('Stage', stageId) as string } },
  });

/** So many tasks of a stage, by SQL, in the order of their titles. */
async function plant(stageId: string, count: number, status = 'PENDING', assigneeId: bigint | null = null) {
  const { id, pipelineId } = await innerOf(stageId);
  await world().prisma.$executeRawUnsafe(
    `INSERT INTO task (organization_id, uid, title, creator_id, timeline_at, created_at, updated_at, linked_type, account_id,
       pipeline_id, stage_id, position, assignee_id, status, completed_at, completed_by_id)
     SELECT $1, lpad(nextval('task_id_seq')::text, 26, 'X'), lpad(n::text, 5, '0'), $2, now(), now(), now(), 'ACCOUNT', $3,
       $4, $5, 'b' || lpad(n::text, 5, '0') || 'V', $8, $6::task_status,
       CASE WHEN $6 = 'COMPLETED' THEN now() END, CASE WHEN $6 = 'COMPLETED' THEN $2::bigint END
     FROM generate_series(1, $7::int) n`,
    ...[
      where().organizationId,
      world().organization.assistantId,
      account.id,
      pipelineId,
      id,
      status,
      count,
      assigneeId,
    ],
  );
}

/** How many live tasks stand where, of this test’s pipelines. */
async function standing(): Promise<Record<string, number>> {
  const rows = await world().prisma.$queryRawUnsafe<{ stage: string; status: string; count: bigint }[]>(
    `SELECT COALESCE(p.name || ' ' || s.name, 'none') AS stage, t.status, count(*) AS count FROM task t
     LEFT JOIN stage s ON s.organization_id = t.organization_id AND s.id = t.stage_id
     LEFT JOIN pipeline p ON p.organization_id = t.organization_id AND p.id = t.pipeline_id
     WHERE t.organization_id = $1 AND p.uid = ANY ($2::text[]) GROUP BY 1, 2 ORDER BY 1, 2`,
    where().organizationId,
    [pipeline, other].map(({ id }) => uidOf('Pipeline', id)),
  );
  return Object.fromEntries(rows.map(({ stage, status, count }) => [`${stage} ${status}`, Number(count)]));
}

const jobs = () => world().prisma.job.findMany({ where: { ...where(), kind: 'pipeline.settle' } });
/** Works until there is nothing left to do. */
async function workedOff(kind: Kind = settlePipeline) {
  const { runtime } = world().gateway.app;
  const worker = new Worker(runtime, [jobSource(runtime, [kind])], { pollMs: 50 });
  worker.start();
  try {
    await expect.poll(jobs, { timeout: 15_000, interval: 20 }).toEqual([]);
  } finally {
    await worker.stop(0);
  }
}
/** Does something ahead of the first attempt. */
const preceded = (act: () => Promise<unknown>): Kind => {
  let isFirst = true;
  return {
    ...settlePipeline,
    run: async (runtime, job) => {
      if (isFirst) await act();
      isFirst = false;
      return settlePipeline.run(runtime, job);
    },
  };
};
/** The titles of a stage's cards in their order. */
const titlesIn = async (stageId: string) => {
  const rows = await world().prisma.$queryRawUnsafe<{ title: string }[]>(
    'SELECT title FROM task WHERE organization_id = $1 AND stage_id = $2 AND deleted_at IS NULL ORDER BY position COLLATE "C"',
    ...[where().organizationId, (await innerOf(stageId)).id],
  );
  return rows.map(({ title }) => title);
};

describe('1,200 tasks', () => {
  it('leave a deleted stage 1,000 a transaction, in their order, by whoever deleted it', async () => {
    await plant(sent, 1_200);
    const { id } = granted(await tasks.create({ title: 'there', accountId: account.key, stageId: approved }));
    given(await admin.removeStage(sent, { moveTasksToStageId: approved }));
    expect(await standing()).toEqual({ 'Contracts Sent for review PENDING': 200, 'Contracts Approved PENDING': 1_001 });
    // Tasks are on their way there: it cannot go yet.
    expect(refusedAt(await admin.removeStage(approved, { moveTasksToStageId: drafted }))).toEqual(['CONFLICT id']);
    await workedOff();
    expect(await standing()).toEqual({ 'Contracts Approved PENDING': 1_201 });
    const titles = await titlesIn(approved);
    expect(titles).toEqual(['there', ...titles.slice(1).toSorted()]);
    const events = await world().prisma.event.groupBy({
      by: ['kind', 'actorId'],
      where: { ...where(), kind: 'TASK_STAGE_CHANGED', subjectUid: { startsWith: 'XX' } },
      _count: { _all: true },
    });
    expect(events).toMatchObject([{ actorId: await world().idOf(world().admin), _count: { _all: 1_200 } }]);
    expect((await logOf(world(), uidOf('Task', id) as string)).map(({ kind }) => kind)).toEqual([
      'TASK_CREATED',
      'TASK_STAGE_CHANGED',
    ]);
    given(await admin.removeStage(approved, { moveTasksToStageId: drafted }));
    await workedOff();
    expect(await standing()).toEqual({ 'Contracts Drafted PENDING': 1_201 });
  });

  it('leave a deleted pipeline so too; until then they can be moved out of it, and nothing else', async () => {
    await plant(sent, 900);
    await plant(done, 300, 'COMPLETED');
    const last = granted(await tasks.create({ title: 'last', accountId: account.key, stageId: done }));
    given(await admin.remove(pipeline.id, { moveTasksToStageId: other.stages[1] }));
    expect(await standing()).toMatchObject({ 'Contracts Done COMPLETED': 201, 'Other Done COMPLETED': 100 });
    expect(await tasks.read(last.id)).toMatchObject({ pipeline: { id: pipeline.id }, stage: { id: done } });
    for (const answer of [
      await tasks.reopen(last.id),
      await tasks.move(last.id, other.stages[0]),
      await tasks.update(last.id, { status: 'CANCELLED' }),
    ]) {
      expect(answer.errors).toMatchObject([{ code: 'CONFLICT' }]);
    }
    expect((await tasks.update(last.id, { pipelineId: pipeline.id })).errors).toMatchObject([
      { code: 'NOT_FOUND', path: ['patch', 'pipelineId'] },
    ]);
    granted(await tasks.update(last.id, { title: 'renamed' }));
    granted(await tasks.update(last.id, { pipelineId: null }));
    // Nor can the pipeline be deleted to which they are on their way.
    expect(refusedAt(await admin.remove(other.id, { moveTasksToStageId: other.stages[0] }))).toEqual([
      'INVALID moveTasksToStageId',
    ]);
    const third = await plantPipeline(world(), true, 'Third');
    expect(refusedAt(await admin.remove(other.id, { moveTasksToStageId: third.stages[0] }))).toEqual(['CONFLICT id']);
    await workedOff();
    expect(await standing()).toEqual({ 'Other Sent for review PENDING': 900, 'Other Done COMPLETED': 300 });
    expect(await tasks.read(last.id)).toMatchObject({ pipeline: null, status: 'COMPLETED' });
  });

  it('hold off that the stage becomes the won one to which they are on their way: none is missed then', async () => {
    await plant(sent, 1_200);
    given(await admin.removeStage(sent, { moveTasksToStageId: approved }));
    for (const completeTasks of [false, true]) {
      const early = await admin.update(pipeline.id, { wonStageId: approved, completeTasks });
      expect(refusedAt(early)).toEqual(['CONFLICT wonStageId']);
    }
    // Nor does it take that role from one that is deleted.
    const heirs = { moveTasksToStageId: drafted, newWonStageId: approved };
    given(await admin.update(pipeline.id, { wonStageId: done }));
    expect(refusedAt(await admin.removeStage(done, heirs))).toEqual(['CONFLICT newWonStageId']);
    given(await admin.update(pipeline.id, { wonStageId: null }));
    await workedOff();
    expect(refusedAt(await admin.update(pipeline.id, { wonStageId: approved }))).toEqual(['INVALID wonStageId']);
    given(await admin.update(pipeline.id, { wonStageId: approved, completeTasks: true }));
    await workedOff();
    expect(await standing()).toEqual({ 'Contracts Approved COMPLETED': 1_200 });
  });

  it('are completed where their stage becomes the won one, and move along where another does', async () => {
    const member = await world().idOf(world().member);
    await plant(sent, 1_100, 'PENDING', member);
    given(await admin.update(pipeline.id, { wonStageId: sent, completeTasks: true }));
    expect(await standing()).toEqual({
      'Contracts Sent for review COMPLETED': 1_000,
      'Contracts Sent for review PENDING': 100,
    });
    await workedOff();
    expect(await standing()).toEqual({ 'Contracts Sent for review COMPLETED': 1_100 });
    // All of it is one change, whoever carried it out.
    const told = await world().prisma.notification.groupBy({
      by: ['kind', 'batchId'],
      where: { ...where(), userId: member },
      _count: { _all: true },
    });
    expect(told).toEqual([{ kind: 'TASK_COMPLETED', batchId: expect.any(String), _count: { _all: 1_100 } }]);
    given(await admin.update(pipeline.id, { wonStageId: done }));
    await workedOff(preceded(() => admin.update(pipeline.id, { wonStageId: approved })));
    expect(await standing()).toEqual({ 'Contracts Approved COMPLETED': 1_100 });
  });

  it('are all completed, whatever place one of them is given meanwhile', async () => {
    await plant(sent, 1_100);
    given(await admin.update(pipeline.id, { wonStageId: sent, completeTasks: true }));
    const { id } = await innerOf(sent);
    const toFront = () =>
      world().prisma.task.updateMany({
        where: { ...where(), stageId: id, title: '01050' },
        data: { position: 'b000001' },
      });
    await workedOff(preceded(toFront));
    expect(await standing()).toEqual({ 'Contracts Sent for review COMPLETED': 1_100 });
  });

  it('are all where they belong when a stage is deleted while another is still becoming the won one', async () => {
    await plant(sent, 1_100);
    await plant(drafted, 1_100);
    given(await admin.update(pipeline.id, { wonStageId: sent, completeTasks: true }));
    const heirs = { moveTasksToStageId: approved, newDefaultStageId: approved };
    await workedOff(preceded(() => admin.removeStage(drafted, heirs)));
    expect(await standing()).toEqual({
      'Contracts Approved PENDING': 1_100,
      'Contracts Sent for review COMPLETED': 1_100,
    });
  });

  it('go along when the pipeline is deleted while a stage of it is still being emptied', async () => {
    await plant(sent, 1_100);
    given(await admin.removeStage(sent, { moveTasksToStageId: approved }));
    await workedOff(preceded(() => admin.remove(pipeline.id, { moveTasksToStageId: other.stages[2] })));
    expect(await standing()).toEqual({ 'Other Approved PENDING': 1_100 });
  });
});

describe('at the same time', () => {
  it('tasks come into a stage and it is deleted: none is lost, none is left there [PARSA-29]', async () => {
    const ids = await Promise.all(
      Array.from(
        { length: 6 },
        async () => granted(await tasks.create({ title: 'x', accountId: account.key, stageId: drafted })).id,
      ),
    );
    const [deleted, ...others] = await Promise.all([
      admin.removeStage(sent, { moveTasksToStageId: approved }),
      ...ids.map((id) => tasks.move(id, sent)),
      ...ids.map(() => tasks.create({ title: 'new', accountId: account.key, stageId: sent })),
    ]);
    given(deleted);
    for (const { errors } of others)
      expect(errors.map(({ code }) => code).filter((code) => code !== 'NOT_FOUND')).toEqual([]);
    const created = others.slice(6).filter(({ errors }) => errors.length === 0).length;
    const there = await standing();
    expect(Object.keys(there).filter((name) => name.includes('Sent'))).toEqual([]);
    expect((there['Contracts Drafted PENDING'] ?? 0) + (there['Contracts Approved PENDING'] ?? 0)).toBe(6 + created);
  });

  it('two delete each other’s pipelines, and one of them learns that there is no such stage', async () => {
    granted(await tasks.create({ title: 'a', accountId: account.key, stageId: drafted }));
    granted(await tasks.create({ title: 'b', accountId: account.key, stageId: other.stages[0] }));
    const answers = await Promise.all([
      admin.remove(pipeline.id, { moveTasksToStageId: other.stages[1] }),
      admin.remove(other.id, { moveTasksToStageId: sent }),
    ]);
    expect(answers.map(refusedAt).filter((at) => at.length > 0)).toEqual([['NOT_FOUND moveTasksToStageId']]);
    const there = await standing();
    expect(new Set(Object.keys(there).map((name) => name.split(' ')[0])).size).toBe(1);
    expect(Object.values(there)).toEqual([1, 1]);
  });

  it('several change one pipeline: each on top of the other', async () => {
    await Promise.all([
      admin.update(pipeline.id, { name: 'Renamed' }),
      admin.addStage(pipeline.id, { stage: { name: 'One', color: '#000000' } }),
      admin.addStage(pipeline.id, { stage: { name: 'Two', color: '#000000' } }),
      admin.updateStage(sent, { color: '#010101' }),
      admin.update(pipeline.id, { wonStageId: approved }),
    ]);
    const { version, stages, name } = (await admin.read(pipeline.id)) ?? {};
    expect([version, name, stages?.length]).toEqual([6, 'Renamed', 6]);
    expect(stages?.map(({ sortOrder }) => sortOrder)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
