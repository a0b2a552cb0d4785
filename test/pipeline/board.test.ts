import { beforeAll, expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import type { Caller } from '../support/gateway.ts';
import { type Known, useWorld } from '../task/world.ts';
import { granted } from '../task/writes.ts';
import { type BoardWrites, boardOf, type KnownPipeline, plantPipeline } from './board.ts';

// A board as a frontend asks for it: stages with how many cards they hold and the first of them.

const world = useWorld({ now: () => new Date('2026-03-29T22:30:00Z') });
let admin: BoardWrites;
let account: Known;
let pipeline: KnownPipeline;
let limited: Caller;

beforeAll(async () => {
  const { gateway, organization } = world();
  admin = boardOf(world(), world().admin);
  account = await world().record('ACCOUNT');
  pipeline = await plantPipeline(world());
  limited = await gateway.member(organization, { email: 'lim@ours.example', crmAccess: false });
});

const create = async (title: string, stage: number, more: object = {}) =>
  granted(await admin.create({ title, accountId: account.key, stageId: pipeline.stages[stage] as string, ...more }));

interface Stages {
  readonly pipeline: {
    readonly stages: readonly {
      readonly taskCount: number;
      readonly tasks: { readonly totalCount: number; readonly nodes: readonly { readonly title: string }[] };
    }[];
  };
}
const BOARD = `query ($id: ID!, $filter: TaskFilter, $timeZone: TimeZone, $first: Int) {
  pipeline(id: $id) { stages {
    taskCount(filter: $filter, timeZone: $timeZone)
    tasks(filter: $filter, timeZone: $timeZone, first: $first) { totalCount nodes { title } }
  } }
}`;
const board = async (variables: object = {}, who: Caller = world().admin) =>
  (await world().gateway.ask<Stages, object>(who, BOARD, { id: pipeline.id, ...variables })).pipeline.stages;

it('holds the cards of each stage in the order that hands gave them [PARSA-28] [PARSA-29]', async () => {
  const [one, two, three] = [await create('one', 0), await create('two', 0), await create('three', 0)];
  await create('sent', 1);
  const titles = async () => (await board()).map(({ tasks }) => tasks.nodes.map(({ title }) => title));
  expect(await titles()).toEqual([['one', 'two', 'three'], ['sent'], [], []]);
  const stageId = pipeline.stages[0] as string;
  granted(await admin.move(three.id, stageId, { afterTaskId: one.id }));
  granted(await admin.move(two.id, stageId, { afterTaskId: null }));
  expect(await titles()).toEqual([['two', 'one', 'three'], ['sent'], [], []]);
  granted(await admin.move(one.id, pipeline.stages[3] as string));
  expect(await titles()).toEqual([['two', 'three'], ['sent'], [], ['one']]);
});

it('counts what its lists list, whatever the filter and the zone', async () => {
  // In Paris the 30th has begun; in New York it is still the 29th.
  await create('for the 30th', 2, { date: '2026-03-30' });
  const filters = [undefined, { isOpen: true }, { due: 'TODAY' }, { not: { due: 'TODAY' } }, { deleted: 'INCLUDE' }];
  const seen = new Set<string>();
  for (const filter of filters) {
    for (const timeZone of ['Europe/Paris', 'America/New_York']) {
      const stages = await board({ filter, timeZone, first: 1 });
      expect(stages.map(({ taskCount }) => taskCount)).toEqual(stages.map(({ tasks }) => tasks.totalCount));
      seen.add(JSON.stringify([filter, stages.map(({ taskCount }) => taskCount)]));
    }
  }
  // The zone decides what is due today.
  expect(seen.size).toBe(filters.length + 2);
});

it('takes as many statements for many pipelines as for one, and for many cards as for few', async () => {
  const query = `{ pipelines { name stages { name taskCount(filter: { isOpen: true }) tasks(first: 5) { nodes { title assignee { name } } } } } }`;
  const asked = () => world().gateway.statementsOf(() => world().gateway.ask(world().admin, query));
  const few = (await asked()).toSorted();
  const other = await plantPipeline(world(), true, 'Another');
  for (let n = 0; n < 10; n += 1) await plantPipeline(world(), n % 2 === 0, `Board ${n}`);
  for (let n = 0; n < 12; n += 1)
    granted(await admin.create({ title: `${n}`, accountId: account.key, stageId: other.stages[0] as string }));
  expect((await asked()).toSorted()).toEqual(few);
  expect(few.filter((name) => !name.startsWith('auth.'))).toHaveLength(4);
});

it('shows someone without CRM access their own cards alone', async () => {
  await create('theirs', 1, { assigneeId: limited.userId });
  const stages = await board({}, limited);
  expect(stages.map(({ tasks }) => tasks.nodes.map(({ title }) => title))).toEqual([[], ['theirs'], [], []]);
  expect(stages.map(({ taskCount }) => taskCount)).toEqual([0, 1, 0, 0]);
});

it('an activity lists the tasks that came out of it [THENA-T05] [THENA-A18]', async () => {
  const { prisma, organization, gateway } = world();
  const at = new Date('2026-03-01T00:00:00Z');
  const row = { organizationId: organization.id, creatorId: organization.assistantId, createdAt: at, updatedAt: at };
  const { uid } = await prisma.activity.create({
    data: { ...row, uid: newUid(), accountId: account.id, activityTimestamp: at, duration: 5, location: 'Phone' },
  });
  const activityId = encodeId('Activity', uid);
  const create = (title: string, date: string) => admin.create({ title, date, accountId: account.key, activityId });
  granted(await create('later', '2026-04-02'));
  granted(await create('sooner', '2026-04-01'));
  const query = `query ($id: ID!) { activity(id: $id) {
    tasks(first: 1) { totalCount nodes { title activity { id } } pageInfo { hasNextPage } }
  } }`;
  expect(await gateway.ask(world().admin, query, { id: activityId })).toEqual({
    activity: {
      tasks: {
        totalCount: 2,
        nodes: [{ title: 'sooner', activity: { id: activityId } }],
        pageInfo: { hasNextPage: true },
      },
    },
  });
});
