import { beforeAll, describe, expect, it } from 'vitest';
import type { ActivityRoomPageQueryVariables } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { useWorld } from '../task/world.ts';
import { expected, inOrder, plantSample, type Sample, type Term } from './sample.ts';

const PAGE = graphql(`
  query ActivityRoomPage(
    $filter: ActivityFilter, $orderBy: [ActivityOrder!], $first: Int, $after: String, $last: Int, $before: String
  ) {
    activities(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);
const NESTED = graphql(`
  query ActivityRoomNestedPage(
    $id: ID!, $orderBy: [ActivityOrder!], $first: Int, $after: String, $last: Int, $before: String
  ) {
    account(id: $id) {
      activities(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  }
`);
type Args = ActivityRoomPageQueryVariables;

const world = useWorld();
let sample: Sample;
beforeAll(async () => {
  sample = await plantSample(world(), 60);
});

const page = async (args: Args) => (await world().gateway.ask(world().admin, PAGE, args)).activities;
const ofAccount = (id: string) => async (args: Args) => {
  const { account } = await world().gateway.ask(world().admin, NESTED, { ...args, id });
  return (account as NonNullable<typeof account>).activities;
};
const errorsOf = async (args: Args) => (await world().gateway.send(world().admin, PAGE, args)).errors ?? [];

/** Walks a list to its other end; the ids are in the list's order either way. */
async function walk(read: typeof page, args: Args, size: number, backward: boolean) {
  const ids: string[] = [];
  const sizes: number[] = [];
  let cursor: string | null = null;
  for (;;) {
    const at: Args = backward ? { last: size, before: cursor } : { first: size, after: cursor };
    const { edges, nodes, pageInfo } = await read({ ...args, ...at });
    expect(nodes.map(({ id }) => id)).toEqual(edges.map(({ node }) => node.id));
    expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([
      edges[0]?.cursor ?? null,
      edges.at(-1)?.cursor ?? null,
    ]);
    if (backward) ids.unshift(...nodes.map(({ id }) => id));
    else ids.push(...nodes.map(({ id }) => id));
    sizes.push(nodes.length);
    expect(backward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage).toBe(sizes.length > 1);
    cursor = (backward ? pageInfo.startCursor : pageInfo.endCursor) ?? null;
    if (!(backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return { ids, sizes };
    if (sizes.length > 100) throw new Error('there is no end to it');
  }
}

const ORDERS: [string, Term[]][] = (['ACTIVITY_TIMESTAMP', 'CREATED_AT'] as const).flatMap((field, index, fields) =>
  (['ASC', 'DESC'] as const).flatMap((direction): [string, Term[]][] => {
    const other = fields[1 - index] as Term['field'];
    const one: Term = { field, direction };
    return [
      [`${field} ${direction}`, [one]],
      [`${field} ${direction}, ${other} ASC`, [one, { field: other, direction: 'ASC' }]],
      [`${field} ${direction}, ${other} DESC`, [one, { field: other, direction: 'DESC' }]],
    ];
  }),
);

describe.each(ORDERS)('activities by %s', (_name, orderBy) => {
  it.each([false, true])('come each once, in order, whichever way (backward: %s)', async (backward) => {
    const { ids, sizes } = await walk(page, { orderBy }, 7, backward);
    expect(ids).toEqual(inOrder(expected(sample, {}, world().admin), orderBy));
    expect(sizes.slice(0, -1).every((size) => size === 7)).toBe(true);
    expect(sizes.length).toBeGreaterThan(4);
  });

  it('come so of an account, of one person’s, of what is gathered, and with the bin', async () => {
    const account = sample.accounts[0]?.key as string;
    const own = (filter: object) => inOrder(expected(sample, filter, world().admin), orderBy);
    for (const backward of [false, true]) {
      const nested = await walk(ofAccount(account), { orderBy }, 4, backward);
      expect(nested.ids).toEqual(own({ accountId: { eq: account } }));
      for (const filter of [
        { creatorId: { eq: world().admin.userId } },
        { accountId: { in: [account] } },
        { search: 'alpha' },
        { deleted: 'INCLUDE' as const },
        { deleted: 'ONLY' as const },
      ]) {
        const { ids } = await walk(page, { filter, orderBy }, 9, backward);
        expect(ids, JSON.stringify(filter)).toEqual(own(filter));
      }
    }
  });
});

describe('a page of activities', () => {
  it('begins with the newest when no order is asked for [THENA-A01]', async () => {
    const newest = inOrder(expected(sample, {}, world().admin), [{ field: 'ACTIVITY_TIMESTAMP', direction: 'DESC' }]);
    for (const orderBy of [null, []]) {
      const { nodes } = await page({ orderBy });
      expect(nodes.map(({ id }) => id)).toEqual(newest.slice(0, 25));
    }
  });

  it('takes no cursor of another order, of another list, or that is none', async () => {
    const { pageInfo } = await page({ first: 1 });
    const after = pageInfo.endCursor as string;
    const forged = (...key: unknown[]) => Buffer.from(JSON.stringify(key)).toString('base64url');
    const signature = 'activities ACTIVITY_TIMESTAMP.DESC';
    const wrong: Args[] = [
      { after, orderBy: [{ field: 'ACTIVITY_TIMESTAMP', direction: 'ASC' }] },
      { after, orderBy: [{ field: 'CREATED_AT', direction: 'DESC' }] },
      { after: 'junk' },
      { before: '' },
      { after: forged(signature, 'x', '1') },
      { after: forged(signature, 1e300, '1') },
      { after: forged(signature, 1, '99999999999999999999') },
      { after: forged(signature, 1) },
    ];
    for (const args of wrong) {
      expect((await errorsOf(args))[0]?.extensions, JSON.stringify(args)).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
    expect(await errorsOf({ after, orderBy: [{ field: 'ACTIVITY_TIMESTAMP', direction: 'DESC' }] })).toEqual([]);
  });

  it('is of 1 to 100, one way, by at most two different fields', async () => {
    const [at, made] = ['ACTIVITY_TIMESTAMP', 'CREATED_AT'] as const;
    const wrong: [Args, string][] = [
      [{ first: 0 }, 'first'],
      [{ last: 101 }, 'last'],
      [{ first: 1, last: 1 }, 'last'],
      [{ orderBy: [{ field: at }, { field: at, direction: 'DESC' }] as never }, 'orderBy'],
      [{ orderBy: [{ field: at }, { field: made }, { field: at }] as never }, 'orderBy'],
    ];
    for (const [args, argument] of wrong) {
      expect((await errorsOf(args))[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument });
    }
  });

  it('of each of several accounts is that account’s own', async () => {
    const query =
      'query ActivityRoomEach { accounts { nodes { id activities(first: 5) { totalCount nodes { id } pageInfo { hasNextPage } } } } }';
    type Each = {
      id: string;
      activities: { totalCount: number; nodes: { id: string }[]; pageInfo: { hasNextPage: boolean } };
    };
    const { accounts } = await world().gateway.ask<{ accounts: { nodes: Each[] } }, object>(world().admin, query);
    for (const { id, activities } of accounts.nodes) {
      const rows = expected(sample, { accountId: { eq: id } }, world().admin);
      const own = inOrder(rows, [{ field: 'ACTIVITY_TIMESTAMP', direction: 'DESC' }]);
      expect(activities.nodes.map((node) => node.id)).toEqual(own.slice(0, 5));
      expect(activities.totalCount).toBe(own.length);
      expect(activities.pageInfo.hasNextPage).toBe(own.length > 5);
    }
    expect(accounts.nodes.map(({ activities }) => activities.totalCount).filter((count) => count > 5)).toHaveLength(2);
  });
});
