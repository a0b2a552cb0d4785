import { beforeAll, describe, expect, it } from 'vitest';
import { encodeCursor } from '../../src/event/cursor.ts';
import { uidOf } from '../../src/ids.ts';
import { graphql } from '../generated/index.ts';
import { type Office, openOffice } from '../notification/office.ts';
import { type Caller, useGateway } from '../support/gateway.ts';
import { append, happening, rows } from './house.ts';
import { LogPage, logPage, walkLog } from './log-walk.ts';

const gateway = useGateway();

const LogCount = graphql(`query LogCount { events { totalCount } }`);

const page = (by: Caller, after?: string, first?: number) => logPage(gateway(), by, after, first);
const walk = (by: Caller, first: number, after?: string) => walkLog(gateway(), by, first, after);
const logOf = ({ organization }: Office) =>
  rows<{ seq: bigint; kind: string; uid: string }>(
    gateway(),
    'SELECT seq, kind::text, subject_uid AS uid FROM event WHERE organization_id = $1 ORDER BY seq',
    organization.id,
  );
const run = (office: Office, text: string, ...params: unknown[]) =>
  rows(gateway(), text, office.organization.id, params);

describe('the log of an organization', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(gateway());
    for (let count = 0; count < 12; count += 1) await office.create({ title: `Task ${count}` });
  });

  it('is paged from its beginning to its end, oldest first, each event once', async () => {
    const log = await logOf(office);
    for (const first of [1, 5, 100]) {
      const { pages, nodes } = await walk(office.admin, first);
      expect(nodes.map(({ kind, subjectId }) => [kind, subjectId.split('_').at(-1)])).toEqual(
        log.map(({ kind, uid }) => [kind, uid]),
      );
      expect(pages).toHaveLength(Math.ceil(log.length / first));
    }
  });

  it('has log cursors, of which each leads on right behind its event', async () => {
    const { pages, nodes } = await walk(office.admin, 5);
    for (const { edges, pageInfo } of pages) {
      expect(edges.map(({ cursor }) => cursor)).toEqual(edges.map(({ node }) => node.cursor));
      expect(pageInfo).toMatchObject({ startCursor: edges[0]?.cursor, endCursor: edges.at(-1)?.cursor });
    }
    expect(pages.map(({ pageInfo }) => pageInfo.hasPreviousPage)).toEqual([false, ...pages.slice(1).map(() => true)]);
    const third = pages[0]?.edges[2]?.cursor;
    expect((await walk(office.admin, 7, third)).nodes).toEqual(nodes.slice(3));
  });

  it('has an end that does not move while nothing happens, and brings what happens later', async () => {
    const { end } = await walk(office.admin, 100);
    const nothing = await page(office.admin, end);
    expect(nothing).toMatchObject({ nodes: [], pageInfo: { hasNextPage: false, startCursor: null, endCursor: end } });
    const id = await office.create({ title: 'Later' });
    const { nodes } = await page(office.admin, end);
    expect(nodes).toMatchObject([{ kind: 'TASK_CREATED', subjectId: id, task: { title: 'Later' } }]);
  });

  it('takes a bounded number of statements, however many events it tells of', async () => {
    const names = (first: number) => gateway().statementsOf(() => page(office.admin, undefined, first));
    const own = (await names(100)).filter((name) => !name.startsWith('auth.'));
    expect(own.toSorted()).toEqual(['account.byIds', 'event.page', 'organization.users', 'task.byIds']);
    // Nothing is read for the rows where only their number is asked for.
    const counting = await gateway().statementsOf(() => gateway().ask(office.admin, LogCount));
    expect(counting.filter((name) => !name.startsWith('auth.'))).toEqual(['event.count']);
  });

  it('is counted as it is paged', async () => {
    for (const caller of [office.admin, office.member]) {
      const { totalCount } = (await gateway().ask(caller, LogCount)).events;
      expect(totalCount).toBe((await walk(caller, 100)).nodes.length);
    }
  });

  it.each([0, 101, -1])('has no pages of %i', async (first) => {
    const { errors } = await gateway().send(office.admin, LogPage, { after: null, first });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'first' } }]);
  });

  it('goes forward only', async () => {
    for (const argument of ['last: 1', 'before: "x"']) {
      const { errors } = await gateway().send(office.admin, `{ events(${argument}) { totalCount } }`);
      expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    }
  });
});

describe('a page of which little may be seen', () => {
  it('ends after 2,000 events, where the next one goes on', async () => {
    const office = await openOffice(gateway());
    const { organization, admin } = office;
    const limited = await gateway().member(organization, { email: 'few@log.example', crmAccess: false });
    const actor = { organizationId: organization.id, userId: organization.assistantId, kind: 'SYSTEM' as const };
    const hidden = Array.from({ length: 4_500 }, () => happening({ ...organization, actor }));
    await append(gateway(), { ...organization, actor }, hidden);
    const id = await office.create({ title: 'Own', assigneeId: limited.userId });

    const { pages, end } = await walk(limited, 10);
    expect(pages.map(({ nodes, pageInfo }) => [nodes.length, pageInfo.hasNextPage])).toEqual([
      [0, true],
      [0, true],
      [2, false],
    ]);
    expect(pages[2]?.nodes[0]?.subjectId).toBe(id);
    expect(new Set(pages.map(({ pageInfo }) => pageInfo.endCursor)).size).toBe(3);
    // What is hidden behind the last entry is not looked at again.
    await append(gateway(), { ...organization, actor }, hidden.slice(0, 10));
    const beyond = await page(limited, end);
    expect(beyond).toMatchObject({ nodes: [], pageInfo: { hasNextPage: false } });
    expect(beyond.pageInfo.endCursor).not.toBe(end);
    expect((await page(admin, beyond.pageInfo.endCursor as string)).nodes).toEqual([]);
  });
});

describe('a place in the log', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(gateway());
    for (let count = 0; count < 5; count += 1) await office.create({ title: `Task ${count}` });
  });
  const prune = (to: number) =>
    run(office, 'UPDATE organization_log SET pruned_to = $2 WHERE organization_id = $1', BigInt(to));
  const at = async (seq: number, uid?: string) => {
    const organizationUid = uid ?? (uidOf('Organization', office.admin.organizationId) as string);
    return encodeCursor({ organizationUid, seq: BigInt(seq), at: 0 });
  };

  const cases: [string, string, () => Promise<string>][] = [
    ['that is unreadable', 'BAD_USER_INPUT', async () => 'nonsense'],
    ['of a list', 'BAD_USER_INPUT', async () => Buffer.from('["history.seq 1","1"]').toString('base64url')],
    ['of another organization', 'RESYNC_REQUIRED', () => at(3, '01J00000000000000000000000')],
    ['beyond the end of the log', 'RESYNC_REQUIRED', () => at(1_000_000)],
    ['from before what is kept', 'RESYNC_REQUIRED', () => at(1)],
  ];
  it.each(cases)('%s is %s', async (what, code, make) => {
    await prune(2);
    const { errors, data } = await gateway().send(office.admin, LogPage, { after: await make(), first: 1 });
    expect(errors).toMatchObject([{ path: ['events'], extensions: { code } }]);
    if (code === 'RESYNC_REQUIRED') {
      const why = what === 'from before what is kept' ? 'no longer kept' : 'This cursor is not of this log.';
      expect(errors?.[0]?.message).toContain(why);
    }
    expect(data?.events ?? null).toBeNull();
    await prune(0);
  });

  it('at the edge of what is kept is good, and nothing before it is told, though tasks keep their history', async () => {
    const all = (await walk(office.admin, 100)).nodes;
    await prune(3);
    expect((await walk(office.admin, 2)).nodes).toEqual(all.slice(3));
    expect((await walk(office.admin, 2, await at(3))).nodes).toEqual(all.slice(3));
    expect((await gateway().ask(office.admin, LogCount)).events.totalCount).toBe(all.length - 3);
    await prune(0);
  });
});
