import { afterEach, describe, expect, it } from 'vitest';
import { retainTasks } from '../../../src/task/retention/kind.ts';
import type { Kind } from '../../../src/work/kind.ts';
import { nameOf } from '../../support/gateway.ts';
import { useWorld } from '../world.ts';
import {
  type Aged,
  activityOf,
  clearAged,
  eventsAfter,
  lastSeq,
  left,
  meanwhile,
  plantAged,
  retained,
  step,
  worked,
} from './room.ts';

// How retention goes about it: in batches, beside whoever else writes.

const world = useWorld();
const organizationId = () => world().organization.id;
afterEach(() => clearAged(world()));

describe('what changes in the moment between being found and being locked', () => {
  const one = async (row: Aged) => {
    const tasks = await plantAged(world(), [row, { completed: 50 }]);
    return { tasks, values: [organizationId(), tasks[0]?.id] };
  };
  const UPDATE = (set: string) => `UPDATE task SET ${set} WHERE organization_id = $1 AND id = $2`;

  it('stays when it was reopened', async () => {
    const { tasks, values } = await one({ completed: 50 });
    const reopened = UPDATE(`status = 'PENDING', completed_at = NULL, completed_by_id = NULL`);
    const before = await lastSeq(world());
    await meanwhile(world(), [reopened], values, () => retained(world()));
    expect(await left(world(), tasks)).toEqual([true, false]);
    expect(await eventsAfter(world(), before)).toHaveLength(1);
  });

  it('stays when the organization has come to keep it longer, which a batch waits for', async () => {
    const [task] = await plantAged(world(), [{ completed: 50 }]);
    const { prisma } = world();
    const longer = 'UPDATE organization SET task_retention_days = NULL WHERE id = $1';
    await meanwhile(world(), [longer], [organizationId()], () => retained(world()));
    expect(await left(world(), task ? [task] : [])).toEqual([true]);
    await prisma.organization.update({ where: { id: organizationId() }, data: { taskRetentionDays: 30 } });
  });

  it('stays when it was restored', async () => {
    const { tasks, values } = await one({ kind: 'LEAD', deleted: 100 });
    await meanwhile(world(), [UPDATE('deleted_at = NULL, is_active = true')], values, () => retained(world()));
    expect(await left(world(), tasks)).toEqual([true, false]);
  });

  it('stays when the deletion that took it is being undone, as do those that nobody holds', async () => {
    const { tasks, values } = await one({ kind: 'LEAD', deleted: 100 });
    const others = await plantAged(world(), [{ kind: 'LEAD', deleted: 100 }, { deleted: 100 }]);
    const where = { organizationId: organizationId(), id: { in: [tasks[0]?.id, others[0]?.id] as bigint[] } };
    await world().prisma.task.updateMany({ where, data: { deletionId: 4_711n } });
    const undone = `INSERT INTO job (organization_id, kind, key, due_at, payload)
      VALUES ($1, 'record.deletion', 'a' || $2::bigint, now() + interval '1 hour', '{"numbers": ["4711"]}')`;
    await meanwhile(world(), [UPDATE(`title = 'Other'`), undone], values, () => retained(world()));
    expect(await left(world(), [...tasks, ...others])).toEqual([true, false, true, false]);
    await retained(world());
    expect(await left(world(), others)).toEqual([true, false]);
    await world().prisma.job.deleteMany({ where: { organizationId: organizationId(), kind: 'record.deletion' } });
    await retained(world());
    expect(await left(world(), others)).toEqual([false, false]);
  });

  it('goes as it is by then: with an e-mail that it gathered, and told as it was', async () => {
    const { tasks, values } = await one({ kind: 'INCOMING_EMAIL', completed: 50 });
    const gathered = 'INSERT INTO task_email (organization_id, task_id, activity_id) VALUES ($1, $2, $3)';
    const before = await lastSeq(world());
    await meanwhile(world(), [UPDATE(`title = 'Other'`), gathered], [...values, await activityOf(world())], () =>
      retained(world()),
    );
    expect(await left(world(), tasks)).toEqual([false, false]);
    expect((await eventsAfter(world(), before))[0]).toMatchObject({ imageBefore: { title: 'Other' } });
  });
});

describe('what is much', () => {
  const many = () =>
    plantAged(
      world(),
      Array.from({ length: 2_500 }, (_, n) => (n % 2 ? { completed: 60 } : { deleted: 100 })),
    );

  it('goes a thousand a transaction, each by as many statements, without a gap in the log', async () => {
    await many();
    const before = await lastSeq(world());
    const { gateway } = world();
    gateway.statements.length = 0;
    // The last of them is for activities and records.
    expect(await retained(world())).toBe(4);
    const sent = gateway.statements.map(({ text }) => nameOf(text));
    const batch = [
      ...[
        'organization.assistant',
        'BEGIN',
        'retention.heldTerms',
        'retention.tasks',
        'retention.lock',
        'retention.judge',
      ],
      ...['retention.deleteEmails', 'retention.deleteComments', 'retention.deleteWatchers'],
      ...['retention.deleteReminders', 'blocker.forget', 'retention.deleteTasks', 'event.append', 'COMMIT'],
    ];
    expect(sent.slice(0, 2 * batch.length)).toEqual([...batch, ...batch]);
    const events = await eventsAfter(world(), before);
    expect(events.map(({ seq }) => Number(seq - before))).toEqual(Array.from({ length: 2_500 }, (_, n) => n + 1));
    expect(new Set(events.map(({ subjectId }) => subjectId)).size).toBe(2_500);
    expect(await world().prisma.task.count({ where: { organizationId: organizationId() } })).toBe(0);
  });

  it('goes on where a transaction fails, each task told once', async () => {
    await many();
    const before = await lastSeq(world());
    const kept = { payload: {} };
    expect(await step(world(), kept)).toBe(0);
    await world().prisma.$executeRawUnsafe(
      `ALTER TABLE event ADD CONSTRAINT test_killed CHECK (seq <= ${before + 1_500n}) NOT VALID`,
    );
    await expect(step(world(), kept)).rejects.toThrow();
    await world().prisma.$executeRawUnsafe('ALTER TABLE event DROP CONSTRAINT test_killed');
    expect(await world().prisma.task.count({ where: { organizationId: organizationId() } })).toBe(1_500);
    await retained(world());
    const events = await eventsAfter(world(), before);
    expect(new Set(events.map(({ subjectId }) => subjectId)).size).toBe(2_500);
    expect(events).toHaveLength(2_500);
  });

  it('goes once, however many are at it at the same time', async () => {
    await many();
    const before = await lastSeq(world());
    await Promise.all([retained(world()), retained(world())]);
    const events = await eventsAfter(world(), before);
    expect(new Set(events.map(({ subjectId }) => subjectId)).size).toBe(2_500);
    expect(events).toHaveLength(2_500);
  });
});

it('begins anew where what it kept is not to be read', async () => {
  for (const payload of [{}, { stage: 'TASK' }, { stage: 'ELSE', after: '0' }, { stage: 'ACCOUNT', after: '-1' }]) {
    const tasks = await plantAged(world(), [{ completed: 60 }]);
    await step(world(), { payload });
    expect(await left(world(), tasks)).toEqual([false]);
  }
});

describe('a worker', () => {
  it('does it once a day, beside another; and one that has lost its lease keeps nothing of what it did', async () => {
    const tasks = await plantAged(world(), [{ completed: 60 }, { completed: 1 }]);
    const before = await lastSeq(world());
    let robbed = 0;
    // Whoever comes first loses it to the other in the midst of it.
    const robbing: Kind = {
      ...retainTasks,
      run: async (runtime, job) => {
        robbed += 1;
        const where = { organizationId: job.organizationId, kind: 'task.retention' };
        if (robbed === 1) {
          await world().prisma.job.updateMany({ where, data: { lease: null, leasedUntil: null } });
          await world().prisma.organizationWork.updateMany({
            where: { organizationId: job.organizationId },
            data: { nextDueAt: new Date() },
          });
        }
        return retainTasks.run(runtime, job);
      },
    };
    await worked(world(), [robbing, robbing]);
    // Tasks twice, and then activities and records.
    expect(robbed).toBe(3);
    expect(await left(world(), tasks)).toEqual([false, true]);
    expect(await eventsAfter(world(), before)).toHaveLength(1);
  });

  it('finds it planned in every organization, from some time of its first day on', async () => {
    const { id } = await world().gateway.organization('New');
    const jobs = await world().prisma.job.findMany({ where: { organizationId: id, kind: 'task.retention' } });
    expect(jobs).toMatchObject([{ key: '', state: 'SCHEDULED' }]);
    const inMs = (jobs[0]?.dueAt.getTime() ?? 0) - Date.now();
    expect(inMs).toBeGreaterThan(-5_000);
    expect(inMs).toBeLessThanOrEqual(86_400_000);
  });
});
