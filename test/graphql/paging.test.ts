import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  connect,
  isIdPart,
  isInstantPart,
  isTextPart,
  keyOfParts,
  type List,
  nothing,
  type PageArgs,
  type Walk,
  walkOf,
} from '../../src/graphql/paging.ts';
import { Fault } from '../../src/refusals.ts';

interface Entry {
  readonly n: number;
}
/** A list of the numbers below `count`, that remembers what was asked of it. */
function numbers(count: number) {
  const walks: Walk[] = [];
  let counts = 0;
  const list: List<Entry> = {
    signature: 'numbers',
    keyOf: ({ n }) => [String(n)],
    isKey: keyOfParts(isIdPart),
    read: async (walk) => {
      walks.push(walk);
      const all = Array.from({ length: count }, (_, n) => ({ n }));
      if (walk.backward) all.reverse();
      const at = walk.from === null ? null : Number(walk.from[0]);
      return all.filter(({ n }) => at === null || (walk.backward ? n < at : n > at)).slice(0, walk.limit);
    },
    count: async () => {
      counts += 1;
      return count;
    },
  };
  return { list, walks, counts: () => counts };
}
const pageOf = async (count: number, args: PageArgs) => {
  const { edges, hasNextPage, hasPreviousPage } = await connect(args, numbers(count).list).page();
  return {
    ns: edges.map(({ node }) => node.n),
    cursors: edges.map(({ cursor }) => cursor),
    hasNextPage,
    hasPreviousPage,
  };
};

/** Of which argument a Fault is. */
function faultOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { argument } = error.extensions;
    return `${error.code} ${argument}`;
  }
  return null;
}

describe('a page', () => {
  it('is the side of its cursor that was asked for, whatever the sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 130 }),
        fc.integer({ min: 1, max: 100 }),
        fc.nat(),
        async (count, size, place) => {
          const all = Array.from({ length: count }, (_, n) => n);
          const front = await pageOf(count, { first: size });
          expect(front.ns).toEqual(all.slice(0, size));
          expect([front.hasPreviousPage, front.hasNextPage]).toEqual([false, size < count]);
          const back = await pageOf(count, { last: size });
          expect(back.ns).toEqual(all.slice(-size));
          expect([back.hasPreviousPage, back.hasNextPage]).toEqual([size < count, false]);
          const index = place % front.ns.length;
          const cursor = front.cursors[index] as string;
          const after = await pageOf(count, { first: size, after: cursor });
          expect(after.ns).toEqual(all.slice(index + 1, index + 1 + size));
          expect([after.hasPreviousPage, after.hasNextPage]).toEqual([true, index + 1 + size < count]);
          const before = await pageOf(count, { last: size, before: cursor });
          expect(before.ns).toEqual(all.slice(Math.max(0, index - size), index));
          expect([before.hasPreviousPage, before.hasNextPage]).toEqual([index > size, true]);
        },
      ),
    );
  });

  it('asks for one row more than it has', () => {
    const { list } = numbers(0);
    expect(walkOf(list, { first: 7 })).toEqual({ from: null, backward: false, limit: 8 });
    expect(walkOf(list, { last: 100 })).toEqual({ from: null, backward: true, limit: 101 });
    expect(walkOf(list, {})).toEqual({ from: null, backward: false, limit: 26 });
    expect(walkOf(list, { first: null, after: null, last: null, before: null })).toEqual(walkOf(list, {}));
  });

  it('is read once, however many fields need it, and not at all when none does', async () => {
    const { list, walks, counts } = numbers(3);
    const connection = connect({}, list);
    expect([walks.length, counts()]).toEqual([0, 0]);
    await Promise.all([connection.page(), connection.page(), connection.totalCount(), connection.totalCount()]);
    await connection.page();
    expect([walks.length, counts()]).toEqual([1, 1]);
  });

  it('of nothing is empty and counts none', async () => {
    const connection = connect({}, { ...numbers(3).list, ...nothing });
    expect(await connection.page()).toEqual({ edges: [], hasNextPage: false, hasPreviousPage: false });
    expect(await connection.totalCount()).toBe(0);
  });
});

describe('paging arguments', () => {
  const { list } = numbers(10);
  it.each<[PageArgs, string]>([
    [{ first: 0 }, 'first'],
    [{ first: 101 }, 'first'],
    [{ last: 0 }, 'last'],
    [{ last: -1 }, 'last'],
    [{ last: 101 }, 'last'],
    [{ first: 1, last: 1 }, 'last'],
    [{ after: 'x', before: 'x' }, 'last'],
    [{ first: 1, before: 'x' }, 'last'],
    [{ last: 1, after: 'x' }, 'last'],
    [{ after: 'x' }, 'after'],
    [{ before: 'x' }, 'before'],
  ])('are judged at once, before anything is read: %j', (args, argument) => {
    expect(faultOf(() => connect(args, list))).toBe(`BAD_USER_INPUT ${argument}`);
  });

  it('take a cursor of their own list only', async () => {
    const cursor = (await connect({}, list).page()).edges[0]?.cursor as string;
    expect(faultOf(() => connect({ after: cursor }, list))).toBeNull();
    expect(faultOf(() => connect({ after: cursor }, { ...list, signature: 'letters' }))).toBe('BAD_USER_INPUT after');
    expect(faultOf(() => connect({ before: cursor }, { ...list, isKey: () => false }))).toBe('BAD_USER_INPUT before');
  });

  it('survive any text for a cursor', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((text) => Buffer.from(text).toString('base64url')),
        ),
        (after) => {
          expect(faultOf(() => connect({ after }, list))).toBe('BAD_USER_INPUT after');
        },
      ),
    );
  });

  it('take a cursor that is written by the list itself as the list reads it', async () => {
    const written = { ...list, cursorOf: ({ n }: Entry) => `at ${n}` };
    expect((await connect({ first: 2 }, written).page()).edges.map(({ cursor }) => cursor)).toEqual(['at 0', 'at 1']);
  });
});

describe('a part of a key', () => {
  it.each([
    [isIdPart, ['0', '1', '9'.repeat(18)], [null, 1, '', '-1', '1.0', ' 1', '1\n', 'x', '9'.repeat(19), undefined]],
    [isTextPart, ['', 'a', '👍', "'"], [null, 1, 'a\0', '\ud83d', undefined]],
    [isInstantPart, [0, -1, 1_770_000_000_000], [null, '0', 0.5, Number.NaN, 1e300, -1e15, 9e15, undefined]],
  ])('is what a statement can be given: %s', (fits, good, bad) => {
    expect(good.filter((part) => !fits(part))).toEqual([]);
    expect(bad.filter((part) => fits(part))).toEqual([]);
  });

  it('stands in its place, and there are no others', () => {
    const isKey = keyOfParts(isTextPart, isIdPart);
    expect(isKey(['a', '1'])).toBe(true);
    for (const key of [[], ['a'], ['1', 'a'], ['a', '1', '1']]) expect(isKey(key)).toBe(false);
  });
});
