import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TaskCountsQueryVariables, TaskFilter } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import { plant, plantPipeline } from './plant.ts';
import { type Known, useWorld } from './world.ts';

// A Wednesday.
const NOON = '2026-03-11T12:00:00.000Z';
let clock = NOON;
const world = useWorld({ now: () => new Date(clock) });
beforeEach(() => {
  clock = NOON;
});

const COUNTS = graphql(`
  query TaskCounts($filter: TaskFilter, $view: TaskView, $timeZone: TimeZone, $groupBy: TaskGroupBy!) {
    taskCounts(filter: $filter, view: $view, timeZone: $timeZone, groupBy: $groupBy) { key count }
  }
`);

/** Counts as pairs, in their order. */
async function counts(variables: TaskCountsQueryVariables, caller: Caller = world().admin) {
  const { taskCounts } = await world().gateway.ask(caller, COUNTS, variables);
  return taskCounts.map(({ key, count }) => [key, count] as const);
}
/** Only the groups that have tasks. */
const present = async (variables: TaskCountsQueryVariables, caller?: Caller) =>
  Object.fromEntries((await counts(variables, caller)).filter(([, count]) => count > 0));

let stages: readonly Known[];
let account: Known;
let contact: Known;
let limited: Caller;

beforeAll(async () => {
  const { gateway, organization, admin, member } = world();
  limited = await gateway.member(organization, { email: 'lim@ours.example', crmAccess: false });
  const [ada, max, lim] = await Promise.all([admin, member, limited].map((person) => world().idOf(person)));
  const planted = await plantPipeline(world(), ['Drafted', 'Sent', 'Approved']);
  stages = planted.stages;
  account = await world().record('ACCOUNT');
  contact = await world().record('CONTACT');
  const at = (index: number, position: string) => ({
    pipelineId: planted.pipeline.id,
    stageId: stages[index]?.id as bigint,
    position,
  });
  const ofAccount = { linkedType: 'ACCOUNT', accountId: account.id } as const;
  const ofContact = { linkedType: 'CONTACT', contactId: contact.id } as const;
  await plant(world(), {
    'overdue call': { day: '2026-03-10', type: 'CALL', assigneeId: max as bigint, ...at(1, 'a'), ...ofAccount },
    'overdue demo': { at: '2026-03-11T11:59:59.999Z', type: 'DEMO', assigneeId: max as bigint, ...at(1, 'b') },
    'due now': { at: NOON, type: 'CALL', assigneeId: max as bigint, priority: 'HIGH', ...at(0, 'a'), ...ofContact },
    'due today': { day: '2026-03-11', type: 'CALL', status: 'IN_PROGRESS', assigneeId: ada as bigint, ...ofContact },
    'due on Sunday': { at: '2026-03-15T23:59:59.999Z', status: 'ON_HOLD', creatorId: lim as bigint },
    'due on Monday': { day: '2026-03-16', assigneeId: ada as bigint, ...ofAccount },
    undated: { priority: 'HIGH' },
    'done, of yesterday': { day: '2026-03-10', status: 'COMPLETED', assigneeId: max as bigint },
    'given up': { status: 'CANCELLED', type: 'CALL', assigneeId: lim as bigint },
    'missed call': { kind: 'MISSED_CALL', type: 'CALL', day: '2026-03-10' },
    'in the bin': { day: '2026-03-10', deletedAt: new Date(NOON) },
    'a queue row': { day: '2026-03-10', isQueueRow: true },
  });
});

describe('counts by an enum', () => {
  it('have each of its values in its order, with none where there are none', async () => {
    expect(await counts({ groupBy: 'STATUS' })).toEqual([
      ...[['PENDING', 5] as const, ['IN_PROGRESS', 1] as const, ['ON_HOLD', 1] as const],
      ...[['COMPLETED', 1] as const, ['CANCELLED', 1] as const],
    ]);
    expect(await counts({ groupBy: 'PRIORITY' })).toEqual([
      ['LOW', 7],
      ['MEDIUM', 0],
      ['HIGH', 2],
    ]);
    const types = await counts({ groupBy: 'TYPE' });
    expect(types.map(([key]) => key).join(' ')).toBe(
      'FOLLOW_UP REVIEW APPROVAL CUSTOM CALL EMAIL MESSAGE MEETING CHAT PROPOSAL NOTE TASK DEMO',
    );
    expect(types.filter(([, count]) => count > 0)).toEqual([
      ['FOLLOW_UP', 4],
      ['CALL', 4],
      ['DEMO', 1],
    ]);
  });

  it('are all 0 where nothing can match, and then ask the database nothing', async () => {
    const { gateway } = world();
    const sent = await gateway.statementsOf(async () => {
      expect(await counts({ groupBy: 'PRIORITY', filter: { status: { in: [] } } })).toEqual([
        ['LOW', 0],
        ['MEDIUM', 0],
        ['HIGH', 0],
      ]);
      expect(await present({ groupBy: 'DUE_GROUP', view: 'ARCHIVE' })).toEqual({});
      expect(await counts({ groupBy: 'STAGE', filter: { date: { isNull: true } }, view: 'FUTURE' })).toEqual([]);
    });
    expect(sent).toEqual(['auth.standingsByUser', 'auth.standingsByUser', 'auth.standingsByUser']);
  });
});

describe('counts by what has an id', () => {
  it('have those that have tasks, most first and then by id, and what has none at last', async () => {
    const { admin, member } = world();
    expect(await counts({ groupBy: 'STAGE' })).toEqual([
      [stages[1]?.key, 2],
      [stages[0]?.key, 1],
      [null, 6],
    ]);
    expect(await counts({ groupBy: 'ASSIGNEE' })).toEqual([
      [member.userId, 4],
      [admin.userId, 2],
      [limited.userId, 1],
      [null, 2],
    ]);
    const ties = await counts({ groupBy: 'ASSIGNEE', filter: { status: { in: ['IN_PROGRESS', 'COMPLETED'] } } });
    expect(ties).toEqual([admin.userId, member.userId].toSorted().map((key) => [key, 1]));
  });
});

describe('counts by when tasks are due', () => {
  it('have each open task in the first group that fits, and no closed one [PARSA-19]', async () => {
    expect(await counts({ groupBy: 'DUE_GROUP' })).toEqual([
      ['OVERDUE', 2],
      ['TODAY', 2],
      ['THIS_WEEK', 1],
      ['LATER', 1],
      ['UNDATED', 1],
    ]);
    const closed = { isOpen: false, _type: { any: true } };
    expect(await present({ groupBy: 'DUE_GROUP', filter: closed })).toEqual({});
    expect(await present({ groupBy: 'DUE_GROUP', filter: { _type: { any: true }, deleted: 'INCLUDE' } })).toMatchObject(
      {
        OVERDUE: 4,
      },
    );
  });

  it('are those of the viewer’s zone', async () => {
    // There it is Thursday the 12th, 2 o’clock: the 11th is over, the instants are where they were.
    expect(await present({ groupBy: 'DUE_GROUP', timeZone: '+14:00' })).toEqual({
      ...{ OVERDUE: 3, TODAY: 1, LATER: 2, UNDATED: 1 },
    });
    const { gateway, admin } = world();
    const { taskCounts } = await gateway.ask(admin, COUNTS, { groupBy: 'DUE_GROUP' }, { 'x-tz-offset': '14' });
    expect(taskCounts[0]).toEqual({ key: 'OVERDUE', count: 3 });
  });

  it('have the week begin on the organization’s first weekday [PARSA-19]', async () => {
    const { prisma, organization } = world();
    const begins = (weekStartsOn: 'SUNDAY' | 'TUESDAY' | 'MONDAY') =>
      prisma.organization.update({ where: { id: organization.id }, data: { weekStartsOn } });
    await begins('SUNDAY');
    expect(await present({ groupBy: 'DUE_GROUP' })).toEqual({ OVERDUE: 2, TODAY: 2, LATER: 2, UNDATED: 1 });
    await begins('TUESDAY');
    expect(await present({ groupBy: 'DUE_GROUP' })).toEqual({ OVERDUE: 2, TODAY: 2, THIS_WEEK: 2, UNDATED: 1 });
    await begins('MONDAY');
  });

  const EDGES: [zone: string, now: string, why: string][] = [
    ['UTC', '2026-03-11T00:00:00.000Z', 'midnight'],
    ['UTC', '2026-03-15T23:59:59.999Z', 'the last moment of a week'],
    ['-08:00', '2026-03-11T07:59:59.999Z', 'the last moment of a day'],
    ['Pacific/Apia', '2011-12-30T10:00:00.000Z', 'after the day that was skipped'],
    ['America/Santiago', '2026-09-06T04:00:00.000Z', 'a day that begins at one'],
    ['America/St_Johns', '2010-11-07T02:31:00.000Z', 'yesterday again, after midnight was set back'],
  ];
  it.each(EDGES)('are what the due buckets leave to them, in %s at %s: %s', async (timeZone, now) => {
    clock = now;
    const at = Date.parse(now);
    const tag = `edge ${timeZone} ${now}`;
    const days = [-8, -7, -2, -1, 0, 1, 2, 4, 6, 7, 8].map((count) => ({
      day: new Date(at + count * 86_400_000).toISOString().slice(0, 10),
    }));
    const instants = Array.from({ length: 60 }, (_, n) => at + Math.round((n - 20) * 3.5 * 3_600_000));
    const rows = [...days, ...[at - 1, at + 1, ...instants].map((of) => ({ at: new Date(of).toISOString() })), {}];
    await plant(world(), Object.fromEntries(rows.map((row, n) => [`${tag} ${n}`, { ...row, tags: [tag] }])));
    const filter = { tag: { eq: tag } };
    const total = `query TaskGroups($timeZone: TimeZone, ${['a', 'b', 'c', 'd', 'e'].map((name) => `$${name}: TaskFilter`).join(' ')}) {
      ${['a', 'b', 'c', 'd', 'e'].map((name) => `${name}: tasks(filter: $${name}, timeZone: $timeZone) { totalCount }`).join(' ')}
    }`;
    const but = (due: object, ...earlier: string[]): TaskFilter => ({
      ...filter,
      and: [due as TaskFilter, ...earlier.map((bucket) => ({ not: { due: bucket } }) as TaskFilter)],
    });
    const filters = {
      a: but({ due: 'OVERDUE' }),
      b: but({ due: 'TODAY' }, 'OVERDUE'),
      c: but({ due: 'THIS_WEEK' }, 'OVERDUE', 'TODAY'),
      d: but({ date: { isNull: false } }, 'OVERDUE', 'TODAY', 'THIS_WEEK'),
      e: but({ date: { isNull: true } }),
    };
    const totals = (await world().gateway.ask(world().admin, total, { ...filters, timeZone })) as Record<
      string,
      { totalCount: number }
    >;
    const expected = Object.values(totals).map(({ totalCount }) => totalCount);
    expect((await counts({ groupBy: 'DUE_GROUP', filter, timeZone })).map(([, count]) => count)).toEqual(expected);
    expect(expected.reduce((sum, count) => sum + count, 0)).toBe(rows.length);
    await world().prisma.task.deleteMany({ where: { organizationId: world().organization.id, tags: { has: tag } } });
  });
});

describe('what is counted', () => {
  it('is LEAD only, unless the filter names a kind, and never a queue row or, unasked, the bin [CLOSE-12] [PARSA-39]', async () => {
    const all = async (filter: TaskFilter) =>
      (await counts({ groupBy: 'STATUS', filter })).reduce((sum, [, count]) => sum + count, 0);
    expect(await all({})).toBe(9);
    expect(await all({ _type: { any: true } })).toBe(10);
    expect(await all({ _type: { eq: 'MISSED_CALL' } })).toBe(1);
    expect(await all({ deleted: 'ONLY' })).toBe(1);
    expect(await all({ _type: { any: true }, deleted: 'INCLUDE' })).toBe(11);
  });

  it('is what someone without CRM access sees: their own', async () => {
    expect(await counts({ groupBy: 'ASSIGNEE' }, limited)).toEqual([
      [limited.userId, 1],
      [null, 1],
    ]);
    expect(await present({ groupBy: 'STATUS' }, limited)).toEqual({ ON_HOLD: 1, CANCELLED: 1 });
    expect(await present({ groupBy: 'DUE_GROUP' }, limited)).toEqual({ THIS_WEEK: 1 });
  });

  it('is nothing of another organization’s', async () => {
    const { other } = world();
    expect(await present({ groupBy: 'STATUS', filter: { _type: { any: true } } }, other.admin)).toEqual({});
    const ours = { assignee: { eq: world().member.userId } };
    expect(await counts({ groupBy: 'ASSIGNEE', filter: ours }, other.admin)).toEqual([]);
  });

  it('is filtered by the assignee or by having none [PARSA-16]', async () => {
    const { member } = world();
    expect(await present({ groupBy: 'STATUS', filter: { assignee: { eq: member.userId } } })).toEqual({
      ...{ PENDING: 3, COMPLETED: 1 },
    });
    expect(await present({ groupBy: 'STATUS', filter: { assignee: { isNull: true } } })).toEqual({
      ...{ PENDING: 1, ON_HOLD: 1 },
    });
  });

  it('is filtered by status [PARSA-17], the kind of record [PARSA-18] and type [PARSA-20]', async () => {
    expect(await present({ groupBy: 'TYPE', filter: { status: { in: ['PENDING', 'ON_HOLD'] } } })).toEqual({
      ...{ CALL: 2, DEMO: 1, FOLLOW_UP: 3 },
    });
    expect(await present({ groupBy: 'TYPE', filter: { linkedRecordType: { eq: 'CONTACT' } } })).toEqual({ CALL: 2 });
    expect(await present({ groupBy: 'PRIORITY', filter: { type: { eq: 'CALL' } } })).toEqual({ LOW: 3, HIGH: 1 });
  });

  it('is filtered by when it is due: overdue, today, this week, a range of one’s own [PARSA-19]', async () => {
    const { member, admin } = world();
    const of = (filter: TaskFilter) => present({ groupBy: 'ASSIGNEE', filter });
    expect(await of({ due: 'OVERDUE' })).toEqual({ [member.userId]: 2 });
    expect(await of({ due: 'TODAY' })).toEqual({ [member.userId]: 2, [admin.userId]: 1 });
    expect(await of({ due: 'THIS_WEEK' })).toEqual({ [member.userId]: 4, [admin.userId]: 1, null: 1 });
    const range = { date: { gte: '2026-03-11', lte: '2026-03-16' } };
    expect(await of(range)).toEqual({ [member.userId]: 2, [admin.userId]: 2, null: 1 });
  });

  it('is filtered by all of them together [PARSA-16] [PARSA-17] [PARSA-18] [PARSA-19] [PARSA-20]', async () => {
    const filter: TaskFilter = {
      assignee: { eq: world().member.userId },
      status: { eq: 'PENDING' },
      linkedRecordType: { in: ['CONTACT', 'LEAD'] },
      due: 'TODAY',
      type: { eq: 'CALL' },
    };
    expect(await present({ groupBy: 'DUE_GROUP', filter })).toEqual({ TODAY: 1 });
    expect(await present({ groupBy: 'DUE_GROUP', filter: { ...filter, type: { eq: 'DEMO' } } })).toEqual({});
  });
});

it('a filter that asks for too much is refused as in a list, before anything is read', async () => {
  const { gateway, admin } = world();
  const refused = async (filter: TaskFilter) =>
    ((await gateway.send(admin, COUNTS, { groupBy: 'STATUS', filter })).errors ?? []).map(
      ({ extensions }) => extensions,
    );
  const names = await gateway.statementsOf(async () => {
    expect(await refused({ or: Array.from({ length: 101 }, () => ({ isOpen: true })) })).toEqual([
      { code: 'LIMIT_EXCEEDED', argument: 'filter.or.100' },
    ]);
    expect(await refused({ _type: { any: false } })).toEqual([
      { code: 'BAD_USER_INPUT', argument: 'filter._type.any' },
    ]);
  });
  expect(names).toEqual(['auth.standingsByUser', 'auth.standingsByUser']);
});

it('a filter as deep as may be is counted by due group, which narrows it further', async () => {
  const nest = (depth: number): TaskFilter => (depth === 1 ? { isOpen: true } : { and: [nest(depth - 1)] });
  expect(await present({ groupBy: 'DUE_GROUP', filter: nest(8) })).toMatchObject({ OVERDUE: 2 });
});
