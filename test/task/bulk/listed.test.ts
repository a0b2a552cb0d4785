import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { breadthOf } from '../../../src/task/bulk/rules.ts';
import type { TaskFilter, TaskView } from '../../generated/graphql.ts';
import type { Caller } from '../../support/gateway.ts';
import { filterOf, poolsOf } from '../model/drawn.ts';
import { type Filter, isListed, type ModelTask } from '../model/judged.ts';
import { inModelOrder } from '../model/ordered.ts';
import { NOW, plantModel } from '../model/planted.ts';
import { useWorld } from '../world.ts';
import { bulkOf, changed, refusals } from './asked.ts';

// A bulk update takes the tasks that `tasks` lists with the same arguments: held against the model of that list. All runs
// are dry, so that the tasks stay as they were planted.

const world = useWorld({ now: () => NOW });
const FAR = '2030-01-01';
let tasks: readonly ModelTask[];
let callers: { readonly all: Caller; readonly own: Caller };
let pools: ReturnType<typeof poolsOf>;

beforeAll(async () => {
  const { gateway, organization, admin } = world();
  const limited = await gateway.member(organization, { email: 'lim@ours.example', crmAccess: false });
  const planted = await plantModel(world(), limited, 100, 20_260_329);
  tasks = planted.tasks;
  callers = { all: admin, own: limited };
  pools = poolsOf(
    planted.cast,
    tasks.map(({ key }) => key),
  );
});

type Who = 'all' | 'own';
const asked = (who: Who, zone: string) => ({
  ...{ me: callers[who].userId, seesAll: who === 'all', now: NOW.getTime(), zone, weekStartsOn: 1 },
});
const trees = (filter: Filter): Filter[] => [
  filter,
  ...['and', 'or', 'not'].flatMap((name) => [filter[name] ?? []].flat() as Filter[]).flatMap(trees),
];
const namedIn = (filter: Filter): string[] =>
  trees(filter).flatMap(({ id }) => {
    const { eq, in: among } = (id ?? {}) as { eq?: string; in?: string[] };
    return [eq ?? [], among ?? []].flat();
  });

/** What a dry run answers, beside what the model says of the list with the same arguments. */
async function compared(filter: Filter, view: TaskView | null, timeZone: string, who: Who): Promise<string[]> {
  const given = asked(who, timeZone);
  const listed = tasks.filter((task) => isListed(task, filter, view, given));
  const leftOut = tasks.filter(
    (task) =>
      namedIn(filter).includes(task.key) &&
      !listed.includes(task) &&
      isListed(task, { and: [filter, { _type: { any: true } }] }, view, given),
  );
  const binned = listed.filter(({ isDeleted }) => isDeleted);
  const order = view === 'ARCHIVE' ? ('COMPLETED_AT' as const) : ('DATE' as const);
  const direction = view === 'ARCHIVE' ? ('DESC' as const) : ('ASC' as const);
  const inOrder = (some: readonly ModelTask[]) => inModelOrder(some, [{ field: order, direction }], timeZone);
  const input = { filter: filter as TaskFilter, view, timeZone, set: { date: FAR }, dryRun: true };
  const answer = await bulkOf(world(), callers[who]).update(input);
  const isWide = view === null && ['all', 'kinds'].includes(breadthOf(filter as never));
  if (isWide) expect(refusals(answer)).toEqual(['INVALID filter']);
  else if (leftOut.length > 0) {
    expect(refusals(answer)).toEqual(leftOut.map(({ key }) => `INVALID filter.${key}`).toSorted());
  } else if (binned.length > 0) {
    expect(refusals(answer)).toEqual(inOrder(binned).map((key) => `NOT_ALLOWED filter.${key}`));
  } else {
    expect(changed(answer)).toEqual({ matched: listed.length, updated: listed.length, ids: inOrder(listed) });
    return listed.map(({ key }) => key);
  }
  return [];
}

describe('each way in which Close lets one select tasks, selects them for a bulk update too [CLOSE-25] [CLOSE-31]', () => {
  const cases: [close: string, filter: () => TaskFilter, view?: TaskView][] = [
    ['id', () => ({ id: { eq: pools['id']?.[1] as string }, _type: { any: true } })],
    ['id__in', () => ({ id: { in: pools['id'] as string[] }, _type: { any: true } })],
    ['_type', () => ({ _type: { eq: 'MISSED_CALL' }, createdAt: { gt: '2026-01-01T00:00:00Z' } })],
    ['_type__in', () => ({ _type: { in: ['VOICEMAIL', 'INCOMING_SMS'] }, isOpen: true })],
    ['lead_id', () => ({ leadId: { eq: pools['leadId']?.[0] as string } })],
    ['membership_id', () => ({ membershipId: { eq: pools['membershipId']?.[0] as string } })],
    ['assigned_to', () => ({ assignee: { eq: pools['assignee']?.[0] as string } })],
    ['is_complete', () => ({ isComplete: true })],
    ['date__lt', () => ({ date: { lt: '2026-03-28' } })],
    ['date__lte', () => ({ date: { lte: '2026-03-28T23:00:00Z' } })],
    ['date__gt', () => ({ date: { gt: '2026-03-28' } })],
    ['date__gte', () => ({ date: { gte: '2026-03-29T18:30:00Z' } })],
    ['date_created__lt', () => ({ createdAt: { lt: '2026-02-01T12:00:00Z' } })],
    ['date_created__lte', () => ({ createdAt: { lte: '2026-01-05T00:00:00Z' } })],
    ['date_created__gt', () => ({ createdAt: { gt: '2026-01-05T00:00:00Z' } })],
    ['date_created__gte', () => ({ createdAt: { gte: '2026-02-01T12:00:00Z' } })],
    ['view=inbox', () => ({}), 'INBOX'],
    ['view=future', () => ({}), 'FUTURE'],
    ['view=archive', () => ({}), 'ARCHIVE'],
  ];
  it.each(cases)('%s', async (_close, filter, view) => {
    const live: Filter = { and: [filter() as Filter, { deleted: 'EXCLUDE' }] };
    for (const who of ['all', 'own'] as const) {
      const found = await compared(live, view ?? null, 'America/Los_Angeles', who);
      if (who === 'all') expect(found.length).toBeGreaterThan(0);
    }
  });
});

it('any filter, view and zone takes the tasks that they list, in their order, or says which stand against it', async () => {
  let taken = 0;
  const drawn = fc.record({
    filter: filterOf(pools),
    view: fc.constantFrom<(TaskView | null)[]>(null, null, 'INBOX', 'FUTURE', 'ARCHIVE'),
    zone: fc.constantFrom('UTC', 'America/Los_Angeles', 'Pacific/Kiritimati'),
    who: fc.constantFrom<Who[]>('all', 'all', 'own'),
  });
  const property = fc.asyncProperty(drawn, async ({ filter, view, zone, who }) => {
    taken += Number((await compared(filter, view, zone, who)).length > 0);
  });
  const numRuns = Number(process.env['RUNS'] ?? 120);
  await fc.assert(property, { numRuns, ...(process.env['SEED'] && { seed: Number(process.env['SEED']) }) });
  expect(taken, 'filters that take anything').toBeGreaterThan(numRuns / 6);
}, 60_000);
