import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeId, newUid, uidOf } from '../../src/ids.ts';
import { statementsOf } from '../task/asked.ts';
import { type Known, useWorld } from '../task/world.ts';
import { granted, written } from '../task/writes.ts';
import { type BoardWrites, boardOf, type KnownPipeline, plantCards, plantPipeline } from './board.ts';
import { given, logOf, refusedAt, type StageWrites, stagesOf } from './stages.ts';

// A pipeline changes: its name, its stages, their order and roles; and its tasks follow.

const world = useWorld();
let tasks: BoardWrites;
let admin: StageWrites;
let account: Known;
let other: KnownPipeline;
let pipeline: KnownPipeline;
let [drafted, sent, approved, done] = ['', '', '', ''];

beforeAll(async () => {
  tasks = boardOf(world(), world().admin);
  admin = stagesOf(world(), world().admin);
  account = await world().record('ACCOUNT');
  other = await plantPipeline(world(), false, 'Other');
});
beforeEach(async () => {
  pipeline = await plantPipeline(world());
  [drafted, sent, approved, done] = pipeline.stages;
});

const card = async (stageId: string, more: object = {}) =>
  granted(await tasks.create({ title: 'Offer', accountId: account.key, stageId, ...more }));
const read = async (id: string) => {
  const task = await tasks.read(id);
  return task && { status: task.status, stage: task.stage?.id };
};
const stage = (more: object = {}) => ({ name: 'More', color: '#123456', ...more });
const nobody = encodeId('Stage', newUid());
const names = ({ stages }: { stages: readonly { name: string }[] }) => stages.map(({ name }) => name);
const last = async (id: string) => (await logOf(world(), uidOf('Pipeline', id) as string)).at(-1);

describe('updatePipeline', () => {
  it('gives a pipeline another name, and tells the log of it', async () => {
    expect(given(await admin.update(pipeline.id, { name: ' Deals ' }))).toMatchObject({ name: 'Deals', version: 2 });
    expect(await last(pipeline.id)).toMatchObject({
      kind: 'PIPELINE_CHANGED',
      changes: [{ field: 'name', from: 'Contracts', to: 'Deals' }],
    });
  });

  it('makes another stage the default one [PARSA-30]', async () => {
    const task = await card(drafted);
    const after = given(await admin.update(pipeline.id, { defaultStageId: sent }));
    expect(after).toMatchObject({ defaultStage: { id: sent }, wonStage: { id: done }, version: 2 });
    expect(after.stages.map(({ isDefault }) => isDefault)).toEqual([false, true, false, false]);
    expect(await read(task.id)).toEqual({ status: 'PENDING', stage: drafted });
    const next = granted(await tasks.create({ title: 'x', accountId: account.key, pipelineId: pipeline.id }));
    expect(next.stage?.id).toBe(sent);
    expect((await last(pipeline.id))?.changes).toEqual([{ field: 'defaultStageId', from: drafted, to: sent }]);
  });

  it('makes another stage the won one: complete tasks move along, in their order and behind those there [PARSA-31]', async () => {
    const [one, two] = [await card(done), await card(done)];
    granted(await tasks.move(two.id, done, { afterTaskId: null }));
    const after = given(await admin.update(pipeline.id, { wonStageId: approved }));
    expect(after.wonStage?.id).toBe(approved);
    const [first, second] = [await tasks.read(two.id), await tasks.read(one.id)];
    expect(first).toMatchObject({ status: 'COMPLETED', stage: { id: approved }, version: 3 });
    expect(second).toMatchObject({ status: 'COMPLETED', stage: { id: approved }, completedAt: one.completedAt });
    expect((first?.position as string) < (second?.position as string)).toBe(true);
    expect(second?.history.nodes[0]).toMatchObject({
      kind: 'TASK_STAGE_CHANGED',
      changes: [
        { field: 'stageId', from: done, to: approved },
        { field: 'position', from: 'a0', to: 'a1' },
      ],
    });
  });

  it('gives a pipeline its first won stage: what is complete comes there from everywhere', async () => {
    const plain = await plantPipeline(world(), false, 'Plain');
    const [start, middle, , end] = plain.stages;
    const [a, b, c] = [await card(start), await card(middle), await card(middle)];
    for (const { id } of [a, b]) granted(await tasks.complete(id));
    given(await admin.update(plain.id, { wonStageId: end }));
    expect([await read(a.id), await read(b.id), await read(c.id)]).toEqual([
      { status: 'COMPLETED', stage: end },
      { status: 'COMPLETED', stage: end },
      { status: 'PENDING', stage: middle },
    ]);
    // Reopened, they go back to where they were.
    granted(await tasks.reopen(b.id));
    expect(await read(b.id)).toEqual({ status: 'PENDING', stage: middle });
  });

  it('refuses a won stage in which tasks stand that are not complete, and says how many', async () => {
    await card(approved);
    granted(await tasks.update((await card(approved)).id, { status: 'CANCELLED' }));
    const before = await written(world());
    const answer = await admin.update(pipeline.id, { wonStageId: approved });
    expect(refusedAt(answer)).toEqual(['INVALID wonStageId']);
    expect(answer.errors[0]?.message).toContain('2 tasks');
    expect(await written(world())).toEqual(before);
  });

  it('completes them instead if so told: by whoever does it, and their assignees hear of it, as of one change', async () => {
    const { member } = world();
    const [open, cancelled] = [
      await card(approved, { assigneeId: member.userId }),
      await card(approved, { assigneeId: member.userId, notify: false }),
    ];
    granted(await tasks.update(cancelled.id, { status: 'CANCELLED' }));
    given(await admin.update(pipeline.id, { wonStageId: approved, completeTasks: true }));
    const after = await tasks.read(open.id);
    expect(after).toMatchObject({
      status: 'COMPLETED',
      completedBy: { id: world().admin.userId },
      stage: { id: approved },
      position: open.position,
    });
    expect(after?.history.nodes[0]).toMatchObject({
      kind: 'TASK_COMPLETED',
      changes: [
        { field: 'status', from: 'PENDING', to: 'COMPLETED' },
        { field: 'completedAt', from: null, to: after?.completedAt },
        { field: 'completedBy', from: null, to: world().admin.userId },
      ],
    });
    expect(await read(cancelled.id)).toEqual({ status: 'COMPLETED', stage: approved });
    const told = await world().gateway.ask<{ notifications: { nodes: { batchId: string | null }[] } }, object>(
      member,
      '{ notifications(first: 2) { nodes { kind task { id } batchId } } }',
    );
    const batchId = told.notifications.nodes[0]?.batchId;
    expect(batchId).toMatch(/^[0-9A-Z]{26}$/);
    expect(told.notifications.nodes).toEqual(
      [cancelled, open].map(({ id }) => ({ kind: 'TASK_COMPLETED', task: { id }, batchId })),
    );
  });

  it('clears the won stage, and leaves tasks as they are', async () => {
    const task = await card(done);
    expect(given(await admin.update(pipeline.id, { wonStageId: null })).wonStage).toBeNull();
    expect(await tasks.read(task.id)).toMatchObject({ status: 'COMPLETED', stage: { id: done }, version: 1 });
  });

  it('swaps the two roles at once', async () => {
    const task = await card(done);
    const after = given(await admin.update(pipeline.id, { defaultStageId: done, wonStageId: drafted }));
    expect(after).toMatchObject({ defaultStage: { id: done }, wonStage: { id: drafted } });
    expect(await read(task.id)).toEqual({ status: 'COMPLETED', stage: drafted });
  });

  it('makes no version of what changes nothing', async () => {
    const before = await written(world());
    const words = { name: 'Contracts', defaultStageId: drafted, wonStageId: done };
    expect(given(await admin.update(pipeline.id, words)).version).toBe(1);
    expect(await written(world())).toEqual(before);
  });

  it('refuses an older version with the one that there is', async () => {
    given(await admin.update(pipeline.id, { name: 'New', expectedVersion: 1 }));
    const { errors } = await admin.update(pipeline.id, { name: 'Newer', expectedVersion: 1 });
    expect(errors).toMatchObject([{ code: 'CONFLICT', path: ['expectedVersion'], currentVersion: 2 }]);
  });

  it.each<[string, () => object, string[]]>([
    ['no name', () => ({ name: ' ' }), ['INVALID name']],
    ['null as a name', () => ({ name: null }), ['INVALID name']],
    ['no default stage', () => ({ defaultStageId: null }), ['INVALID defaultStageId']],
    ['another pipeline’s stage', () => ({ wonStageId: other.stages[0] }), ['INVALID wonStageId']],
    [
      'nobody’s stages',
      () => ({ wonStageId: nobody, defaultStageId: 'x' }),
      ['NOT_FOUND defaultStageId', 'NOT_FOUND wonStageId'],
    ],
    ['the won stage as the default one', () => ({ defaultStageId: done }), ['INVALID defaultStageId']],
    ['the default stage as the won one', () => ({ wonStageId: drafted }), ['INVALID wonStageId']],
    ['one stage for both', () => ({ wonStageId: sent, defaultStageId: sent }), ['INVALID wonStageId']],
  ])('refuses %s', async (_what, words, at) => {
    const before = await written(world());
    expect(refusedAt(await admin.update(pipeline.id, words())).sort()).toEqual(at);
    expect(await written(world())).toEqual(before);
  });
});

describe('addStage', () => {
  it('puts a stage last, first, or behind another one [PARSA-29]', async () => {
    given(await admin.addStage(pipeline.id, { stage: stage({ name: 'Last' }) }));
    given(await admin.addStage(pipeline.id, { stage: stage({ name: 'First' }), afterStageId: null }));
    const after = given(
      await admin.addStage(pipeline.id, { stage: stage({ name: ' Third ' }), afterStageId: drafted }),
    );
    expect(names(after)).toEqual(['First', 'Drafted', 'Third', 'Sent for review', 'Approved', 'Done', 'Last']);
    expect(after.stages.map(({ sortOrder }) => sortOrder)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(after.version).toBe(4);
  });

  it('gives it the role that another one had: complete tasks move into a new won stage [PARSA-30] [PARSA-31]', async () => {
    const task = await card(done);
    const one = given(await admin.addStage(pipeline.id, { stage: stage({ isWon: true }) }));
    expect(one.wonStage?.id).toBe(one.stages[4]?.id);
    expect(await read(task.id)).toEqual({ status: 'COMPLETED', stage: one.wonStage?.id });
    const two = given(await admin.addStage(pipeline.id, { stage: stage({ isDefault: true }), afterStageId: null }));
    expect(two.stages.map(({ isDefault }) => isDefault)).toEqual([true, false, false, false, false, false]);
    expect((await last(pipeline.id))?.changes).toMatchObject([
      { field: 'defaultStageId', from: drafted, to: two.stages[0]?.id },
      { field: 'stages' },
    ]);
  });

  it.each<[string, () => Parameters<StageWrites['addStage']>[1], string[]]>([
    ['no name', () => ({ stage: stage({ name: '' }) }), ['INVALID stage.name']],
    ['a color by its name', () => ({ stage: stage({ color: 'red' }) }), ['INVALID stage.color']],
    ['both roles', () => ({ stage: stage({ isDefault: true, isWon: true }) }), ['INVALID stage.isWon']],
    ['a place behind another’s', () => ({ stage: stage(), afterStageId: other.stages[0] }), ['INVALID afterStageId']],
    ['a place behind nobody’s', () => ({ stage: stage(), afterStageId: nobody }), ['NOT_FOUND afterStageId']],
  ])('refuses a stage with %s', async (_what, input, at) => {
    expect(refusedAt(await admin.addStage(pipeline.id, input()))).toEqual(at);
    expect((await admin.read(pipeline.id))?.version).toBe(1);
  });

  it('refuses the 51st', async () => {
    const stages = Array.from({ length: 50 }, (_, index) => stage({ isDefault: index === 0 }));
    const full = (await tasks.createPipeline({ name: 'Full', stages })).pipeline;
    expect(refusedAt(await admin.addStage(full?.id as string, { stage: stage() }))).toEqual(['INVALID pipelineId']);
  });
});

describe('updateStage', () => {
  it('gives a stage another name and color [PARSA-29]', async () => {
    const after = given(await admin.updateStage(sent, { name: ' Out ', color: '#ABCDEF' }));
    expect(after).toMatchObject({ id: pipeline.id, version: 2 });
    expect(after.stages[1]).toMatchObject({ id: sent, name: 'Out', color: '#ABCDEF', sortOrder: 2 });
    expect(given(await admin.updateStage(sent, { name: 'Out' })).version).toBe(2);
  });

  it('refuses what a stage cannot have', async () => {
    expect(refusedAt(await admin.updateStage(sent, { name: ' ', color: '#12' }))).toEqual([
      'INVALID name',
      'INVALID color',
    ]);
    expect(refusedAt(await admin.updateStage(sent, { name: null, color: null }))).toEqual([
      'INVALID name',
      'INVALID color',
    ]);
    expect(refusedAt(await admin.updateStage(nobody, { name: 'x' }))).toEqual(['NOT_FOUND id']);
  });
});

describe('reorderStages', () => {
  it('puts the stages into the order given [PARSA-29]', async () => {
    const order = [done, approved, drafted, sent];
    const after = given(await admin.reorder(pipeline.id, order));
    expect(after.stages.map(({ id, sortOrder }) => [id, sortOrder])).toEqual(order.map((id, index) => [id, index + 1]));
    expect(after).toMatchObject({ version: 2, defaultStage: { id: drafted }, wonStage: { id: done } });
    expect(given(await admin.reorder(pipeline.id, order)).version).toBe(2);
  });

  it.each<[string, () => string[], string[]]>([
    ['one too few', () => [drafted, sent, approved], ['INVALID stageIds']],
    ['none', () => [], ['INVALID stageIds']],
    ['one twice', () => [drafted, sent, approved, drafted], ['INVALID stageIds']],
    ['one twice besides all', () => [drafted, sent, approved, done, done], ['INVALID stageIds']],
    ['another pipeline’s', () => [drafted, sent, approved, other.stages[0]], ['INVALID stageIds.3']],
    ['nobody’s', () => [drafted, nobody, approved, done], ['NOT_FOUND stageIds.1']],
    ['very many', () => Array.from({ length: 1_000 }, () => nobody), ['INVALID stageIds']],
  ])('refuses an order with %s', async (_what, order, at) => {
    expect(refusedAt(await admin.reorder(pipeline.id, order()))).toEqual(at);
    expect((await admin.read(pipeline.id))?.version).toBe(1);
  });
});

describe('who has CRM access and is no viewer', () => {
  it.each([
    ['a member', { crmAccess: true }, true],
    ['a member without CRM access', { crmAccess: false }, false],
    ['a viewer', { role: 'VIEWER' as const }, false],
  ])('defines pipelines and stages: %s [PARSA-32]', async (who, standing, may) => {
    const { gateway, organization } = world();
    const caller = await gateway.member(organization, {
      email: `${who.replaceAll(' ', '.')}@ours.example`,
      ...standing,
    });
    const asked = {
      updatePipeline: { id: pipeline.id, name: 'Theirs' },
      addStage: { pipelineId: pipeline.id, stage: stage() },
      updateStage: { id: sent, name: 'Theirs' },
      reorderStages: { pipelineId: pipeline.id, stageIds: [done, sent, approved, drafted] },
      deleteStage: { id: approved },
      deletePipeline: { id: pipeline.id },
    };
    for (const [field, input] of Object.entries(asked)) {
      const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
      const query = `mutation ($input: ${type}!) { ${field}(input: $input) { pipeline { id } errors { code } } }`;
      const { data, errors } = await gateway.send<Record<string, { errors: unknown[] }>, object>(caller, query, {
        input,
      });
      if (may && field === 'reorderStages') expect(data?.[field]?.errors).toEqual([{ code: 'INVALID' }]);
      else if (may) expect(data?.[field]?.errors).toEqual([]);
      else expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect((await admin.read(pipeline.id)) === null).toBe(may);
  });
});

it('takes as many statements for many tasks as for few', async () => {
  const query = `mutation ($id: ID!, $wonStageId: ID) {
    updatePipeline(input: { id: $id, wonStageId: $wonStageId, completeTasks: true }) { pipeline { id } errors { message } } }`;
  const asked = (wonStageId: string) => statementsOf(world(), query, { id: pipeline.id, wonStageId });
  await plantCards(world(), done, 2, account.key);
  await plantCards(world(), approved, 1, account.key);
  const few = await asked(approved);
  await plantCards(world(), done, 1, account.key);
  await plantCards(world(), approved, 9, account.key);
  expect(await asked(done)).toEqual(few);
  expect(few).toContain('task.rehome');
  expect(few.length).toBeLessThanOrEqual(22);
});
