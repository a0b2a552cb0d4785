import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeId, newUid, uidOf } from '../../src/ids.ts';
import { recordsOf } from '../record/room.ts';
import { statementsOf } from '../task/asked.ts';
import { type Known, useWorld } from '../task/world.ts';
import { granted, writesOf, written } from '../task/writes.ts';
import { type BoardWrites, boardOf, type KnownPipeline, plantCards, plantPipeline } from './board.ts';
import { given, logOf, refusedAt, type StageWrites, stagesOf } from './stages.ts';

// Stages and pipelines are deleted; their tasks go where they are told, and what is in the bin finds its way back.

const world = useWorld();
let tasks: BoardWrites;
let admin: StageWrites;
let account: Known;
let pipeline: KnownPipeline;
let other: KnownPipeline;
let [drafted, sent, approved, done] = ['', '', '', ''];
const nobody = encodeId('Stage', newUid());

beforeAll(async () => {
  tasks = boardOf(world(), world().admin);
  admin = stagesOf(world(), world().admin);
});
beforeEach(async () => {
  account = await world().record('ACCOUNT');
  pipeline = await plantPipeline(world());
  other = await plantPipeline(world(), true, 'Other');
  [drafted, sent, approved, done] = pipeline.stages;
});

const card = async (stageId: string, more: object = {}) =>
  granted(await tasks.create({ title: 'Offer', accountId: account.key, stageId, ...more }));
const read = async (id: string) => {
  const task = await tasks.read(id);
  return task && { status: task.status, stage: task.stage?.id ?? null };
};
/** The cards of a stage in their order. */
const cardsOf = async (stageId: string) => {
  const query = `query ($id: ID!) { node(id: $id) { ...on Stage { tasks(first: 100) { nodes { id } } } } }`;
  const { node } = await world().gateway.ask<{ node: { tasks: { nodes: { id: string }[] } } }, object>(
    world().admin,
    query,
    {
      id: stageId,
    },
  );
  return node.tasks.nodes.map(({ id }) => id);
};
const last = async (id: string) =>
  (await logOf(world(), uidOf('Pipeline', id) as string)).findLast(({ kind }) => kind === 'PIPELINE_CHANGED');
const remove = async (id: string) => granted(await writesOf(world(), world().admin).remove(id));

describe('deleteStage', () => {
  it('deletes an empty stage: it is in no list and no lookup any more', async () => {
    const after = given(await admin.removeStage(sent));
    expect(after.stages.map(({ id, sortOrder }) => [id, sortOrder])).toEqual([
      [drafted, 1],
      [approved, 2],
      [done, 3],
    ]);
    expect(after.version).toBe(2);
    expect(
      (await world().gateway.ask<{ node: null }, object>(world().admin, `{ node(id: "${sent}") { id } }`)).node,
    ).toBeNull();
    expect(refusedAt(await admin.updateStage(sent, { name: 'x' }))).toEqual(['NOT_FOUND id']);
    expect((await tasks.create({ title: 'x', accountId: account.key, stageId: sent })).errors).toMatchObject([
      { code: 'NOT_FOUND', path: ['stageId'] },
    ]);
    expect((await last(pipeline.id))?.changes).toMatchObject([{ field: 'stages' }]);
  });

  it('moves its tasks behind those of the stage that is named, in their order', async () => {
    const there = await plantCards(world(), approved, 2, account.key);
    const [a, b, c] = await plantCards(world(), sent, 3, account.key);
    granted(await tasks.move(c as string, sent, { afterTaskId: null }));
    given(await admin.removeStage(sent, { moveTasksToStageId: approved }));
    expect(await cardsOf(approved)).toEqual([...there, c, a, b]);
    const task = await tasks.read(a as string);
    expect(task?.history.nodes[0]).toMatchObject({
      kind: 'TASK_STAGE_CHANGED',
      changes: [{ field: 'stageId', from: sent, to: approved }, { field: 'position' }],
    });
  });

  it('asks for a new default stage, which takes over [PARSA-30]', async () => {
    const task = await card(drafted);
    const heirs = { moveTasksToStageId: approved };
    expect(refusedAt(await admin.removeStage(drafted, heirs))).toEqual(['INVALID newDefaultStageId']);
    const after = given(await admin.removeStage(drafted, { ...heirs, newDefaultStageId: sent }));
    expect(after).toMatchObject({ defaultStage: { id: sent }, wonStage: { id: done } });
    expect(await read(task.id)).toEqual({ status: 'PENDING', stage: approved });
    expect((await last(pipeline.id))?.changes).toMatchObject([
      { field: 'defaultStageId', from: drafted, to: sent },
      { field: 'stages' },
    ]);
  });

  it('leaves no won stage where none is named: complete tasks stay complete [PARSA-31]', async () => {
    const task = await card(done);
    const after = given(await admin.removeStage(done, { moveTasksToStageId: sent }));
    expect(after.wonStage).toBeNull();
    expect(await read(task.id)).toEqual({ status: 'COMPLETED', stage: sent });
  });

  it('moves complete tasks into the new won stage, and needs no other [PARSA-31]', async () => {
    const task = await card(sent);
    granted(await tasks.complete(task.id));
    const after = given(await admin.removeStage(done, { moveTasksToStageId: approved, newWonStageId: approved }));
    expect(after.wonStage?.id).toBe(approved);
    expect(await read(task.id)).toEqual({ status: 'COMPLETED', stage: approved });
    granted(await tasks.reopen(task.id));
    expect(await read(task.id)).toEqual({ status: 'PENDING', stage: sent });
  });

  it('refuses a new won stage with open tasks, and says how many', async () => {
    await card(approved);
    const answer = await admin.removeStage(done, { newWonStageId: approved });
    expect(refusedAt(answer)).toEqual(['INVALID newWonStageId']);
    expect(answer.errors[0]?.message).toContain('1 task ');
  });

  it('sends reopened tasks to the default stage where the one before the won one is gone', async () => {
    const task = await card(sent);
    granted(await tasks.complete(task.id));
    given(await admin.removeStage(sent));
    granted(await tasks.reopen(task.id));
    expect(await read(task.id)).toEqual({ status: 'PENDING', stage: drafted });
  });

  it.each<[string, () => [string, object], string[]]>([
    ['tasks that are to go nowhere', () => [sent, {}], ['INVALID moveTasksToStageId']],
    ['tasks that are to stay', () => [sent, { moveTasksToStageId: sent }], ['INVALID moveTasksToStageId']],
    ['open tasks that are to be won', () => [sent, { moveTasksToStageId: done }], ['INVALID moveTasksToStageId']],
    [
      'another pipeline to go to',
      () => [sent, { moveTasksToStageId: other.stages[0] }],
      ['INVALID moveTasksToStageId'],
    ],
    ['nobody’s stage to go to', () => [sent, { moveTasksToStageId: nobody }], ['NOT_FOUND moveTasksToStageId']],
    ['itself as the default stage', () => [drafted, { newDefaultStageId: drafted }], ['INVALID newDefaultStageId']],
    ['the won stage as the default one', () => [drafted, { newDefaultStageId: done }], ['INVALID newDefaultStageId']],
    ['the default stage as the won one', () => [done, { newWonStageId: drafted }], ['INVALID newWonStageId']],
    [
      'roles that it does not have',
      () => [approved, { newDefaultStageId: approved, newWonStageId: nobody }],
      ['INVALID newDefaultStageId', 'NOT_FOUND newWonStageId'],
    ],
    [
      'heirs of roles that others have',
      () => [approved, { newDefaultStageId: sent, newWonStageId: sent }],
      ['INVALID newDefaultStageId', 'INVALID newWonStageId'],
    ],
    ['nobody’s id', () => [nobody, {}], ['NOT_FOUND id']],
  ])('refuses %s', async (_what, given, at) => {
    await card(sent);
    const before = await written(world());
    expect(refusedAt(await admin.removeStage(...given()))).toEqual(at);
    expect(await written(world())).toEqual(before);
    expect((await admin.read(pipeline.id))?.version).toBe(1);
  });

  it('refuses to leave a pipeline without a stage', async () => {
    const { pipeline: single } = await tasks.createPipeline({
      name: 'One',
      stages: [{ name: 'Only', color: '#000000', isDefault: true }],
    });
    expect(refusedAt(await admin.removeStage(single?.stages[0]?.id as string))).toEqual(['INVALID id']);
  });
});

describe('deletePipeline', () => {
  it('deletes an empty pipeline, and gives it as it was', async () => {
    const gone = given(await admin.remove(pipeline.id, { expectedVersion: 1 }));
    expect(gone).toMatchObject({
      id: pipeline.id,
      name: 'Contracts',
      defaultStage: { id: drafted },
      wonStage: { id: done },
    });
    expect(gone.stages).toHaveLength(4);
    expect(await admin.read(pipeline.id)).toBeNull();
    const query = '{ pipelines { id } }';
    const { pipelines } = await world().gateway.ask<{ pipelines: { id: string }[] }, object>(world().admin, query);
    expect(pipelines.map(({ id }) => id)).not.toContain(pipeline.id);
    expect(refusedAt(await admin.remove(pipeline.id))).toEqual(['NOT_FOUND id']);
    expect(refusedAt(await admin.removeStage(sent))).toEqual(['NOT_FOUND id']);
    expect(refusedAt(await admin.addStage(pipeline.id, { stage: { name: 'x', color: '#000000' } }))).toEqual([
      'NOT_FOUND pipelineId',
    ]);
    expect((await last(pipeline.id))?.changes).toMatchObject([
      { field: 'name', from: 'Contracts', to: null },
      { field: 'stages', to: null },
    ]);
  });

  it('moves its tasks: complete ones into the other’s won stage, the others where they are told, in their order', async () => {
    const [first, second, third] = [await card(sent), await card(drafted), await card(drafted)];
    const won = await card(done);
    given(await admin.remove(pipeline.id, { moveTasksToStageId: other.stages[1] }));
    expect(await cardsOf(other.stages[1])).toEqual([second.id, third.id, first.id]);
    expect(await cardsOf(other.stages[3])).toEqual([won.id]);
    const task = await tasks.read(won.id);
    expect(task).toMatchObject({ status: 'COMPLETED', pipeline: { id: other.id }, completedAt: won.completedAt });
    expect(task?.history.nodes[0]).toMatchObject({
      kind: 'TASK_STAGE_CHANGED',
      changes: [
        { field: 'pipelineId', from: pipeline.id, to: other.id },
        { field: 'stageId', from: done, to: other.stages[3] },
      ],
    });
    granted(await tasks.reopen(won.id));
    expect(await read(won.id)).toEqual({ status: 'PENDING', stage: other.stages[0] });
  });

  it('takes a won stage only where all tasks are complete', async () => {
    const task = await card(done);
    const open = await card(sent);
    const heir = { moveTasksToStageId: other.stages[3] };
    expect(refusedAt(await admin.remove(pipeline.id, heir))).toEqual(['INVALID moveTasksToStageId']);
    granted(await tasks.complete(open.id));
    given(await admin.remove(pipeline.id, heir));
    expect(await cardsOf(other.stages[3])).toEqual([task.id, open.id]);
  });

  it.each<[string, () => object, string[]]>([
    ['tasks that are to go nowhere', () => ({}), ['INVALID moveTasksToStageId']],
    ['tasks that are to stay', () => ({ moveTasksToStageId: drafted }), ['INVALID moveTasksToStageId']],
    ['nobody’s stage', () => ({ moveTasksToStageId: nobody }), ['NOT_FOUND moveTasksToStageId']],
    ['another version', () => ({ expectedVersion: 2 }), ['CONFLICT expectedVersion']],
  ])('refuses %s', async (_what, more, at) => {
    await card(sent);
    const before = await written(world());
    expect(refusedAt(await admin.remove(pipeline.id, more()))).toEqual(at);
    expect(await written(world())).toEqual(before);
  });
});

describe('what is in the bin', () => {
  it('is not asked about, and comes back to the default stage, or complete to the won one', async () => {
    const [open, complete] = [await card(sent), await card(sent)];
    granted(await tasks.complete(complete.id));
    for (const { id } of [open, complete]) await remove(id);
    given(await admin.removeStage(sent));
    given(await admin.removeStage(done, { newWonStageId: approved }));
    granted(await tasks.restore(open.id));
    granted(await tasks.restore(complete.id));
    expect(await read(open.id)).toEqual({ status: 'PENDING', stage: drafted });
    expect(await read(complete.id)).toEqual({ status: 'COMPLETED', stage: approved });
  });

  it('comes back without a pipeline where that is gone', async () => {
    const task = await card(sent);
    await remove(task.id);
    given(await admin.remove(pipeline.id));
    expect(await read(task.id)).toEqual({ status: 'PENDING', stage: sent });
    const back = granted(await tasks.restore(task.id));
    expect(back).toMatchObject({ pipeline: null, stage: null, position: null });
  });

  it('comes back so with its record too, in its order and behind those that are there', async () => {
    const records = recordsOf(world(), world().admin);
    const elsewhere = await world().record('ACCOUNT');
    const there = granted(await tasks.create({ title: 'There', accountId: elsewhere.key, stageId: drafted }));
    const ids = await plantCards(world(), sent, 3, account.key);
    const inOther = await card(other.stages[1]);
    const [won, kept] = [await card(done), await card(approved)];
    granted(await tasks.move(ids[2] as string, sent, { afterTaskId: null }));
    expect((await records.remove('ACCOUNT', account.key)).errors).toEqual([]);
    given(await admin.removeStage(sent));
    given(await admin.update(pipeline.id, { wonStageId: null }));
    given(await admin.removeStage(done));
    given(await admin.remove(other.id));
    expect((await records.restore('ACCOUNT', account.key)).errors).toEqual([]);
    expect(await cardsOf(drafted)).toEqual([there.id, ids[2], ids[0], ids[1], won.id]);
    expect(await read(won.id)).toEqual({ status: 'COMPLETED', stage: drafted });
    expect(await read(inOther.id)).toEqual({ status: 'PENDING', stage: null });
    expect(await tasks.read(kept.id)).toMatchObject({ stage: { id: approved }, position: kept.position });
    const { history } = (await tasks.read(ids[0] as string)) ?? {};
    expect(history?.nodes.slice(0, 2).map(({ kind }) => kind)).toEqual(['TASK_RESTORED', 'TASK_STAGE_CHANGED']);
    expect(history?.nodes[1]?.changes[0]).toEqual({ field: 'stageId', from: sent, to: drafted });
  });
});

it('takes as many statements for many tasks as for few', async () => {
  const query = `mutation ($id: ID!, $to: ID) { deleteStage(input: { id: $id, moveTasksToStageId: $to }) { errors { message } } }`;
  await plantCards(world(), sent, 1, account.key);
  const few = await statementsOf(world(), query, { id: sent, to: drafted });
  await plantCards(world(), approved, 9, account.key);
  expect(await statementsOf(world(), query, { id: approved, to: drafted })).toEqual(few);
  const whole = `mutation ($id: ID!, $to: ID) { deletePipeline(input: { id: $id, moveTasksToStageId: $to }) { errors { message } } }`;
  const more = await statementsOf(world(), whole, { id: pipeline.id, to: other.stages[0] });
  const third = await plantPipeline(world(), true, 'Third');
  await plantCards(world(), third.stages[2], 1, account.key);
  expect(await statementsOf(world(), whole, { id: third.id, to: other.stages[0] })).toEqual(more);
  expect(few).toContain('task.rehome');
  expect(more).toContain('task.rehome');
});
