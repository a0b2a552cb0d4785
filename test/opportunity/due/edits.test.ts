import { afterEach, describe, expect, it } from 'vitest';
import { encodeId } from '../../../src/ids.ts';
import { granted as grantedRecord, told as logged } from '../../record/room.ts';
import { statementsOf } from '../../task/asked.ts';
import { granted, writesOf } from '../../task/writes.ts';
import { type DueTask, useDeals } from './deals.ts';

const { clock, reset, world, records, tasks, day, deal, change, told, morning } = useDeals();
afterEach(reset);
const writes = () => writesOf(world(), world().admin);
const only = async (id: string): Promise<DueTask> => {
  const found = await tasks(id);
  expect(found).toHaveLength(1);
  return found[0] as DueTask;
};
const assistant = async () => {
  const { uid } = await world().prisma.user.findUniqueOrThrow({ where: { id: world().organization.assistantId } });
  return encodeId('User', uid);
};
const happened = async (work: () => Promise<unknown>) =>
  (await logged(world(), work)).map(({ kind, subjectType }) => (subjectType === 'TASK' ? kind : `its ${kind}`));

describe('an opportunity that is due when it is written', () => {
  it('has a task at once: its close date as a day, linked to it, of the assistant’s making [CLOSE-22, CLOSE-45]', async () => {
    const accountId = await records().made('ACCOUNT');
    const leadId = await records().made('LEAD');
    const id = await deal({ name: 'Renewal', accountId, leadId, closeDate: day(-2), ownerId: world().member.userId });
    expect(await only(id)).toMatchObject({
      _type: 'OPPORTUNITY_DUE',
      type: 'FOLLOW_UP',
      title: 'Renewal is due to close',
      date: day(-2),
      status: 'PENDING',
      version: 1,
      assignee: { id: world().member.userId },
      creator: { id: await assistant() },
      linkedRecord: { id },
      account: { id: accountId },
      lead: { id: leadId },
    });
  });

  it('stands in timelines at the start of its day where the organization is', async () => {
    const id = await deal({ closeDate: day(0) });
    const where = { organizationId: world().organization.id, uid: (await only(id)).id.split('_')[1] as string };
    const timelineAt = async () => (await world().prisma.task.findFirstOrThrow({ where })).timelineAt.toISOString();
    expect(await timelineAt()).toBe('2026-03-09T23:00:00.000Z');
    // In summer time.
    await change(id, { closeDate: '2026-04-10' });
    expect(await timelineAt()).toBe('2026-04-09T22:00:00.000Z');
  });

  it('has one task, however many write to it at once', async () => {
    const id = await deal({ closeDate: day(1) });
    clock.now = new Date('2026-03-11T03:00:00Z');
    await Promise.all(Array.from({ length: 10 }, (_, n) => change(id, { name: `Deal ${n}` })));
    expect(await told(id)).toEqual(['PENDING 2026-03-11']);
  });

  it('is told of after the opportunity, by whoever wrote it; the assignee is told, unless they did', async () => {
    const { prisma, organization, admin, member } = world();
    const events = await logged(world(), () => deal({ closeDate: day(0), ownerId: member.userId }));
    expect(events.map(({ kind }) => kind)).toEqual(['RECORD_CREATED', 'TASK_CREATED', 'TASK_ASSIGNED']);
    expect(new Set(events.map(({ actorId }) => actorId))).toEqual(new Set([await world().idOf(admin)]));
    expect(events.at(-1)?.imageAfter).toMatchObject({ kind: 'OPPORTUNITY_DUE', due_on: day(0) });
    const seq = (events.at(-1) as unknown as { seq: bigint }).seq;
    const where = { organizationId: organization.id, seq };
    expect(await prisma.notification.findMany({ where })).toMatchObject([
      { kind: 'TASK_ASSIGNED', userId: await world().idOf(member), actorId: await world().idOf(admin) },
    ]);
    const own = await logged(world(), () => deal({ closeDate: day(0), ownerId: admin.userId }));
    const theirs = own.map((event) => (event as unknown as { seq: bigint }).seq);
    expect(await prisma.notification.count({ where: { ...where, seq: { in: theirs } } })).toBe(0);
  });

  it('is due by the day that it is where the organization is, not the caller', async () => {
    // In Paris it is the 11th, half an hour old.
    clock.now = new Date('2026-03-10T23:30:00Z');
    const west = { ...world().admin, headers: { 'x-time-zone': 'America/Los_Angeles' } };
    expect(await told(await deal({ closeDate: '2026-03-11' }, west))).toEqual(['PENDING 2026-03-11']);
    const east = { ...world().admin, headers: { 'x-time-zone': 'Pacific/Kiritimati' } };
    expect(await told(await deal({ closeDate: '2026-03-12' }, east))).toEqual([]);
  });

  it.each(['WON', 'LOST'])('has none where it is %s', async (status) => {
    expect(await told(await deal({ closeDate: day(0), status }))).toEqual([]);
  });

  it('has one by any edit that leaves it so, and no second one', async () => {
    const id = await deal({ closeDate: day(1) });
    clock.now = new Date('2026-03-11T03:00:00Z');
    expect(await told(id)).toEqual([]);
    await change(id, { name: 'Renamed' });
    await change(id, { name: 'Renamed again' });
    await morning();
    expect(await tasks(id)).toMatchObject([{ date: '2026-03-11', title: 'Renamed again is due to close' }]);
  });

  it('has none by an edit that changes nothing', async () => {
    const id = await deal({ closeDate: day(1), name: 'Same' });
    clock.now = new Date('2026-03-11T03:00:00Z');
    expect(await happened(() => change(id, { name: 'Same' }))).toEqual([]);
    expect(await told(id)).toEqual([]);
  });
});

describe('whose it is', () => {
  const assigneeOf = async (input: object) => (await only(await deal({ closeDate: day(0), ...input }))).assignee?.id;
  const account = (ownerId: string) => records().made('ACCOUNT', { ownerId });
  it('the owner’s, else the account’s owner’s, else nobody’s', async () => {
    const { admin, member } = world();
    const accountId = await account(member.userId);
    expect(await assigneeOf({ ownerId: admin.userId, accountId })).toBe(admin.userId);
    expect(await assigneeOf({ accountId })).toBe(member.userId);
    expect(await assigneeOf({ accountId: await records().made('ACCOUNT') })).toBeUndefined();
    expect(await assigneeOf({})).toBeUndefined();
  });

  it('never that of a viewer, nor of someone who has left', async () => {
    const { gateway, organization, member, prisma } = world();
    const viewer = await gateway.member(organization, { email: 'vera@ours.example', role: 'VIEWER' });
    const leaver = await gateway.member(organization, { email: 'leo@ours.example' });
    const accountId = await account(member.userId);
    expect(await assigneeOf({ ownerId: viewer.userId })).toBeUndefined();
    expect(await assigneeOf({ ownerId: viewer.userId, accountId })).toBe(member.userId);
    const id = await deal({ ownerId: leaver.userId, closeDate: day(1) });
    const key = { organizationId: organization.id, userId: await world().idOf(leaver) };
    await prisma.membership.update({ where: { organizationId_userId: key }, data: { isActive: false } });
    await change(id, { closeDate: day(0) });
    expect((await only(id)).assignee).toBeNull();
  });

  it('nobody’s where an organization wants an assignee on what people create: that rule is not for what the system makes', async () => {
    const { prisma, organization } = world();
    const where = { id: organization.id };
    await prisma.organization.update({ where, data: { requireAssignee: true } });
    expect(await assigneeOf({})).toBeUndefined();
    await prisma.organization.update({ where, data: { requireAssignee: false } });
  });
});

describe('another close date', () => {
  it('moves the open task, even one that someone has dated otherwise', async () => {
    const id = await deal({ closeDate: day(0) });
    const task = await only(id);
    granted(await writes().update(task.id, { date: '2026-05-05T10:00:00Z' }));
    expect(await happened(() => change(id, { closeDate: day(9) }))).toEqual(['its RECORD_UPDATED', 'TASK_UPDATED']);
    expect(await only(id)).toMatchObject({ id: task.id, date: day(9), status: 'PENDING', version: 3 });
    const { history } = (await writes().read(task.id)) as { history: { nodes: { changes: unknown[] }[] } };
    expect(history.nodes[0]?.changes).toEqual([{ field: 'date', from: '2026-05-05T10:00:00.000Z', to: day(9) }]);
    clock.now = new Date('2026-03-19T08:00:00Z');
    await morning();
    expect(await told(id)).toEqual(['PENDING 2026-03-19']);
  });

  it('makes another one when that day comes, where the task was done with', async () => {
    const id = await deal({ closeDate: day(0) });
    await writes().complete((await only(id)).id);
    await change(id, { closeDate: day(1) });
    expect(await told(id)).toEqual(['COMPLETED 2026-03-10']);
    clock.now = new Date('2026-03-11T08:00:00Z');
    await morning();
    expect(await told(id)).toEqual(['COMPLETED 2026-03-10', 'PENDING 2026-03-11']);
  });

  it('that has come makes another one at once, where the task was deleted', async () => {
    const id = await deal({ closeDate: day(0) });
    await writes().remove((await only(id)).id);
    await change(id, { name: 'Renamed' });
    await morning();
    expect(await told(id)).toEqual([]);
    await change(id, { closeDate: day(-1) });
    expect(await told(id)).toEqual(['PENDING 2026-03-09']);
  });

  it('comes with another account: the task follows both, told as one change', async () => {
    const [from, to] = [await records().made('ACCOUNT'), await records().made('ACCOUNT')];
    const id = await deal({ closeDate: day(0), accountId: from });
    const other = granted(await writes().create({ title: 'x', linkedRecordId: id }));
    const task = await only(id);
    const events = await logged(world(), () => change(id, { closeDate: day(3), accountId: to }));
    expect(events.map(({ kind, subjectType }) => `${kind} ${subjectType}`)).toEqual([
      'RECORD_UPDATED OPPORTUNITY',
      'TASK_UPDATED TASK',
      'TASK_UPDATED TASK',
    ]);
    const due = events.find(({ imageAfter }) => imageAfter?.['kind'] === 'OPPORTUNITY_DUE');
    expect(due?.changes).toEqual([
      { field: 'accountId', from, to },
      { field: 'date', from: day(0), to: day(3) },
    ]);
    expect(due?.imageBefore).toMatchObject({ due_on: day(0), version: 1 });
    expect(due?.imageAfter).toMatchObject({ due_on: day(3), version: 2 });
    expect(due?.imageBefore?.['account_id']).not.toBe(due?.imageAfter?.['account_id']);
    expect(await only(id)).toMatchObject({ id: task.id, date: day(3), account: { id: to }, version: 2 });
    expect((await writes().read(other.id))?.account?.id).toBe(to);
  });

  it('or another end comes with another account: what is told of the task stands together, its row before and after once', async () => {
    const [from, to] = [await records().made('ACCOUNT'), await records().made('ACCOUNT')];
    for (const [patch, kinds] of [
      [{ status: 'WON' }, ['TASK_UPDATED', 'TASK_COMPLETED']],
      [{ closeDate: null }, ['TASK_UPDATED']],
    ] as const) {
      const id = await deal({ closeDate: day(0), accountId: from });
      const first = (await only(id)).id;
      await writes().create({ title: 'x', linkedRecordId: id });
      const events = (await logged(world(), () => change(id, { ...patch, accountId: to }))).slice(1);
      expect(events.map(({ kind }) => kind)).toEqual([...kinds, 'TASK_UPDATED']);
      const [one, ...others] = new Set(events.map(({ subjectId }) => subjectId));
      expect(others).toHaveLength(1);
      const its = events.filter(({ subjectId }) => subjectId === one);
      expect(its.map(({ imageAfter }) => imageAfter?.['uid'] ?? null)).toEqual([
        ...kinds.slice(1).map(() => null),
        first.split('_')[1],
      ]);
      expect(its.at(-1)?.imageBefore).toMatchObject({ status: 'PENDING', version: 1 });
    }
  });

  it.each(['WON', 'LOST'] as const)('and %s at once completes the task where it is', async (status) => {
    const id = await deal({ closeDate: day(-3) });
    await change(id, { closeDate: day(0), status });
    expect(await told(id)).toEqual(['COMPLETED 2026-03-07']);
    // Opened again, it is due on a day for which there was none.
    await change(id, { status: 'OPEN' });
    expect(await told(id)).toEqual(['COMPLETED 2026-03-07', 'PENDING 2026-03-10']);
  });
});

describe('another name', () => {
  it('is what the open task is called by then, and nothing else of it changes', async () => {
    const id = await deal({ name: 'Old', closeDate: day(0) });
    const task = await only(id);
    const events = await logged(world(), () => change(id, { name: 'New' }));
    expect(events.map(({ kind, changes }) => [kind, changes])).toEqual([
      ['RECORD_UPDATED', [{ field: 'name', from: 'Old', to: 'New' }]],
      ['TASK_UPDATED', [{ field: 'title', from: 'Old is due to close', to: 'New is due to close' }]],
    ]);
    expect(await only(id)).toEqual({ ...task, title: 'New is due to close', version: 2 });
    await morning();
    expect(await told(id)).toEqual(['PENDING 2026-03-10']);
  });

  it('comes with another date, or with the end, as one change', async () => {
    const id = await deal({ name: 'Old', closeDate: day(0) });
    await change(id, { name: 'New', closeDate: day(3) });
    expect(await only(id)).toMatchObject({ title: 'New is due to close', date: day(3), version: 2 });
    await change(id, { name: 'Newest', status: 'WON' });
    expect(await only(id)).toMatchObject({ title: 'Newest is due to close', status: 'COMPLETED', version: 3 });
  });

  it('leaves what is done as it was called, until it is opened again and moved', async () => {
    const id = await deal({ name: 'Old', closeDate: day(0) });
    const { id: task } = await only(id);
    await writes().complete(task);
    expect(await happened(() => change(id, { name: 'New' }))).toEqual(['its RECORD_UPDATED']);
    granted(await writes().update(task, { isComplete: false }));
    expect(await only(id)).toMatchObject({ title: 'Old is due to close' });
    await change(id, { closeDate: day(1) });
    expect(await only(id)).toMatchObject({ title: 'New is due to close', date: day(1) });
  });
});

describe('a cleared close date', () => {
  it('cancels the open task, and forgets', async () => {
    const id = await deal({ closeDate: day(0) });
    const events = await logged(world(), () => change(id, { closeDate: null }));
    expect(events.map(({ kind }) => kind)).toEqual(['RECORD_UPDATED', 'TASK_UPDATED']);
    expect(events[1]?.changes).toEqual([{ field: 'status', from: 'PENDING', to: 'CANCELLED' }]);
    expect(await told(id)).toEqual(['CANCELLED 2026-03-10']);
    await change(id, { closeDate: day(0) });
    expect(await told(id)).toEqual(['CANCELLED 2026-03-10', 'PENDING 2026-03-10']);
  });

  it('leaves what is done as it is', async () => {
    const id = await deal({ closeDate: day(0) });
    await writes().complete((await only(id)).id);
    expect(await happened(() => change(id, { closeDate: null }))).toEqual(['its RECORD_UPDATED']);
    expect(await told(id)).toEqual(['COMPLETED 2026-03-10']);
  });
});

describe('won or lost', () => {
  it.each(['WON', 'LOST'])(
    '%s completes the open task, by the assistant; who did it is told as its actor',
    async (status) => {
      const { admin, member } = world();
      const id = await deal({ closeDate: day(0), ownerId: member.userId });
      const events = await logged(world(), () => change(id, { status }));
      expect(events.map(({ kind }) => kind)).toEqual(['RECORD_UPDATED', 'TASK_COMPLETED']);
      expect(events[1]?.actorId).toBe(await world().idOf(admin));
      expect(await only(id)).toMatchObject({ status: 'COMPLETED', completedBy: { id: await assistant() }, version: 2 });
      const where = {
        organizationId: world().organization.id,
        kind: 'TASK_COMPLETED',
        userId: await world().idOf(member),
      } as const;
      expect(await world().prisma.notification.findFirst({ where, orderBy: { seq: 'desc' } })).toMatchObject({
        seq: (events[1] as unknown as { seq: bigint }).seq,
      });
    },
  );

  it('and opened again it makes none for the same day', async () => {
    const id = await deal({ closeDate: day(0) });
    await change(id, { status: 'WON' });
    expect(await happened(() => change(id, { status: 'OPEN' }))).toEqual(['its RECORD_UPDATED']);
    await morning();
    expect(await told(id)).toEqual(['COMPLETED 2026-03-10']);
  });

  it('before it was due, and opened again after, it makes one', async () => {
    const id = await deal({ closeDate: day(1) });
    await change(id, { status: 'LOST' });
    clock.now = new Date('2026-03-12T08:00:00Z');
    await morning();
    expect(await told(id)).toEqual([]);
    await change(id, { status: 'OPEN' });
    expect(await told(id)).toEqual(['PENDING 2026-03-11']);
  });

  it('completes again what someone has opened again', async () => {
    const id = await deal({ closeDate: day(0) });
    await change(id, { status: 'WON' });
    granted(await writes().update((await only(id)).id, { isComplete: false }));
    await change(id, { status: 'LOST' });
    expect(await told(id)).toEqual(['COMPLETED 2026-03-10']);
  });
});

describe('deleted and restored', () => {
  it('it takes its task along, and brings it back', async () => {
    const id = await deal({ closeDate: day(0) });
    await records().remove('OPPORTUNITY', id);
    expect(await told(id)).toEqual([]);
    expect(await tasks(id, 'ONLY')).toHaveLength(1);
    await records().restore('OPPORTUNITY', id);
    await morning();
    expect(await told(id)).toEqual(['PENDING 2026-03-10']);
  });

  it('it makes none while it is in the bin, and one as soon as it comes back', async () => {
    const id = await deal({ closeDate: day(1) });
    await records().remove('OPPORTUNITY', id);
    clock.now = new Date('2026-03-12T08:00:00Z');
    await morning();
    const restored = await happened(async () => grantedRecord(await records().restore('OPPORTUNITY', id)));
    expect(restored).toEqual(['its RECORD_RESTORED', 'TASK_CREATED']);
    expect(await told(id)).toEqual(['PENDING 2026-03-11']);
    await morning();
    expect(await told(id)).toEqual(['PENDING 2026-03-11']);
  });

  it('it moves the one that comes back with it, where that has been opened again: told together', async () => {
    const id = await deal({ closeDate: day(0) });
    const { id: task } = await only(id);
    await writes().complete(task);
    await change(id, { closeDate: day(1) });
    granted(await writes().update(task, { isComplete: false }));
    await records().remove('OPPORTUNITY', id);
    clock.now = new Date('2026-03-12T08:00:00Z');
    const events = await logged(world(), () => records().restore('OPPORTUNITY', id));
    expect(events.map(({ kind }) => kind)).toEqual(['RECORD_RESTORED', 'TASK_RESTORED', 'TASK_UPDATED']);
    expect(events.at(-1)?.imageBefore?.['deleted_at']).not.toBeNull();
    expect(events.at(-1)?.imageAfter).toMatchObject({ deleted_at: null, due_on: '2026-03-11' });
    expect(await told(id)).toEqual(['PENDING 2026-03-11']);
  });

  it('that comes back with its account, it makes one the next morning', async () => {
    const accountId = await records().made('ACCOUNT');
    const id = await deal({ closeDate: day(1), accountId });
    await records().remove('ACCOUNT', accountId);
    clock.now = new Date('2026-03-12T08:00:00Z');
    grantedRecord(await records().restore('ACCOUNT', accountId));
    expect(await told(id)).toEqual([]);
    await morning();
    expect(await told(id)).toEqual(['PENDING 2026-03-11']);
  });
});

describe('what it asks of the database', () => {
  const UPDATE = `mutation ($input: UpdateOpportunityInput!) { updateOpportunity(input: $input) { errors { code } } }`;
  const update = (id: string, patch: object) => statementsOf(world(), UPDATE, { input: { id, patch } });
  const DONE = ['event.append', 'COMMIT', 'opportunity.byUids'];
  const HELD = ['BEGIN', 'opportunity.hold', 'UPDATE opportunity'];
  const asked = (names: readonly string[]) => names.filter((name) => !name.endsWith('.byUids'));
  it('is nothing more where nothing is due and neither date, status nor name changes', async () => {
    const id = await deal({ closeDate: day(5) });
    expect(asked(await update(id, { tags: ['big'] }))).toEqual(asked([...HELD, ...DONE]));
    expect(asked(await update(id, { name: 'Renamed' }))).toEqual(asked([...HELD, 'task.openDue', ...DONE]));
  });

  it('is what it makes, and what it moves', async () => {
    const id = await deal({ closeDate: day(5) });
    expect(asked(await update(id, { closeDate: day(0) }))).toEqual(
      asked([...HELD, 'task.openDue', 'organization.assistant', 'INSERT task', 'opportunity.remember', ...DONE]),
    );
    expect(asked(await update(id, { closeDate: day(1) }))).toEqual(
      asked([
        ...HELD,
        'task.openDue',
        'task.names',
        'organization.assistant',
        'task.writeAll',
        'opportunity.remember',
        'reminder.standing',
        ...DONE,
      ]),
    );
  });
});
