import { beforeAll, describe, expect, it } from 'vitest';
import type { Viewer } from '../../src/auth/viewer.ts';
import type { ParentColumn } from '../../src/task/list/matching.ts';
import { taskListsOf } from '../../src/task/lists.ts';
import type { TaskFilter } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import { statementsOf } from './asked.ts';
import { plant, plantPipeline } from './plant.ts';
import { type Known, useWorld } from './world.ts';

const world = useWorld();
const TYPES = ['ACCOUNT', 'CONTACT', 'LEAD', 'OPPORTUNITY'] as const;
const LINK = { ACCOUNT: 'accountId', CONTACT: 'contactId', LEAD: 'leadId', OPPORTUNITY: 'opportunityId' } as const;
let records: Record<(typeof TYPES)[number], Known>;
let limited: Caller;

const NODE = graphql(`
  query TaskRoomNested(
    $id: ID!, $filter: TaskFilter, $view: TaskView, $timeZone: TimeZone, $orderBy: [TaskOrder!],
    $first: Int, $after: String, $last: Int, $before: String
  ) {
    node(id: $id) {
      ... on LinkedRecord {
        tasks(
          filter: $filter, view: $view, timeZone: $timeZone, orderBy: $orderBy,
          first: $first, after: $after, last: $last, before: $before
        ) {
          totalCount
          logCursor
          edges { cursor }
          nodes { id title }
          pageInfo { hasNextPage hasPreviousPage }
        }
      }
    }
  }
`);
const TOP = graphql(`
  query TaskRoomNotNested($filter: TaskFilter, $view: TaskView, $orderBy: [TaskOrder!], $first: Int, $last: Int) {
    tasks(filter: $filter, view: $view, orderBy: $orderBy, first: $first, last: $last) { totalCount nodes { id title } }
  }
`);

const nested = async (id: string, args: object = {}, caller = world().admin) => {
  const { node } = await world().gateway.ask(caller, NODE, { id, ...args });
  if (!node || !('tasks' in node)) throw new Error(`${id} has no tasks`);
  return node.tasks;
};

beforeAll(async () => {
  const w = world();
  limited = await w.gateway.member(w.organization, { email: 'lee@ours.example', crmAccess: false });
  const lee = await w.idOf(limited);
  const made = await Promise.all(TYPES.map((type) => w.record(type)));
  records = Object.fromEntries(TYPES.map((type, index) => [type, made[index]])) as typeof records;
  const of = { accountId: records.ACCOUNT.id };
  await plant(
    w,
    Object.fromEntries(
      TYPES.flatMap((type, t) =>
        Array.from({ length: 12 }, (_, n) => [
          `${type} ${n}`,
          {
            ...(type === 'CONTACT' || type === 'OPPORTUNITY' ? of : {}),
            [LINK[type]]: records[type].id,
            linkedType: type,
            ...[{ day: `2026-01-${10 + n}` }, { at: `2026-01-${10 + n}T12:00:00.000Z` }, {}][(n + t) % 3],
            status: (['PENDING', 'ON_HOLD', 'CANCELLED', 'PENDING'] as const)[n % 4] as 'PENDING',
            ...(n % 5 === 4 && { assigneeId: lee }),
            ...(n === 3 && { deletedAt: new Date() }),
            ...(n === 5 && { kind: 'VOICEMAIL' as const }),
          },
        ]),
      ),
    ),
  );
});

const arguments_: object[] = [
  {},
  { first: 3 },
  { last: 3 },
  { filter: { _type: { any: true }, deleted: 'INCLUDE' } },
  { filter: { or: [{ status: { eq: 'ON_HOLD' } }, { date: { gte: '2026-01-15' } }] } },
  { filter: { search: 'account' } },
  { filter: { deleted: 'ONLY' } },
  { view: 'INBOX' },
  { orderBy: [{ field: 'CREATED_AT', direction: 'DESC' }] },
  { orderBy: [{ field: 'PRIORITY' }, { field: 'DATE', direction: 'DESC' }], first: 4 },
  { orderBy: [{ field: 'COMPLETED_AT' }] },
];

describe.each(TYPES)('the tasks of a record: %s', (type) => {
  const of = (filter: TaskFilter = {}): TaskFilter => ({ and: [filter, { [LINK[type]]: { eq: records[type].key } }] });

  it.each(arguments_)('are the tasks that are linked to it or derive it, with the same meaning: %j', async (args) => {
    for (const caller of [world().admin, limited]) {
      const { totalCount, nodes } = await nested(records[type].key, args, caller);
      const all = { ...args, filter: of((args as { filter?: TaskFilter }).filter) };
      expect({ totalCount, nodes }).toEqual((await world().gateway.ask(caller, TOP, all)).tasks);
    }
  });

  it('are walked by pages, either way', async () => {
    const whole = await nested(records[type].key, { first: 100 });
    for (const [size, from] of [
      ['first', 'after'],
      ['last', 'before'],
    ] as const) {
      const walked: string[] = [];
      for (let cursor: string | null = null; ; ) {
        const page: Awaited<ReturnType<typeof nested>> = await nested(records[type].key, { [size]: 4, [from]: cursor });
        const titles = page.nodes.map(({ title }) => title);
        if (size === 'first') walked.push(...titles);
        else walked.unshift(...titles);
        cursor = (size === 'first' ? page.edges.at(-1) : page.edges[0])?.cursor ?? null;
        if (!(size === 'first' ? page.pageInfo.hasNextPage : page.pageInfo.hasPreviousPage)) break;
      }
      expect(walked).toEqual(whole.nodes.map(({ title }) => title));
      expect(walked).toHaveLength(whole.totalCount);
    }
  });

  it('hold only one’s own without CRM access', async () => {
    const { nodes, totalCount } = await nested(records[type].key, {}, limited);
    expect(nodes.map(({ title }) => title).toSorted()).toEqual(expect.arrayContaining([`${type} 4`, `${type} 9`]));
    expect(totalCount).toBe(nodes.length);
    const all = await nested(records[type].key);
    expect(all.totalCount).toBeGreaterThan(totalCount);
  });
});

it('what derives a record is among its tasks', async () => {
  const titles = (await nested(records.ACCOUNT.key, { first: 100 })).nodes.map(({ title }) => title.split(' ')[0]);
  expect([...new Set(titles)].toSorted()).toEqual(['ACCOUNT', 'CONTACT', 'OPPORTUNITY']);
});

describe('under a list of records, tasks', () => {
  beforeAll(async () => {
    const w = world();
    const accounts = await Promise.all(Array.from({ length: 100 }, (_, n) => w.record('ACCOUNT', { name: `B ${n}` })));
    await plant(
      w,
      Object.fromEntries(
        accounts.flatMap(({ id }, n) =>
          [0, 1, 2].map((k) => [
            `${n} ${k}`,
            { accountId: id, linkedType: 'ACCOUNT' as const, ...(k < 2 && { day: `2026-01-1${k}` }) },
          ]),
        ),
      ),
    );
  });
  const tasks = (args: string, fields = 'nodes { title } totalCount logCursor') => `tasks(${args}) { ${fields} }`;
  const list = (first: number, ...lists: string[]) =>
    `{ accounts(first: ${first}) { nodes { ${lists.map((list, n) => `l${n}: ${list}`).join(' ')} } } }`;

  it.each([1, 25, 100])('of all take one statement, their counts one, the log’s place one: %d', async (first) => {
    expect((await statementsOf(world(), list(first, tasks('first: 2')))).toSorted()).toEqual([
      'account.list',
      'event.position',
      'task.counts',
      'task.lists',
    ]);
    const named = `filter: { assignee: { notIn: ["${world().member.userId}"] } }, first: 2`;
    expect((await statementsOf(world(), list(first, tasks(named)))).toSorted()).toEqual([
      'account.list',
      'event.position',
      'filter.knownIds',
      'task.counts',
      'task.lists',
    ]);
  });

  it('take no statement for what is not asked', async () => {
    expect(await statementsOf(world(), list(25, tasks('first: 2', 'nodes { title }')))).toEqual([
      'account.list',
      'task.lists',
    ]);
    expect(await statementsOf(world(), list(25, tasks('first: 2', 'totalCount')))).toEqual([
      'account.list',
      'task.counts',
    ]);
    expect(
      await statementsOf(world(), list(25, tasks('filter: { status: { in: [] } }', 'totalCount nodes { id }'))),
    ).toEqual(['account.list']);
  });

  it('in the same words are read once, in others apart', async () => {
    const [a, b] = [tasks('first: 2', 'nodes { title }'), tasks('last: 2', 'nodes { title }')];
    expect(await statementsOf(world(), list(25, a, a))).toEqual(['account.list', 'task.lists']);
    expect(await statementsOf(world(), list(25, a, b))).toEqual(['account.list', 'task.lists', 'task.lists']);
  });

  it('are each record’s own, in its order', async () => {
    type Data = { accounts: { nodes: { name: string; tasks: { nodes: { title: string }[]; totalCount: number } }[] } };
    const query =
      '{ accounts(first: 100, search: "B ") { nodes { name tasks(last: 2) { totalCount nodes { title } } } } }';
    const { accounts } = await world().gateway.ask<Data, object>(world().admin, query);
    expect(accounts.nodes).toHaveLength(100);
    for (const { name, tasks } of accounts.nodes) {
      const n = name.slice(2);
      expect(tasks).toEqual({ totalCount: 3, nodes: [{ title: `${n} 1` }, { title: `${n} 2` }] });
    }
  });

  it('refuse what the list of all tasks refuses', async () => {
    const ask = async (args: string) =>
      (await world().gateway.send(world().admin, list(1, tasks(args, 'nodes { id }')))).errors?.map(
        ({ extensions }) => extensions,
      );
    expect(await ask('orderBy: { field: POSITION }')).toEqual([{ code: 'BAD_USER_INPUT', argument: 'orderBy' }]);
    expect(await ask('filter: { or: [{ _type: { any: false } }] }')).toEqual([
      { code: 'BAD_USER_INPUT', argument: 'filter.or.0._type.any' },
    ]);
    expect(await ask('first: 101')).toEqual([{ code: 'BAD_USER_INPUT', argument: 'first' }]);
    expect(await ask('after: "x"')).toEqual([{ code: 'BAD_USER_INPUT', argument: 'after' }]);
  });
});

describe('what is no field yet', () => {
  it('hangs on its column as well: an activity’s, a stage’s, by places or by date, and a rule’s', async () => {
    const w = world();
    const { db } = w.gateway.app.runtime;
    const viewer = {
      organizationId: w.organization.id,
      userId: await w.idOf(w.admin),
      crmAccess: true,
      weekStartsOn: 'MONDAY',
      timeZone: 'UTC',
    } as Viewer;
    const { pipeline, stages } = await plantPipeline(w, ['New', 'Won']);
    const of = (stage: number, position: string) => ({
      pipelineId: pipeline.id,
      stageId: stages[stage]?.id as bigint,
      position,
    });
    await plant(w, {
      'new 1': { ...of(0, 'b'), day: '2026-01-01' },
      'new 2': { ...of(0, 'a'), day: '2026-01-02' },
      'new 3': { ...of(0, 'B'), status: 'COMPLETED' },
      'won 1': of(1, 'a'),
    });
    const ids = [...stages.map(({ id }) => id), 0n];
    const read = async (column: ParentColumn, field: 'DATE' | 'POSITION', view: 'INBOX' | null = null) => {
      const order = { terms: [{ field, direction: 'ASC' }], zone: 'UTC' } as const;
      const listing = { filter: {}, view, order, now: Date.UTC(2026, 2, 1), logCursor: null };
      const lists = taskListsOf(db, viewer, listing, column);
      const pages = await lists.pages(ids, { from: null, backward: false, limit: 9 });
      const titles = pages.map((page) => page.map(({ title }) => title));
      expect(await lists.counts(ids)).toEqual(titles.map(({ length }) => length));
      return titles;
    };
    expect(await read('stage_id', 'POSITION')).toEqual([['new 3', 'new 2', 'new 1'], ['won 1'], []]);
    expect(await read('stage_id', 'DATE', 'INBOX')).toEqual([['new 1', 'new 2'], ['won 1'], []]);
    expect(await read('activity_id', 'DATE')).toEqual([[], [], []]);
  });
});
