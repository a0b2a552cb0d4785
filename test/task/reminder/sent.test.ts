import { afterEach, describe, expect, it } from 'vitest';
import { sendReminders } from '../../../src/task/reminder/kind.ts';
import { jobSource } from '../../../src/work/job/jobs.ts';
import { Worker } from '../../../src/work/worker.ts';
import { granted, writesOf } from '../writes.ts';
import { useReminders } from './room.ts';

// When reminders are sent, and to whom [PARSA-15]. Due times are the database's clock: what is due is set in the past.

const room = useReminders();
const writes = () => writesOf(room().world, room().world.admin);
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const PAST = { at: '2020-01-01T00:00:00.000Z' };
const LATER = '2031-05-01T08:00:00.000Z';

const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop(0)));
  await room().forget();
});

describe('a reminder that is due', () => {
  it('is told to the assignee, by the system, once for all of a task’s that are due [PARSA-15]', async () => {
    const id = await room().reminding([PAST, { before: 'P1D' }, { before: 'PT1H' }, { at: LATER }], { date: ago(90) });
    expect(await room().deliver()).toEqual(new Date(LATER));
    expect(await room().reminded(id)).toEqual(['max']);
    const { history, reminders, version } = await room().read(id);
    const changes = [{ field: 'reminders', from: null, to: ['2020-01-01T00:00:00.000Z', 'P1D', 'PT1H'] }];
    expect(history.nodes[0]).toEqual({ kind: 'TASK_REMINDED', actorKind: 'SYSTEM', changes });
    expect(version).toBe(2);
    expect(reminders.map(({ sentAt }) => sentAt !== null)).toEqual([true, true, true, false]);
    expect(Date.parse(reminders[0]?.sentAt as string)).toBeGreaterThan(Date.now() - 60_000);
    await room().deliver();
    expect(await room().reminded(id)).toEqual(['max']);
  });

  it('is told without those of its task that were sent before, which stay as they are', async () => {
    const id = await room().reminding([PAST]);
    await room().deliver();
    const { reminders } = await room().read(id);
    granted(await room().set(id, [PAST, { at: '2021-01-01T00:00:00Z' }]));
    await room().deliver();
    const after = await room().read(id);
    expect(after.reminders[0]).toEqual(reminders[0]);
    expect(after.history.nodes[0]?.changes[0]?.to).toEqual(['2021-01-01T00:00:00.000Z']);
    expect(await room().reminded(id)).toEqual(['max', 'max']);
  });

  it('comes with the task as it is, so that live lists are not told of a new one', async () => {
    await room().reminding([PAST]);
    await room().deliver();
    const event = await room().world.prisma.event.findFirst({
      where: { organizationId: room().world.organization.id, kind: 'TASK_REMINDED' },
      orderBy: { seq: 'desc' },
    });
    expect(event?.imageBefore).not.toBeNull();
    expect(event?.imageBefore).toEqual(event?.imageAfter);
  });

  it('is told to whoever created the task where nobody is to do it', async () => {
    const id = await room().reminding([PAST], { assigneeId: null });
    await room().deliver();
    expect(await room().reminded(id)).toEqual(['ada']);
  });

  it('is told to whoever created the task where the assignee has left, when it is time where they are', async () => {
    const { world } = room();
    const leaver = await world.gateway.member(world.organization, {
      email: 'leo@ours.example',
      timeZone: 'Asia/Tokyo',
    });
    const id = await room().reminding([PAST, { before: 'PT0M' }], { assigneeId: leaver.userId, date: '2031-05-01' });
    expect((await room().plans(id))[1]).toBe('PT0M 2031-05-01T00:00:00.000Z');
    const key = { organizationId: world.organization.id, userId: await world.idOf(leaver) };
    await world.prisma.membership.update({ where: { organizationId_userId: key }, data: { isActive: false } });
    await room().deliver();
    expect(await room().reminded(id)).toEqual(['ada']);
    expect((await room().plans(id))[1]).toBe('PT0M 2031-05-01T07:00:00.000Z');
  });

  it('is told to nobody where the system created it, and yet is sent', async () => {
    const [task] = await room().world.tasks([{ kind: 'MISSED_CALL' }]);
    const id = task?.key as string;
    granted(await room().set(id, [PAST]));
    await room().deliver();
    expect(await room().reminded(id)).toEqual([]);
    expect(await room().told(id)).toEqual(['TASK_REMINDED reminders', 'TASK_UPDATED reminders']);
  });

  it('is not told to who has muted reminders', async () => {
    const { world, nell } = room();
    const userId = await world.idOf(nell);
    const mute = (mutedKinds: 'TASK_REMINDER'[]) =>
      world.prisma.membership.update({
        where: { organizationId_userId: { organizationId: world.organization.id, userId } },
        data: { mutedKinds },
      });
    const id = await room().reminding([PAST], { assigneeId: nell.userId });
    await mute(['TASK_REMINDER']);
    await room().deliver();
    await mute([]);
    expect(await room().reminded(id)).toEqual([]);
    expect((await room().plans(id))[0]).toMatch(/ sent$/);
  });

  it('is sent once, though several workers look for it at once, and late ones at once', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 12; n += 1) ids.push(await room().reminding([{ at: ago(60 * n + 1) }, { before: 'P1D' }]));
    const { runtime } = room().world.gateway.app;
    for (let n = 0; n < 3; n += 1) {
      const worker = new Worker(runtime, [jobSource(runtime, [sendReminders])], { pollMs: 50 });
      workers.push(worker);
      worker.start();
    }
    await Promise.all([room().deliver(), room().deliver()]);
    // Nothing is left to be done: those before a date wait for one.
    await expect.poll(() => room().jobDue(), { timeout: 10_000 }).toBeNull();
    for (const id of ids) expect(await room().reminded(id)).toEqual(['max']);
  });

  it('is sent by a worker when its time comes', async () => {
    const { runtime } = room().world.gateway.app;
    const worker = new Worker(runtime, [jobSource(runtime, [sendReminders])]);
    workers.push(worker);
    worker.start();
    const id = await room().reminding([{ at: LATER }]);
    granted(await room().set(id, [{ at: new Date(Date.now() + 400).toISOString() }, { at: LATER }]));
    worker.ring();
    await expect.poll(() => room().reminded(id), { timeout: 10_000 }).toEqual(['max']);
    await expect.poll(() => room().jobDue(), { timeout: 10_000 }).toEqual(new Date(LATER));
  });

  it('is not put off by one that is due later', async () => {
    await room().reminding([{ at: LATER }]);
    expect(await room().jobDue()).toEqual(new Date(LATER));
    await room().reminding([{ at: '2030-01-01T00:00:00Z' }]);
    await room().reminding([{ at: '2032-01-01T00:00:00Z' }]);
    expect(await room().jobDue()).toEqual(new Date('2030-01-01T00:00:00Z'));
    expect(await room().deliver()).toEqual(new Date('2030-01-01T00:00:00Z'));
  });

  it('is judged as the task is by then: whoever is reminded may have moved', async () => {
    const { world, nell } = room();
    const today = new Date().toISOString().slice(0, 10);
    const id = await room().reminding([{ before: 'P0D' }], { assigneeId: nell.userId, date: '2031-05-01' });
    const where = { organizationId: world.organization.id };
    // It was to be sent just now, and its task is of another day all the same.
    await world.prisma.reminder.updateMany({ where, data: { remindAt: new Date(`${today}T00:00:00Z`) } });
    expect(await room().deliver()).toEqual(new Date('2031-05-01T13:00:00Z'));
    expect(await room().reminded(id)).toEqual([]);
  });
});

describe('a reminder is not sent', () => {
  it('while its task is in the bin, and is sent once it is out of it', async () => {
    const id = await room().reminding([PAST]);
    granted(await writes().remove(id));
    expect(await room().deliver()).toBeNull();
    expect(await room().reminded(id)).toEqual([]);
    const restore = `mutation { restoreTask(input: { id: "${id}" }) { errors { code } } }`;
    await room().world.gateway.ask(room().world.admin, restore);
    await room().deliver();
    expect(await room().reminded(id)).toEqual(['max']);
  });

  it('of a task that is done with, though the job should find it', async () => {
    const id = await room().reminding([PAST]);
    const where = { organizationId: room().world.organization.id };
    await room().world.prisma.task.updateMany({ where: { ...where, title: 'Call' }, data: { status: 'CANCELLED' } });
    expect(await room().deliver()).toBeNull();
    expect(await room().reminded(id)).toEqual([]);
    expect(await room().plans(id)).toEqual([]);
  });
});
