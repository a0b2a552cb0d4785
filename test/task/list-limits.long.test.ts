import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TaskFilter } from '../generated/graphql.ts';
import { refusedOf, titlesOf } from './plant.ts';
import { useWorld } from './world.ts';

const world = useWorld({ env: { STATEMENT_TIMEOUT_MS: '500' } });

const nest = (depth: number): TaskFilter => (depth === 1 ? {} : { not: nest(depth - 1) });
const many = <Value>(count: number, value: Value) => Array.from({ length: count }, () => value);
const exceeded = (argument: string) => [{ code: 'LIMIT_EXCEEDED', argument }];

describe('a filter', () => {
  it.each<[string, TaskFilter, string]>([
    ['deeper than 8 levels', nest(9), 'filter.not.not.not.not.not.not.not.not'],
    ['of more than 100 conditions', { or: many(101, { isOpen: true }) }, 'filter.or.100'],
    ['of more than 100 that say nothing', { and: [{ or: many(101, {}) }] }, 'filter.and.0.or.100'],
    ['of more than 100 at many depths', { and: many(20, { or: many(6, { isOpen: true }) }) }, 'filter.and.16.or.4'],
    ['with more than 1,000 entries in a list', { and: [{ id: { in: many(1_001, 'x') } }] }, 'filter.and.0.id.in'],
    ['with more than 1,000 tags', { tag: { in: many(1_001, 'x') } }, 'filter.tag.in'],
    ['that searches for more than 500 characters', { search: 'x'.repeat(501) }, 'filter.search'],
    [
      'that looks for more than 500 characters in tags',
      { not: { tag: { contains: 'x'.repeat(501) } } },
      'filter.not.tag.contains',
    ],
  ])('%s is refused before anything is read', async (_name, filter, argument) => {
    const { gateway } = world();
    const names = await gateway.statementsOf(async () => {
      expect(await refusedOf(world(), { filter })).toEqual(exceeded(argument));
    });
    expect(names).toEqual(['auth.standingsByUser']);
  });

  it.each<[string, TaskFilter]>([
    ['8 levels', nest(8)],
    ['100 conditions', { or: many(100, { isOpen: true }) }],
    ['1,000 entries', { id: { in: many(1_000, 'x') } }],
    [
      '500 characters in one word',
      { search: 'ß'.repeat(500), or: [{ search: '界'.repeat(500) }, { search: '𒐫'.repeat(250) }] },
    ],
    [
      'a list’s entry and a text that is compared, however long',
      { tag: { eq: 'x'.repeat(9_000), in: ['x'.repeat(9_000)] } },
    ],
  ])('of %s is answered', async (_name, filter) => {
    expect(await titlesOf(world(), { filter })).toEqual([]);
  });

  it.each(['filter', 'filter.not', 'filter.or.1', 'filter.and.0.not'])(
    'with any: false at %s is refused',
    async (place) => {
      const wrong: TaskFilter = { _type: { any: false } };
      const filters: Record<string, TaskFilter> = {
        filter: wrong,
        'filter.not': { not: wrong },
        'filter.or.1': { or: [{ _type: { any: true } }, wrong] },
        'filter.and.0.not': { and: [{ not: wrong }] },
      };
      expect(await refusedOf(world(), { filter: filters[place] as TaskFilter })).toEqual([
        { code: 'BAD_USER_INPUT', argument: `${place}._type.any` },
      ]);
    },
  );
});

describe('a list that no index serves', () => {
  beforeAll(async () => {
    // Slow to compare, and all of them have to be. The gateway itself could not plant them in its time.
    const { gateway, organization } = world();
    const session = new pg.Client({ connectionString: gateway.database.url });
    await session.connect();
    await session.query(
      `INSERT INTO task (organization_id, uid, title, creator_id, timeline_at, created_at, updated_at, tags)
       SELECT $1, lpad('T' || n, 26, '0'), 'Task', $2, now(), now(), now(), tags
       FROM generate_series(1, 6000) n, (SELECT array_agg(repeat(md5(k::text), 2)) AS tags FROM generate_series(1, 50) k) made`,
      [organization.id, organization.assistantId],
    );
    // Else the first reader goes through all that the index has not taken in yet.
    await session.query('VACUUM ANALYZE task');
    await session.end();
  });

  it('ends in TIMEOUT when it takes longer than the setting, and so do its counts', async () => {
    const slow: TaskFilter = {
      // The one that no task meets stands last, so that each is compared with all of them.
      and: [...many(30, { not: { tag: { contains: 'never there' } } }), { tag: { contains: 'nor this' } }],
    };
    const [list, groups] = ['tasks(filter: $filter)', 'taskCounts(filter: $filter, groupBy: STATUS)'];
    for (const field of [`${list} { nodes { id } }`, `${list} { totalCount }`, `${groups} { count }`]) {
      const query = `query ($filter: TaskFilter) { ${field} }`;
      const { errors } = await world().gateway.send(world().admin, query, { filter: slow });
      expect(errors, field).toMatchObject([{ extensions: { code: 'TIMEOUT' } }]);
    }
  });

  it('is answered when it does not', async () => {
    expect(await titlesOf(world(), { filter: { tag: { eq: 'never there' } } })).toEqual([]);
  });
});
