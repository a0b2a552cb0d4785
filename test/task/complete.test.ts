import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { uidOf } from '../../src/ids.ts';
import { meanwhile } from './retention/room.ts';
import { useWorld } from './world.ts';
import { granted, refusals, type Shown, writesOf, written } from './writes.ts';

let now = new Date('2026-01-12T10:00:00Z');
const world = useWorld({ now: () => now });
const admin = () => writesOf(world(), world().admin);
const member = () => writesOf(world(), world().member);
let accountId: string;
let task: Shown;

beforeAll(async () => {
  accountId = (await world().record('ACCOUNT')).key;
});
beforeEach(async () => {
  now = new Date('2026-01-12T10:00:00Z');
  task = granted(await admin().create({ title: 'Call', accountId, status: 'IN_PROGRESS' }));
  now = new Date('2026-01-12T11:00:00Z');
});
const followUp = () => ({ title: 'Call again', accountId, date: '2026-01-20' });
const eventsOf = async (id: string) => [...((await admin().read(id))?.history.nodes ?? [])].reverse();

describe('completing', () => {
  it('says when, by whom and what came of it [PARSA-22] [PARSA-21] [THENA-T29]', async () => {
    expect(granted(await member().complete(task.id, { outcome: 'Sold.' }))).toEqual({
      ...task,
      status: 'COMPLETED',
      isComplete: true,
      completedAt: '2026-01-12T11:00:00.000Z',
      completedBy: { id: world().member.userId },
      outcome: 'Sold.',
      updatedAt: '2026-01-12T11:00:00.000Z',
      version: 2,
    });
    const [, completed, ...more] = await eventsOf(task.id);
    expect(more).toEqual([]);
    expect(completed).toMatchObject({
      kind: 'TASK_COMPLETED',
      at: '2026-01-12T11:00:00.000Z',
      actor: { id: world().member.userId },
      actorKind: 'USER',
      subjectId: task.id,
      changes: [
        { field: 'status', from: 'IN_PROGRESS', to: 'COMPLETED' },
        { field: 'completedAt', from: null, to: '2026-01-12T11:00:00.000Z' },
        { field: 'completedBy', from: null, to: world().member.userId },
        { field: 'outcome', from: null, to: 'Sold.' },
      ],
    });
  });

  it('without an outcome, or with none in it, leaves none', async () => {
    for (const more of [{}, { outcome: null }, { outcome: '' }, { outcome: ' \n\u200b' }]) {
      const { id } = granted(await admin().create({ title: 'Call', accountId }));
      expect(granted(await admin().complete(id, more)).outcome).toBeNull();
    }
  });

  it('what is complete changes nothing, makes no event and no follow-up, and leaves the outcome', async () => {
    const done = granted(await member().complete(task.id, { outcome: 'Sold.' }));
    const before = await written(world());
    now = new Date('2026-01-13T10:00:00Z');
    const again = await admin().complete(task.id, { outcome: 'Lost.', followUp: followUp() });
    expect(granted(again)).toEqual(done);
    expect(again.followUp).toBeNull();
    expect(granted(await admin().update(task.id, { isComplete: true, status: 'COMPLETED' }))).toEqual(done);
    expect(await written(world())).toEqual(before);
  });

  it('lets one of many through who try at once, with one follow-up', async () => {
    const tries = await Promise.all(
      Array.from({ length: 6 }, () => admin().complete(task.id, { followUp: followUp() })),
    );
    expect(tries.filter((answer) => answer.followUp !== null)).toHaveLength(1);
    expect((await eventsOf(task.id)).map(({ kind }) => kind)).toEqual(['TASK_CREATED', 'TASK_COMPLETED']);
  });
});

describe('reopening', () => {
  it('restores the status before, and clears what completion said', async () => {
    const done = granted(await admin().complete(task.id, { outcome: 'Sold.' }));
    now = new Date('2026-01-12T12:00:00Z');
    expect(granted(await admin().update(task.id, { isComplete: false }))).toEqual({
      ...task,
      version: 3,
      updatedAt: now.toISOString(),
    });
    expect((await eventsOf(task.id)).at(-1)).toMatchObject({
      kind: 'TASK_REOPENED',
      changes: [
        { field: 'status', from: 'COMPLETED', to: 'IN_PROGRESS' },
        { field: 'completedAt', from: done.completedAt, to: null },
        { field: 'completedBy', from: world().admin.userId, to: null },
        { field: 'outcome', from: 'Sold.', to: null },
      ],
    });
  });

  it('by another status takes that one', async () => {
    for (const status of ['PENDING', 'ON_HOLD', 'CANCELLED'] as const) {
      await admin().complete(task.id);
      expect(granted(await admin().update(task.id, { status }))).toMatchObject({
        status,
        completedAt: null,
        outcome: null,
      });
    }
  });

  it('again and again restores what it was each time', async () => {
    for (const status of ['PENDING', 'ON_HOLD', 'IN_PROGRESS'] as const) {
      await admin().update(task.id, { status });
      await admin().update(task.id, { status: 'COMPLETED' });
      expect(granted(await admin().update(task.id, { isComplete: false })).status).toBe(status);
    }
  });
});

describe('a follow-up', () => {
  it('is made with the completion, in one transaction [THENA-T29]', async () => {
    const { gateway } = world();
    let answer: Awaited<ReturnType<ReturnType<typeof writesOf>['complete']>> | undefined;
    const sent = await gateway.statementsOf(async () => {
      answer = await admin().complete(task.id, {
        followUp: { ...followUp(), assigneeId: world().member.userId, tags: ['next'] },
      });
    });
    expect(answer?.followUp).toMatchObject({
      title: 'Call again',
      date: '2026-01-20',
      status: 'PENDING',
      version: 1,
      assignee: { id: world().member.userId },
    });
    expect(sent.filter((name) => ['BEGIN', 'COMMIT', 'event.append'].includes(name))).toEqual([
      'BEGIN',
      'event.append',
      'COMMIT',
    ]);
    const [first, second] = [await eventsOf(task.id), await eventsOf(answer?.followUp?.id as string)];
    expect([first.at(-1)?.kind, ...second.map(({ kind }) => kind)]).toEqual([
      'TASK_COMPLETED',
      'TASK_CREATED',
      'TAG_ADDED',
      'TASK_ASSIGNED',
    ]);
  });

  const bad: [string, object, string[]][] = [
    ['has no title', { title: '' }, ['INVALID followUp.title']],
    ['is of another kind', { _type: 'INCOMING_SMS' }, ['NOT_ALLOWED followUp._type']],
    ['is linked to what is not there', { linkedRecordId: 'junk' }, ['NOT_FOUND followUp.linkedRecordId']],
    [
      'has several faults',
      { title: '', tags: [''], accountId: 'junk' },
      ['NOT_FOUND followUp.accountId', 'INVALID followUp.title', 'INVALID followUp.tags.0'],
    ],
  ];
  it.each(bad)('that %s leaves the task open, and nothing is written', async (_name, fault, expected) => {
    const before = await written(world());
    const answer = await admin().complete(task.id, { outcome: 'Sold.', followUp: { ...followUp(), ...fault } });
    expect(refusals(answer)).toEqual(expected);
    expect(answer.followUp).toBeNull();
    expect(await written(world())).toEqual(before);
  });

  it('is about the record of the completed task, unless it names one, and nobody’s but whose it says [THENA-T29]', async () => {
    const contact = (await world().record('CONTACT', { accountId: (await world().record('ACCOUNT')).id })).key;
    const linked = async () =>
      granted(
        await admin().create({
          title: 'Call',
          linkedRecordId: contact,
          assigneeId: world().member.userId,
          tags: ['a'],
        }),
      );
    const made = async (more: object) => {
      const of = await linked();
      const answer = await member().complete(of.id, { followUp: { title: 'Call again', ...more } });
      expect(refusals(answer)).toEqual([]);
      return { of, followUp: answer.followUp };
    };
    for (const nothing of [{}, { accountId: null, linkedRecordId: null }]) {
      const { of, followUp: next } = await made(nothing);
      expect(next).toMatchObject({ linkedRecord: of.linkedRecord, account: of.account, contact: { id: contact } });
      expect(next).toMatchObject({ assignee: null, tags: [], creator: { id: world().member.userId } });
    }
    expect((await made({ accountId })).followUp?.linkedRecord?.id).toBe(accountId);
    const lead = (await world().record('LEAD')).key;
    expect((await made({ linkedRecordId: lead })).followUp?.linkedRecord?.id).toBe(lead);
  });

  it('needs a record where the completed task has none', async () => {
    const [unlinked] = await world().tasks([{ kind: 'MISSED_CALL' }]);
    const id = unlinked?.key as string;
    expect(refusals(await admin().complete(id, { followUp: { title: 'Call again' } }))).toEqual([
      'INVALID followUp.accountId',
    ]);
    expect((await admin().complete(id, { followUp: followUp() })).followUp?.account?.id).toBe(accountId);
  });

  it('is about the record that the task is linked to by then, if that changes at the same time', async () => {
    const other = await world().record('ACCOUNT');
    const { prisma, organization } = world();
    const where = { organizationId: organization.id, uid: uidOf('Task', task.id) as string };
    const { id } = await prisma.task.findFirstOrThrow({ where });
    const answer = (await meanwhile(
      world(),
      ['UPDATE task SET account_id = $3 WHERE organization_id = $1 AND id = $2'],
      [organization.id, id, other.id],
      () => admin().complete(task.id, { followUp: { title: 'Call again' } }),
    )) as Awaited<ReturnType<ReturnType<typeof writesOf>['complete']>>;
    expect(answer.followUp?.linkedRecord?.id).toBe(other.key);
  });

  it('and a bad outcome are both said', async () => {
    const answer = await admin().complete(task.id, {
      outcome: 'x'.repeat(32_769),
      followUp: { ...followUp(), title: '' },
    });
    expect(refusals(answer)).toEqual(['INVALID outcome', 'INVALID followUp.title']);
  });

  it('may be there complete, and tells so', async () => {
    const { followUp: made } = await admin().complete(task.id, { followUp: { ...followUp(), status: 'COMPLETED' } });
    expect((await eventsOf(made?.id as string)).map(({ kind }) => kind)).toEqual(['TASK_CREATED', 'TASK_COMPLETED']);
  });
});

describe('deleting', () => {
  it('puts it into the bin, where its id finds it and no list does [CLOSE-36] [THENA-T17]', async () => {
    const gone = granted(await admin().remove(task.id));
    const at = '2026-01-12T11:00:00.000Z';
    expect(gone).toEqual({ ...task, isActive: false, deletedAt: at, updatedAt: at, version: 2 });
    expect(await admin().read(task.id)).toMatchObject(gone);
    const listed = await world().gateway.ask<{ tasks: { totalCount: number } }, object>(
      world().admin,
      'query TaskRoomBin($id: ID!) { tasks(filter: { id: { eq: $id } }) { totalCount } }',
      { id: task.id },
    );
    expect(listed.tasks.totalCount).toBe(0);
    expect((await eventsOf(task.id)).at(-1)).toMatchObject({
      kind: 'TASK_DELETED',
      changes: [
        { field: 'isActive', from: true, to: false },
        { field: 'deletedAt', from: null, to: at },
      ],
    });
  });

  it('leaves nothing that can be changed, completed or deleted again', async () => {
    await admin().remove(task.id);
    const before = await written(world());
    expect(refusals(await admin().update(task.id, { title: 'Write' }))).toEqual(['NOT_ALLOWED id']);
    expect(refusals(await admin().complete(task.id))).toEqual(['NOT_ALLOWED id']);
    expect(refusals(await admin().remove(task.id))).toEqual(['NOT_ALLOWED id']);
    expect(await written(world())).toEqual(before);
  });

  it('a complete task leaves it complete', async () => {
    await admin().complete(task.id, { outcome: 'Sold.' });
    expect(granted(await admin().remove(task.id))).toMatchObject({ isComplete: true, outcome: 'Sold.' });
  });
});
