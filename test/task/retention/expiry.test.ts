import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { graphql } from '../../generated/index.ts';
import { KINDS, kind } from '../arbitrary.ts';
import { type Known, useWorld } from '../world.ts';
import { writesOf } from '../writes.ts';
import { type Aged, left, plantAged, retained } from './room.ts';

const DAY = 86_400_000;
const world = useWorld({ env: { BIN_RETENTION_DAYS: '20' } });
const where = () => ({ organizationId: world().organization.id });
const setting = (taskRetentionDays: number | null) =>
  world().prisma.organization.update({ where: { id: world().organization.id }, data: { taskRetentionDays } });

afterEach(async () => {
  await setting(30);
  await world().prisma.task.deleteMany({ where: where() });
});

const EXPIRY = graphql(`
  query RetentionExpiry($ids: [ID!]!) { nodes(ids: $ids) { ... on Task { id expiresAt completedAt deletedAt } } }
`);
const PREVIEW = graphql(`
  query RetentionPreview { retentionPreview { taskCount binCount oldestCompletedAt } }
`);
const REOPEN = graphql(`
  mutation RetentionReopen($id: ID!) { reopenTask(input: { id: $id }) { task { expiresAt } errors { message } } }
`);
const RESTORE = graphql(`
  mutation RetentionRestore($id: ID!) { restoreTask(input: { id: $id }) { task { expiresAt } errors { message } } }
`);

const expiries = async (tasks: readonly Known[], caller = world().admin) =>
  (await world().gateway.ask(caller, EXPIRY, { ids: tasks.map(({ key }) => key) })).nodes as {
    readonly id: string;
    readonly expiresAt: string | null;
    readonly completedAt: string | null;
    readonly deletedAt: string | null;
  }[];
const preview = async (caller = world().admin) => (await world().gateway.ask(caller, PREVIEW)).retentionPreview;
const later = (at: string | null | undefined, days: number) =>
  new Date(Date.parse(at as string) + days * DAY).toISOString();

describe('expiresAt', () => {
  it('says beforehand when a complete task will go, for every kind but LEAD [CLOSE-04]', async () => {
    const tasks = await plantAged(
      world(),
      KINDS.map((each) => ({ kind: each, completed: 3 })),
    );
    for (const [index, { expiresAt, completedAt }] of (await expiries(tasks)).entries()) {
      expect(expiresAt).toBe(KINDS[index] === 'LEAD' ? null : later(completedAt, 30));
    }
  });

  it('says when the bin is emptied of it, if that comes first', async () => {
    const tasks = await plantAged(world(), [
      { kind: 'LEAD', deleted: 3 },
      { completed: 20, deleted: 3 },
      { completed: 1, deleted: 3 },
    ]);
    const [lead, complete, binned] = await expiries(tasks);
    expect(lead?.expiresAt).toBe(later(lead?.deletedAt, 20));
    expect(complete?.expiresAt).toBe(later(complete?.completedAt, 30));
    expect(binned?.expiresAt).toBe(later(binned?.deletedAt, 20));
  });

  it('follows the organization’s setting as it is now', async () => {
    const tasks = await plantAged(world(), [{ completed: 3 }]);
    const [before] = await expiries(tasks);
    await setting(7);
    expect((await expiries(tasks))[0]?.expiresAt).toBe(later(before?.completedAt, 7));
    await setting(null);
    expect((await expiries(tasks))[0]?.expiresAt).toBeNull();
    await setting(36_500);
    expect((await expiries(tasks))[0]?.expiresAt).toBe(later(before?.completedAt, 36_500));
  });

  it('comes with completion and goes with reopening', async () => {
    const [task] = await plantAged(world(), [{ kind: 'VOICEMAIL' }]);
    const open = await expiries([task as Known]);
    expect(open[0]?.expiresAt).toBeNull();
    await writesOf(world(), world().member).update(task?.key as string, { isComplete: true });
    const [complete] = await expiries([task as Known]);
    expect(complete?.expiresAt).toBe(later(complete?.completedAt, 30));
    const { reopenTask } = await world().gateway.ask(world().member, REOPEN, { id: task?.key as string });
    expect(reopenTask).toEqual({ task: { expiresAt: null }, errors: [] });
  });

  it('comes with deletion and goes with restoring', async () => {
    const [task] = await plantAged(world(), [{ kind: 'LEAD' }]);
    await writesOf(world(), world().member).remove(task?.key as string);
    const [binned] = await expiries([task as Known]);
    expect(binned?.expiresAt).toBe(later(binned?.deletedAt, 20));
    const { restoreTask } = await world().gateway.ask(world().member, RESTORE, { id: task?.key as string });
    expect(restoreTask).toEqual({ task: { expiresAt: null }, errors: [] });
  });

  it('takes one statement for all tasks of a page, whatever their number', async () => {
    await plantAged(
      world(),
      Array.from({ length: 100 }, () => ({ completed: 1 })),
    );
    for (const first of [1, 25, 100]) {
      const list = `{ tasks(first: ${first}, filter: { _type: { any: true } }) { nodes { expiresAt } } }`;
      const sent = await world().gateway.statementsOf(() => world().gateway.ask(world().admin, list));
      expect(sent).toEqual(['auth.standingsByUser', 'task.list', 'organization.byIds']);
    }
  });
});

describe('retentionPreview', () => {
  it('counts what would go now: a task that is complete and in the bin once, and as complete', async () => {
    expect(await preview()).toEqual({ taskCount: 0, binCount: 0, oldestCompletedAt: null });
    const tasks = await plantAged(world(), [
      { completed: 31 },
      { completed: 55, deleted: 40 },
      { completed: 40, deleted: 1 },
      { completed: 25, deleted: 21 },
      { kind: 'LEAD', completed: 70, deleted: 21 },
      { kind: 'LEAD', deleted: 21 },
      { kind: 'LEAD', completed: 99 },
      { completed: 29 },
      { deleted: 19 },
    ]);
    await plantAged(world(), [{ completed: 200, deleted: 150 }], world().other.organization);
    const [, oldest] = await expiries(tasks);
    expect(await preview()).toEqual({ taskCount: 3, binCount: 3, oldestCompletedAt: oldest?.completedAt });
    await retained(world());
    expect(await preview()).toEqual({ taskCount: 0, binCount: 0, oldestCompletedAt: null });
    expect((await left(world(), tasks)).filter((is) => is)).toHaveLength(3);
  });

  it('counts no complete task where they are kept forever', async () => {
    await plantAged(world(), [{ completed: 5_000 }, { completed: 5_000, deleted: 21 }]);
    await setting(null);
    expect(await preview()).toEqual({ taskCount: 0, binCount: 1, oldestCompletedAt: null });
  });

  it('is for admins, and takes two statements however much there is', async () => {
    const refused = await world().gateway.send(world().member, PREVIEW);
    expect(refused.errors?.map(({ extensions }) => extensions['code'])).toEqual(['FORBIDDEN']);
    await plantAged(
      world(),
      Array.from({ length: 60 }, (_, n) => (n % 2 ? { completed: 60 } : { deleted: 60 })),
    );
    const sent = await world().gateway.statementsOf(preview);
    expect(sent).toEqual(['auth.standingsByUser', 'retention.terms', 'retention.preview']);
    expect(await preview()).toMatchObject({ taskCount: 30, binCount: 30 });
  });
});

/** Ages of either side of the settings, none so near to a moment that is being passed that it would matter. */
const age = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 5_000 })).map((days) => days + 0.5);
const row: fc.Arbitrary<Aged> = fc
  .record({ kind, completed: fc.option(age), deleted: fc.option(age) })
  .map(({ completed, deleted, ...each }) => ({
    ...each,
    ...(completed !== null && { completed }),
    ...(deleted !== null && { deleted }),
  }));
const days = fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 36_500 }));

it('what goes is what a reader of the rule would name, what expiresAt said, and what the preview counted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), days, async (rows, kept) => {
      await world().prisma.task.deleteMany({ where: where() });
      await setting(kept);
      const tasks = await plantAged(world(), rows);
      const said = (await expiries(tasks)).map(
        ({ expiresAt }) => expiresAt !== null && Date.parse(expiresAt) <= Date.now(),
      );
      const byCompletion = rows.map(
        ({ kind: each, completed }) => each !== 'LEAD' && completed !== undefined && kept !== null && completed >= kept,
      );
      const named = rows.map(({ deleted }, n) => byCompletion[n] || (deleted !== undefined && deleted >= 20));
      const counted = await preview();
      await retained(world());
      const gone = (await left(world(), tasks)).map((is) => !is);
      expect(gone).toEqual(named);
      expect(said).toEqual(named);
      expect(counted.taskCount).toBe(byCompletion.filter((is) => is).length);
      expect(counted.taskCount + counted.binCount).toBe(named.filter((is) => is).length);
      const oldest = Math.max(...rows.map(({ completed }, n) => (byCompletion[n] ? (completed ?? 0) : 0)));
      const told = counted.oldestCompletedAt;
      expect(told === null ? 0 : Math.round((Date.now() - Date.parse(told)) / DAY - 0.5) + 0.5).toBe(oldest);
    }),
    { numRuns: 40 },
  );
}, 30_000);
