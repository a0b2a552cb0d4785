import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { recordsOf } from '../record/room.ts';
import { useWorld } from '../task/world.ts';
import { writesOf } from '../task/writes.ts';
import { type BoardWrites, boardOf, plantPipeline } from './board.ts';
import { type StageWrites, stagesOf } from './stages.ts';

// Whatever is done to tasks and to pipelines, one thing after the other, the same holds after each.

const world = useWorld();
let tasks: BoardWrites;
let admin: StageWrites;
beforeAll(() => {
  tasks = boardOf(world(), world().admin);
  admin = stagesOf(world(), world().admin);
});

/** Which of what there is: a number for as many as there will be. */
const which = fc.nat(20);
const maybe = fc.option(which, { freq: 3 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('create' as const), stage: which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('move' as const), card: which, stage: which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'complete' as const,
        'reopen' as const,
        'cancel' as const,
        'bin' as const,
        'restore' as const,
      ),
      card: which,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('binAll' as const, 'restoreAll' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('update' as const),
      ...{ pipeline: which, start: maybe, won: maybe, clears: fc.boolean(), completes: fc.boolean() },
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      ...{ pipeline: which, after: maybe, isDefault: fc.boolean(), isWon: fc.boolean() },
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reorder' as const), pipeline: which, by: which }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('removeStage' as const),
      stage: which,
      to: maybe,
      start: maybe,
      won: maybe,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), pipeline: which, stage: maybe }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Shown {
  readonly id: string;
  readonly stages: readonly { readonly id: string }[];
}
const at = <Item>(items: readonly Item[], index: number): Item | undefined => items[index % Math.max(items.length, 1)];

/** Does one thing, as far as there is something to do it to; gives whether it was done. */
async function act(given: Step, cards: string[], account: string): Promise<boolean> {
  const { gateway, admin: caller } = world();
  const { pipelines } = await gateway.ask<{ pipelines: Shown[] }, object>(caller, '{ pipelines { id stages { id } } }');
  const all = pipelines.flatMap(({ stages }) => stages.map(({ id }) => id));
  const idOf = (index: number | null, ids = all) => (index === null ? undefined : at(ids, index));
  const done = ({ errors }: { readonly errors: readonly unknown[] }) => errors.length === 0;
  switch (given.do) {
    case 'create': {
      const answer = await tasks.create({ title: 'Card', accountId: account, stageId: idOf(given.stage) ?? null });
      if (answer.task) cards.push(answer.task.id);
      return done(answer);
    }
    case 'binAll':
      return done(await recordsOf(world(), caller).remove('ACCOUNT', account));
    case 'restoreAll':
      return done(await recordsOf(world(), caller).restore('ACCOUNT', account));
    case 'update': {
      const pipeline = at(pipelines, given.pipeline);
      const own = pipeline?.stages.map(({ id }) => id);
      const [defaultStageId, wonStageId] = [idOf(given.start, own), given.clears ? null : idOf(given.won, own)];
      const roles = { ...(defaultStageId && { defaultStageId }), ...(wonStageId !== undefined && { wonStageId }) };
      return !!pipeline && done(await admin.update(pipeline.id, { ...roles, completeTasks: given.completes }));
    }
    case 'add': {
      const pipeline = at(pipelines, given.pipeline);
      const { isDefault, isWon } = given;
      const afterStageId =
        idOf(
          given.after,
          pipeline?.stages.map(({ id }) => id),
        ) ?? null;
      const stage = { name: 'More', color: '#123456', isDefault, isWon };
      return !!pipeline && done(await admin.addStage(pipeline.id, { stage, afterStageId }));
    }
    case 'reorder': {
      const pipeline = at(pipelines, given.pipeline);
      const ids = pipeline?.stages.map(({ id }) => id) ?? [];
      const turned = [...ids.slice(given.by % ids.length), ...ids.slice(0, given.by % ids.length)];
      return !!pipeline && done(await admin.reorder(pipeline.id, turned));
    }
    case 'removeStage': {
      const stage = idOf(given.stage);
      const own = pipelines.find(({ stages }) => stages.some(({ id }) => id === stage))?.stages.map(({ id }) => id);
      const heirs = {
        moveTasksToStageId: idOf(given.to, own) ?? null,
        newDefaultStageId: idOf(given.start, own) ?? null,
        newWonStageId: idOf(given.won, own) ?? null,
      };
      if (!stage) return false;
      const answer = await admin.removeStage(stage, heirs);
      if (answer.errors.length === 0) return true;
      // Else most would be refused for roles that the stage does not have.
      const asks = (field: keyof typeof heirs) => answer.errors.some(({ path }) => path[0] === field);
      const better = {
        ...heirs,
        ...(asks('newDefaultStageId') && { newDefaultStageId: own?.find((id) => id !== stage) ?? null }),
        ...(asks('newWonStageId') && { newWonStageId: null }),
      };
      if (answer.errors.some(({ message }) => /not the default/.test(message))) better.newDefaultStageId = null;
      return done(await admin.removeStage(stage, better));
    }
    case 'remove': {
      const pipeline = at(pipelines, given.pipeline);
      const others = all.filter((id) => pipeline?.stages.every((stage) => stage.id !== id));
      // The last one stays, or little would happen from then on.
      if (!pipeline || pipelines.length < 2) return false;
      return done(await admin.remove(pipeline.id, { moveTasksToStageId: idOf(given.stage, others) ?? null }));
    }
  }
  const card = at(cards, given.card);
  if (card === undefined) return false;
  const own = writesOf(world(), caller);
  const deeds = {
    move: async () => tasks.move(card, idOf('stage' in given ? given.stage : 0) ?? ''),
    complete: () => tasks.complete(card),
    reopen: () => tasks.reopen(card),
    cancel: () => tasks.update(card, { status: 'CANCELLED' }),
    bin: () => own.remove(card),
    restore: () => tasks.restore(card),
  };
  return done(await deeds[given.do]());
}

/** What is wrong in the database. */
async function wrongs(expected: number): Promise<string[]> {
  const { prisma, organization } = world();
  const where = { organizationId: organization.id };
  const wrong: string[] = [];
  const [pipelines, allStages, allTasks] = await Promise.all([
    prisma.pipeline.findMany({ where }),
    prisma.stage.findMany({ where }),
    prisma.task.findMany({ where }),
  ]);
  for (const { id, deletedAt, movedToId } of pipelines) {
    const stages = allStages.filter(({ pipelineId }) => pipelineId === id);
    const live = stages.filter((stage) => stage.deletedAt === null);
    const [starts, won] = [live.filter(({ isDefault }) => isDefault), live.filter(({ isWon }) => isWon)];
    if (starts.length !== 1) wrong.push(`pipeline ${id} has ${starts.length} default stages`);
    if (won.length > 1) wrong.push(`pipeline ${id} has ${won.length} won stages`);
    if (starts[0] && starts[0].id === won[0]?.id) wrong.push(`pipeline ${id} starts in its won stage`);
    const places = live.map(({ sortOrder }) => sortOrder).sort((a, b) => a - b);
    if (places.some((place, index) => place !== index + 1)) wrong.push(`pipeline ${id} has places ${places}`);
    if (movedToId !== null || stages.some((stage) => stage.movedToId !== null))
      wrong.push(`pipeline ${id} is not settled`);
    const cards = allTasks.filter((task) => task.pipelineId === id && task.deletedAt === null);
    if (deletedAt && cards.length > 0) wrong.push(`pipeline ${id} is deleted and has ${cards.length} tasks`);
    for (const card of cards) {
      if (!live.some((stage) => stage.id === card.stageId)) wrong.push(`task ${card.id} is in a stage that is gone`);
      const isWon = won.some((stage) => stage.id === card.stageId);
      if (won.length > 0 && isWon !== (card.status === 'COMPLETED'))
        wrong.push(`task ${card.id} is ${card.status}, won: ${isWon}`);
    }
  }
  if (allTasks.length !== expected) wrong.push(`${allTasks.length} tasks, not ${expected}`);
  const placed = allTasks.filter(({ stageId }) => stageId !== null);
  if (new Set(placed.map(({ stageId, position }) => `${stageId} ${position}`)).size < placed.length)
    wrong.push('one place twice');
  const untold = await prisma.$queryRawUnsafe<{ id: bigint }[]>(
    `SELECT t.id FROM task t WHERE t.organization_id = $1 AND to_jsonb(t) IS DISTINCT FROM (
       SELECT e.image_after FROM event e WHERE e.organization_id = $1 AND e.subject_type = 'TASK' AND e.subject_id = t.id
       ORDER BY e.seq DESC LIMIT 1)`,
    organization.id,
  );
  return [...wrong, ...untold.map(({ id }) => `the log’s last image of task ${id} is not its row`)];
}

it('every task stands where it belongs, and the log knows it [PARSA-28] [PARSA-29] [PARSA-30] [PARSA-31]', async () => {
  const counts = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(step, { minLength: 15, maxLength: 20 }), async (hasWon, steps) => {
      const { prisma, organization } = world();
      const where = { organizationId: organization.id };
      await prisma.task.deleteMany({ where });
      await prisma.stage.updateMany({ where, data: { movedToId: null } });
      await prisma.stage.deleteMany({ where });
      await prisma.pipeline.deleteMany({ where });
      const [one, two] = [await plantPipeline(world(), hasWon, 'One'), await plantPipeline(world(), true, 'Two')];
      const account = (await world().record('ACCOUNT')).key;
      const cards: string[] = [];
      for (const stageId of [one.stages[0], one.stages[1], one.stages[3], two.stages[2]])
        await act({ do: 'create', stage: 0 }, cards, account).then(() => tasks.move(cards.at(-1) as string, stageId));
      for (const given of steps) {
        if (await act(given, cards, account)) counts.set(given.do, (counts.get(given.do) ?? 0) + 1);
        expect(await wrongs(cards.length), JSON.stringify(given)).toEqual([]);
      }
    }),
    { numRuns: 7 },
  );
  // It would hold of nothing, were all refused.
  for (const what of ['create', 'move', 'update', 'removeStage', 'add'])
    expect(counts.get(what) ?? 0, what).toBeGreaterThan(0);
}, 60_000);
