import { beforeAll, describe, expect, it } from 'vitest';
import { createLoaders } from '../../src/graphql/loaders.ts';
import type { Caller } from '../support/gateway.ts';
import { KINDS, STATUSES } from '../task/arbitrary.ts';
import { statementsOf } from '../task/asked.ts';
import { type Known, useWorld } from '../task/world.ts';
import { page, plantActivities, plantTasks, titlesOf } from './timelines.ts';

// What a timeline holds, for whom, and what it takes to read one.

const world = useWorld();
const at = (n: number) => new Date(Date.UTC(2026, 0, 1, 0, n));
let account: Known;
let links: { linkedType: 'ACCOUNT'; accountId: bigint };

beforeAll(async () => {
  account = await world().record('ACCOUNT');
  links = { linkedType: 'ACCOUNT', accountId: account.id };
});

describe('a timeline holds', () => {
  it('tasks of every kind and status, and nothing of the queue or the bin', async () => {
    const own = await world().record('LEAD');
    const lead = { linkedType: 'LEAD' as const, leadId: own.id };
    await plantTasks(world(), [
      ...KINDS.map((kind, n) => ({ ...lead, kind, at: at(n), title: kind })),
      ...STATUSES.map((status, n) => ({
        ...lead,
        ...{ status, at: at(20 + n), title: status },
        ...(status === 'COMPLETED' && { completedAt: at(20 + n), completedById: world().organization.assistantId }),
      })),
      { ...lead, at: at(40), title: 'in the bin', deletedAt: at(41) },
      { ...lead, at: at(40), title: 'in the queue', isQueueRow: true },
    ]);
    expect(await titlesOf(world(), own)).toEqual([...STATUSES.toReversed(), ...KINDS.toReversed()]);
  });

  it('private activities for their creator and participants alone, whatever the role', async () => {
    const { admin, member, gateway, organization } = world();
    const own = await world().record('ACCOUNT');
    const viewer = await gateway.member(organization, { email: 'vic@ours.example', role: 'VIEWER' });
    const [creatorId, userId] = [await world().idOf(member), Number(await world().idOf(viewer))];
    const secret = { visibility: 'PRIVATE' as const, accountId: own.id, creatorId };
    await plantActivities(world(), [
      { accountId: own.id, at: at(1), title: 'open' },
      { ...secret, at: at(2), title: 'hers' },
      { ...secret, at: at(3), title: 'theirs', participants: [{ userId }] },
    ]);
    expect(await titlesOf(world(), own, member)).toEqual(['theirs', 'hers', 'open']);
    expect(await titlesOf(world(), own, viewer)).toEqual(['theirs', 'open']);
    expect(await titlesOf(world(), own, admin)).toEqual(['open']);
  });

  it('nothing without CRM access, even of a record that one sees by a task of one’s own', async () => {
    const { gateway, organization } = world();
    const limited = await gateway.member(organization, { email: 'lee@ours.example', crmAccess: false });
    const own = await world().record('ACCOUNT');
    const assigneeId = await world().idOf(limited);
    const of = { linkedType: 'ACCOUNT' as const, accountId: own.id };
    await plantTasks(world(), [{ ...of, at: at(1), assigneeId, title: 'mine' }]);
    await plantActivities(world(), [{ ...of, at: at(2), creatorId: assigneeId, title: 'logged' }]);
    expect(await titlesOf(world(), own, limited)).toEqual([]);
    // The controls: one's task is seen, and there is a timeline for who has access.
    const query = `{ account(id: "${own.key}") { tasks { totalCount } } }`;
    expect(await gateway.ask<unknown, object>(limited, query)).toEqual({ account: { tasks: { totalCount: 1 } } });
    expect(await titlesOf(world(), own)).toEqual(['logged', 'mine']);
  });

  it('the same for each of several who look at once, as subscribers do', async () => {
    const { member, admin, gateway, organization } = world();
    const own = await world().record('ACCOUNT');
    const row = { accountId: own.id, at: at(1), visibility: 'PRIVATE' as const, creatorId: await world().idOf(member) };
    await plantActivities(world(), [row]);
    const loaders = createLoaders(gateway.app.runtime.db, organization.id);
    const seen = await Promise.all(
      [admin, member, admin].map(async (who) => {
        const timelines = loaders.timelines({ userId: await world().idOf(who), crmAccess: true }, 'ACCOUNT');
        const page = await timelines.page(own.id, { from: null, backward: false, limit: 9 });
        return [page.length, await timelines.count(own.id)];
      }),
    );
    expect(seen).toEqual([
      [0, 0],
      [1, 1],
      [0, 0],
    ]);
  });

  it('nothing of another organization: its records have none, its cursors lead nowhere else', async () => {
    const { other, gateway, admin } = world();
    const theirs = await world().record('ACCOUNT', { organizationId: other.organization.id });
    const own = await world().record('ACCOUNT');
    await plantTasks(world(), [{ linkedType: 'ACCOUNT', accountId: own.id, at: at(1) }]);
    const answer = await gateway.ask<unknown, object>(admin, `{ node(id: "${theirs.key}") { id } }`);
    expect(answer).toEqual({ node: null });
    const cursorOf = async (caller: Caller, record: Known) => (await page(world(), caller, record)).endCursor;
    const after = await cursorOf(admin, own);
    expect((await page(world(), other.admin, theirs, { after })).ids).toEqual([]);
  });
});

const NODE = 'at item { __typename ... on Task { id } ... on Activity { id } }';

describe('a page takes', () => {
  const many = (count: number) =>
    Promise.all([
      plantTasks(
        world(),
        Array.from({ length: count }, (_, n) => ({ ...links, at: at(n) })),
      ),
      plantActivities(
        world(),
        Array.from({ length: count }, (_, n) => ({ accountId: account.id, at: at(n) })),
      ),
    ]);

  it('three statements, and a fourth for its number, whatever its size', async () => {
    const query = `query ($id: ID!, $first: Int!) {
      account(id: $id) { timeline(first: $first) { totalCount nodes { ${NODE} } edges { cursor } } } }`;
    await many(5);
    const asked = async (first: number) => (await statementsOf(world(), query, { id: account.key, first })).sort();
    const expected = ['account.byUids', 'timeline.activities', 'timeline.counts.account', 'timeline.tasks'];
    expect(await asked(3)).toEqual(expected);
    await many(60);
    expect(await asked(100)).toEqual(expected);
  });

  it('no statement for what is not selected', async () => {
    const ask = (selection: string) =>
      statementsOf(world(), `{ account(id: "${account.key}") { timeline(first: 2) { ${selection} } } }`);
    expect(await ask('totalCount')).toEqual(['account.byUids', 'timeline.counts.account']);
    expect((await ask('pageInfo { hasNextPage }')).sort()).toEqual([
      'account.byUids',
      'timeline.activities',
      'timeline.tasks',
    ]);
  });

  it('as many for the timelines of all records of a list, and of all that a field says twice', async () => {
    for (let n = 0; n < 6; n += 1) {
      const own = await world().record('CONTACT', { accountId: account.id, name: `Own ${n}` });
      const of = { linkedType: 'CONTACT' as const, accountId: account.id, contactId: own.id };
      await plantTasks(world(), [{ ...of, at: at(n) }]);
      await plantActivities(world(), [{ ...of, at: at(n) }]);
    }
    const query = `query ($first: Int!) { contacts(first: $first) { nodes {
      timeline(first: 2) { totalCount nodes { ${NODE} } } again: timeline(first: 2) { nodes { at } } } } }`;
    for (const first of [2, 6]) {
      expect((await statementsOf(world(), query, { first })).sort()).toEqual([
        'contact.list',
        'timeline.activities',
        'timeline.counts.contact',
        'timeline.tasks',
      ]);
    }
  });

  it('the relations of its items, one each, as in any other list', async () => {
    const query = `query ($id: ID!, $first: Int!) { account(id: $id) { timeline(first: $first) { nodes { item {
      ... on Task { title creator { name } account { name } } ... on Activity { subject: title creator { name } account { name } }
    } } } } }`;
    const asked = async (first: number) => (await statementsOf(world(), query, { id: account.key, first })).sort();
    expect(await asked(100)).toEqual(await asked(3));
    expect(await asked(3)).toEqual([
      ...['account.byIds', 'account.byUids', 'organization.users', 'timeline.activities', 'timeline.tasks'],
    ]);
  });

  it('none without CRM access', async () => {
    const { gateway, organization } = world();
    const limited = await gateway.member(organization, { email: 'lou@ours.example', crmAccess: false });
    const assigneeId = await world().idOf(limited);
    await plantTasks(world(), [{ ...links, at: at(1), assigneeId }]);
    const query = `{ account(id: "${account.key}") { timeline { totalCount nodes { at } } } }`;
    expect(await statementsOf(world(), query, {}, limited)).toEqual(['account.byUids']);
  });
});

describe('every record of a list', () => {
  it('has its own page of its own timeline', async () => {
    const leads = await Promise.all([1, 2, 3].map((n) => world().record('LEAD', { name: `zzz ${n}` })));
    for (const [n, { id: leadId }] of leads.entries()) {
      const of = { linkedType: 'LEAD' as const, leadId };
      const rows = Array.from({ length: n * 2 }, (_, k) => ({ ...of, at: at(k) }));
      await plantTasks(
        world(),
        rows.map((row, k) => ({ ...row, title: `task ${n} ${k}` })),
      );
      await plantActivities(
        world(),
        rows.map((row, k) => ({ ...row, title: `activity ${n} ${k}` })),
      );
    }
    const query = `{ leads(search: "zzz") { nodes { timeline(last: 3) { totalCount pageInfo { hasPreviousPage }
      nodes { item { ... on Task { title } ... on Activity { subject: title } } } } } } }`;
    interface Shown {
      readonly timeline: {
        readonly totalCount: number;
        readonly pageInfo: { readonly hasPreviousPage: boolean };
        readonly nodes: readonly { readonly item: { readonly title?: string; readonly subject?: string } }[];
      };
    }
    const { leads: found } = await world().gateway.ask<{ leads: { nodes: Shown[] } }, object>(world().admin, query);
    const told = found.nodes.map(({ timeline: { totalCount, pageInfo, nodes } }) => [
      totalCount,
      pageInfo.hasPreviousPage,
      nodes.map(({ item }) => item.title ?? item.subject),
    ]);
    expect(told).toEqual([
      [0, false, []],
      [4, true, ['task 1 1', 'activity 1 0', 'task 1 0']],
      [8, true, ['task 2 1', 'activity 2 0', 'task 2 0']],
    ]);
  });

  it('has different pages in one operation, each its own', async () => {
    const lead = await world().record('LEAD');
    const of = { linkedType: 'LEAD' as const, leadId: lead.id };
    await plantTasks(
      world(),
      [1, 2, 3].map((n) => ({ ...of, at: at(n), title: `${n}` })),
    );
    const after = (await page(world(), world().admin, lead, { first: 1 })).endCursor;
    const item = '{ nodes { item { ... on Task { title } } } }';
    const query = `{ lead(id: "${lead.key}") {
      first: timeline(first: 1) ${item} last: timeline(last: 1) ${item} next: timeline(first: 1, after: "${after}") ${item} } }`;
    const of1 = (title: string) => ({ nodes: [{ item: { title } }] });
    expect(await world().gateway.ask<unknown, object>(world().admin, query)).toEqual({
      lead: { first: of1('3'), last: of1('1'), next: of1('2') },
    });
  });

  it('asks for no more entries than an answer can hold', async () => {
    const query = '{ accounts(first: 100) { nodes { timeline(first: 100) { nodes { at } edges { cursor } } } } }';
    expect((await world().gateway.send<unknown, object>(world().admin, query)).errors).toBeUndefined();
    const deeper = `{ accounts(first: 100) { nodes { contacts(first: 100) { nodes { timeline(first: 100) { nodes { at } } } } } } }`;
    const refused = await world().gateway.send<unknown, object>(world().admin, deeper);
    expect(refused.errors?.map(({ extensions }) => extensions['code'])).toEqual(['LIMIT_EXCEEDED']);
  });
});
