import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { uidOf } from '../../src/ids.ts';
import type { TaskPatch } from '../generated/graphql.ts';
import { type BoardWrites, boardOf, type KnownPipeline, plantPipeline } from '../pipeline/board.ts';
import { STATUSES } from './arbitrary.ts';
import { type Known, useWorld } from './world.ts';
import { granted, refusals, written } from './writes.ts';

// Tasks in pipelines, over HTTP; every sentence of the rule itself is in door.test.ts.

const world = useWorld();
let admin: BoardWrites;
let accountId: string;
let contracts: KnownPipeline;
let ideas: KnownPipeline;
let [drafted, sent, approved, done] = ['', '', '', ''];

beforeAll(async () => {
  admin = boardOf(world(), world().admin);
  accountId = (await world().record('ACCOUNT')).key;
  contracts = await plantPipeline(world());
  ideas = await plantPipeline(world(), false, 'Ideas');
  [drafted, sent, approved, done] = contracts.stages;
});

const create = async (more: object = {}) => granted(await admin.create({ title: 'Offer', accountId, ...more }));
/**
 * The kinds of a task's events since it was created, oldest first, each with the fields that it tells of. The place is
 * left out: in two stages it may happen to be the same text.
 */
async function told(id: string): Promise<string[]> {
  const nodes = (await admin.read(id))?.history.nodes ?? [];
  return nodes
    .map(
      ({ kind, changes }) =>
        `${kind} ${changes
          .map(({ field }) => field)
          .filter((field) => field !== 'position')
          .join()}`,
    )
    .toReversed();
}
const COMPLETION = 'status,completedAt,completedBy';

describe('a task can be created', () => {
  it('in a pipeline: in its default stage [PARSA-28] [PARSA-30]', async () => {
    const task = await create({ pipelineId: contracts.id });
    expect(task).toMatchObject({ status: 'PENDING', pipeline: { id: contracts.id }, stage: { id: drafted } });
    expect(await told(task.id)).toEqual([
      'TASK_CREATED title,type,priority,linkedRecordId,status',
      'TASK_STAGE_CHANGED pipelineId,stageId',
    ]);
  });

  it('in a stage, last there', async () => {
    const [first, second] = [
      await create({ stageId: sent }),
      await create({ stageId: sent, pipelineId: contracts.id }),
    ];
    expect(second.stage).toEqual({ id: sent });
    expect((second.position as string) > (first.position as string)).toBe(true);
  });

  it('in the won stage: complete [PARSA-31]', async () => {
    const task = await create({ stageId: done });
    expect(task).toMatchObject({ status: 'COMPLETED', completedBy: { id: world().admin.userId } });
    expect(await told(task.id)).toMatchObject(
      [/^TASK_CREATED/, /^TASK_COMPLETED/, /^TASK_STAGE_CHANGED/].map((kind) => expect.stringMatching(kind)),
    );
    expect((await create({ pipelineId: contracts.id, status: 'COMPLETED' })).stage).toEqual({ id: done });
  });

  it('in none, which null says too', async () => {
    expect(await create({ pipelineId: null, stageId: null })).toMatchObject({
      pipeline: null,
      stage: null,
      position: null,
    });
  });

  it.each<[string, () => object, string]>([
    ['the won stage and a status', () => ({ stageId: done, status: 'IN_PROGRESS' }), 'INVALID stageId'],
    ['another stage, complete', () => ({ stageId: sent, status: 'COMPLETED' }), 'INVALID stageId'],
    ['a stage of another pipeline', () => ({ pipelineId: ideas.id, stageId: sent }), 'INVALID stageId'],
    ['no such pipeline', () => ({ pipelineId: sent }), 'NOT_FOUND pipelineId'],
    ['no such stage', () => ({ stageId: contracts.id }), 'NOT_FOUND stageId'],
  ])('not with %s', async (_what, more, refusal) => {
    const before = await written(world());
    expect(refusals(await admin.create({ title: 'x', accountId, ...more() }))).toEqual([refusal]);
    expect(await written(world())).toEqual(before);
  });
});

describe('a task in a pipeline', () => {
  it('is completed by moving it to the won stage, at a moment, and stays in its history [PARSA-22] [PARSA-23] [PARSA-31]', async () => {
    const { id } = await create({ stageId: sent, status: 'ON_HOLD' });
    const moved = granted(await admin.move(id, done));
    expect(moved).toMatchObject({ status: 'COMPLETED', completedBy: { id: world().admin.userId }, version: 2 });
    expect(moved.completedAt).toBe(moved.updatedAt);
    expect((await told(id)).slice(2)).toEqual([`TASK_COMPLETED ${COMPLETION}`, 'TASK_STAGE_CHANGED stageId']);
    const active = await world().gateway.ask<{ tasks: { nodes: { id: string }[] } }, object>(
      world().admin,
      'query ($f: TaskFilter) { tasks(filter: $f) { nodes { id } } }',
      { f: { id: { eq: id }, status: { notIn: ['COMPLETED', 'CANCELLED'] } } },
    );
    expect(active.tasks.nodes).toEqual([]);
  });

  it('moves to the won stage when it is completed, and back when it is reopened', async () => {
    const { id } = await create({ stageId: approved, status: 'IN_PROGRESS' });
    expect(granted(await admin.complete(id, { outcome: 'Signed.' }))).toMatchObject({
      stage: { id: done },
      outcome: 'Signed.',
    });
    expect(granted(await admin.reopen(id))).toMatchObject({
      status: 'IN_PROGRESS',
      stage: { id: approved },
      completedAt: null,
      completedBy: null,
      outcome: null,
      version: 3,
    });
    expect((await told(id)).slice(2)).toEqual([
      `TASK_COMPLETED ${COMPLETION},outcome`,
      'TASK_STAGE_CHANGED stageId',
      `TASK_REOPENED ${COMPLETION},outcome`,
      'TASK_STAGE_CHANGED stageId',
    ]);
  });

  it('is reopened by leaving the won stage, and by any other status', async () => {
    const { id } = await create({ stageId: done });
    expect(granted(await admin.move(id, sent))).toMatchObject({ status: 'PENDING', stage: { id: sent } });
    granted(await admin.complete(id));
    expect(granted(await admin.update(id, { status: 'CANCELLED' }))).toMatchObject({
      status: 'CANCELLED',
      stage: { id: sent },
    });
    expect(granted(await admin.move(id, done))).toMatchObject({ status: 'COMPLETED' });
    expect(granted(await admin.update(id, { isComplete: false }))).toMatchObject({
      status: 'PENDING',
      stage: { id: sent },
    });
  });

  it('keeps its status between other stages, when it leaves, and when another has no won stage', async () => {
    const { id } = await create({ stageId: sent, status: 'ON_HOLD' });
    expect(granted(await admin.move(id, approved)).status).toBe('ON_HOLD');
    granted(await admin.complete(id));
    expect(granted(await admin.update(id, { pipelineId: ideas.id }))).toMatchObject({
      status: 'COMPLETED',
      stage: { id: ideas.stages[0] },
    });
    expect(granted(await admin.update(id, { pipelineId: null }))).toMatchObject({
      status: 'COMPLETED',
      pipeline: null,
      stage: null,
      position: null,
    });
    expect((await told(id)).at(-1)).toBe('TASK_STAGE_CHANGED pipelineId,stageId');
    expect(granted(await admin.update(id, { pipelineId: contracts.id })).stage).toEqual({ id: done });
  });

  it('complete already is not completed again, and gets no follow-up', async () => {
    const { id } = await create({ stageId: done });
    const before = await written(world());
    const { followUp, task } = await admin.complete(id, {
      outcome: 'x',
      followUp: { title: 'y', accountId, stageId: sent },
    });
    expect([followUp, task?.outcome]).toEqual([null, null]);
    expect(await written(world())).toEqual(before);
  });

  it('has follow-ups that may stand in pipelines', async () => {
    const { id } = await create({ stageId: sent });
    const { followUp, task } = await admin.complete(id, { followUp: { title: 'y', accountId, stageId: done } });
    expect(followUp).toMatchObject({ status: 'COMPLETED', stage: { id: done } });
    expect((followUp?.position as string) > (task?.position as string)).toBe(true);
    const other = await create({ stageId: sent });
    const wrong = { title: 'y', accountId, pipelineId: contracts.id, stageId: ideas.stages[0] };
    expect(refusals(await admin.complete(other.id, { followUp: wrong }))).toEqual(['INVALID followUp.stageId']);
  });

  it('tells its assignee that it was completed, however it was', async () => {
    const { id } = await create({ stageId: sent, assigneeId: world().member.userId });
    granted(await admin.move(id, done));
    const { notifications } = await world().gateway.ask<
      { notifications: { nodes: { kind: string; taskId: string }[] } },
      object
    >(world().member, '{ notifications(first: 2) { nodes { kind taskId } } }');
    expect(notifications.nodes).toEqual([
      { kind: 'TASK_COMPLETED', taskId: id },
      { kind: 'TASK_ASSIGNED', taskId: id },
    ]);
  });

  it('refuses what contradicts itself, each by its path', async () => {
    const { id } = await create({ stageId: sent });
    const before = await written(world());
    const of = async (patch: TaskPatch) => refusals(await admin.update(id, patch));
    expect(await of({ stageId: done, status: 'IN_PROGRESS' })).toEqual(['INVALID patch.stageId']);
    expect(await of({ isComplete: true, status: 'CANCELLED' })).toEqual(['INVALID patch.isComplete']);
    expect(await of({ stageId: ideas.stages[1] })).toEqual(['INVALID patch.stageId']);
    expect(await of({ stageId: null })).toEqual(['INVALID patch.stageId']);
    expect(await of({ pipelineId: 'junk', stageId: 'junk' })).toEqual([
      'NOT_FOUND patch.pipelineId',
      'NOT_FOUND patch.stageId',
    ]);
    expect(refusals(await admin.move(id, ideas.stages[1]))).toEqual(['INVALID stageId']);
    expect(refusals(await admin.move(id, 'junk'))).toEqual(['NOT_FOUND stageId']);
    expect(refusals(await admin.move('junk', done))).toEqual(['NOT_FOUND id']);
    expect(refusals(await admin.reopen(contracts.id))).toEqual(['NOT_FOUND id']);
    expect(await written(world())).toEqual(before);
  });

  it('is of kind LEAD', async () => {
    const [{ key }] = (await world().tasks([{ kind: 'MISSED_CALL' }])) as [Known];
    expect(refusals(await admin.move(key, sent))).toEqual(['NOT_ALLOWED stageId']);
    expect(refusals(await admin.update(key, { pipelineId: contracts.id }))).toEqual(['NOT_ALLOWED patch.pipelineId']);
    granted(await admin.complete(key));
    expect(granted(await admin.reopen(key))).toMatchObject({ status: 'PENDING', pipeline: null });
  });

  it('is changed at the version that is expected only', async () => {
    const { id } = await create({ stageId: sent });
    const conflict = { code: 'CONFLICT', path: ['expectedVersion'], currentVersion: 1 };
    expect((await admin.move(id, done, { expectedVersion: 2 })).errors).toMatchObject([conflict]);
    expect((await admin.reopen(id, { expectedVersion: 7 })).errors).toMatchObject([conflict]);
    granted(await admin.move(id, done, { expectedVersion: 1 }));
    granted(await admin.reopen(id, { expectedVersion: 2 }));
  });
});

describe('what it came out of', () => {
  const activity = async (more: object = {}) => {
    const { prisma, organization } = world();
    const at = new Date('2026-01-01T00:00:00Z');
    const uid = `01${Math.random().toString(36).slice(2, 10).toUpperCase().padEnd(24, 'A')}`;
    const happened = { activityTimestamp: at, duration: 5, location: 'x', createdAt: at, updatedAt: at };
    const common = { organizationId: organization.id, creatorId: organization.assistantId };
    await prisma.activity.create({ data: { ...common, ...happened, uid, ...more } });
    return `act_${uid}`;
  };

  it('is an activity, told in the log, and cleared by null', async () => {
    const [a, b] = [await activity(), await activity()];
    const { id } = await create({ activityId: a });
    granted(await admin.update(id, { activityId: b }));
    granted(await admin.update(id, { activityId: b }));
    granted(await admin.update(id, { activityId: null }));
    const nodes = (await admin.read(id))?.history.nodes ?? [];
    const changes = nodes.flatMap((event) => event.changes.filter(({ field }) => field === 'activityId'));
    expect(changes.toReversed()).toEqual([
      { field: 'activityId', from: null, to: a },
      { field: 'activityId', from: a, to: b },
      { field: 'activityId', from: b, to: null },
    ]);
  });

  it('must be there, and not deleted', async () => {
    const deleted = await activity({ deletedAt: new Date(), isActive: false });
    const { id } = await create();
    expect(refusals(await admin.update(id, { activityId: deleted }))).toEqual(['INVALID patch.activityId']);
    expect(refusals(await admin.update(id, { activityId: accountId }))).toEqual(['NOT_FOUND patch.activityId']);
    expect(refusals(await admin.create({ title: 'x', accountId, activityId: deleted }))).toEqual([
      'INVALID activityId',
    ]);
  });
});

describe('whatever is asked, one thing after the other,', () => {
  /** Every way in and out, by stage and pipeline numbers. */
  const stage = fc.integer({ min: 0, max: 7 });
  const way = fc.oneof(
    fc.record({ move: stage, to: fc.constantFrom('last', 'first') }),
    fc.constantFrom({ complete: true } as const, { reopen: true } as const),
    fc
      .record(
        {
          status: fc.constantFrom(...STATUSES),
          isComplete: fc.boolean(),
          pipeline: fc.option(fc.boolean()),
          stage: fc.option(stage),
        },
        { requiredKeys: [] },
      )
      .map((patch) => ({ patch })),
  );

  it('a task is complete exactly in the won stage, and versions and events follow its changes', async () => {
    const stages = [...contracts.stages, ...ideas.stages];
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(fc.option(stage), fc.array(way, { minLength: 4, maxLength: 8 }), async (start, ways) => {
        const { id } = await create(start === null ? {} : { stageId: stages[start] });
        let before = await admin.read(id);
        for (const step of ways) {
          if ('move' in step)
            await admin.move(id, stages[step.move] as string, step.to === 'first' ? { afterTaskId: null } : {});
          else if ('complete' in step) await admin.complete(id);
          else if ('reopen' in step) await admin.reopen(id);
          else {
            const { pipeline, stage: to, ...rest } = step.patch;
            await admin.update(id, {
              ...rest,
              ...(pipeline !== undefined && {
                pipelineId: pipeline === null ? null : pipeline ? contracts.id : ideas.id,
              }),
              ...(to !== undefined && { stageId: to === null ? null : (stages[to] as string) }),
            });
          }
          const after = await admin.read(id);
          if (!before || !after) throw new Error('The task is gone.');
          const complete = after.status === 'COMPLETED';
          if (after.pipeline?.id === contracts.id) expect(complete).toBe(after.stage?.id === done);
          expect([after.isComplete, after.completedAt !== null, after.completedBy !== null]).toEqual([
            complete,
            complete,
            complete,
          ]);
          const { version: was, history: old, ...shownBefore } = before;
          const { version: is, history, ...shownAfter } = after;
          const isChanged = JSON.stringify(shownAfter) !== JSON.stringify(shownBefore);
          expect(is - was).toBe(isChanged ? 1 : 0);
          expect(history.totalCount > old.totalCount).toBe(isChanged);
          const kinds = history.nodes.slice(0, history.totalCount - old.totalCount).map(({ kind }) => kind);
          expect(kinds.includes('TASK_COMPLETED')).toBe(complete && before.status !== 'COMPLETED');
          expect(kinds.includes('TASK_REOPENED')).toBe(!complete && before.status === 'COMPLETED');
          expect(kinds.includes('TASK_STAGE_CHANGED')).toBe(before.stage?.id !== after.stage?.id);
          changed += Number(isChanged);
          before = after;
        }
      }),
      { numRuns: 25 },
    );
    expect(changed).toBeGreaterThan(40);
  });

  it('and no two cards of a stage have one place', async () => {
    const rows = await world().prisma.task.findMany({
      where: { organizationId: world().organization.id, stageId: { not: null } },
      select: { stageId: true, position: true },
    });
    expect(new Set(rows.map(({ stageId, position }) => `${stageId} ${position}`)).size).toBe(rows.length);
    expect(uidOf('Stage', done)).not.toBeNull();
  });
});
