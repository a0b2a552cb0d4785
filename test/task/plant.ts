import type { Prisma } from '../../src/db/generated/prisma/client.ts';
import { newUid } from '../../src/ids.ts';
import type { TaskFilter, TaskOrder, TaskView } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import type { Known, World } from './world.ts';

type Row = Partial<Omit<Prisma.TaskCreateManyInput, 'dueOn' | 'dueAt'>> & {
  readonly day?: string;
  readonly at?: string;
};

/** Puts tasks there as they are, by their titles and in this order of their ids. */
export async function plant(world: World, rows: Readonly<Record<string, Row>>): Promise<Record<string, Known>> {
  const { organization, prisma } = world;
  const at = new Date('2026-01-01T00:00:00Z');
  const sketches = Object.entries(rows).map(([title, { day, at: instant, ...row }]) => ({
    title,
    uid: newUid(),
    organizationId: organization.id,
    creatorId: organization.assistantId,
    createdAt: at,
    updatedAt: at,
    timelineAt: at,
    ...(row.status === 'COMPLETED' && { completedAt: at, completedById: organization.assistantId }),
    ...(row.deletedAt && { isActive: false }),
    ...(day !== undefined && { dueOn: new Date(`${day}T00:00:00Z`) }),
    ...(instant !== undefined && { dueAt: new Date(instant) }),
    ...row,
  }));
  await prisma.task.createMany({ data: sketches });
  const made = await prisma.task.findMany({
    where: { organizationId: organization.id, uid: { in: sketches.map(({ uid }) => uid) } },
    select: { id: true, uid: true, title: true },
  });
  return Object.fromEntries(made.map(({ id, uid, title }) => [title, { id, uid, key: `task_${uid}` }]));
}

/** A pipeline with stages of these names. */
export async function plantPipeline({ organization, prisma }: World, names: readonly string[]) {
  const at = new Date('2026-01-01T00:00:00Z');
  const organizationId = organization.id;
  const pipeline = await prisma.pipeline.create({
    data: { organizationId, uid: newUid(), name: 'Deals', createdAt: at, updatedAt: at },
  });
  const stages: Known[] = [];
  for (const [index, name] of names.entries()) {
    const { id, uid } = await prisma.stage.create({
      data: {
        organizationId,
        uid: newUid(),
        pipelineId: pipeline.id,
        name,
        color: '#000000',
        sortOrder: index,
        isDefault: index === 0,
      },
    });
    stages.push({ id, uid, key: `stage_${uid}` });
  }
  return { pipeline: { id: pipeline.id, uid: pipeline.uid, key: `pipe_${pipeline.uid}` } as Known, stages };
}

const LIST = graphql(`
  query TaskRoomTitles($filter: TaskFilter, $view: TaskView, $timeZone: TimeZone, $orderBy: [TaskOrder!], $last: Int) {
    tasks(filter: $filter, view: $view, timeZone: $timeZone, orderBy: $orderBy, last: $last) {
      totalCount
      nodes { title }
    }
  }
`);

export interface Listing {
  readonly filter?: TaskFilter;
  readonly view?: TaskView;
  readonly timeZone?: string;
  readonly orderBy?: TaskOrder[];
  readonly last?: number;
}

/** The titles of a list, in its order; what it counts must be what it shows. */
export async function titlesOf({ gateway, admin }: World, listing: Listing, caller: Caller = admin) {
  const { tasks } = await gateway.ask(caller, LIST, listing);
  const titles = tasks.nodes.map(({ title }) => title);
  if (tasks.totalCount !== titles.length) throw new Error(`${tasks.totalCount} are counted, shown are ${titles}`);
  return titles;
}

/** What a list that cannot be is refused with. */
export const refusedOf = async ({ gateway, admin }: World, listing: Listing) =>
  ((await gateway.send(admin, LIST, listing)).errors ?? []).map(({ extensions }) => extensions);
