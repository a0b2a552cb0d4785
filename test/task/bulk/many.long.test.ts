import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BulkTaskSet } from '../../generated/graphql.ts';
import { violations } from '../../isolation/sql-rule.ts';
import { type KnownPipeline, plantPipeline } from '../../pipeline/board.ts';
import { type Known, useWorld } from '../world.ts';
import { written } from '../writes.ts';
import { bulkOf, changed, putInto, refusals } from './asked.ts';

// How a bulk update fares with many tasks: what it asks of the database, and where it ends.

const world = useWorld();
let account: Known;
let boards: KnownPipeline[];

beforeAll(async () => {
  account = await world().record('ACCOUNT');
  boards = [await plantPipeline(world(), true, 'One'), await plantPipeline(world(), true, 'Two')];
});
beforeEach(async () => {
  await world().clear();
});

/** So many tasks of an account, spread over stages, if some are named. */
async function plant(count: number, stages: readonly string[] = []): Promise<Known[]> {
  const sketch = (n: number) => [{ day: '2026-03-01' }, { instant: Date.UTC(2026, 2, 1) }, {}][n % 3];
  const tasks = await world().tasks(Array.from({ length: count }, (_, n) => ({ accountId: account.id, ...sketch(n) })));
  for (const [index, stage] of stages.entries()) {
    const inStage = tasks.filter((_, n) => n % stages.length === index).map(({ id }) => id);
    await putInto(world(), stage, inStage);
  }
  return tasks;
}

const ofAccount = () => ({ accountId: { eq: account.key } });
const admin = () => bulkOf(world(), world().admin);

/** What a bulk update asks of the database, from BEGIN to COMMIT. */
async function statements(set: BulkTaskSet, dryRun = false): Promise<string[]> {
  const names = await world().gateway.statementsOf(async () => {
    changed(await admin().update({ filter: ofAccount(), set, dryRun }));
  });
  return names.slice(names.indexOf('BEGIN'), names.indexOf('COMMIT') + 1);
}

const FIND = ['BEGIN', 'task.findMatching'];
const LOCK = ['task.lockAll', 'task.readLocked'];
/** What reminders there are is asked once for all, and so is who watches or has what is completed. */
const WRITE = ['task.writeAll', 'reminder.standing', 'event.append', 'COMMIT'];
/** The same where tasks open or close: who waits for them? */
const REOPEN = ['task.writeAll', 'blocker.dependants', 'reminder.standing', 'event.append', 'COMMIT'];
const COMPLETE = WRITE.toSpliced(1, 0, 'blocker.dependants', 'task.onlookers');
const BOARD = ['pipeline.hold', 'stage.ofPipelines', 'stage.lock'];

describe.each([10, 300])('of %d tasks a bulk update takes', (count) => {
  it('a statement for each step', async () => {
    await plant(count);
    expect(await statements({ date: '2026-05-01' })).toEqual([...FIND, ...LOCK, ...WRITE]);
    expect(await statements({ date: '2026-05-01' }), 'so already').toEqual([...FIND, ...LOCK, 'COMMIT']);
    expect(await statements({ date: null }, true), 'dry').toEqual([...FIND, ...LOCK, 'COMMIT']);
    const set = { assigneeId: world().member.userId, isComplete: true, date: null };
    expect(await statements(set)).toEqual([
      'BEGIN',
      'organization.assignee',
      'task.findMatching',
      ...LOCK,
      ...COMPLETE,
    ]);
  });

  it('one more for each kind of thing that their pipelines need, however many pipelines', async () => {
    const [one, two] = boards as [KnownPipeline, KnownPipeline];
    await plant(count, [one.stages[0], one.stages[1], two.stages[0], two.stages[2]]);
    expect(await statements({ date: '2026-05-01' })).toEqual([...FIND, ...LOCK, ...WRITE]);
    const through = [...FIND, ...BOARD, ...LOCK, 'task.ends'];
    expect(await statements({ isComplete: true })).toEqual([...through, ...COMPLETE]);
    expect(await statements({ isComplete: false })).toEqual([...through, ...REOPEN]);
  });

  it('one to show them, without more for what it names', async () => {
    await plant(count);
    const query = `mutation ($input: BulkUpdateTasksInput!) {
      bulkUpdateTasks(input: $input) { tasks(first: 1000) { id account { name } creator { name } } } }`;
    const input = { filter: ofAccount(), set: { date: '2026-05-01' } };
    const names = await world().gateway.statementsOf(() => world().gateway.ask(world().admin, query, { input }));
    expect(names.slice(names.indexOf('COMMIT') + 1).toSorted()).toEqual([
      'account.byIds',
      'organization.users',
      'task.byUids',
    ]);
  });
});

describe('a bulk update of', () => {
  it('1,000 tasks changes them all, with all of their events in one write', async () => {
    await plant(1_000, [boards[0]?.stages[0] as string]);
    const { lastSeq } = await written(world());
    const set = { assigneeId: world().member.userId, date: '2026-05-01', isComplete: true };
    const answer = await admin().update({ filter: ofAccount(), set });
    expect(changed(answer)).toMatchObject({ matched: 1_000, updated: 1_000 });
    expect(new Set(answer.tasks.map(({ version }) => version))).toEqual(new Set([2]));
    // Updated, assigned, completed, moved.
    expect((await written(world())).lastSeq - lastSeq).toBe(4_000n);
  }, 30_000);

  it('1,001 is refused, naming their number, and changes nothing', async () => {
    const [spare] = (await plant(1_001)) as [Known];
    const before = await written(world());
    world().gateway.statements.length = 0;
    const answer = await admin().update({ filter: ofAccount(), set: { date: '2026-05-01' } });
    expect(refusals(answer)).toEqual(['INVALID filter']);
    expect(answer.errors[0]?.message).toContain('1,001 tasks match');
    expect(await written(world())).toEqual(before);
    // What counts them keeps to the organization as well.
    const count = world().gateway.statements.find(({ text }) => text.startsWith('/* task.countMatching */'));
    const tables = { tenants: new Set(['task', 'stage']), globals: new Set(['user']) };
    expect(count && violations(count.text, count.values, world().organization.id, tables)).toEqual([]);
    expect(count && violations(count.text, count.values, world().other.organization.id, tables)).not.toEqual([]);
    const fewer = { ...ofAccount(), id: { notIn: [spare.key] } };
    expect(changed(await admin().update({ filter: fewer, set: { date: null }, dryRun: true })).matched).toBe(1_000);
  }, 30_000);
});
