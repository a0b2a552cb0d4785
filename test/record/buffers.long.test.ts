import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Known, useWorld } from '../task/world.ts';

// What a page of records reads, of the very statements that the gateway sends, at 10,000 of them in two organizations.

const world = useWorld();
let session: pg.Client;
let account: Known;

beforeAll(async () => {
  session = new pg.Client({ connectionString: world().gateway.database.url });
  await session.connect();
  account = await world().record('ACCOUNT');
  const theirs = await world().record('ACCOUNT', { organizationId: world().other.organization.id });
  for (const [{ id, assistantId }, { id: accountId }] of [
    [world().organization, account],
    [world().other.organization, theirs],
  ] as const) {
    for (const table of ['contact', 'opportunity', 'lead', 'account']) {
      const [column, value] =
        table === 'contact' || table === 'opportunity'
          ? ['account_id', `CASE WHEN n % 3 = 0 THEN ${accountId} END`]
          : [table === 'lead' ? 'source' : 'domain', 'NULL::text'];
      await session.query(
        `INSERT INTO ${table} (organization_id, uid, name, creator_id, created_at, updated_at, deleted_at, ${column})
         SELECT ${id}, lpad(${id} || 'R' || n, 26, '0'), 'Name ' || (n * 7919 % 10007), ${assistantId}, now(), now(),
           CASE WHEN n % 50 = 0 THEN now() END, ${value} FROM generate_series(1, 5000) n`,
      );
    }
  }
  await session.query('VACUUM ANALYZE');
});
afterAll(() => session.end());

interface Found {
  readonly pageInfo: { readonly endCursor: string };
}

/** The buffers that the list's own statement touches. */
async function buffersOf(
  name: string,
  query: string,
): Promise<{ readonly buffers: number; readonly plan: string; readonly list: Found }> {
  const { gateway, admin } = world();
  const from = gateway.statements.length;
  const answer = await gateway.ask<{ list?: Found; account?: { list: Found } }, object>(admin, query);
  const sent = gateway.statements.slice(from).find(({ text }) => text.startsWith(`/* ${name} */`));
  const { rows } = await session.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sent?.text}`, [
    ...(sent?.values ?? []),
  ]);
  const plan = rows[0]['QUERY PLAN'][0].Plan;
  return {
    buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
    plan: JSON.stringify(plan),
    list: (answer.list ?? answer.account?.list) as Found,
  };
}

const LISTS = ['contacts', 'leads', 'opportunities'].map(
  (many) =>
    [many, many, (args: string) => `{ list: ${many}(${args}) { nodes { id } pageInfo { endCursor } } }`] as const,
);
const OF_ACCOUNT = ['contacts', 'opportunities'].map(
  (many) =>
    [
      `an account’s ${many}`,
      many,
      (args: string) =>
        `{ account(id: "${account.key}") { list: ${many}(${args}) { nodes { id } pageInfo { endCursor } } } }`,
    ] as const,
);

it.each([...LISTS, ...OF_ACCOUNT])(
  'a page of %s reads little more than itself, wherever it lies',
  async (title, many, query) => {
    const table = { contacts: 'contact', leads: 'lead', opportunities: 'opportunity' }[many];
    const name = `${table}.${title === many ? 'list' : 'ofAccounts'}`;
    const limit = 4 * 51 + 5;
    const first = await buffersOf(name, query('first: 50'));
    const far = await buffersOf(name, query('last: 50'));
    expect([first.buffers, far.buffers].filter((buffers) => buffers > limit)).toEqual([]);
    let cursor = first.list.pageInfo.endCursor;
    for (let page = 0; page < 5; page += 1)
      cursor = (await buffersOf(name, query(`first: 100, after: "${cursor}"`))).list.pageInfo.endCursor;
    expect((await buffersOf(name, query(`first: 50, after: "${cursor}"`))).buffers).toBeLessThanOrEqual(limit);
  },
);

it.each(LISTS)('a search among %s reads the index of what is searched', async (many, _, query) => {
  const table = { contacts: 'contact', leads: 'lead', opportunities: 'opportunity' }[many] as string;
  const { plan } = await buffersOf(`${table}.list`, query('search: "nowhere at all"'));
  expect(plan).toContain(`${table}_contains`);
  expect(plan).not.toContain('Seq Scan');
});

describe('a search of all kinds', () => {
  const search = (query: string) => `{ list: searchRecords(query: "${query}") { id } }`;

  it.each(['account', 'contact', 'lead', 'opportunity'])(
    'reads the index of each %s and what it finds',
    async (table) => {
      for (const query of ['nowhere at all', 'name 4321', 'na 4321', 'zz']) {
        const { plan, buffers } = await buffersOf(`${table}.search`, search(query));
        expect(plan, query).toContain(`${table}_contains`);
        expect(plan).not.toContain('Seq Scan');
        expect(buffers, query).toBeLessThan(100);
      }
    },
  );

  it('reads each row once that holds what is searched for, and sorts those: a word that all have costs as much', async () => {
    const { plan, buffers } = await buffersOf('contact.search', search('name'));
    expect(plan).toContain('contact_contains');
    const { rows } = await session.query(`SELECT relpages FROM pg_class WHERE relname = 'contact'`);
    expect(buffers).toBeLessThan(rows[0].relpages + 100);
  });
});
