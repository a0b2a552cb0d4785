import type { Prisma } from '../../src/db/generated/prisma/client.ts';
import { newUid } from '../../src/ids.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import type { Known, World } from '../task/world.ts';

const TIMELINE = graphql(`
  query TimelineRoomPage($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    node(id: $id) {
      ... on LinkedRecord {
        timeline(first: $first, after: $after, last: $last, before: $before) {
          totalCount
          edges { cursor node { at item { __typename ... on Activity { id } ... on Task { id } } } }
          nodes { at item { __typename ... on Activity { id subject: title } ... on Task { id title } } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }
    }
  }
`);

export interface PageArgs {
  readonly first?: number;
  readonly after?: string | null;
  readonly last?: number;
  readonly before?: string | null;
}

const variables = (record: Known | string, args: PageArgs) => ({
  id: typeof record === 'string' ? record : record.key,
  ...args,
});

/** A page of a record's timeline, held against itself: nodes are edges, and its cursors are those of its ends. */
export async function page({ gateway }: World, caller: Caller, record: Known | string, args: PageArgs = {}) {
  const { node } = await gateway.ask(caller, TIMELINE, variables(record, args));
  if (!node || !('timeline' in node)) throw new Error('it has no timeline');
  const { totalCount, edges, nodes, pageInfo } = node.timeline;
  const ids = edges.map((edge) => `${edge.node.at} ${edge.node.item.id}`);
  if (nodes.map(({ at, item }) => `${at} ${item.id}`).join() !== ids.join()) throw new Error('nodes are not edges');
  if (pageInfo.startCursor !== (edges[0]?.cursor ?? null) || pageInfo.endCursor !== (edges.at(-1)?.cursor ?? null)) {
    throw new Error('startCursor or endCursor is not of the entry there');
  }
  const entries = nodes.map(({ at, item }) => ({
    at,
    id: item.id,
    title: item.__typename === 'Task' ? item.title : item.subject,
  }));
  return { totalCount, entries, ids: entries.map(({ id }) => id), ...pageInfo };
}

export const pageErrors = async ({ gateway }: World, caller: Caller, record: Known, args: PageArgs) =>
  ((await gateway.send(caller, TIMELINE, variables(record, args))).errors ?? []).map(({ extensions }) => extensions);

/** A record's whole timeline as one page, newest first; as many entries as are counted. */
async function whole(world: World, record: Known | string, caller: Caller) {
  const { entries, totalCount } = await page(world, caller, record, { first: 100 });
  if (totalCount !== entries.length) throw new Error(`${totalCount} are counted, shown are ${entries.length}`);
  return entries;
}

export const titlesOf = async (world: World, record: Known | string, caller: Caller = world.admin) =>
  (await whole(world, record, caller)).map(({ title }) => title);

/** Where a timeline has something, by its title. */
export const placesOf = async (world: World, record: Known | string): Promise<Record<string, string>> =>
  Object.fromEntries((await whole(world, record, world.admin)).map(({ title, at }) => [title, at]));

type ActivitySketch = Partial<Prisma.ActivityCreateManyInput> & { readonly at: Date };

/** Puts activities there as they are, in this order of their ids. */
export async function plantActivities({ organization, prisma }: World, rows: readonly ActivitySketch[]) {
  const sketches = rows.map(({ at, ...row }, index) => ({
    ...{ title: `Activity ${index}`, duration: 5, location: 'Phone', creatorId: organization.assistantId },
    ...{ createdAt: at, updatedAt: at, activityTimestamp: at },
    ...(row.deletedAt && { isActive: false }),
    ...row,
    organizationId: organization.id,
    uid: newUid(),
  }));
  await prisma.activity.createMany({ data: sketches });
  return knownOf(sketches, 'act', (uids) =>
    prisma.activity.findMany({
      where: { organizationId: organization.id, uid: { in: uids } },
      select: { id: true, uid: true },
    }),
  );
}

type TaskSketch = Partial<Prisma.TaskCreateManyInput> & { readonly at: Date };

/** Puts tasks at their place in timelines, in this order of their ids. */
export async function plantTasks({ organization, prisma }: World, rows: readonly TaskSketch[]) {
  const sketches = rows.map(({ at, ...row }, index) => ({
    ...{ title: `Task ${index}`, creatorId: organization.assistantId, createdAt: at, updatedAt: at, timelineAt: at },
    ...(row.deletedAt && { isActive: false }),
    ...row,
    organizationId: organization.id,
    uid: newUid(),
  }));
  await prisma.task.createMany({ data: sketches });
  return knownOf(sketches, 'task', (uids) =>
    prisma.task.findMany({
      where: { organizationId: organization.id, uid: { in: uids } },
      select: { id: true, uid: true },
    }),
  );
}

async function knownOf(
  sketches: readonly { readonly uid: string }[],
  prefix: string,
  find: (uids: string[]) => Promise<{ id: bigint; uid: string }[]>,
): Promise<Known[]> {
  const uids = sketches.map(({ uid }) => uid);
  const ids = new Map((await find(uids)).map(({ id, uid }) => [uid, id]));
  return uids.map((uid) => ({ uid, id: ids.get(uid) as bigint, key: `${prefix}_${uid}` }));
}
