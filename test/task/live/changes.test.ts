import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeCursor } from '../../../src/event/cursor.ts';
import { append, happening } from '../../event/house.ts';
import { useWorld } from '../world.ts';
import { granted, writesOf } from '../writes.ts';
import { type Asked, follow, read, refused } from './room.ts';

const world = useWorld();
let accountId: string;
beforeAll(async () => {
  accountId = (await world().record('ACCOUNT', { name: 'Acme' })).key;
});

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
const following = async (asked: Asked = {}, who = world().admin) => {
  const list = await follow(world(), who, asked);
  open.push(list);
  return list;
};
let writes: ReturnType<typeof writesOf>;
beforeEach(() => {
  writes = writesOf(world(), world().admin);
});
const create = async (title: string, more: object = {}) =>
  (granted(await writes.create({ title, accountId, ...more })) as { id: string }).id;

describe('a list that is followed', () => {
  it('is told what enters it, what happens in it and what leaves it', async () => {
    const list = await following({ filter: { priority: { eq: 'HIGH' } } });
    const id = await create('Call', { priority: 'LOW' });
    await writes.update(id, { priority: 'HIGH' });
    await writes.update(id, { title: 'Call back' });
    await writes.update(id, { priority: 'LOW' });
    const changes = [await list.next(), await list.next(), await list.next()];
    expect(changes.map(({ change, taskId }) => [change, taskId])).toEqual([
      ['ENTERED', id],
      ['UPDATED', id],
      ['LEFT', id],
    ]);
    expect(changes.map(({ event }) => event?.kind)).toEqual(['TASK_UPDATED', 'TASK_UPDATED', 'TASK_UPDATED']);
    expect(changes[1]?.event?.changes).toEqual([{ field: 'title', from: 'Call', to: 'Call back' }]);
  });

  it('of everything holds LEAD tasks alone, and nothing that is in the bin', async () => {
    const list = await following();
    const id = await create('Here');
    await writes.remove(id);
    await world().tasks([{ kind: 'MISSED_CALL' }]);
    const phone = await world().prisma.task.findFirstOrThrow({
      where: { organizationId: world().organization.id, kind: 'MISSED_CALL' },
    });
    await writes.update(`task_${phone.uid}`, { date: '2026-01-02' });
    await create('After');
    expect(await list.told(3)).toEqual(['ENTERED Here', 'LEFT Here', 'ENTERED After']);
  });

  it('of the bin gets what is deleted, and loses what is restored or gone for good', async () => {
    const bin = await following({ filter: { deleted: 'ONLY' } });
    const id = await create('Thrown away');
    await writes.remove(id);
    await world().gateway.ask(world().admin, `mutation { restoreTask(input: { id: "${id}" }) { errors { message } } }`);
    expect(await bin.told(2)).toEqual(['ENTERED Thrown away', 'LEFT Thrown away']);
  });

  it('hears of a task once a transaction, with the last of its events', async () => {
    const list = await following();
    const id = await create('Both', { assigneeId: world().member.userId });
    await writes.update(id, { title: 'All', assigneeId: null, isComplete: true, tags: ['x'] });
    const changes = [await list.next(), await list.next()];
    expect(changes.map(({ change, event }) => [change, event?.kind])).toEqual([
      ['ENTERED', 'TASK_ASSIGNED'],
      ['UPDATED', 'TASK_COMPLETED'],
    ]);
  });

  it('hears of several tasks of one transaction one by one', async () => {
    const ids = [await create('Bulk 1', { tags: ['bulk'] }), await create('Bulk 2', { tags: ['bulk'] })];
    const list = await following({ filter: { tag: { eq: 'bulk' } } });
    const query = `mutation { bulkUpdateTasks(input: { filter: { tag: { eq: "bulk" } }, set: { isComplete: true } }) { errors { message } } }`;
    await world().gateway.ask(world().admin, query);
    const changes = [await list.next(), await list.next()];
    expect(changes.map(({ change, taskId }) => [change, taskId])).toEqual(ids.map((id) => ['UPDATED', id]));
  });

  it('hears what is said on a task that it holds, and nothing of others', async () => {
    const [here, there] = [await create('Here', { priority: 'HIGH' }), await create('There')];
    const list = await following({ filter: { priority: { eq: 'HIGH' } } });
    for (const subjectId of [there, here]) {
      const query = `mutation { addComment(input: { subjectId: "${subjectId}", body: "x" }) { errors { message } } }`;
      await world().gateway.ask(world().admin, query);
    }
    expect(await list.next()).toMatchObject({ change: 'UPDATED', taskId: here, event: { kind: 'TASK_COMMENTED' } });
  });

  it('is told of a row that is gone by its id, with the event', async () => {
    const id = await create('Gone', { tags: ['gone'] });
    const { logCursor } = await read(world(), world().admin);
    await writes.update(id, { title: 'Nearly gone' });
    await world().prisma.task.deleteMany({ where: { organizationId: world().organization.id, uid: id.slice(5) } });
    const list = await following({ after: logCursor });
    const change = await list.next();
    expect(change).toMatchObject({ change: 'UPDATED', taskId: id, task: null, event: { kind: 'TASK_UPDATED' } });
  });
});

describe('each change is answered from what is there when it is delivered', () => {
  it('not from what an earlier one had read', async () => {
    const list = await following({ filter: { tag: { eq: 'named' } } });
    const id = await create('One', { tags: ['named'] });
    expect((await list.next()).task?.account?.name).toBe('Acme');
    const where = { organizationId: world().organization.id, name: 'Acme' };
    await world().prisma.account.updateMany({ where, data: { name: 'Acme & Sons' } });
    await writes.update(id, { title: 'Two' });
    expect((await list.next()).task).toMatchObject({ title: 'Two', account: { name: 'Acme & Sons' } });
  });
});

describe('a cursor', () => {
  it('of each change leads on from right behind it, and a list’s from where it was read', async () => {
    const asked: Asked = { filter: { tag: { eq: 'cursors' } } };
    const { logCursor } = await read(world(), world().admin, asked);
    for (const title of ['a', 'b', 'c']) await create(title, { tags: ['cursors'] });
    const all = await following({ ...asked, after: logCursor });
    const changes = [await all.next(), await all.next(), await all.next()];
    expect(changes.map(({ task }) => task?.title)).toEqual(['a', 'b', 'c']);
    const rest = await following({ ...asked, after: changes[0]?.cursor ?? null });
    expect(await rest.told(2)).toEqual(['ENTERED b', 'ENTERED c']);
    const none = await following({ ...asked, after: changes[2]?.cursor ?? null });
    await create('d', { tags: ['cursors'] });
    expect(await none.told(1)).toEqual(['ENTERED d']);
  });

  it('replays a long log in pages, however little of it is of the list', async () => {
    const asked: Asked = { filter: { tag: { eq: 'long' } } };
    const { logCursor } = await read(world(), world().admin, asked);
    const { id } = world().organization;
    const actor = { organizationId: id, userId: world().organization.assistantId, kind: 'SYSTEM' } as const;
    const house = { ...world().organization, actor };
    for (const title of ['Long 1', 'Long 2']) {
      await append(
        world().gateway,
        house,
        Array.from({ length: 140 }, () => happening(house)),
      );
      await create(title, { tags: ['long'] });
    }
    const names = await world().gateway.statementsOf(async () => {
      const list = await following({ ...asked, after: logCursor });
      expect(await list.told(2)).toEqual(['ENTERED Long 1', 'ENTERED Long 2']);
    });
    // By a hundred events; what tells of no task is not judged at all.
    expect(names.filter((name) => name === 'event.told').length).toBeLessThanOrEqual(4);
    expect(names.filter((name) => name === 'task.judge')).toHaveLength(2);
  });
});

it('the tasks of a page of changes are read by one statement', async () => {
  const { logCursor } = await read(world(), world().admin);
  const titles = Array.from({ length: 12 }, (_, made) => `Page ${made}`);
  for (const title of titles) await create(title);
  const names = await world().gateway.statementsOf(async () => {
    const list = await following({ after: logCursor });
    expect(await list.told(12)).toEqual(titles.map((title) => `ENTERED ${title}`));
  });
  expect(names.filter((name) => name === 'task.byIds')).toHaveLength(1);
});

describe('what cannot be followed is refused before any change', () => {
  const deep = () => Array.from({ length: 9 }).reduce<object>((filter) => ({ not: filter }), { isOpen: true });
  const cases: [string, () => Record<string, unknown>, object][] = [
    ['an unreadable cursor', () => ({ after: 'x' }), { code: 'BAD_USER_INPUT', argument: 'after' }],
    [
      'a kind that is none',
      () => ({ filter: { _type: { any: false } } }),
      { code: 'BAD_USER_INPUT', argument: 'filter._type.any' },
    ],
    ['a filter that is too deep', () => ({ filter: deep() }), { code: 'LIMIT_EXCEEDED' }],
    [
      'too long a search',
      () => ({ filter: { search: 'x'.repeat(501) } }),
      { code: 'LIMIT_EXCEEDED', argument: 'filter.search' },
    ],
    ['a zone that there is not', () => ({ timeZone: 'Mars/Base' }), { code: 'BAD_USER_INPUT' }],
  ];
  it.each(cases)('%s', async (_what, asked, expected) => {
    expect(await refused(world(), world().admin, asked())).toMatchObject(expected);
  });

  it('a cursor of another organization, of what is pruned, from beyond the log or from the future', async () => {
    const { prisma, organization, other, admin } = world();
    const { uid } = await prisma.organization.findUniqueOrThrow({ where: { id: organization.id } });
    const where = { organizationId: organization.id };
    const { lastSeq } = await prisma.organizationLog.findUniqueOrThrow({ where });
    await prisma.organizationLog.update({ where, data: { prunedTo: 2n } });
    const foreign = await read(world(), other.admin);
    const at = Date.now();
    const cursors = [
      foreign.logCursor,
      encodeCursor({ organizationUid: uid, seq: 1n, at }),
      encodeCursor({ organizationUid: uid, seq: lastSeq + 1n, at }),
      encodeCursor({ organizationUid: uid, seq: lastSeq, at: at + 7_200_000 }),
      encodeCursor({ organizationUid: uid, seq: lastSeq, at, half: { to: at + 7_200_000, taskId: 1n } }),
      encodeCursor({ organizationUid: uid, seq: lastSeq, at: 9_999_999_999_999_998 }),
    ];
    for (const after of cursors)
      expect(await refused(world(), admin, { after })).toMatchObject({ code: 'RESYNC_REQUIRED' });
    await prisma.organizationLog.update({ where, data: { prunedTo: 0n } });
  });
});
