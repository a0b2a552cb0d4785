import { beforeAll, describe, expect, it } from 'vitest';
import { graphql } from '../generated/index.ts';
import { useWorld } from './world.ts';
import { granted, writesOf } from './writes.ts';

const world = useWorld();

beforeAll(async () => {
  const w = world();
  const writes = writesOf(w, w.admin);
  // One of each kind of record, first by date; then a hundred of an account.
  for (const type of ['CONTACT', 'LEAD', 'OPPORTUNITY'] as const) {
    granted(await writes.create({ title: type, linkedRecordId: (await w.record(type)).key, date: '2025-01-01' }));
  }
  const people = await Promise.all([w.idOf(w.admin), w.idOf(w.member)]);
  const accounts = await Promise.all(Array.from({ length: 7 }, () => w.record('ACCOUNT')));
  await w.tasks(
    Array.from({ length: 110 }, (_, n) => ({
      day: '2026-01-01',
      accountId: accounts[n % 7]?.id as bigint,
      assigneeId: people[n % 2] as bigint,
      creatorId: people[(n >> 1) % 2] as bigint,
    })),
  );
});

const LIST = graphql(`
  query TaskRoomWide($first: Int, $after: String, $last: Int, $before: String) {
    tasks(first: $first, after: $after, last: $last, before: $before) {
      edges { cursor }
      nodes {
        id title date status isOverdue view tags
        account { name } creator { name } assignee { name }
        linkedRecord { __typename displayName }
      }
    }
  }
`);

/** The statements of a page, in no order, and how many rows and what it showed. */
async function pageOf(args: { first?: number; after?: string; last?: number; before?: string }) {
  let shown: (string | undefined)[] = [];
  let cursors: string[] = [];
  const [, ...sent] = await world().gateway.statementsOf(async () => {
    const { tasks } = await world().gateway.ask(world().admin, LIST, args);
    shown = tasks.nodes.map(({ linkedRecord }) => linkedRecord?.__typename);
    cursors = tasks.edges.map(({ cursor }) => cursor);
  });
  return { sent: sent.toSorted(), rows: shown.length, kinds: [...new Set(shown)].sort(), cursors };
}

describe('a list takes one statement for its rows, and one for each kind of thing that they name', () => {
  it('whether it shows 1, 25 or 100', async () => {
    const behindTheOdd = (await pageOf({ first: 3 })).cursors[2] as string;
    for (const first of [1, 25, 100]) {
      expect(await pageOf({ first, after: behindTheOdd })).toMatchObject({
        rows: first,
        kinds: ['Account'],
        sent: ['account.byIds', 'organization.users', 'task.list'],
      });
    }
  });

  it('of however many kinds', async () => {
    const each = [
      'account.byIds',
      'contact.byIds',
      'lead.byIds',
      'opportunity.byIds',
      'organization.users',
      'task.list',
    ];
    for (const first of [25, 100]) {
      const kinds = ['Account', 'Contact', 'Lead', 'Opportunity'];
      expect(await pageOf({ first })).toMatchObject({ rows: first, kinds, sent: each });
    }
  });

  it('backward and from the midst as from the front', async () => {
    const { cursors } = await pageOf({ last: 50 });
    expect(await pageOf({ last: 40, before: cursors[0] as string })).toMatchObject({
      rows: 40,
      sent: ['account.byIds', 'organization.users', 'task.list'],
    });
  });
});
