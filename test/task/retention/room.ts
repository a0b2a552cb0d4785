import pg from 'pg';
import { expect } from 'vitest';
import { newUid } from '../../../src/ids.ts';
import { retainTasks } from '../../../src/task/retention/kind.ts';
import { jobSource } from '../../../src/work/job/jobs.ts';
import type { Kind } from '../../../src/work/kind.ts';
import { Settled } from '../../../src/work/outcome.ts';
import { schedule } from '../../../src/work/service.ts';
import { Worker } from '../../../src/work/worker.ts';
import type { TaskKind } from '../../generated/graphql.ts';
import type { Known, World } from '../world.ts';

const DAY = 86_400_000;
export const daysAgo = (days: number) => new Date(Date.now() - days * DAY);

/** A task, by how many days ago it was completed and deleted. */
export interface Aged {
  readonly kind?: TaskKind;
  readonly completed?: number;
  readonly deleted?: number;
  readonly isQueueRow?: boolean;
  readonly activityId?: bigint;
  readonly accountId?: bigint;
  readonly assigneeId?: bigint;
}

/** Puts tasks there as they would have become. */
export async function plantAged(
  world: World,
  rows: readonly Aged[],
  { id: organizationId, assistantId: creatorId } = world.organization,
): Promise<Known[]> {
  const at = daysAgo(1_000);
  const data = rows.map(({ kind = 'MISSED_CALL', completed, deleted, accountId, ...row }) => ({
    ...row,
    ...{ kind, title: kind, uid: newUid(), organizationId, creatorId },
    ...{ createdAt: at, updatedAt: at, timelineAt: at },
    ...(accountId !== undefined && { accountId, linkedType: 'ACCOUNT' as const }),
    ...(completed !== undefined && {
      ...{ status: 'COMPLETED' as const, completedAt: daysAgo(completed), completedById: creatorId },
    }),
    ...(deleted !== undefined && { deletedAt: daysAgo(deleted), isActive: false }),
  }));
  await world.prisma.task.createMany({ data });
  const uids = data.map(({ uid }) => uid);
  const where = { organizationId, uid: { in: uids } };
  const made = await world.prisma.task.findMany({ where, select: { id: true, uid: true } });
  const ids = new Map(made.map(({ id, uid }) => [uid, id]));
  return uids.map((uid) => ({ uid, id: ids.get(uid) as bigint, key: `task_${uid}` }));
}

/** Which of some tasks have a row. */
export async function left({ prisma, organization }: World, tasks: readonly Known[], organizationId = organization.id) {
  const where = { organizationId, uid: { in: tasks.map(({ uid }) => uid) } };
  const rows = new Set((await prisma.task.findMany({ where, select: { uid: true } })).map(({ uid }) => uid));
  return tasks.map(({ uid }) => rows.has(uid));
}

/** One transaction of retention, as a worker would have it; answers in how many milliseconds it wants to go on. */
export async function step(world: World, kept: { payload: object }, id = world.organization.id): Promise<number> {
  const { runtime } = world.gateway.app;
  let inMs = Number.NaN;
  await retainTasks.run(runtime, {
    organizationId: id,
    key: '',
    payload: kept.payload,
    attempt: 1,
    signal: new AbortController().signal,
    done: () => Promise.reject(new Error('It recurs.')),
    again: async (_tx, due, payload) => {
      if ('inMs' in due) inMs = due.inMs;
      kept.payload = payload;
      return new Settled(null);
    },
  });
  return inMs;
}

/** All that retention does in a day; answers in how many transactions. */
export async function retained(world: World, id = world.organization.id): Promise<number> {
  const kept = { payload: {} };
  for (let steps = 1; ; steps += 1) if ((await step(world, kept, id)) > 0) return steps;
}

/** The same by workers of the gateway's, each with a kind of its own. */
export async function worked(world: World, kinds: readonly Kind[]) {
  const { runtime } = world.gateway.app;
  const { id: organizationId } = world.organization;
  await runtime.db.transaction(organizationId, async (tx) =>
    schedule(runtime, tx, { kind: 'task.retention', due: { inMs: 0 } }),
  );
  const workers = kinds.map((kind) => new Worker(runtime, [jobSource(runtime, [kind])], { pollMs: 100 }));
  for (const worker of workers) worker.start();
  const isOver = async () => {
    const job = await world.prisma.job.findFirstOrThrow({ where: { organizationId, kind: 'task.retention' } });
    return job.lease === null && job.dueAt.getTime() > Date.now() + 22 * 3_600_000;
  };
  try {
    await expect.poll(isOver, { timeout: 15_000, interval: 20 }).toBe(true);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop(5_000)));
  }
}

/** The organization's last events, oldest first, as the log holds them. */
export const eventsAfter = ({ prisma, organization: { id: organizationId } }: World, seq: bigint) =>
  prisma.event.findMany({ where: { organizationId, seq: { gt: seq } }, orderBy: { seq: 'asc' } });

export const lastSeq = async ({ prisma, organization: { id: organizationId } }: World) =>
  (await prisma.organizationLog.findUniqueOrThrow({ where: { organizationId } })).lastSeq;

/** A connection of its own, which holds a row while retention comes for it. */
export async function meanwhile(
  world: World,
  texts: readonly string[],
  values: unknown[],
  work: () => Promise<unknown>,
) {
  const client = new pg.Client({ connectionString: world.gateway.database.url });
  await client.connect();
  try {
    await client.query('BEGIN');
    for (const text of texts) await client.query(text, values.slice(0, text.match(/\$\d/g)?.length ?? 0));
    const doing = work();
    const waits = async () =>
      (
        await client.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
      ).rowCount;
    await expect.poll(waits, { timeout: 5_000, interval: 10 }).toBe(1);
    await client.query('COMMIT');
    return await doing;
  } finally {
    await client.end();
  }
}

/** Another activity, fifty days old. */
export const activityOf = async ({ prisma, organization: { id: organizationId, assistantId: creatorId } }: World) => {
  const at = daysAgo(50);
  const times = { activityTimestamp: at, createdAt: at, updatedAt: at };
  const data = { organizationId, creatorId, uid: newUid(), duration: 0, location: 'Email', ...times };
  return (await prisma.activity.create({ data, select: { id: true } })).id;
};

/** Takes all tasks and activities away, and sets what the organization has from its beginning. */
export async function clearAged({ prisma, organization, other }: World) {
  await prisma.organization.update({ where: { id: organization.id }, data: { taskRetentionDays: 30 } });
  for (const { id: organizationId } of [organization, other.organization]) {
    const where = { organizationId };
    await prisma.taskEmail.deleteMany({ where });
    await prisma.comment.deleteMany({ where });
    await prisma.reminder.deleteMany({ where });
    await prisma.taskWatcher.deleteMany({ where });
    await prisma.task.deleteMany({ where });
    await prisma.activity.deleteMany({ where });
  }
}
