import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BulkTaskSet, TaskFilter } from '../../generated/graphql.ts';
import { boardOf, type KnownPipeline, plantPipeline } from '../../pipeline/board.ts';
import { useGateway } from '../../support/gateway.ts';
import { KINDS, STATUSES } from '../arbitrary.ts';
import { page } from '../pages.ts';
import { type Known, World } from '../world.ts';
import { granted, writesOf } from '../writes.ts';
import { bulkOf, changed, putInto } from './asked.ts';

// Two organizations alike: one is changed in bulk, the other task by task with `updateTask`, in the list's order. Then they
// are alike again: the rows, the log and the notifications.

const NOW = new Date('2026-03-10T12:00:00Z');
const gateway = useGateway({ now: () => NOW });

interface Twin {
  readonly world: World;
  readonly boards: readonly KnownPipeline[];
  readonly people: readonly bigint[];
  readonly assistant: string;
}
let twins: readonly [Twin, Twin];

beforeAll(async () => {
  const twin = async () => {
    const world = await World.make(gateway(), 'Europe/Paris');
    const boards = [await plantPipeline(world, true, 'Won'), await plantPipeline(world, false, 'None')];
    const { assistantId: id } = world.organization;
    const { uid: assistant } = await world.prisma.user.findUniqueOrThrow({ where: { id } });
    return { world, boards, assistant, people: [await world.idOf(world.admin), await world.idOf(world.member)] };
  };
  twins = [await twin(), await twin()];
});

const sketch = fc.record({
  kind: fc.oneof({ weight: 3, arbitrary: fc.constant('LEAD' as const) }, fc.constantFrom(...KINDS)),
  status: fc.constantFrom(...STATUSES),
  date: fc.constantFrom({}, { day: '2026-03-01' }, { day: '2026-03-12' }, { instant: Date.UTC(2026, 2, 1, 8) }),
  assignee: fc.constantFrom(null, 0, 1),
  /** Of one of the pipelines; null in none. */
  stage: fc.constantFrom(null, null, [0, 0], [0, 1], [1, 0], [1, 3]),
});
type Sketch = typeof sketch extends fc.Arbitrary<infer Drawn> ? Drawn : never;

/** Plants the tasks; those of a pipeline with a won stage are completed there by its own rule. */
async function plant({ world, boards, people }: Twin, sketches: readonly Sketch[]): Promise<Known[]> {
  await world.clear();
  const where = { organizationId: world.organization.id };
  await world.prisma.notification.deleteMany({ where });
  const isWon = ({ stage }: Sketch) => stage?.[0] === 0;
  const tasks = await world.tasks(
    sketches.map(({ kind, status, date, assignee, ...given }) => ({
      kind: given.stage ? 'LEAD' : kind,
      status: isWon({ kind, status, date, assignee, ...given }) ? 'PENDING' : status,
      ...date,
      assigneeId: assignee === null ? null : (people[assignee] as bigint),
    })),
  );
  const byStage = Map.groupBy(tasks, (_, index) => {
    const [board, stage] = sketches[index]?.stage ?? [];
    return board === undefined ? null : (boards[board]?.stages[stage as number] ?? null);
  });
  for (const [stage, among] of byStage) {
    if (stage !== null)
      await putInto(
        world,
        stage,
        among.map(({ id }) => id),
      );
  }
  const admin = boardOf(world, world.admin);
  for (const [index, drawn] of sketches.entries()) {
    if (isWon(drawn) && drawn.status === 'COMPLETED') granted(await admin.complete(tasks[index]?.key as string));
  }
  return tasks;
}

const lastSeq = async ({ world: { prisma, organization } }: Twin) =>
  (await prisma.organizationLog.findUniqueOrThrow({ where: { organizationId: organization.id } })).lastSeq;

/** All that is there, in words that are the same of both: what ids name, by its number. */
async function state(
  { world, boards, people, assistant }: Twin,
  tasks: readonly Known[],
  from: bigint,
): Promise<unknown> {
  const { prisma, organization, admin, member } = world;
  const where = { organizationId: organization.id };
  const stages = await prisma.stage.findMany({ where, orderBy: { id: 'asc' } });
  const numbers = (ids: readonly bigint[]) => (id: bigint | null) => (id === null ? null : ids.indexOf(id));
  const of = { stage: numbers(stages.map(({ id }) => id)), person: numbers([...people, organization.assistantId]) };
  const ofTask = numbers(tasks.map(({ id }) => id));
  const names = [
    ...[admin, member].map(({ userId }) => userId),
    ...boards.flatMap(({ id, stages }) => [id, ...stages]),
    ...tasks.map(({ key }) => key),
    assistant,
  ];
  const anonymous = (value: unknown) =>
    JSON.parse(names.reduce((text, name, index) => text.replaceAll(name, `#${index}`), JSON.stringify(value)));
  const rows = await prisma.task.findMany({ where, orderBy: { id: 'asc' } });
  const events = await prisma.event.findMany({ where: { ...where, seq: { gt: from } }, orderBy: { seq: 'asc' } });
  const told = await prisma.notification.findMany({ where, orderBy: [{ seq: 'asc' }, { userId: 'asc' }] });
  return {
    rows: rows.map((row) => ({
      ...{ status: row.status, statusBefore: row.statusBefore, outcome: row.outcome, version: row.version },
      ...{ dueOn: row.dueOn, dueAt: row.dueAt, timelineAt: row.timelineAt, updatedAt: row.updatedAt },
      ...{ completedAt: row.completedAt, completedBy: of.person(row.completedById), kind: row.kind },
      ...{ assignee: of.person(row.assigneeId), stage: of.stage(row.stageId), position: row.position },
      stageBefore: of.stage(row.stageBeforeId),
    })),
    events: events.map(({ kind, at, subjectId, changes, imageAfter, imageBefore }) => ({
      ...{ kind, at, task: ofTask(subjectId), changes: anonymous(changes) },
      images: [imageBefore, imageAfter].map((image) => (image as { version?: number } | null)?.version ?? null),
    })),
    told: told.map(({ userId, kind, taskId, seq }) => [of.person(userId), kind, ofTask(taskId), Number(seq - from)]),
  };
}

const FILTERS: readonly TaskFilter[] = [
  { isOpen: true },
  { isComplete: true, _type: { any: true } },
  { status: { notIn: ['CANCELLED'] }, _type: { any: true } },
  { not: { date: { gte: '2026-03-02' } } },
  { assignee: { isMe: false }, _type: { notIn: ['VOICEMAIL'] } },
];
/** What is set, an assignee by their number. */
const SETS: readonly (Omit<BulkTaskSet, 'assigneeId'> & { readonly assignee?: number | null })[] = [
  { isComplete: true },
  { isComplete: false },
  { date: '2026-03-12' },
  { date: '2026-03-01T08:00:00Z', assignee: 1 },
  { assignee: null, date: null },
  { assignee: 1, isComplete: true },
  { assignee: 0, isComplete: false, date: '2026-04-01' },
];

describe('a bulk update', () => {
  it('leaves each task as updateTask would have, tells the same of it, and notifies the same people [CLOSE-31]', async () => {
    const drawn = fc.record({
      sketches: fc.array(sketch, { minLength: 6, maxLength: 14 }),
      filter: fc.constantFrom(...FILTERS),
      set: fc.constantFrom(...SETS),
      timeZone: fc.constantFrom('Europe/Paris', 'America/Los_Angeles'),
    });
    let updated = 0;
    const property = fc.asyncProperty(drawn, async ({ sketches, filter, set, timeZone }) => {
      const planted = [await plant(twins[0], sketches), await plant(twins[1], sketches)] as const;
      const from = [await lastSeq(twins[0]), await lastSeq(twins[1])] as const;
      const setOf = ({ world }: Twin): BulkTaskSet => {
        const { assignee, ...rest } = set;
        const person = assignee == null ? null : [world.admin, world.member][assignee];
        return { ...rest, ...(assignee !== undefined && { assigneeId: person?.userId ?? null }) };
      };
      const [{ world: bulked }, { world: single }] = twins;
      const answer = await bulkOf(bulked, bulked.admin).update({ filter, timeZone, set: setOf(twins[0]) });
      const { entries } = await page(single, single.admin, { filter, timeZone, first: 100 });
      for (const { id } of entries) granted(await writesOf(single, single.admin).update(id, setOf(twins[1])));
      expect(changed(answer).matched).toBe(entries.length);
      updated += answer.updatedCount;
      expect(await state(twins[0], planted[0], from[0])).toEqual(await state(twins[1], planted[1], from[1]));
    });
    const numRuns = Number(process.env['RUNS'] ?? 15);
    await fc.assert(property, { numRuns, ...(process.env['SEED'] && { seed: Number(process.env['SEED']) }) });
    expect(updated).toBeGreaterThan(numRuns);
  }, 120_000);
});
