import { afterEach, describe, expect, it } from 'vitest';
import { bulkOf, changed } from '../bulk/asked.ts';
import { granted, writesOf } from '../writes.ts';
import { useReminders } from './room.ts';

// Reminders follow their task, whoever changes it [PARSA-15].

const room = useReminders();
const writes = () => writesOf(room().world, room().world.admin);
const update = async (id: string, patch: Parameters<ReturnType<typeof writes>['update']>[1]) =>
  granted(await writes().update(id, patch));
const ask = async (query: string) => {
  const answer = await room().world.gateway.ask<Record<string, { errors: unknown[] }>, object>(
    room().world.admin,
    `mutation { ${query} }`,
  );
  expect(Object.values(answer)[0]?.errors).toEqual([]);
};
afterEach(() => room().forget());

describe('reminders move', () => {
  it('with the date, be it a day or an instant', async () => {
    const id = await room().reminding([{ before: 'P1D' }, { at: '2031-01-01T00:00:00Z' }], { date: '2031-05-01' });
    const plans = async (date: string | null) => {
      await update(id, { date });
      return (await room().plans(id))[0];
    };
    expect((await room().plans(id))[0]).toBe('P1D 2031-04-30T07:00:00.000Z');
    expect(await plans('2031-12-02')).toBe('P1D 2031-12-01T08:00:00.000Z');
    expect(await plans('2031-12-02T15:00:00Z')).toBe('P1D 2031-12-01T15:00:00.000Z');
    expect(await plans(null)).toBe('P1D waits');
    expect(await plans('2031-05-01')).toBe('P1D 2031-04-30T07:00:00.000Z');
    expect((await room().plans(id))[1]).toBe('at 2031-01-01T00:00:00.000Z');
    expect(await room().jobDue()).toEqual(new Date('2031-01-01T00:00:00Z'));
  });

  it('to where the assignee is, else whoever created it', async () => {
    const id = await room().reminding([{ before: 'PT0M' }], { date: '2031-05-01' });
    expect(await room().plans(id)).toEqual(['PT0M 2031-05-01T07:00:00.000Z']);
    await update(id, { assigneeId: room().nell.userId });
    expect(await room().plans(id)).toEqual(['PT0M 2031-05-01T13:00:00.000Z']);
    await update(id, { assigneeId: null });
    expect(await room().plans(id)).toEqual(['PT0M 2031-05-01T07:00:00.000Z']);
    const hers = await room().task({ date: '2031-05-01', assigneeId: null }, room().nell);
    granted(await room().set(hers, [{ before: 'PT0M' }]));
    expect(await room().plans(hers)).toEqual(['PT0M 2031-05-01T13:00:00.000Z']);
  });

  it('with a bulk update, by as many statements however many tasks', async () => {
    const bulk = bulkOf(room().world, room().world.admin);
    const { gateway } = room().world;
    const move = async (ids: readonly string[], date: string) => {
      const set = { assigneeId: room().nell.userId, date };
      const sent = await gateway.statementsOf(async () =>
        changed(await bulk.update({ filter: { id: { in: [...ids] } }, set })),
      );
      return sent.slice(sent.indexOf('task.writeAll'), sent.indexOf('COMMIT'));
    };
    const ids: string[] = [];
    for (let n = 0; n < 8; n += 1) ids.push(await room().reminding([{ before: 'PT1H' }, { before: `PT${n + 2}H` }]));
    const few = await move(ids.slice(0, 1), '2031-05-01');
    expect(few).toEqual(['task.writeAll', 'reminder.standing', 'reminder.write', 'work.schedule', 'event.append']);
    expect(await move(ids, '2031-06-01')).toEqual(few);
    for (const [n, id] of ids.entries())
      expect(await room().plans(id)).toEqual([
        'PT1H 2031-06-01T12:00:00.000Z',
        `PT${n + 2}H 2031-06-01T${String(11 - n).padStart(2, '0')}:00:00.000Z`,
      ]);
    expect(await room().jobDue()).toEqual(new Date('2031-05-01T11:00:00Z'));
  });

  it('with an e-mail that comes to the thread, and with an opportunity’s close date', async () => {
    const email = (at: string) => `recordEmail(input: { externalId: "${at}", threadId: "t", direction: INBOUND,
      at: "${at}", from: "x@y.example", to: ["z@y.example"] }) { errors { code } }`;
    await ask(email('2026-03-01T10:00:00.000Z'));
    const { prisma, organization } = room().world;
    const idOf = async (kind: 'INCOMING_EMAIL' | 'OPPORTUNITY_DUE') => {
      const task = await prisma.task.findFirst({ where: { organizationId: organization.id, kind } });
      return `task_${task?.uid}`;
    };
    const thread = await idOf('INCOMING_EMAIL');
    granted(await room().set(thread, [{ before: 'PT1H' }]));
    await ask(email('2026-03-02T10:00:00.000Z'));
    expect(await room().plans(thread)).toEqual(['PT1H 2026-03-02T09:00:00.000Z']);

    const { key } = await room().world.record('OPPORTUNITY');
    await ask(`updateOpportunity(input: { id: "${key}", patch: { closeDate: "2026-03-01" } }) { errors { code } }`);
    const due = await idOf('OPPORTUNITY_DUE');
    granted(await room().set(due, [{ before: 'P1D' }]));
    await ask(`updateOpportunity(input: { id: "${key}", patch: { closeDate: "2031-05-01" } }) { errors { code } }`);
    expect(await room().plans(due)).toEqual(['P1D 2031-04-30T07:00:00.000Z']);
  });

  it('once more, having been sent, when the date moves and they lie ahead by that', async () => {
    const id = await room().reminding([{ before: 'PT1H' }, { before: 'P300D' }], {
      date: '2026-01-01',
    });
    await room().deliver();
    await update(id, { assigneeId: room().nell.userId, title: 'Other' });
    expect((await room().plans(id)).map((plan) => plan.split(' ')[2])).toEqual(['sent', 'sent']);
    await update(id, { date: new Date(Date.now() + 86_400_000).toISOString() });
    expect((await room().plans(id)).map((plan) => plan.split(' ')[2])).toEqual([undefined, 'sent']);
  });

  it.each([
    ['complete', 'COMPLETED', { isComplete: false }],
    ['cancelled', 'CANCELLED', { status: 'IN_PROGRESS' }],
  ] as const)('once more when the task is reopened, having moved while it was %s', async (_, status, reopened) => {
    const past = { at: '2020-01-01T00:00:00Z' };
    const id = await room().reminding([past, { before: 'PT1H' }, { before: 'P300D' }], { date: '2026-01-01' });
    await room().deliver();
    await update(id, { status });
    await update(id, { date: new Date(Date.now() + 86_400_000).toISOString() });
    const sent = async () => (await room().plans(id)).map((plan) => plan.endsWith(' sent'));
    expect(await sent()).toEqual([true, true, true]);
    await update(id, reopened);
    expect(await sent()).toEqual([true, false, true]);
    expect((await room().read(id)).reminders.map(({ sentAt }) => sentAt === null).filter(Boolean)).toHaveLength(1);
    expect(await room().jobDue()).not.toBeNull();
    await update(id, { priority: 'HIGH', status: 'ON_HOLD' });
    expect(await sent()).toEqual([true, false, true]);
  });

  it('not once more when the task is reopened and they do not lie ahead', async () => {
    const id = await room().reminding([{ before: 'PT1H' }], { date: '2026-01-01' });
    await room().deliver();
    const plans = await room().plans(id);
    await update(id, { isComplete: true });
    await update(id, { isComplete: false });
    expect(await room().plans(id)).toEqual(plans);
    expect(plans[0]).toMatch(/ sent$/);
  });

  it('not once more where only the assignee changes, though there it should lie ahead', async () => {
    const id = await room().reminding([{ before: 'PT1H' }], { date: '2031-05-01' });
    const where = { organizationId: room().world.organization.id };
    await room().world.prisma.reminder.updateMany({ where, data: { sentAt: new Date('2031-05-01T06:00:00Z') } });
    await update(id, { assigneeId: room().nell.userId });
    expect(await room().plans(id)).toEqual(['PT1H 2031-05-01T06:00:00.000Z sent']);
    await update(id, { date: '2031-05-02' });
    expect(await room().plans(id)).toEqual(['PT1H 2031-05-02T12:00:00.000Z']);
  });

  it('with nothing else: another change asks nothing of them', async () => {
    const id = await room().reminding([{ before: 'PT1H' }], { date: '2031-05-01' });
    const sent = await room().world.gateway.statementsOf(() => update(id, { title: 'Other', priority: 'HIGH' }));
    expect(sent.filter((name) => name.startsWith('reminder.'))).toEqual([]);
    const made = await room().world.gateway.statementsOf(() => room().task({ date: '2031-05-01' }));
    expect(made.filter((name) => name.startsWith('reminder.'))).toEqual([]);
  });
});

describe('reminders are dropped', () => {
  it.each([
    ['completed', { isComplete: true }, 'TASK_COMPLETED status,completedAt,completedBy'],
    ['cancelled', { status: 'CANCELLED' }, null],
  ] as const)('that were not sent, once the task is %s, which the log tells', async (_, patch, kind) => {
    const id = await room().reminding([{ at: '2020-01-01T00:00:00Z' }, { before: 'P1D' }], { date: '2031-05-01' });
    await room().deliver();
    await update(id, patch);
    expect(await room().plans(id)).toEqual(['at 2020-01-01T00:00:00.000Z sent']);
    const { history } = await room().read(id);
    const updated = history.nodes.find((event) => event.kind === 'TASK_UPDATED');
    expect(updated?.changes.at(-1)).toEqual({
      field: 'reminders',
      from: ['2020-01-01T00:00:00.000Z', 'P1D'],
      to: ['2020-01-01T00:00:00.000Z'],
    });
    if (kind) expect((await room().told(id)).slice(0, 2)).toEqual([kind, 'TASK_UPDATED reminders']);
    await update(id, { status: 'PENDING' });
    expect(await room().plans(id)).toEqual(['at 2020-01-01T00:00:00.000Z sent']);
  });

  it('by no other end: with a record that is deleted and restored they are as they were', async () => {
    const { key } = await room().world.record('CONTACT');
    const id = await room().task({ linkedRecordId: key, accountId: null, date: '2031-05-01' });
    granted(await room().set(id, [{ before: 'P1D' }]));
    await ask(`deleteContact(input: { id: "${key}" }) { errors { code } }`);
    expect((await room().plans(id)).length).toBe(1);
    await ask(`restoreContact(input: { id: "${key}" }) { errors { code } }`);
    expect(await room().plans(id)).toEqual(['P1D 2031-04-30T07:00:00.000Z']);
  });
});
