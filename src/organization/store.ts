import { columnsOf } from '../db/columns.ts';
import type { Database, Reader, Tx } from '../db/database.ts';
import type { ApiKey, Organization, User } from '../db/generated/prisma/client.ts';
import type { MembershipKind, NotificationKind, Role } from '../db/generated/prisma/enums.ts';
import { escapeLike } from '../db/like.ts';
import { Params } from '../db/params.ts';
import { composed, fixed } from '../db/statement.ts';
import { newUid } from '../ids.ts';

export type { Organization, User };

/** A membership with its person: what lists of people and the viewer's own are made of. */
export interface MembershipRow {
  readonly organizationId: bigint;
  readonly userId: bigint;
  readonly uid: string;
  readonly kind: MembershipKind;
  readonly role: Role;
  readonly crmAccess: boolean;
  readonly isActive: boolean;
  readonly mutedKinds: readonly NotificationKind[];
  readonly createdAt: Date;
  readonly userUid: string;
  readonly userName: string;
  readonly userTimeZone: string | null;
}

const MEMBERSHIP = `m.organization_id AS "organizationId", m.user_id AS "userId", m.uid, m.kind, m.role,
  m.crm_access AS "crmAccess", m.is_active AS "isActive", m.muted_kinds::text[] AS "mutedKinds",
  m.created_at AS "createdAt", u.uid AS "userUid", u.name AS "userName", u.time_zone AS "userTimeZone"`;
const users = fixed(
  'organization.users',
  `SELECT ${columnsOf('User', 'u')} FROM membership m JOIN "user" u ON u.id = m.user_id
   WHERE m.organization_id = $1 AND m.user_id = ANY ($2::bigint[])`,
);

const usersByUid = fixed(
  'organization.usersByUids',
  `SELECT ${columnsOf('User', 'u')} FROM "user" u JOIN membership m ON m.user_id = u.id
   WHERE m.organization_id = $1 AND u.uid = ANY ($2::text[])`,
);

export const usersByUids = (db: Reader, organizationId: bigint, uids: readonly string[]) =>
  db.rows<User>(usersByUid, organizationId, [uids]);

/** People of the organization by their inner ids. */
export const usersByIds = (db: Reader, organizationId: bigint, ids: readonly bigint[]) =>
  db.rows<User>(users, organizationId, [ids]);

const memberships = (name: string, condition: string) =>
  fixed(
    name,
    `SELECT ${MEMBERSHIP} FROM membership m JOIN "user" u ON u.id = m.user_id
     WHERE m.organization_id = $1 AND ${condition}`,
  );
const byIds = memberships('organization.memberships', 'm.user_id = ANY ($2::bigint[])');
const byUids = memberships('organization.membershipsByUids', 'm.uid = ANY ($2::text[])');

const ofUser = fixed(
  'organization.membershipsOfUser',
  `SELECT ${MEMBERSHIP} FROM membership m JOIN "user" u ON u.id = m.user_id JOIN organization o ON o.id = m.organization_id
   WHERE m.user_id = $1 AND m.is_active ORDER BY o.name, o.id`,
);

/** Someone's own active memberships, across organizations. */
export const membershipsOfUser = (db: Database, userId: bigint) => db.global<MembershipRow>(ofUser, [userId]);

export const membershipsByIds = (db: Reader, organizationId: bigint, userIds: readonly bigint[]) =>
  db.rows<MembershipRow>(byIds, organizationId, [userIds]);

export const membershipsByUids = (db: Reader, organizationId: bigint, uids: readonly string[]) =>
  db.rows<MembershipRow>(byUids, organizationId, [uids]);

export interface PeoplePage {
  readonly search: string | null;
  readonly after: { readonly name: string; readonly id: bigint } | null;
  readonly backward: boolean;
  readonly limit: number;
}

function peopleWhere(search: string | null, params: Params) {
  const person = `m.organization_id = $1 AND m.kind = 'PERSON'`;
  if (search === null) return person;
  const like = `LIKE search_form(${params.add(`%${escapeLike(search)}%`, 'text')})`;
  return `${person} AND (search_form(u.name) ${like} OR search_form(u.email) ${like})`;
}

/** People of the organization by name, one page and one row more. */
export function listPeople(db: Reader, organizationId: bigint, { search, after, backward, limit }: PeoplePage) {
  const params = new Params();
  const where = peopleWhere(search, params);
  const direction = backward ? 'DESC' : 'ASC';
  const bound = after
    ? `AND (u.name COLLATE "und-x-icu", m.user_id) ${backward ? '<' : '>'} (${params.add(after.name)}, ${params.add(after.id)})`
    : '';
  const text = `SELECT ${MEMBERSHIP} FROM membership m JOIN "user" u ON u.id = m.user_id WHERE ${where} ${bound}
    ORDER BY u.name COLLATE "und-x-icu" ${direction}, m.user_id ${direction} LIMIT ${params.add(limit)}`;
  return db.rows<MembershipRow>(composed('organization.people', text), organizationId, params.values);
}

export async function countPeople(db: Reader, organizationId: bigint, search: string | null): Promise<number> {
  const params = new Params();
  const text = `SELECT count(*)::int AS count FROM membership m JOIN "user" u ON u.id = m.user_id WHERE ${peopleWhere(search, params)}`;
  const [row] = await db.rows<{ count: number }>(
    composed('organization.peopleCount', text),
    organizationId,
    params.values,
  );
  return row?.count ?? 0;
}

/** Someone whom tasks and records can be given to. */
export interface AssigneeRow {
  readonly userId: bigint;
  readonly userUid: string;
  readonly role: Role;
  readonly kind: MembershipKind;
  readonly isActive: boolean;
}

// Locked against being deactivated until the assignment is committed.
const assignees = (name: string, condition: string) =>
  fixed(
    name,
    `SELECT m.user_id AS "userId", u.uid AS "userUid", m.role, m.kind, m.is_active AS "isActive"
     FROM membership m JOIN "user" u ON u.id = m.user_id
     WHERE m.organization_id = $1 AND ${condition} FOR SHARE OF m`,
  );
const assignee = assignees('organization.assignee', 'u.uid = $2');
const members = assignees('organization.members', 'm.user_id = ANY ($2::bigint[]) ORDER BY m.user_id');

export const lockAssignee = async (tx: Tx, userUid: string) =>
  (await tx.rows<AssigneeRow>(assignee, [userUid]))[0] ?? null;

export const lockMembers = (tx: Tx, userIds: readonly bigint[]) => tx.rows<AssigneeRow>(members, [userIds]);

const timeZone = fixed('organization.timeZone', 'SELECT o.time_zone AS "timeZone" FROM organization o WHERE o.id = $1');

export async function timeZoneOf(tx: Tx): Promise<string> {
  const [row] = (await tx.rows<{ timeZone: string }>(timeZone)) as [{ timeZone: string }];
  return row.timeZone;
}

const organizations = fixed(
  'organization.byIds',
  `SELECT ${columnsOf('Organization', 'o')} FROM organization o WHERE o.id = ANY ($1::bigint[])`,
);

/** Organizations by their inner ids; for callers who are members of them. */
export const organizationsByIds = (db: Database, ids: readonly bigint[]) =>
  db.global<Organization>(organizations, [ids]);

/** A key without its secret. */
export type KeyRow = Pick<
  ApiKey,
  'id' | 'uid' | 'userId' | 'name' | 'prefix' | 'createdAt' | 'lastUsedAt' | 'expiresAt' | 'revokedAt'
>;

const KEY = columnsOf('ApiKey', 'k', ['organizationId', 'hash']);
const keys = fixed(
  'organization.keys',
  `SELECT ${KEY} FROM api_key k WHERE k.organization_id = $1 AND k.uid = ANY ($2::text[])`,
);
const lockKey = fixed(
  'organization.lockKey',
  `SELECT ${KEY} FROM api_key k WHERE k.organization_id = $1 AND k.uid = $2 FOR NO KEY UPDATE`,
);

export const keysByUids = (db: Reader, organizationId: bigint, uids: readonly string[]) =>
  db.rows<KeyRow>(keys, organizationId, [uids]);

export const findKeyByUid = async (tx: Tx, uid: string) => (await tx.rows<KeyRow>(lockKey, [uid]))[0] ?? null;

export const revokeKey = async ({ organizationId, prisma }: Tx, key: KeyRow, at: Date) => {
  await prisma.apiKey.update({ where: { organizationId_id: { organizationId, id: key.id } }, data: { revokedAt: at } });
  const userId = key.userId;
  await prisma.membership.update({
    where: { organizationId_userId: { organizationId, userId } },
    data: { isActive: false },
  });
};

interface NewKeyRow {
  readonly uid: string;
  readonly name: string;
  readonly role: Role;
  readonly crmAccess: boolean;
  readonly expiresAt: Date | null;
  readonly secret: string;
  readonly hash: string;
}

/** Enough of a key to recognise it by: its scheme and organization are the same for all, so its own part counts. */
const prefixOf = (secret: string) => `${secret.slice(0, 4)}…${secret.slice(31, 37)}`;

export async function insertKey(tx: Tx, { uid, name, role, crmAccess, expiresAt, secret, hash }: NewKeyRow, at: Date) {
  const { organizationId, prisma } = tx;
  const user = await prisma.user.create({ data: { uid: newUid(), name, isSystem: true, createdAt: at } });
  const membership = { organizationId, userId: user.id, uid: newUid(), role, crmAccess, createdAt: at };
  await prisma.membership.create({ data: { ...membership, kind: 'API_KEY' } });
  const key = { organizationId, uid, userId: user.id, name, prefix: prefixOf(secret), hash, expiresAt, createdAt: at };
  return (await prisma.apiKey.create({ data: key })).id;
}
