import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { Weekday } from '../../../src/db/generated/prisma/enums.ts';
import { graphql } from '../../generated/index.ts';
import type { Caller } from '../../support/gateway.ts';
import { useWorld } from '../world.ts';
import { filterOf, poolsOf } from './drawn.ts';
import { type Asked, type Filter, inBucket, isListed, isOpen, type ModelTask } from './judged.ts';
import { INSTANTS, NOW, plantModel } from './planted.ts';

// Counts by every grouping against the list with the same arguments, over random tasks, filters, zones and clocks; what
// due groups hold is asked of the model.

let clock = NOW.getTime();
const world = useWorld({ now: () => new Date(clock) });
const SEED = 20_261_122;
const WEEKDAYS: readonly Weekday[] = ['MONDAY', 'WEDNESDAY', 'SUNDAY'];
const ISO_WEEKDAYS: Partial<Record<Weekday, number>> = { MONDAY: 1, WEDNESDAY: 3, SUNDAY: 7 };

let tasks: ReadonlyMap<string, ModelTask>;
let pools: ReturnType<typeof poolsOf>;
let callers: Readonly<Record<'sees all' | 'sees their own', Caller>>;

beforeAll(async () => {
  const { gateway, organization, admin } = world();
  const limited = await gateway.member(organization, { email: 'lim@ours.example', crmAccess: false });
  // As many as one page holds.
  const planted = await plantModel(world(), limited, 100, SEED);
  tasks = new Map(planted.tasks.map((task) => [task.key, task]));
  pools = poolsOf(planted.cast, [...tasks.keys()]);
  callers = { 'sees all': admin, 'sees their own': limited };
});

const COUNTS = graphql(`
  query ModelCounts($filter: TaskFilter, $view: TaskView, $timeZone: TimeZone) {
    tasks(filter: $filter, view: $view, timeZone: $timeZone, first: 100) {
      nodes { id status type priority stage { id } assignee { id } }
    }
    STATUS: taskCounts(filter: $filter, view: $view, timeZone: $timeZone, groupBy: STATUS) { key count }
    TYPE: taskCounts(filter: $filter, view: $view, timeZone: $timeZone, groupBy: TYPE) { key count }
    PRIORITY: taskCounts(filter: $filter, view: $view, timeZone: $timeZone, groupBy: PRIORITY) { key count }
    STAGE: taskCounts(filter: $filter, view: $view, timeZone: $timeZone, groupBy: STAGE) { key count }
    ASSIGNEE: taskCounts(filter: $filter, view: $view, timeZone: $timeZone, groupBy: ASSIGNEE) { key count }
    DUE_GROUP: taskCounts(filter: $filter, view: $view, timeZone: $timeZone, groupBy: DUE_GROUP) { key count }
  }
`);

/** Sizes of groups by key; nothing of what has no key to be counted under. */
function sizes(keys: readonly (string | null | undefined)[]): ReadonlyMap<string | null, number> {
  const found = new Map<string | null, number>();
  for (const key of keys) if (key !== undefined) found.set(key, (found.get(key) ?? 0) + 1);
  return found;
}
const counted = (counts: readonly { readonly key: string | null; readonly count: number }[]) =>
  new Map(counts.flatMap(({ key, count }) => (count === 0 ? [] : [[key, count] as const])));

/** The first group that fits; undefined for what is closed. */
function dueGroupOf(task: ModelTask, asked: Asked): string | undefined {
  if (!isOpen(task)) return undefined;
  if (task.date === null) return 'UNDATED';
  return ['OVERDUE', 'TODAY', 'THIS_WEEK'].find((bucket) => inBucket(task, bucket, asked)) ?? 'LATER';
}

it('every grouping of any filter and view, by any caller, anywhere and at any time, counts what the list holds [PARSA-16] [PARSA-17] [PARSA-18] [PARSA-19] [PARSA-20]', async () => {
  const { gateway, organization, prisma } = world();
  const drawn = fc.record({
    who: fc.constantFrom<keyof typeof callers>('sees all', 'sees all', 'sees their own'),
    view: fc.constantFrom(null, null, 'INBOX' as const, 'FUTURE' as const, 'ARCHIVE' as const),
    timeZone: fc.constantFrom('UTC', 'Europe/Paris', 'America/Los_Angeles', 'Pacific/Kiritimati', '-08:00'),
    now: fc.constantFrom(NOW.toISOString(), ...INSTANTS),
    weekday: fc.constantFrom(...WEEKDAYS),
    filter: filterOf(pools),
  });
  const numRuns = Number(process.env['RUNS'] ?? 100);
  let counts = 0;
  const seen = new Set<string | null>();
  const property = fc.asyncProperty(drawn, async ({ who, view, timeZone, now, weekday, filter }) => {
    clock = Date.parse(now);
    await prisma.organization.update({ where: { id: organization.id }, data: { weekStartsOn: weekday } });
    const answer = await gateway.ask(callers[who], COUNTS, { filter: filter as never, view, timeZone });
    const { nodes } = answer.tasks;
    const asked: Asked = {
      ...{ me: callers[who].userId, seesAll: who === 'sees all', now: clock, zone: timeZone },
      weekStartsOn: ISO_WEEKDAYS[weekday] as number,
    };
    // The list is what it is in the other tests: nothing here passes because everything is empty.
    expect(nodes).toHaveLength(
      [...tasks.values()].filter((task) => isListed(task, filter as Filter, view, asked)).length,
    );
    expect(counted(answer.STATUS)).toEqual(sizes(nodes.map(({ status }) => status)));
    expect(counted(answer.TYPE)).toEqual(sizes(nodes.map(({ type }) => type)));
    expect(counted(answer.PRIORITY)).toEqual(sizes(nodes.map(({ priority }) => priority)));
    expect(counted(answer.STAGE)).toEqual(sizes(nodes.map(({ stage }) => stage?.id ?? null)));
    expect(counted(answer.ASSIGNEE)).toEqual(sizes(nodes.map(({ assignee }) => assignee?.id ?? null)));
    const groups = nodes.map(({ id }) => dueGroupOf(tasks.get(id) as ModelTask, asked));
    expect(counted(answer.DUE_GROUP)).toEqual(sizes(groups));
    counts += Number(nodes.length > 0);
    for (const { key, count } of Object.values(answer).flatMap((each) => (Array.isArray(each) ? each : []))) {
      if (count > 0) seen.add(key);
    }
  });
  await fc.assert(property, { numRuns, ...(process.env['SEED'] && { seed: Number(process.env['SEED']) }) });
  expect(counts, 'filters that match anything').toBeGreaterThan(numRuns / 4);
  // Of five statuses, three types, three priorities, two stages, two people, five due groups, and none.
  expect(seen.size, 'groups with tasks').toBeGreaterThan(15);
});
