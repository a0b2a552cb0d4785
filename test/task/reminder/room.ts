import { beforeAll } from 'vitest';
import { decodeId } from '../../../src/ids.ts';
import { sendReminders } from '../../../src/task/reminder/kind.ts';
import { Settled } from '../../../src/work/outcome.ts';
import type { CreateTaskInput, ReminderInput } from '../../generated/graphql.ts';
import { graphql } from '../../generated/index.ts';
import type { Caller } from '../../support/gateway.ts';
import { useWorld, type World } from '../world.ts';
import { granted, writesOf } from '../writes.ts';

// A world in which people are reminded: its organization is in Paris, and one of its people in New York.

const SET = graphql(`
  mutation ReminderRoomSet($input: SetRemindersInput!) {
    setReminders(input: $input) {
      task { id version updatedAt reminders { id at before sentAt } }
      errors { ...TaskRoomErrors }
    }
  }
`);
const READ = graphql(`
  query ReminderRoomRead($id: ID!) {
    task(id: $id) {
      version
      reminders { id at before sentAt }
      history(first: 20) { nodes { kind actorKind changes { field from to } } }
    }
  }
`);

export class ReminderRoom {
  readonly world: World;
  readonly account: string;
  /** In New York. */
  readonly nell: Caller;

  private constructor(world: World, account: string, nell: Caller) {
    this.world = world;
    this.account = account;
    this.nell = nell;
  }

  static async open(world: World): Promise<ReminderRoom> {
    const nell = await world.gateway.member(world.organization, {
      email: 'nell@ours.example',
      timeZone: 'America/New_York',
    });
    return new ReminderRoom(world, (await world.record('ACCOUNT')).key, nell);
  }

  /** The id of a new task, of the admin's making and the member's to do. */
  async task(more: Partial<CreateTaskInput> = {}, by = this.world.admin): Promise<string> {
    const input = { title: 'Call', accountId: this.account, assigneeId: this.world.member.userId, ...more };
    return granted(await writesOf(this.world, by).create(input)).id;
  }

  async set(id: string, reminders: readonly ReminderInput[], by = this.world.admin) {
    const input = { id, reminders: [...reminders] };
    return (await this.world.gateway.ask(by, SET, { input })).setReminders;
  }

  /** The id of a new task with reminders. */
  async reminding(reminders: readonly ReminderInput[], more: Partial<CreateTaskInput> = {}): Promise<string> {
    const id = await this.task(more);
    granted(await this.set(id, reminders));
    return id;
  }

  async read(id: string, by = this.world.admin) {
    const { task } = await this.world.gateway.ask(by, READ, { id });
    if (!task) throw new Error('There is no such task.');
    return task;
  }

  /** What became of a task's reminders: when each is to be sent, and whether it was. */
  async plans(id: string): Promise<string[]> {
    const { prisma, organization } = this.world;
    const where = { organizationId: organization.id };
    const task = await prisma.task.findFirst({ where: { ...where, uid: decodeId(id)?.uid as string } });
    const rows = await prisma.reminder.findMany({
      where: { ...where, taskId: task?.id as bigint },
      orderBy: { id: 'asc' },
    });
    return rows.map(
      ({ at, before, remindAt, sentAt }) =>
        `${at ? 'at' : before} ${remindAt?.toISOString() ?? 'waits'}${sentAt ? ' sent' : ''}`,
    );
  }

  /** Who was reminded of a task, by the names in their addresses, the first first. */
  async reminded(id: string): Promise<string[]> {
    const rows = await this.world.prisma.notification.findMany({
      where: {
        organizationId: this.world.organization.id,
        kind: 'TASK_REMINDER',
        taskUid: decodeId(id)?.uid as string,
      },
      orderBy: { seq: 'asc' },
    });
    const users = await this.world.prisma.user.findMany({ where: { id: { in: rows.map(({ userId }) => userId) } } });
    return rows.map(({ userId }) => users.find((user) => user.id === userId)?.name ?? '?');
  }

  /** What the log tells of a task, the latest first. */
  async told(id: string): Promise<string[]> {
    const { history } = await this.read(id);
    return history.nodes.map(({ kind, changes }) => `${kind} ${changes.map(({ field }) => field)}`);
  }

  /** Sends what is due, in one transaction, as a worker would; answers when there is more to do. */
  async deliver(): Promise<Date | null> {
    const { dueAt } = await sendReminders.run(this.world.gateway.app.runtime, {
      organizationId: this.world.organization.id,
      ...{ key: '', payload: {}, attempt: 1, signal: AbortSignal.timeout(10_000) },
      done: async () => new Settled(null),
      again: async (_tx, due) => new Settled('at' in due ? due.at : null),
    });
    return dueAt;
  }

  /** When the job that sends them is due; null when there is none. */
  async jobDue(): Promise<Date | null> {
    const rows = await this.world.prisma.$queryRawUnsafe<{ dueAt: Date }[]>(
      `/* test.job */ SELECT due_at AS "dueAt" FROM job WHERE organization_id = $1 AND kind = 'task.reminders'`,
      this.world.organization.id,
    );
    return rows[0]?.dueAt ?? null;
  }

  /** Forgets all that was to be sent. */
  async forget(): Promise<void> {
    const where = { organizationId: this.world.organization.id };
    await this.world.prisma.reminder.deleteMany({ where });
    await this.world.prisma.$executeRawUnsafe(
      `/* test.forget */ DELETE FROM job WHERE organization_id = $1 AND kind = 'task.reminders'`,
      where.organizationId,
    );
  }
}

export function useReminders(): () => ReminderRoom {
  const world = useWorld({}, 'Europe/Paris');
  let room: ReminderRoom | undefined;
  beforeAll(async () => {
    room = await ReminderRoom.open(world());
  });
  return () => room as ReminderRoom;
}
