import { beforeAll, describe, expect, it } from 'vitest';
import { fixed } from '../../src/db/statement.ts';
import { encodeId } from '../../src/ids.ts';
import { addMember, createOrganization, findAssignee } from '../../src/organization/service.ts';
import { graphql } from '../generated/index.ts';
import { type Caller, type Gateway, useGateway } from '../support/gateway.ts';

const OrganizationViewer = graphql(`
  query OrganizationViewer {
    viewer {
      user { id } membership { id isActive } organization { id name timeZone weekStartsOn requireAssignee taskRetentionDays emailOnUnknownOutcome }
      memberships { id } timeZone unreadNotificationCount mutedKinds
    }
  }
`);

const gateway = useGateway();
const runtime = () => gateway().app.runtime;
const eventsOf = fixed(
  'test.events',
  'SELECT kind, seq, actor_kind AS "actorKind", changes FROM event WHERE organization_id = $1 ORDER BY seq',
);
interface Row {
  readonly kind: string;
  readonly seq: bigint;
  readonly actorKind: string;
  readonly changes: readonly { readonly field: string; readonly to: unknown }[];
}
const person = { email: 'Ada@Example.COM', name: 'Ada', role: 'MEMBER', crmAccess: true } as const;

describe('founding an organization', () => {
  it('makes its log and its assistant, a system user to whom nothing can be given', async () => {
    const founded = await createOrganization(runtime(), { name: 'New', timeZone: 'Europe/Paris' });
    const { prisma } = runtime().db;
    const log = await prisma.organizationLog.findUniqueOrThrow({ where: { organizationId: founded.id } });
    expect(log).toMatchObject({ lastSeq: 0n, prunedTo: 0n });
    const where = { organizationId_userId: { organizationId: founded.id, userId: founded.assistantId } };
    expect(await prisma.membership.findUniqueOrThrow({ where })).toMatchObject({
      kind: 'ASSISTANT',
      role: 'MEMBER',
      isActive: true,
    });
    const user = await prisma.user.findUniqueOrThrow({ where: { id: founded.assistantId } });
    expect(user).toMatchObject({ name: 'New Assistant', email: null, isSystem: true });
  });

  it('leaves nothing behind when it fails half way', async () => {
    const { prisma } = runtime().db;
    const count = () => prisma.organization.count();
    const before = await count();
    await prisma.$executeRawUnsafe(
      'ALTER TABLE organization_log ADD CONSTRAINT on_purpose CHECK (last_seq > 0) NOT VALID',
    );
    await expect(createOrganization(runtime(), { name: 'Half', timeZone: 'UTC' })).rejects.toThrow('on_purpose');
    await prisma.$executeRawUnsafe('ALTER TABLE organization_log DROP CONSTRAINT on_purpose');
    expect(await count()).toBe(before);
  });
});

describe('adding a member', () => {
  it('makes a person once, whatever the case of the e-mail address, and says so in the log', async () => {
    const [a, b] = [await gateway().organization('A'), await gateway().organization('B')];
    const first = await addMember(runtime(), a, person);
    const second = await addMember(runtime(), b, {
      ...person,
      email: 'ada@example.com',
      name: 'Someone else',
      role: 'ADMIN',
    });
    expect(second).toMatchObject({ userId: first.userId, userUid: first.userUid });
    const user = await runtime().db.prisma.user.findUniqueOrThrow({ where: { id: first.userId } });
    // Their name is their own: another organization does not rename them.
    expect(user).toMatchObject({ email: 'ada@example.com', name: 'Ada' });
    const [event] = await runtime().db.rows<Row>(eventsOf, b.id);
    expect(event).toMatchObject({ kind: 'MEMBERSHIP_CHANGED', seq: 1n, actorKind: 'SYSTEM' });
    expect(Object.fromEntries(event?.changes.map(({ field, to }) => [field, to]) ?? [])).toEqual({
      user: encodeId('User', first.userUid),
      role: 'ADMIN',
      crmAccess: true,
      isActive: true,
    });
  });

  it('is done once: the second time leaves everything as it was', async () => {
    const a = await gateway().organization('Twice');
    await addMember(runtime(), a, { ...person, email: 'twice@example.com' });
    await expect(addMember(runtime(), a, { ...person, email: 'twice@example.com', role: 'ADMIN' })).rejects.toThrow();
    const rows = await runtime().db.prisma.membership.findMany({ where: { organizationId: a.id, kind: 'PERSON' } });
    expect(rows.map(({ role }) => role)).toEqual(['MEMBER']);
    expect(await runtime().db.rows<Row>(eventsOf, a.id)).toHaveLength(1);
  });
});

describe('the viewer', () => {
  let ada: Caller;
  const viewer = async (by: Gateway = gateway()) => (await by.ask(ada, OrganizationViewer)).viewer;
  beforeAll(async () => {
    ada = await gateway().member(await gateway().organization('Viewed', 'Asia/Tokyo'), { email: 'viewer@example.com' });
  });

  it('is the person, with what their organization is set to', async () => {
    const { organization, ...rest } = await viewer();
    expect(rest).toMatchObject({
      user: { id: ada.userId },
      timeZone: 'Asia/Tokyo',
      unreadNotificationCount: 0,
      mutedKinds: [],
    });
    expect(rest.memberships).toEqual([{ id: rest.membership.id }]);
    expect(organization).toEqual({
      id: ada.organizationId,
      name: 'Viewed',
      timeZone: 'Asia/Tokyo',
      weekStartsOn: 'MONDAY',
      requireAssignee: false,
      taskRetentionDays: 30,
      emailOnUnknownOutcome: 'RETRY',
    });
  });
});

describe('whom something can be given to', () => {
  it('is an active member of this organization, by a User’s id', async () => {
    const [a, b] = [await gateway().organization('Given'), await gateway().organization('Elsewhere')];
    const member = await addMember(runtime(), a, { ...person, email: 'given@example.com' });
    const left = await addMember(runtime(), a, { ...person, email: 'left@example.com' });
    const stranger = await addMember(runtime(), b, { ...person, email: 'stranger@example.com' });
    const where = { organizationId_userId: { organizationId: a.id, userId: left.userId } };
    await runtime().db.prisma.membership.update({ where, data: { isActive: false } });
    const find = (id: string) => runtime().db.transaction(a.id, (tx) => findAssignee(tx, id));
    expect(await find(encodeId('User', member.userUid))).toMatchObject({
      userId: member.userId,
      kind: 'PERSON',
      role: 'MEMBER',
    });
    for (const uid of [left.userUid, stranger.userUid]) expect(await find(encodeId('User', uid))).toBeNull();
    for (const id of [encodeId('Membership', member.userUid), member.userUid, 'junk'])
      expect(await find(id)).toBeNull();
  });

  it('cannot leave before the transaction that counts on them has ended', async () => {
    const a = await gateway().organization('Locked');
    const member = await addMember(runtime(), a, { ...person, email: 'locked@example.com' });
    const { prisma } = runtime().db;
    const where = { organizationId_userId: { organizationId: a.id, userId: member.userId } };
    const order: string[] = [];
    const blocked = async () => {
      const text = `/* test.blocked */ SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      return ((await prisma.$queryRawUnsafe<{ n: number }[]>(text))[0] as { n: number }).n;
    };
    let leaving: Promise<unknown> | undefined;
    await runtime().db.transaction(a.id, async (tx) => {
      await findAssignee(tx, encodeId('User', member.userUid));
      leaving = prisma.membership.update({ where, data: { isActive: false } }).then(() => order.push('left'));
      await expect.poll(blocked).toBe(1);
      order.push('counted on');
    });
    await leaving;
    expect(order).toEqual(['counted on', 'left']);
  });
});
