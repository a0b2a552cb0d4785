import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_BLOCKERS } from '../../../src/task/blockers/rules.ts';
import type { Caller } from '../../support/gateway.ts';
import { statementsOf } from '../asked.ts';
import { type Known, useWorld } from '../world.ts';
import { granted, refusals, writesOf, written } from '../writes.ts';
import { type Blockers, blockersOf } from './asked.ts';

const world = useWorld();
let admin: Blockers;
let limited: Caller;
let tasks: Known[];
/** Ids of the first tasks. */
let [a, b, c, d] = ['', '', '', ''];

beforeAll(async () => {
  admin = blockersOf(world(), world().admin);
  limited = await world().gateway.member(world().organization, { email: 'lim@ours.example', crmAccess: false });
});

beforeEach(async () => {
  await world().prisma.taskBlocker.deleteMany({ where: { organizationId: world().organization.id } });
  await world().clear();
  tasks = await world().tasks(
    ['2026-01-04', '2026-01-03', '2026-01-02', '2026-01-01'].map((day) => ({ day, kind: 'LEAD' as const })),
  );
  [a, b, c, d] = tasks.map(({ key }) => key) as [string, string, string, string];
});

const writes = () => writesOf(world(), world().admin);
const ids = ({ nodes }: { readonly nodes: readonly { readonly id: string }[] }) => nodes.map(({ id }) => id);

describe('a task waits for others', () => {
  it('once they are its blockers, in the order of their dates, and is among what they block [THENA-T28]', async () => {
    await admin.added(a, b, c);
    const { isBlocked, blockedBy, blocks } = await admin.read(a);
    expect({ isBlocked, blockedBy: ids(blockedBy), count: blockedBy.totalCount, blocks: ids(blocks) }).toEqual({
      ...{ isBlocked: true, blockedBy: [c, b], count: 2, blocks: [] },
    });
    expect(ids((await admin.read(b)).blocks)).toEqual([a]);
    expect(await admin.isBlocked(b, c, d)).toEqual([false, false, false]);
    expect(await admin.listed(true)).toEqual([a]);
  });

  it('and is shown so as a change of its own, told in the log, while the blocker stays as it is', async () => {
    const [before, blocker] = [await admin.read(a), await admin.read(b)];
    const { version, updatedAt } = granted(await admin.add(a, b)) as { version: number; updatedAt: string };
    expect(version).toBe(before.version + 1);
    expect(updatedAt > before.updatedAt).toBe(true);
    expect((await admin.history(a)).map(({ kind, changes }) => ({ kind, changes }))).toEqual([
      {
        kind: 'TASK_UPDATED',
        changes: [
          { field: 'blockedBy', from: [], to: [b] },
          { field: 'isBlocked', from: false, to: true },
        ],
      },
    ]);
    expect(await admin.read(b)).toEqual({ ...blocker, blocks: { totalCount: 1, nodes: [{ id: a }] } });
    expect(await admin.history(b)).toEqual([]);
    granted(await admin.add(a, c));
    expect((await admin.history(a))[0]?.changes).toEqual([{ field: 'blockedBy', from: [b], to: [b, c] }]);
    granted(await admin.remove(a, b));
    expect((await admin.history(a))[0]?.changes).toEqual([{ field: 'blockedBy', from: [b, c], to: [c] }]);
    granted(await admin.remove(a, c));
    expect((await admin.history(a))[0]?.changes).toEqual([
      { field: 'blockedBy', from: [c], to: [] },
      { field: 'isBlocked', from: true, to: false },
    ]);
  });

  it('without being kept from completion: blockers inform [THENA-T30]', async () => {
    await admin.added(a, b);
    granted(await writes().complete(a));
    expect(await admin.read(a)).toMatchObject({ isBlocked: true, isComplete: true });
  });

  it('of any kind, complete ones among them, which do not block', async () => {
    const [call, done] = await world().tasks([{ kind: 'MISSED_CALL' }, { kind: 'VOICEMAIL', status: 'COMPLETED' }]);
    await admin.added(a, done?.key as string);
    expect(await admin.read(a)).toMatchObject({ isBlocked: false, blockedBy: { totalCount: 1 } });
    await admin.added(a, call?.key as string);
    expect(await admin.isBlocked(a)).toEqual([true]);
  });

  it('page by page in both directions', async () => {
    await admin.added(a, b, c, d);
    const first = (await admin.read(a, { first: 2 })).blockedBy;
    expect(ids(first)).toEqual([d, c]);
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const next = (await admin.read(a, { first: 2, after: first.pageInfo.endCursor ?? null })).blockedBy;
    expect({ ids: ids(next), more: next.pageInfo.hasNextPage, count: next.totalCount }).toEqual({
      ...{ ids: [b], more: false, count: 3 },
    });
    expect(ids((await admin.read(a, { last: 1 })).blockedBy)).toEqual([b]);
  });

  it('those in the bin aside, until they are restored', async () => {
    await admin.added(a, b, c);
    granted(await writes().remove(b));
    expect(ids((await admin.read(a)).blockedBy)).toEqual([c]);
    granted(await writes().remove(c));
    expect(await admin.read(a)).toMatchObject({ isBlocked: false, blockedBy: { totalCount: 0 } });
    const restore = `mutation { restoreTask(input: { id: "${b}" }) { errors { code } } }`;
    await world().gateway.ask(world().admin, restore);
    expect(await admin.read(a)).toMatchObject({ isBlocked: true, blockedBy: { nodes: [{ id: b }] } });
  });

  it('in lists of many by as many statements as of one', async () => {
    await admin.added(a, b, c);
    await admin.added(b, c, d);
    await admin.added(c, d);
    const read = (first: number) =>
      statementsOf(
        world(),
        `{ tasks(first: ${first}) { nodes { blockedBy(first: 5) { totalCount nodes { id } } blocks { totalCount } } } }`,
        {},
      );
    const one = await read(1);
    expect(one.toSorted()).toEqual(['task.counts', 'task.counts', 'task.list', 'task.lists']);
    expect((await read(4)).toSorted()).toEqual(one.toSorted());
  });
});

describe('a blocker is refused', () => {
  const refused = async (work: () => ReturnType<Blockers['add']>) => {
    const before = await written(world());
    const answer = await work();
    expect(await written(world())).toEqual(before);
    return { refusals: refusals(answer), message: answer.errors[0]?.message };
  };

  it('where it is the task itself', async () => {
    expect((await refused(() => admin.add(a, a))).refusals).toEqual(['INVALID blockerId']);
  });

  it('where it waits for the task, naming the way round, directly and through others', async () => {
    await admin.added(b, a);
    const direct = await refused(() => admin.add(a, b));
    expect(direct).toEqual({
      refusals: ['INVALID blockerId'],
      message: `Blockers cannot go round in a circle: ${b}, which is blocked by ${a}.`,
    });
    await admin.added(c, b);
    await admin.added(d, c);
    const long = await refused(() => admin.add(a, d));
    expect(long.message).toBe(`Blockers cannot go round in a circle: ${[d, c, b, a].join(', which is blocked by ')}.`);
    // What is complete or in the bin may be opened and restored: it is on the way all the same.
    granted(await writes().complete(b));
    granted(await writes().remove(c));
    expect((await refused(() => admin.add(a, d))).refusals).toEqual(['INVALID blockerId']);
    granted(await admin.remove(d, c));
    granted(await admin.add(a, d));
  });

  it('by its 101st', async () => {
    const many = await world().tasks(Array.from({ length: MAX_BLOCKERS + 1 }, () => ({})));
    const { id: organizationId } = world().organization;
    const data = many.slice(1).map(({ id }) => ({ organizationId, taskId: tasks[0]?.id as bigint, blockerId: id }));
    await world().prisma.taskBlocker.createMany({ data });
    const [last, again] = [many[0]?.key as string, many[1]?.key as string];
    expect((await refused(() => admin.add(a, last))).refusals).toEqual(['INVALID blockerId']);
    granted(await admin.add(a, again));
    granted(await admin.remove(a, again));
    granted(await admin.add(a, last));
  });

  it('in the bin, and of a task in the bin; what is there already may go', async () => {
    await admin.added(a, b);
    granted(await writes().remove(b));
    granted(await writes().remove(c));
    expect((await refused(() => admin.add(a, c))).refusals).toEqual(['NOT_ALLOWED blockerId']);
    expect((await refused(() => admin.add(c, a))).refusals).toEqual(['NOT_ALLOWED id']);
    granted(await admin.add(a, b));
    granted(await admin.remove(a, b));
    expect(await admin.read(a)).toMatchObject({ blockedBy: { totalCount: 0 } });
  });

  it('out of sight, as one that does not exist, and so is a task', async () => {
    const userId = await world().idOf(limited);
    const [own, also] = (await world().tasks([{ assigneeId: userId }, { creatorId: userId }])) as [Known, Known];
    const { add, added, read, remove, history } = blockersOf(world(), limited);
    expect((await refused(() => add(own.key, a))).refusals).toEqual(['NOT_FOUND blockerId']);
    expect((await refused(() => add(a, own.key))).refusals).toEqual(['NOT_FOUND id']);
    expect((await refused(() => add('junk', a))).refusals).toEqual(['NOT_FOUND id', 'NOT_FOUND blockerId']);
    await added(own.key, also.key);
    await admin.added(own.key, a);
    // Blocked by both, of which one is seen; and so does the log tell.
    expect(ids((await read(own.key)).blockedBy)).toEqual([also.key]);
    expect((await history(own.key))[0]?.changes).toEqual([{ field: 'blockedBy', from: [also.key], to: [also.key] }]);
    expect((await refused(() => remove(own.key, a))).refusals).toEqual(['NOT_FOUND blockerId']);
    granted(await writes().complete(also.key));
    expect(await read(own.key)).toMatchObject({ isBlocked: true });
    await admin.added(a, also.key);
    const { message } = await refused(() => admin.add(also.key, own.key));
    expect(message).toContain(`${own.key}, which is blocked by ${also.key}`);
  });
});

describe('what is so already', () => {
  it('changes nothing', async () => {
    await admin.added(a, b);
    const before = await written(world());
    granted(await admin.add(a, b));
    granted(await admin.remove(a, c));
    granted(await admin.remove(b, a));
    expect(await written(world())).toEqual(before);
  });
});

describe('blockers take', () => {
  const sent = (verb: 'add' | 'remove', id: string, blockerId: string) =>
    statementsOf(
      world(),
      `mutation ($i: ${verb === 'add' ? 'Add' : 'Remove'}BlockerInput!) { ${verb}Blocker(input: $i) { task { id } } }`,
      { i: { id, blockerId } },
    );

  it('as many statements however many there are', async () => {
    const add = [
      ...['BEGIN', 'blocker.alone', 'blocker.lock', 'blocker.blockers', 'blocker.ways', 'blocker.insert'],
      ...['blocker.touch', 'event.append', 'COMMIT', 'task.byUids'],
    ];
    expect(await sent('add', c, d)).toEqual(add);
    expect(await sent('add', b, c)).toEqual(add);
    expect(await sent('add', a, b)).toEqual(add);
    expect(await sent('add', a, d)).toEqual(add);
    expect(await sent('add', a, d)).toEqual([
      ...['BEGIN', 'blocker.alone', 'blocker.lock', 'blocker.blockers', 'COMMIT', 'task.byUids'],
    ]);
    expect(await sent('add', d, a)).toEqual([
      ...['BEGIN', 'blocker.alone', 'blocker.lock', 'blocker.blockers', 'blocker.ways', 'blocker.named', 'ROLLBACK'],
    ]);
    expect(await sent('remove', a, d)).toEqual([
      ...['BEGIN', 'blocker.lock', 'blocker.blockers', 'blocker.remove', 'blocker.touch', 'event.append', 'COMMIT'],
      'task.byUids',
    ]);
  });
});
