import { Temporal } from 'temporal-polyfill';
import type { TaskOrder, TaskRoomPageQueryVariables } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import type { World } from './world.ts';

const PAGE = graphql(`
  query TaskRoomPage(
    $filter: TaskFilter, $view: TaskView, $timeZone: TimeZone, $orderBy: [TaskOrder!],
    $first: Int, $after: String, $last: Int, $before: String
  ) {
    tasks(filter: $filter, view: $view, timeZone: $timeZone, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { id } }
      nodes { id }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export type PageArgs = TaskRoomPageQueryVariables;

export interface Entry {
  readonly id: string;
  readonly cursor: string;
}

/** A page, held against itself: nodes and edges are the same, the cursors at its ends are those of its ends. */
export async function page({ gateway }: World, caller: Caller, args: PageArgs, headers?: Record<string, string>) {
  const { tasks } = await gateway.ask(caller, PAGE, args, headers);
  const entries = tasks.edges.map(({ cursor, node }): Entry => ({ id: node.id, cursor }));
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = tasks.pageInfo;
  if (tasks.nodes.map(({ id }) => id).join() !== entries.map(({ id }) => id).join())
    throw new Error('nodes are not edges');
  if (startCursor !== (entries[0]?.cursor ?? null) || endCursor !== (entries.at(-1)?.cursor ?? null)) {
    throw new Error('startCursor or endCursor is not of the entry there');
  }
  return { entries, hasNextPage, hasPreviousPage };
}

/** What a list answers to an impossible page. */
export const pageErrors = async ({ gateway }: World, caller: Caller, args: PageArgs) =>
  (await gateway.send(caller, PAGE, args)).errors ?? [];

export interface Walked {
  readonly entries: readonly Entry[];
  /** Of each page: how many entries, whether there is more before and after it. */
  readonly pages: readonly { readonly length: number; readonly previous: boolean; readonly next: boolean }[];
}

/** Walks a whole list from one of its ends to the other; the entries are in the list's order either way. */
export async function walk(
  world: World,
  caller: Caller,
  args: PageArgs,
  size: number,
  backward = false,
): Promise<Walked> {
  const entries: Entry[] = [];
  const pages: Walked['pages'][number][] = [];
  let cursor: string | null = null;
  for (;;) {
    const where = backward ? { last: size, before: cursor } : { first: size, after: cursor };
    const found = await page(world, caller, { ...args, ...where });
    if (backward) entries.unshift(...found.entries);
    else entries.push(...found.entries);
    pages.push({ length: found.entries.length, previous: found.hasPreviousPage, next: found.hasNextPage });
    cursor = (backward ? found.entries[0] : found.entries.at(-1))?.cursor ?? null;
    if (!(backward ? found.hasPreviousPage : found.hasNextPage)) return { entries, pages };
    if (cursor === null || pages.length > 500) throw new Error('a page says that there is more, and there is not');
  }
}

/** A task as the model of the order sees it. */
export interface Placed {
  readonly key: string;
  /** Its inner id. */
  readonly id: bigint;
  readonly day?: string | undefined;
  readonly instant?: number | undefined;
  readonly createdAt: Date;
}

const midnight = (day: string, zone: string) => Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds;
const sign = (a: bigint | number | string, b: bigint | number | string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The order as DESIGN 2 says it, one task against another: a day is its midnight in the zone and comes before an instant
 * at the same moment; undated last in both directions; ties by the next term, at last by id in the last term's direction.
 */
export function inOrder(tasks: readonly Placed[], terms: readonly TaskOrder[], zone: string): string[] {
  const byDate = (a: Placed, b: Placed, along: number) => {
    const [x, y] = [a, b].map(({ day, instant }) => (day === undefined ? instant : midnight(day, zone)));
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
    const forms = [a, b].map(({ day }) => (day === undefined ? 1 : 0)) as [number, number];
    return (sign(x, y) || sign(...forms) || sign(a.day ?? '', b.day ?? '')) * along;
  };
  const compare = (a: Placed, b: Placed) => {
    let along = 1;
    for (const { field, direction } of terms) {
      along = direction === 'DESC' ? -1 : 1;
      const found = field === 'DATE' ? byDate(a, b, along) : sign(a.createdAt.getTime(), b.createdAt.getTime()) * along;
      if (found !== 0) return found;
    }
    return sign(a.id, b.id) * along;
  };
  return [...tasks].sort(compare).map(({ key }) => key);
}
