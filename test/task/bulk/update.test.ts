import { buildSchema, type GraphQLInputObjectType } from 'graphql';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { printedSchema } from '../../../src/graphql/print.ts';
import type { BulkTaskSet, TaskFilter, TaskView } from '../../generated/graphql.ts';
import type { Caller } from '../../support/gateway.ts';
import { KINDS } from '../arbitrary.ts';
import { page } from '../pages.ts';
import { type Known, useWorld } from '../world.ts';
import { granted, writesOf, written } from '../writes.ts';
import { bulkOf, changed, refusals } from './asked.ts';

const NOW = new Date('2026-03-10T12:00:00Z');
const world = useWorld({ now: () => NOW });
let account: Known;
let [ada, max] = [0n, 0n];

beforeAll(async () => {
  account = await world().record('ACCOUNT');
  [ada, max] = [await world().idOf(world().admin), await world().idOf(world().member)];
});
beforeEach(async () => {
  await world().clear();
});

const bulk = (input: Parameters<ReturnType<typeof bulkOf>['update']>[0], by: Caller = world().admin) =>
  bulkOf(world(), by).update(input);
const read = async (id: string) => {
  const task = await writesOf(world(), world().admin).read(id);
  if (!task) throw new Error('There is no such task.');
  return task;
};

describe('a bulk update', () => {
  it('changes assignee, date and completion of all that match, and of nothing else [CLOSE-31] [CLOSE-32]', async () => {
    const [a, b, other] = (await world().tasks([
      { accountId: account.id, day: '2026-03-01' },
      { accountId: account.id },
      { day: '2026-03-02' },
    ])) as [Known, Known, Known];
    const set = { assigneeId: world().member.userId, date: '2026-04-01T10:00:00Z', isComplete: true };
    const answer = await bulk({ filter: { accountId: { eq: account.key } }, set });
    expect(changed(answer)).toEqual({ matched: 2, updated: 2, ids: [a.key, b.key] });
    expect(answer.batchId).toMatch(/^[0-9A-Z]{26}$/);
    for (const { key } of [a, b]) {
      expect(await read(key)).toMatchObject({
        date: '2026-04-01T10:00:00.000Z',
        status: 'COMPLETED',
        isComplete: true,
        completedAt: NOW.toISOString(),
        completedBy: { id: world().admin.userId },
        assignee: { id: world().member.userId },
        version: 2,
      });
    }
    expect(await read(other.key)).toMatchObject({ date: '2026-03-02', assignee: null, version: 1 });
  });

  it('can set nothing else: any other field is no field of the input [CLOSE-32] [CLOSE-48]', async () => {
    const { BulkTaskSet } = buildSchema(printedSchema()).getTypeMap();
    expect(Object.keys((BulkTaskSet as GraphQLInputObjectType).getFields())).toEqual([
      'assigneeId',
      'date',
      'isComplete',
    ]);
    const input = { filter: { isOpen: true }, set: { date: null, title: 'Anew' } };
    const { status, errors } = await bulkOf(world(), world().admin).send(input as never);
    expect(status).toBe(400);
    expect(errors?.[0]?.message).toContain('"input.set"; Field "title" is not defined');
  });

  it('clears assignee and date by null, and reopens', async () => {
    const [task] = (await world().tasks([{ day: '2026-03-01', assigneeId: max, status: 'COMPLETED' }])) as [Known];
    const set = { assigneeId: null, date: null, isComplete: false };
    expect(changed(await bulk({ filter: {}, view: 'ARCHIVE', set })).ids).toEqual([task.key]);
    expect(await read(task.key)).toMatchObject({ date: null, assignee: null, status: 'PENDING', completedAt: null });
  });

  it.each(KINDS)('changes a task of kind %s like any other [CLOSE-34]', async (kind) => {
    const [task] = (await world().tasks([{ kind }])) as [Known];
    const set = { assigneeId: world().member.userId, date: '2026-04-01', isComplete: true };
    expect(changed(await bulk({ filter: { id: { eq: task.key }, _type: { eq: kind } }, set })).updated).toBe(1);
    expect(await read(task.key)).toMatchObject({ date: '2026-04-01', isComplete: true, version: 2 });
  });

  it('leaves what is so already: matched, but neither updated nor told', async () => {
    const [a, b] = (await world().tasks([
      { accountId: account.id, day: '2026-03-01' },
      { accountId: account.id, day: '2026-03-02' },
    ])) as [Known, Known];
    const input = { filter: { accountId: { eq: account.key } }, set: { date: '2026-03-02' } };
    expect(changed(await bulk(input))).toEqual({ matched: 2, updated: 1, ids: [a.key] });
    const before = await written(world());
    const again = await bulk(input);
    expect(changed(again)).toEqual({ matched: 2, updated: 0, ids: [] });
    expect(again.batchId).toBeNull();
    expect(await written(world())).toEqual(before);
    expect((await read(b.key)).version).toBe(1);
  });

  it('answers the changed ones in the order in which the list had them', async () => {
    const rows = await world().tasks([
      { accountId: account.id, instant: Date.UTC(2026, 2, 3) },
      { accountId: account.id },
      { accountId: account.id, day: '2026-03-03' },
      { accountId: account.id, day: '2026-03-01' },
    ]);
    const filter = { accountId: { eq: account.key } };
    const { entries } = await page(world(), world().admin, { filter });
    const listed = entries.map(({ id }) => id);
    expect(listed).toEqual([3, 2, 0, 1].map((index) => rows[index]?.key));
    const answer = await bulk({ filter, set: { date: '2026-05-01' } });
    expect(changed(answer).ids).toEqual(listed);
    expect(answer.tasks.map(({ date }) => date)).toEqual(listed.map(() => '2026-05-01'));
  });

  it('shows so many as are asked for, and refuses any other number before it does anything', async () => {
    await world().tasks([{}, {}, {}].map(() => ({ accountId: account.id })));
    const input = { filter: { accountId: { eq: account.key } }, set: { date: '2026-05-01' } };
    const before = await written(world());
    for (const first of [0, -1, 1001]) {
      const { errors } = await bulkOf(world(), world().admin).send(input, first);
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'first' });
    }
    const unset =
      'mutation ($i: BulkUpdateTasksInput!, $n: Int) { bulkUpdateTasks(input: $i) { tasks(first: $n) { id } } }';
    const answer = await world().gateway.send(world().admin, unset, { i: input, n: null });
    expect(answer.errors?.[0]?.message).toContain('must not be null');
    expect(await written(world())).toEqual(before);
    const { tasks, updatedCount } = await bulkOf(world(), world().admin).update(input, 2);
    expect({ shown: tasks.length, updatedCount }).toEqual({ shown: 2, updatedCount: 3 });
  });
});

describe('a dry run', () => {
  it('answers what would change and writes nothing, not even to the log [CLOSE-51]', async () => {
    await world().tasks([
      { accountId: account.id, day: '2026-03-02' },
      { accountId: account.id, day: '2026-03-01', status: 'COMPLETED' },
      { accountId: account.id, day: '2026-03-03', status: 'CANCELLED' },
    ]);
    const input = { filter: { accountId: { eq: account.key } }, set: { isComplete: true } };
    const before = await written(world());
    const dry = await bulk({ ...input, dryRun: true });
    expect(await written(world())).toEqual(before);
    expect(dry).toMatchObject({ matchedCount: 3, updatedCount: 2, batchId: null, errors: [] });
    expect(dry.tasks.map(({ isComplete }) => isComplete)).toEqual([false, false]);
    const real = await bulk(input);
    expect(changed(real)).toEqual(changed(dry));
    expect(real.tasks.map(({ isComplete }) => isComplete)).toEqual([true, true]);
  });

  it('is refused as the real one is', async () => {
    const [task] = (await world().tasks([{ accountId: account.id }])) as [Known];
    granted(await writesOf(world(), world().admin).remove(task.key));
    const input = { filter: { id: { eq: task.key }, deleted: 'INCLUDE' as const }, set: { date: null } };
    expect(refusals(await bulk({ ...input, dryRun: true }))).toEqual(refusals(await bulk(input)));
  });
});

describe('what is refused changes nothing', () => {
  const refused = async (
    input: { filter: TaskFilter; set?: BulkTaskSet; view?: TaskView },
    ...expected: readonly string[]
  ) => {
    const before = await written(world());
    const answer = await bulk({ set: { date: '2026-05-01' }, ...input });
    expect(refusals(answer)).toEqual(expected);
    expect(await written(world())).toEqual(before);
    return answer.errors.map(({ message }) => message).join();
  };

  it('a filter without a condition besides _type, and no view', async () => {
    await world().tasks([{}]);
    const empty: TaskFilter[] = [{}, { _type: { any: true } }, { and: [] }, { deleted: 'INCLUDE' }, { search: ' ' }];
    for (const filter of empty) await refused({ filter }, 'INVALID filter');
    expect(changed(await bulk({ filter: {}, view: 'INBOX', set: { date: '2026-05-01' } })).updated).toBe(1);
  });

  it('nothing to set, and null as completion', async () => {
    const filter = { isOpen: true };
    await refused({ filter, set: {} }, 'INVALID set');
    await refused({ filter, set: { isComplete: null } }, 'INVALID set.isComplete');
    await refused({ filter: {}, set: {} }, 'INVALID filter', 'INVALID set');
  });

  it('a filter that asks for too much, where it does', async () => {
    const deep = Array.from({ length: 9 }).reduce<TaskFilter>((not) => ({ not }), { isOpen: true });
    await refused({ filter: deep }, 'INVALID filter.not.not.not.not.not.not.not.not');
    await refused({ filter: { and: [{ search: 'x'.repeat(501) }] } }, 'INVALID filter.and.0.search');
    await refused({ filter: { isOpen: true, _type: { any: false } } }, 'INVALID filter._type.any');
  });

  it('ids that the filter’s silence on _type leaves out, each named [CLOSE-12]', async () => {
    const [lead, call, mail, done] = (await world().tasks([
      {},
      { kind: 'MISSED_CALL' },
      { kind: 'INCOMING_SMS' },
      { kind: 'VOICEMAIL', status: 'COMPLETED' },
    ])) as [Known, Known, Known, Known];
    const among = { id: { in: [lead, call, mail, done].map(({ key }) => key) }, isOpen: true };
    const named = [`INVALID filter.${call.key}`, `INVALID filter.${mail.key}`];
    await refused({ filter: among }, ...named);
    await refused(
      { filter: { and: [{ or: [{ id: { eq: call.key } }, { id: { eq: lead.key } }] }] } },
      named[0] as string,
    );
    const set = { date: '2026-05-01' };
    expect(changed(await bulk({ filter: { ...among, _type: { any: true } }, set })).updated).toBe(3);
    // Not named, or named to be left out: then the default is what was meant.
    expect(changed(await bulk({ filter: { id: { notIn: [call.key] } }, set: { date: null } })).updated).toBe(1);
  });

  it('a task in the bin, by its id, whatever else would have changed', async () => {
    const [live, binned] = (await world().tasks([{ accountId: account.id }, { accountId: account.id }])) as [
      Known,
      Known,
    ];
    granted(await writesOf(world(), world().admin).remove(binned.key));
    const filter = { accountId: { eq: account.key }, deleted: 'INCLUDE' as const };
    expect(await refused({ filter }, `NOT_ALLOWED filter.${binned.key}`)).toContain('restore it first');
    expect((await read(live.key)).version).toBe(1);
  });

  it('an assignee who cannot be one', async () => {
    const { gateway, organization, other } = world();
    const viewer = await gateway.member(organization, { email: `v${Math.random()}@ours.example`, role: 'VIEWER' });
    await world().tasks([{}]);
    const filter = { isOpen: true };
    const path = 'set.assigneeId';
    await refused({ filter, set: { assigneeId: viewer.userId } }, `INVALID ${path}`);
    for (const assigneeId of [other.admin.userId, 'junk', account.key]) {
      await refused({ filter, set: { assigneeId } }, `NOT_FOUND ${path}`);
    }
  });

  it('nobody as assignee, where the organization wants one on every task [THENA-T04]', async () => {
    const { prisma, organization } = world();
    const [task, idle] = (await world().tasks([{ assigneeId: max }, { assigneeId: null }])) as [Known, Known];
    const where = { id: organization.id };
    await prisma.organization.update({ where, data: { requireAssignee: true } });
    await refused({ filter: { isOpen: true }, set: { assigneeId: null } }, `INVALID filter.${task.key}`);
    // As `updateTask` takes it: who has none stays so.
    const set = { assigneeId: null, date: '2031-05-01' };
    expect(changed(await bulk({ filter: { id: { eq: idle.key } }, set })).updated).toBe(1);
    await prisma.organization.update({ where, data: { requireAssignee: false } });
    expect(changed(await bulk({ filter: { isOpen: true }, set: { assigneeId: null } })).updated).toBe(1);
  });
});

describe('whose tasks', () => {
  it('without CRM access only one’s own match; what leaves one’s sight by it is changed, and not shown', async () => {
    const { gateway, organization, member } = world();
    const limited = await gateway.member(organization, { email: 'lim@ours.example', crmAccess: false });
    const lim = await world().idOf(limited);
    const [assigned, created, others] = (await world().tasks([
      { assigneeId: lim },
      { creatorId: lim, assigneeId: ada },
      { assigneeId: ada },
    ])) as [Known, Known, Known];
    const set = { assigneeId: member.userId };
    const answer = await bulkOf(world(), limited).update({ filter: { isOpen: true }, set }, 1);
    expect(changed(answer)).toEqual({ matched: 2, updated: 2, ids: [created.key] });
    expect((await read(assigned.key)).assignee?.id).toBe(member.userId);
    expect((await read(others.key)).assignee?.id).toBe(world().admin.userId);
  });

  it('another organization’s never match, whatever names them', async () => {
    const { other } = world();
    const [task] = (await world().tasks([{}])) as [Known];
    const before = await written(world());
    const input = { filter: { id: { in: [task.key] } }, set: { isComplete: true } };
    expect(changed(await bulkOf(world(), other.admin).update(input))).toEqual({ matched: 0, updated: 0, ids: [] });
    expect(await written(world())).toEqual(before);
  });
});
