import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addDays, dayAt } from '../../src/time.ts';
import type { TaskUpcomingQueryVariables } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import { KINDS } from './arbitrary.ts';
import { statementsOf } from './asked.ts';
import { plant, titlesOf } from './plant.ts';
import { STRANGERS } from './sample.ts';
import { useWorld, World } from './world.ts';

const NOON = '2026-03-11T12:00:00.000Z';
let clock = NOON;
const world = useWorld({ now: () => new Date(clock) });
beforeEach(() => {
  clock = NOON;
});

const UPCOMING = graphql(`
  query TaskUpcoming(
    $days: Int, $assignee: AssigneeFilter, $timeZone: TimeZone, $first: Int, $after: String, $last: Int, $before: String
  ) {
    upcomingTasks(
      days: $days, assignee: $assignee, timeZone: $timeZone, first: $first, after: $after, last: $last, before: $before
    ) {
      totalCount
      nodes { id title }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

const ask = async (variables: TaskUpcomingQueryVariables = {}, caller: Caller = world().member) => {
  // A variable that is not given leaves the argument its default: seven days.
  const { upcomingTasks } = await world().gateway.ask(caller, UPCOMING, variables);
  return upcomingTasks;
};
/** The titles, in order; as many as are counted. */
async function upcoming(variables: TaskUpcomingQueryVariables = {}, caller?: Caller) {
  const { nodes, totalCount } = await ask({ first: 100, ...variables }, caller);
  expect(totalCount).toBe(nodes.length);
  return nodes.map(({ title }) => title);
}
const refused = async (variables: TaskUpcomingQueryVariables) =>
  ((await world().gateway.send(world().member, UPCOMING, variables)).errors ?? []).map(({ extensions }) => extensions);

let limited: Caller;

beforeAll(async () => {
  const { gateway, organization, admin, member } = world();
  limited = await gateway.member(organization, { email: 'lim@ours.example', crmAccess: false });
  const [ada, max, lim] = (await Promise.all([admin, member, limited].map((person) => world().idOf(person)))) as [
    bigint,
    bigint,
    bigint,
  ];
  const of = (assigneeId: bigint) => ({ assigneeId });
  await plant(world(), {
    'in a week': { day: '2026-03-18', ...of(max) },
    'in a week, its last moment': { at: '2026-03-18T23:59:59.999Z', ...of(max) },
    'in eight days': { day: '2026-03-19', ...of(max) },
    'in eight days, its first moment': { at: '2026-03-19T00:00:00.000Z', ...of(max) },
    today: { day: '2026-03-11', status: 'IN_PROGRESS', ...of(max) },
    'this morning': { at: '2026-03-11T08:00:00.000Z', status: 'ON_HOLD', ...of(max) },
    tonight: { at: '2026-03-11T23:59:59.999Z', kind: 'VOICEMAIL', ...of(max) },
    yesterday: { day: '2026-03-10', kind: 'INCOMING_EMAIL', ...of(max) },
    'last year': { at: '2025-03-10T10:00:00.000Z', ...of(max) },
    undated: of(max),
    'done late': { day: '2026-03-10', status: 'COMPLETED', ...of(max) },
    'given up': { day: '2026-03-12', status: 'CANCELLED', ...of(max) },
    'in the bin': { day: '2026-03-12', deletedAt: new Date(NOON), ...of(max) },
    'a queue row': { day: '2026-03-12', isQueueRow: true, ...of(max) },
    'Ada’s': { day: '2026-03-12', ...of(ada) },
    'nobody’s': { day: '2026-03-09' },
    'of who sees their own': { day: '2026-03-12', ...of(lim) },
    'made by who sees their own': { day: '2026-03-13', creatorId: lim, ...of(ada) },
  });
});

const WEEK = [
  ...['last year', 'yesterday', 'today', 'this morning', 'tonight', 'in a week', 'in a week, its last moment'],
] as const;

describe('upcoming tasks', () => {
  it('are the viewer’s open, dated ones of every kind, by due date, what is overdue first, up to the end of the seventh day [PARSA-12] [PARSA-13]', async () => {
    expect(await upcoming()).toEqual(WEEK);
    expect(await upcoming({ assignee: null })).toEqual(WEEK);
    expect(await upcoming({ assignee: { isMe: true } })).toEqual(WEEK);
  });

  it('reach as many days as are asked for, and today with 0', async () => {
    expect(await upcoming({ days: 0 })).toEqual(WEEK.slice(0, 5));
    expect(await upcoming({ days: 6 })).toEqual(WEEK.slice(0, 5));
    expect(await upcoming({ days: 8 })).toEqual([...WEEK, 'in eight days', 'in eight days, its first moment']);
    expect(await upcoming({ days: 366 })).toHaveLength(9);
  });

  it('have a number of days between 0 and 366', async () => {
    for (const days of [-1, 367, 2 ** 31 - 1]) {
      expect(await refused({ days })).toEqual([{ code: 'BAD_USER_INPUT', argument: 'days' }]);
    }
  });

  it('end where the day ends in the viewer’s zone, and are ordered there', async () => {
    // There it is the 12th, two o’clock at night.
    expect(await upcoming({ days: 0, timeZone: '+14:00' })).toEqual([
      ...['last year', 'yesterday', 'today', 'this morning', 'tonight'],
    ]);
    expect(await upcoming({ days: 7, timeZone: '+14:00' })).toEqual([
      ...[...WEEK.slice(0, 6), 'in eight days', 'in a week, its last moment', 'in eight days, its first moment'],
    ]);
    const { gateway, member } = world();
    const { upcomingTasks } = await gateway.ask(member, UPCOMING, { days: 7 }, { 'x-time-zone': 'Pacific/Kiritimati' });
    expect(upcomingTasks.totalCount).toBe(9);
  });

  it('are someone else’s, several people’s, nobody’s or everyone’s when that is asked for [PARSA-16]', async () => {
    const { admin, member } = world();
    const hers = ['Ada’s', 'made by who sees their own'];
    expect(await upcoming({ assignee: { eq: admin.userId } })).toEqual(hers);
    expect(await upcoming({ assignee: { in: [admin.userId, limited.userId] } })).toEqual([
      ...['Ada’s', 'of who sees their own', 'made by who sees their own'],
    ]);
    expect(await upcoming({ assignee: { isNull: true } })).toEqual(['nobody’s']);
    expect(await upcoming({ assignee: { notIn: [member.userId, limited.userId] } })).toEqual(['nobody’s', ...hers]);
    expect(await upcoming({ assignee: {} })).toHaveLength(WEEK.length + 4);
    for (const eq of [...STRANGERS, world().other.admin.userId])
      expect(await upcoming({ assignee: { eq } })).toEqual([]);
  });

  it('are of what someone without CRM access sees: their own', async () => {
    expect(await upcoming({}, limited)).toEqual(['of who sees their own']);
    expect(await upcoming({ assignee: {} }, limited)).toEqual([
      ...['of who sees their own', 'made by who sees their own'],
    ]);
    expect(await upcoming({ assignee: { eq: world().member.userId } }, limited)).toEqual([]);
  });

  it('have pages, forward and backward, and a count of all', async () => {
    const forward: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const page: Awaited<ReturnType<typeof ask>> = await ask({ first: 3, after });
      expect(page.totalCount).toBe(WEEK.length);
      forward.push(...page.nodes.map(({ title }) => title));
      [after, more] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
    }
    const backward: string[] = [];
    for (let before: string | null = null, more = true; more; ) {
      const page: Awaited<ReturnType<typeof ask>> = await ask({ last: 2, before });
      backward.unshift(...page.nodes.map(({ title }) => title));
      [before, more] = [page.pageInfo.startCursor, page.pageInfo.hasPreviousPage];
    }
    expect([forward, backward]).toEqual([WEEK, WEEK]);
    expect(await refused({ first: 1, last: 1 })).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
    const { endCursor } = (await ask({ first: 1 })).pageInfo;
    // In another zone days lie elsewhere.
    expect(await refused({ after: endCursor, timeZone: 'Asia/Tokyo' })).toEqual([
      { code: 'BAD_USER_INPUT', argument: 'after' },
    ]);
  });

  it('tell where the log stood, as every list of tasks does', async () => {
    const { gateway, member } = world();
    const asked = await gateway.ask<Record<'upcomingTasks' | 'viewer', { readonly logCursor: string }>, object>(
      member,
      '{ upcomingTasks { logCursor } viewer { logCursor } }',
    );
    expect(asked.upcomingTasks.logCursor).toBe(asked.viewer.logCursor);
  });

  it('are not asked of more than 1,000 people', async () => {
    const many = Array.from({ length: 1_001 }, () => 'x');
    expect(await refused({ assignee: { notIn: many } })).toEqual([
      { code: 'LIMIT_EXCEEDED', argument: 'assignee.notIn' },
    ]);
    expect(await refused({ assignee: { in: many.slice(1) } })).toEqual([]);
  });
});

describe('upcoming tasks where days end oddly', () => {
  it.each([
    ['UTC', '2026-03-11T23:59:59.999Z', 'the last moment of a day'],
    ['Pacific/Apia', '2011-12-30T09:59:59.999Z', 'before the day that was skipped'],
    ['America/Santiago', '2026-09-06T04:00:00.000Z', 'a day that begins at one'],
    ['America/St_Johns', '2010-11-07T02:31:00.000Z', 'yesterday again, after midnight was set back'],
  ])('are what is overdue and what is dated up to a day, in %s at %s: %s', async (timeZone, now) => {
    clock = now;
    const at = Date.parse(now);
    const own = await World.make(world().gateway);
    const days = [-2, -1, 0, 1, 2].map((count) => ({ day: dayAt(at + count * 86_400_000, 'UTC') }));
    const instants = Array.from({ length: 48 }, (_, n) => at + (n - 16) * 1_800_000);
    const rows = [...days, ...[at - 1, ...instants].map((of) => ({ at: new Date(of).toISOString() })), {}];
    await plant(own, Object.fromEntries(rows.map((row, n) => [String(n), { ...row, kind: KINDS[n % 8] as 'LEAD' }])));
    for (const count of [0, 1]) {
      const lte = addDays(dayAt(at, timeZone), count);
      const filter = { _type: { any: true }, isOpen: true, or: [{ due: 'OVERDUE' as const }, { date: { lte } }] };
      const listed = await titlesOf(own, { filter, timeZone, last: 100 });
      expect(await upcoming({ days: count, timeZone, assignee: {} }, own.admin)).toEqual(listed);
      expect(listed.length).toBeGreaterThan(10);
      expect(listed.length).toBeLessThan(rows.length);
    }
  });
});

describe('a dashboard', () => {
  const DASHBOARD = `query Dashboard($mine: TaskFilter) {
    viewer { unreadNotificationCount }
    upcomingTasks(first: 100) {
      totalCount
      nodes { id title date priority isOverdue assignee { name } account { name } linkedRecord { displayName } stage { name } }
    }
    byStatus: taskCounts(groupBy: STATUS) { key count }
    byAssignee: taskCounts(groupBy: ASSIGNEE, filter: { isOpen: true }) { key count }
    mine: taskCounts(groupBy: DUE_GROUP, filter: $mine) { key count }
  }`;

  it('is one operation of as many statements, however many tasks, people and stages there are [PARSA-12]', async () => {
    const own = await World.make(world().gateway);
    const max = await own.idOf(own.member);
    const account = await own.record('ACCOUNT');
    const dated = (count: number) =>
      own.tasks(Array.from({ length: count }, () => ({ day: '2026-03-12', assigneeId: max, accountId: account.id })));
    const taken = async () =>
      (await statementsOf(own, DASHBOARD, { mine: { assignee: { isMe: true } } }, own.member)).toSorted();
    const expected = [
      ...['account.byIds', 'notification.unread', 'organization.users'],
      ...['task.count', 'task.groups', 'task.groups', 'task.groups', 'task.list'],
    ];
    await dated(2);
    expect(await taken()).toEqual(expected);
    const people = await Promise.all(
      Array.from({ length: 5 }, (_, n) => own.gateway.member(own.organization, { email: `p${n}@ours.example` })),
    );
    await dated(90);
    for (const person of people) await own.tasks([{ day: '2026-03-12', assigneeId: await own.idOf(person) }]);
    expect(await taken()).toEqual(expected);
    const answer = await own.gateway.ask<{ upcomingTasks: object; byAssignee: object; mine: object }, object>(
      own.member,
      DASHBOARD,
      { mine: { assignee: { isMe: true } } },
    );
    expect(answer.upcomingTasks).toMatchObject({ totalCount: 92 });
    expect(answer.byAssignee).toHaveLength(6);
    expect(answer.mine).toContainEqual({ key: 'THIS_WEEK', count: 92 });
  });
});
