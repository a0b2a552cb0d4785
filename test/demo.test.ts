import { expect, it } from 'vitest';
import { signToken } from '../src/auth/tokens.ts';
import { findExamples } from '../src/demo/examples.ts';
import { isEmpty, seedDemo } from '../src/demo/seed.ts';
import { JWT_SECRET, useGateway } from './support/gateway.ts';

const gateway = useGateway();
const runtime = () => gateway().app.runtime;
const names = async () =>
  (await runtime().db.prisma.organization.findMany({ orderBy: { name: 'asc' } })).map(({ name }) => name);

it('a demo whose making was cut off is taken away and made again, once', { timeout: 60_000 }, async () => {
  expect(await isEmpty(runtime())).toBe(true);
  const { now } = runtime();
  let calls = 0;
  // The clock is asked at every step: here the process "dies" in the middle.
  const dying = {
    ...runtime(),
    now: () => {
      calls += 1;
      if (calls > 12) throw new Error('killed');
      return now();
    },
  };
  await expect(seedDemo(dying)).rejects.toThrow('killed');
  expect(await names()).toContain('Demo');

  expect(await isEmpty(runtime())).toBe(true);
  expect(await names()).toEqual([]);
  await seedDemo(runtime());
  expect(await names()).toEqual(['Demo', 'Other']);
  expect(await isEmpty(runtime())).toBe(false);
});

const ALL = `query Demo($any: TaskFilter) {
  memberships { totalCount }
  accounts { totalCount }
  contacts { totalCount }
  leads { totalCount }
  opportunities { totalCount }
  activities { totalCount }
  tasks(filter: $any) { totalCount }
  pipelines { stages { isWon taskCount } wonStage { id } }
}`;
type Counted = Record<'memberships' | 'tasks' | (typeof RECORDS)[number], { totalCount: number }> & {
  pipelines: { stages: { isWon: boolean; taskCount: number }[]; wonStage: { id: string } | null }[];
};
const RECORDS = ['accounts', 'contacts', 'leads', 'opportunities', 'activities'] as const;

it('the demo is big enough to explore: of everything there is some of every kind', { timeout: 60_000 }, async () => {
  const examples = await findExamples(runtime(), (userUid) => signToken(JWT_SECRET, userUid, 1));
  const headers = { authorization: `Bearer ${examples?.adminToken}` };
  const ask = async <Data>(query: string, variables = {}): Promise<Data> => {
    const { data, errors } = await gateway().send<Data, object>(null, query, variables, headers);
    expect(errors).toBeUndefined();
    return data as Data;
  };
  const any = { _type: { any: true } };
  const found = await ask<Counted>(ALL, { any });
  expect(found.memberships.totalCount).toBeGreaterThanOrEqual(4 + 5);
  const counts = RECORDS.map((name) => found[name].totalCount);
  // A private activity or two are others'.
  for (const [index, least] of [40, 120, 60, 30, 290].entries()) expect(counts[index]).toBeGreaterThanOrEqual(least);
  expect(found.tasks.totalCount).toBeGreaterThanOrEqual(500);
  expect(found.pipelines).toHaveLength(2);
  for (const { stages, wonStage } of found.pipelines) {
    expect(wonStage).not.toBeNull();
    expect(stages.filter(({ taskCount }) => taskCount === 0)).toEqual([]);
  }

  const { prisma } = runtime().db;
  const organization = await prisma.organization.findFirstOrThrow({ where: { name: 'Demo' } });
  const where = { organizationId: organization.id };
  const by = async (field: 'kind' | 'status' | 'type') =>
    (await prisma.task.findMany({ where, select: { [field]: true }, distinct: [field] })).length;
  expect([await by('kind'), await by('status'), await by('type')]).toEqual([8, 5, 13]);
  // What came in was recorded, and its task is somebody's: the demo's numbers and addresses are known.
  const made = await prisma.task.findMany({ where: { ...where, kind: { notIn: ['LEAD', 'OPPORTUNITY_DUE'] } } });
  const isKnown = made.filter(({ kind, linkedType }) => linkedType !== null || kind === 'ANSWERED_DETACHED_CALL');
  expect([isKnown.length, made.filter(({ activityId }) => activityId === null).length]).toEqual([made.length, 0]);
  expect(made.filter(({ assigneeId }) => assigneeId === null)).toEqual([]);
  const joined = await prisma.taskEmail.groupBy({ by: ['organizationId', 'taskId'], where, _count: true });
  expect(joined.filter(({ _count }) => _count === 2).length).toBeGreaterThanOrEqual(2);
  const views = await ask<Record<string, { totalCount: number }>>(
    `query Views($any: TaskFilter) {
      inbox: tasks(view: INBOX, filter: $any) { totalCount }
      future: tasks(view: FUTURE, filter: $any) { totalCount }
      archive: tasks(view: ARCHIVE, filter: $any) { totalCount }
      overdue: tasks(filter: { due: OVERDUE }) { totalCount }
      today: tasks(filter: { due: TODAY }) { totalCount }
      undated: tasks(filter: { date: { isNull: true } }) { totalCount }
    }`,
    { any },
  );
  for (const [view, { totalCount }] of Object.entries(views)) expect(totalCount, view).toBeGreaterThan(20);
});
