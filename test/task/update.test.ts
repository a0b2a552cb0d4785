import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import type { TaskPatch } from '../generated/graphql.ts';
import { plantActivity } from '../record/room.ts';
import { KINDS } from './arbitrary.ts';
import { type Known, useWorld } from './world.ts';
import { granted, refusals, type Shown, writesOf, written } from './writes.ts';

let now = new Date('2026-01-12T10:00:00Z');
const world = useWorld({ now: () => now });
const admin = () => writesOf(world(), world().admin);
let accountId: string;
let task: Shown;

beforeAll(async () => {
  accountId = (await world().record('ACCOUNT')).key;
});
beforeEach(async () => {
  now = new Date('2026-01-12T10:00:00Z');
  task = granted(
    await admin().create({ title: 'Call', accountId, description: 'At length.', tags: ['a'], date: '2026-02-01' }),
  );
  now = new Date('2026-01-12T11:00:00Z');
});
const kindsOf = async (id: string) => ((await admin().read(id))?.history.nodes ?? []).map(({ kind }) => kind).reverse();

describe('what a task names already', () => {
  it('is named again with another change, though it was deleted or deactivated since', async () => {
    const w = world();
    const organizationId = w.organization.id;
    const [account, leaver] = [
      await w.record('ACCOUNT'),
      await w.gateway.member(w.organization, { email: `leaver-${newUid()}@ours.example` }),
    ];
    const [activity, other] = [
      await plantActivity(w, 'ACCOUNT', { accountId: account.id }),
      await plantActivity(w, 'ACCOUNT', { accountId: account.id }),
    ];
    const named = async (id: bigint) =>
      encodeId('Activity', (await w.prisma.activity.findFirstOrThrow({ where: { organizationId, id } })).uid);
    const form = { linkedRecordId: account.key, activityId: await named(activity), assigneeId: leaver.userId };
    const { id } = granted(await admin().create({ title: 'x', ...form }));
    const gone = { deletedAt: now };
    await w.prisma.account.updateMany({ where: { organizationId, id: account.id }, data: gone });
    await w.prisma.activity.updateMany({ where: { organizationId }, data: { ...gone, isActive: false } });
    await w.prisma.membership.updateMany({
      where: { organizationId, userId: await w.idOf(leaver) },
      data: { isActive: false },
    });
    expect(granted(await admin().update(id, { ...form, title: 'y' }))).toMatchObject({ title: 'y', version: 2 });
    // What is new to it is judged.
    expect(refusals(await admin().update(id, { activityId: await named(other) }))).toEqual([
      'INVALID patch.activityId',
    ]);
    expect(refusals(await admin().update(task.id, form))).toEqual([
      ...['NOT_FOUND patch.assigneeId', 'INVALID patch.linkedRecordId', 'INVALID patch.activityId'],
    ]);
  });
});

describe('a change', () => {
  const changes: [TaskPatch, Partial<Shown>, string[]][] = [
    [{ title: ' Write ' }, { title: 'Write' }, ['TASK_UPDATED']],
    [{ description: 'Short.' }, { description: 'Short.' }, ['TASK_UPDATED']],
    [{ description: '' }, { description: null }, ['TASK_UPDATED']],
    [{ description: '  \u200b' }, { description: null }, ['TASK_UPDATED']],
    [{ type: 'DEMO' }, { type: 'DEMO' }, ['TASK_UPDATED']],
    [{ category: 'TEAM_UPDATE' }, { category: 'TEAM_UPDATE', audience: 'INTERNAL' }, ['TASK_UPDATED']],
    [{ priority: 'HIGH' }, { priority: 'HIGH' }, ['TASK_UPDATED']],
    [{ status: 'ON_HOLD' }, { status: 'ON_HOLD' }, ['TASK_UPDATED']],
    [{ status: 'CANCELLED' }, { status: 'CANCELLED', isComplete: false }, ['TASK_UPDATED']],
    [{ date: '2026-02-02' }, { date: '2026-02-02' }, ['TASK_UPDATED']],
    [{ date: '2026-02-02T08:00:00Z' }, { date: '2026-02-02T08:00:00.000Z' }, ['TASK_UPDATED']],
    [{ date: null }, { date: null }, ['TASK_UPDATED']],
    [{ attachmentUrls: ['https://a.example/1'] }, { attachmentUrls: ['https://a.example/1'] }, ['TASK_UPDATED']],
    [{ tags: ['a', 'b'] }, { tags: ['a', 'b'] }, ['TAG_ADDED']],
    [{ tags: ['b'] }, { tags: ['b'] }, ['TAG_ADDED', 'TASK_UPDATED']],
    [{ tags: null }, { tags: [] }, ['TASK_UPDATED']],
    [{ linkedRecordId: null }, { linkedRecord: null, account: null }, ['TASK_UPDATED']],
    [{ status: 'COMPLETED' }, { isComplete: true, completedAt: '2026-01-12T11:00:00.000Z' }, ['TASK_COMPLETED']],
    [{ isComplete: true }, { status: 'COMPLETED', completedAt: '2026-01-12T11:00:00.000Z' }, ['TASK_COMPLETED']],
    [
      { isComplete: true, status: 'COMPLETED', title: 'Write' },
      { status: 'COMPLETED', title: 'Write' },
      ['TASK_UPDATED', 'TASK_COMPLETED'],
    ],
  ];
  it.each(changes)('%j changes just that, makes one version and says so', async (patch, expected, kinds) => {
    const changed = granted(await admin().update(task.id, patch));
    const touched = Object.keys({ ...patch, ...expected });
    const own = { ...expected, version: 2, updatedAt: now.toISOString() };
    expect(changed).toMatchObject(own);
    for (const [field, value] of Object.entries(task)) {
      if (!['version', 'updatedAt', 'completedAt', 'completedBy', 'isComplete', 'status', ...touched].includes(field)) {
        expect(changed[field as keyof Shown], field).toEqual(value);
      }
    }
    expect(await admin().read(task.id)).toMatchObject(changed);
    expect(await kindsOf(task.id)).toEqual(['TASK_CREATED', 'TAG_ADDED', ...kinds]);
  });

  const nothing: TaskPatch[] = [
    {},
    { title: ' Call ' },
    { description: 'At length.' },
    { tags: [' a ', 'a'] },
    { date: '2026-02-01' },
    { status: 'PENDING' },
    { isComplete: false },
    { category: null },
    { assigneeId: null },
    { attachmentUrls: null },
    { type: 'FOLLOW_UP', priority: 'LOW' },
  ];
  it.each(nothing)('that changes nothing makes no version, no event and no new time: %j', async (patch) => {
    const before = await written(world());
    expect(granted(await admin().update(task.id, patch))).toEqual(task);
    expect(await written(world())).toEqual(before);
  });

  it('to the record that it is linked to already is none', async () => {
    const before = await written(world());
    expect(granted(await admin().update(task.id, { linkedRecordId: accountId }))).toEqual(task);
    expect(await written(world())).toEqual(before);
  });

  it('of a day to the instant at which it starts is one: which of the two it was is kept [CLOSE-06]', async () => {
    expect(granted(await admin().update(task.id, { date: '2026-02-01T00:00:00Z' }))).toMatchObject({
      version: 2,
      date: '2026-02-01T00:00:00.000Z',
    });
  });

  it('grows the version by one each time, and its time is the last one’s [THENA-T16]', async () => {
    for (const [index, title] of ['One', 'Two', 'Three'].entries()) {
      now = new Date(Date.UTC(2026, 0, 12, 12 + index));
      expect(granted(await admin().update(task.id, { title }))).toMatchObject({
        version: index + 2,
        updatedAt: now.toISOString(),
        createdAt: task.createdAt,
      });
    }
  });
});

describe('a refused change writes nothing', () => {
  const cases: [string, TaskPatch, string[]][] = [
    ['null for a title', { title: null }, ['INVALID patch.title']],
    [
      'null for what is never absent',
      { type: null, status: null, isComplete: null, priority: null },
      ['type', 'status', 'isComplete', 'priority'].map((field) => `INVALID patch.${field}`),
    ],
    ['an empty title', { title: '' }, ['INVALID patch.title']],
    ['a long description', { description: 'x'.repeat(32 * 1024 + 1) }, ['INVALID patch.description']],
    ['U+0000', { description: 'a\0' }, ['INVALID patch.description']],
    ['a bad tag', { tags: ['a', ''] }, ['INVALID patch.tags.1']],
    ['a bad attachment', { attachmentUrls: ['nowhere'] }, ['INVALID patch.attachmentUrls.0']],
    ['a contradiction', { isComplete: true, status: 'CANCELLED' }, ['INVALID patch.isComplete']],
    ['the other contradiction', { isComplete: false, status: 'COMPLETED' }, ['INVALID patch.isComplete']],
    ['a record that is none', { linkedRecordId: 'junk' }, ['NOT_FOUND patch.linkedRecordId']],
    ['a user for a record', { linkedRecordId: encodeId('User', newUid()) }, ['NOT_FOUND patch.linkedRecordId']],
    [
      'several reasons at once',
      { title: '', assigneeId: 'junk', linkedRecordId: 'junk' },
      ['NOT_FOUND patch.assigneeId', 'NOT_FOUND patch.linkedRecordId', 'INVALID patch.title'],
    ],
    ['one good field beside a bad one', { title: 'Write', tags: [''] }, ['INVALID patch.tags.0']],
  ];
  it.each(cases)('%s', async (_name, patch, expected) => {
    const before = await written(world());
    expect(refusals(await admin().update(task.id, patch)).sort()).toEqual([...expected].sort());
    expect(await written(world())).toEqual(before);
  });

  it('to a task that is not there, is foreign, malformed or something else', async () => {
    const foreign = await world().record('ACCOUNT', { organizationId: world().other.organization.id });
    const theirs = granted(
      await writesOf(world(), world().other.admin).create({ title: 'Theirs', accountId: foreign.key }),
    );
    for (const id of [theirs.id, encodeId('Task', newUid()), accountId, 'junk', '']) {
      expect(refusals(await admin().update(id, { title: 'Write' })), id).toEqual(['NOT_FOUND id']);
      expect(refusals(await admin().complete(id)), id).toEqual(['NOT_FOUND id']);
      expect(refusals(await admin().remove(id)), id).toEqual(['NOT_FOUND id']);
    }
  });

  it('to a queue row, which is no task of people’s', async () => {
    await world().prisma.task.updateMany({
      where: { organizationId: world().organization.id, title: 'Call' },
      data: { isQueueRow: true },
    });
    expect(refusals(await admin().update(task.id, { title: 'Write' }))).toEqual(['NOT_FOUND id']);
  });
});

describe('expectedVersion', () => {
  it('that is the version lets everything through', async () => {
    expect(granted(await admin().update(task.id, { title: 'Write' }, { expectedVersion: 1 })).version).toBe(2);
    expect(granted(await admin().complete(task.id, { expectedVersion: 2 })).version).toBe(3);
    expect(granted(await admin().remove(task.id, 3)).version).toBe(4);
  });

  it('that is not is CONFLICT with the version that there is, and nothing is written', async () => {
    await admin().update(task.id, { title: 'Write' });
    const before = await written(world());
    const answers = [
      await admin().update(task.id, { title: 'Third' }, { expectedVersion: 1 }),
      await admin().complete(task.id, { expectedVersion: 3 }),
      await admin().remove(task.id, 1),
    ];
    for (const answer of answers) {
      expect(refusals(answer)).toEqual(['CONFLICT expectedVersion']);
      expect(answer.errors).toMatchObject([{ __typename: 'ConflictError', currentVersion: 2 }]);
    }
    expect(await written(world())).toEqual(before);
  });

  it('lets one of many through who read the same', async () => {
    const tries = await Promise.all(
      Array.from({ length: 8 }, (_, n) => admin().update(task.id, { title: `Try ${n}` }, { expectedVersion: 1 })),
    );
    expect(tries.filter(({ errors }) => errors.length === 0)).toHaveLength(1);
    expect((await admin().read(task.id))?.version).toBe(2);
  });

  it('absent lets all of many through, each its own version', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, n) => admin().update(task.id, { title: `Try ${n}` })));
    expect((await admin().read(task.id))?.version).toBe(9);
    expect((await admin().read(task.id))?.history.totalCount).toBe(2 + 8);
  });
});

describe('a task of another kind than LEAD', () => {
  it.each(KINDS.filter((kind) => kind !== 'LEAD'))(
    '%s lets assignee, date and completion change [CLOSE-34]',
    async (kind) => {
      const [{ key }] = (await world().tasks([{ kind }])) as [Known];
      const patch = { assigneeId: world().member.userId, date: '2026-03-01', isComplete: true };
      expect(granted(await admin().update(key, patch))).toMatchObject({
        _type: kind,
        date: '2026-03-01',
        isComplete: true,
        assignee: { id: world().member.userId },
      });
      expect(granted(await admin().update(key, { status: 'PENDING' }))).toMatchObject({ isComplete: false });
      expect(granted(await admin().complete(key, { outcome: 'Called back.' }))).toMatchObject({
        isComplete: true,
        outcome: 'Called back.',
      });
      expect(granted(await admin().remove(key)).isActive).toBe(false);
    },
  );

  it('refuses everything else by its field, and does nothing of what stands beside it [CLOSE-35]', async () => {
    const [{ key }] = (await world().tasks([{ kind: 'VOICEMAIL' }])) as [Known];
    const before = await written(world());
    const patch: TaskPatch = {
      title: 'x',
      description: 'x',
      type: 'DEMO',
      category: 'TEAM_UPDATE',
      priority: 'HIGH',
      linkedRecordId: accountId,
      attachmentUrls: [],
      tags: [],
      status: 'ON_HOLD',
      date: '2026-03-01',
    };
    const fields = [
      'title',
      'description',
      'type',
      'category',
      'priority',
      'linkedRecordId',
      'attachmentUrls',
      'tags',
      'status',
    ];
    expect(refusals(await admin().update(key, patch)).sort()).toEqual(
      fields.map((field) => `NOT_ALLOWED patch.${field}`).sort(),
    );
    expect(await written(world())).toEqual(before);
  });
});
