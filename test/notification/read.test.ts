import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeCursor } from '../../src/event/cursor.ts';
import { encodeId, newUid } from '../../src/ids.ts';
import type { MarkNotificationsReadInput } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { type Caller, useGateway } from '../support/gateway.ts';
import { logCursor, type Office, openOffice, signIn, subscribeToAll } from './office.ts';

let clock = new Date('2026-05-01T10:00:00Z');
const gateway = useGateway({ now: () => clock });
let office: Office;
let viewer: Caller;

beforeAll(async () => {
  office = await openOffice(gateway());
  viewer = await gateway().member(office.organization, { email: 'vera@office.example', role: 'VIEWER' });
});
beforeEach(async () => {
  clock = new Date(clock.getTime() + 60_000);
  await gateway().app.runtime.db.prisma.notification.deleteMany({ where: { organizationId: office.organization.id } });
});

const MarkRead = graphql(`
  mutation MarkRead($input: MarkNotificationsReadInput!) {
    markNotificationsRead(input: $input) {
      viewer { unreadNotificationCount }
      errors { code path message }
    }
  }
`);
const Told = graphql(`
  query MarkReadTold {
    viewer { unreadNotificationCount }
    notifications { nodes { id cursor readAt task { title } } }
  }
`);

const mark = async (input: MarkNotificationsReadInput, who: Caller = office.member) =>
  (await gateway().ask(who, MarkRead, { input })).markNotificationsRead;
const marked = async (input: MarkNotificationsReadInput, who?: Caller) => {
  const { viewer: answered, errors } = await mark(input, who);
  expect(errors).toEqual([]);
  return answered?.unreadNotificationCount;
};
const refused = async (input: MarkNotificationsReadInput) => {
  const { viewer: answered, errors } = await mark(input);
  expect(answered).toBeNull();
  return errors.map(({ code, path }) => `${code} ${path.join('.')}`.trim());
};
const told = async (who: Caller = office.member) => (await gateway().ask(who, Told)).notifications.nodes;
/** What is read of what Max was told, oldest first. */
const read = async () => (await told()).toReversed().map(({ readAt }) => readAt !== null);

/** Tells Max of so many tasks; gives the notifications, oldest first. */
async function tell(count: number) {
  for (let n = 1; n <= count; n += 1) await office.create({ title: `Task ${n}`, assigneeId: office.member.userId });
  return (await told()).toReversed();
}
const idsOf = (nodes: readonly { readonly id: string }[]) => nodes.map(({ id }) => id);

describe('notifications are marked as read', () => {
  it('by their ids, those and no others, the answer counting what is left', async () => {
    const nodes = await tell(4);
    expect(await marked({ ids: idsOf([nodes[1], nodes[3]] as typeof nodes) })).toBe(2);
    expect(await read()).toEqual([false, true, false, true]);
    expect((await told())[0]?.readAt).toBe(clock.toISOString());
  });

  it('all of them, and of nobody else’s any', async () => {
    await tell(3);
    await office.create({ title: 'For Ada', assigneeId: office.admin.userId }, office.member);
    expect(await marked({ all: true })).toBe(0);
    expect(await read()).toEqual([true, true, true]);
    expect((await told(office.admin)).map(({ readAt }) => readAt)).toEqual([null]);
  });

  it('up to a cursor, it included: a notification’s, or a list’s, after which what came stays unread', async () => {
    const nodes = await tell(3);
    expect(await marked({ upTo: nodes[1]?.cursor as string })).toBe(1);
    expect(await read()).toEqual([true, true, false]);
    const listed = await logCursor(gateway(), office.member);
    await tell(1);
    expect(await marked({ upTo: listed })).toBe(1);
    expect(await read()).toEqual([true, true, true, false]);
  });

  it('once: what was read keeps when it was', async () => {
    const nodes = await tell(2);
    await marked({ ids: idsOf(nodes.slice(0, 1)) });
    const first = clock.toISOString();
    clock = new Date(clock.getTime() + 60_000);
    for (const input of [{ ids: idsOf(nodes) }, { all: true }, { upTo: nodes[1]?.cursor as string }])
      await marked(input);
    expect((await told()).toReversed().map(({ readAt }) => readAt)).toEqual([first, clock.toISOString()]);
  });

  it('and told as read to whoever goes on from before them, while others follow', async () => {
    const after = await logCursor(gateway(), office.member);
    const socket = await signIn(gateway().url, office.member);
    const following = subscribeToAll(socket, after);
    await tell(1);
    expect((await following.next()).notification.readAt).toBeNull();
    expect(await marked({ all: true })).toBe(0);
    const again = subscribeToAll(socket, after);
    expect((await again.next()).notification.readAt).toBe(clock.toISOString());
    await socket.close();
  });

  it('also where an id is given twice, or none', async () => {
    const [node] = idsOf(await tell(1)) as [string];
    expect(await marked({ ids: [] })).toBe(1);
    expect(await marked({ ids: [node, node] })).toBe(0);
  });

  it('by viewers too, and by keys, which are told nothing', async () => {
    expect(await marked({ all: true }, viewer)).toBe(0);
    const { createApiKey } = await gateway().ask<{ createApiKey: { secret: string } }, object>(
      office.admin,
      'mutation { createApiKey(input: { name: "Robot" }) { secret } }',
    );
    const { data } = await gateway().send(
      null,
      MarkRead,
      { input: { all: true } },
      { 'x-api-key': createApiKey.secret },
    );
    expect(data?.markNotificationsRead).toEqual({ viewer: { unreadNotificationCount: 0 }, errors: [] });
  });

  it('which the log does not tell of, nor any subscription, though every count is right at once', async () => {
    const before = await logCursor(gateway(), office.member);
    const [node] = idsOf(await tell(1)) as [string];
    const socket = await signIn(gateway().url, office.member);
    const other = subscribeToAll(socket, before);
    expect((await other.next()).notification.id).toBe(node);
    const at = async () => (await logCursor(gateway(), office.member)) as string;
    const here = await at();
    await marked({ all: true });
    expect(await at()).toBe(here);
    expect((await gateway().ask(office.member, Told)).viewer.unreadNotificationCount).toBe(0);
    await office.create({ title: 'Next', assigneeId: office.member.userId });
    expect((await other.next()).notification.task?.title).toBe('Next');
    await socket.close();
  });
});

describe('notifications are not marked', () => {
  it('unless exactly one of the three is said', async () => {
    const nodes = await tell(1);
    const [ids, upTo] = [idsOf(nodes), nodes[0]?.cursor as string];
    const wrong = [
      {},
      { all: false },
      { ids, all: true },
      { ids, upTo },
      { all: true, upTo },
      { ids, all: true, upTo },
    ];
    for (const input of [...wrong, { ids: null, upTo: null }]) expect(await refused(input)).toEqual(['INVALID']);
    expect(await read()).toEqual([false]);
  });

  it('where one of the ids is not the viewer’s: none is, and each is named', async () => {
    const [mine] = idsOf(await tell(1)) as [string];
    await office.create({ title: 'For Ada', assigneeId: office.admin.userId }, office.member);
    const [hers] = idsOf(await told(office.admin)) as [string];
    const other = await openOffice(gateway());
    await other.create({ title: 'Elsewhere', assigneeId: other.member.userId });
    const [theirs] = idsOf(await told(other.member)) as [string];
    const strange = [
      hers,
      // Of someone else, at a place in the log at which the viewer was told something.
      hers.replace(/\d+$/, mine.split('-')[1] as string),
      theirs,
      'junk',
      '',
      encodeId('Task', newUid()),
      mine.replace(/\d+$/, '999999'),
      `${mine}0`.repeat(9),
    ];
    expect(await refused({ ids: [mine, ...strange] })).toEqual(strange.map((_, n) => `NOT_FOUND ids.${n + 1}`));
    expect(await read()).toEqual([false]);
    for (const who of [office.admin, other.member]) expect((await told(who))[0]?.readAt).toBeNull();
  });

  it('more than 1,000 at once by their ids', async () => {
    const [id] = idsOf(await tell(1)) as [string];
    expect(await refused({ ids: Array(1_001).fill(id) })).toEqual(['INVALID ids']);
    expect(await marked({ ids: Array(1_000).fill(id) })).toBe(0);
  });

  it('up to what is no cursor of this log, or one beyond its end', async () => {
    await tell(1);
    const { uid } = await gateway().app.runtime.db.prisma.organization.findUniqueOrThrow({
      where: { id: office.organization.id },
    });
    const other = await openOffice(gateway());
    const cursor = (seq: bigint, organizationUid = uid) => encodeCursor({ organizationUid, seq, at: 0 });
    const wrong = ['', 'junk', cursor(1_000_000n), cursor(1n, newUid()), await logCursor(gateway(), other.member)];
    for (const upTo of wrong) expect(await refused({ upTo })).toEqual(['INVALID upTo']);
    // Nothing is as old as the log's beginning.
    expect(await marked({ upTo: cursor(0n) })).toBe(1);
  });
});

it('takes as many statements for several as for one', async () => {
  const ids = idsOf(await tell(3));
  const statements = async (input: MarkNotificationsReadInput) =>
    (await gateway().statementsOf(() => marked(input))).filter((name) => !name.startsWith('auth.'));
  const byIds = ['BEGIN', 'notification.known', 'notification.read', 'COMMIT', 'notification.unread'];
  expect(await statements({ ids: ids.slice(0, 1) })).toEqual(byIds);
  expect(await statements({ ids })).toEqual(byIds);
  expect(await statements({ all: true })).toEqual(['BEGIN', 'notification.readUpTo', 'COMMIT', 'notification.unread']);
});
