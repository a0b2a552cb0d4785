import type { Database, Reader } from '../db/database.ts';
import type { MembershipKind, NotificationKind, Role, Weekday } from '../db/generated/prisma/enums.ts';
import { fixed } from '../db/statement.ts';

/** An active membership that credentials lead to, with what a request needs of its person and its organization. */
export interface Standing {
  readonly organizationId: bigint;
  readonly organizationUid: string;
  readonly organizationName: string;
  readonly organizationTimeZone: string;
  readonly weekStartsOn: Weekday;
  readonly requireAssignee: boolean;
  readonly userId: bigint;
  readonly userUid: string;
  readonly userTimeZone: string | null;
  readonly membershipUid: string;
  readonly membershipKind: MembershipKind;
  readonly role: Role;
  readonly crmAccess: boolean;
  readonly mutedKinds: readonly NotificationKind[];
}

export interface KeyStanding extends Standing {
  readonly keyId: bigint;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

const STANDING = `o.id AS "organizationId", o.uid AS "organizationUid", o.name AS "organizationName",
  o.time_zone AS "organizationTimeZone", o.week_starts_on AS "weekStartsOn", o.require_assignee AS "requireAssignee",
  u.id AS "userId", u.uid AS "userUid", u.time_zone AS "userTimeZone",
  m.uid AS "membershipUid", m.kind AS "membershipKind", m.role, m.crm_access AS "crmAccess",
  m.muted_kinds::text[] AS "mutedKinds"`;

const ofPerson = (name: string, where: string) =>
  fixed(
    name,
    `SELECT ${STANDING} FROM "user" u
     JOIN membership m ON m.user_id = u.id AND m.is_active AND m.kind = 'PERSON'
     JOIN organization o ON o.id = m.organization_id
     WHERE ${where} ORDER BY o.name, o.id`,
  );
const byUid = ofPerson('auth.standingsByUser', 'u.uid = $1');
const byEmail = ofPerson('auth.standingsByEmail', 'u.email = $1');

/** A person's memberships across organizations, which is what a person is looked up by. */
export const standingsOf = (db: Database, who: { readonly uid: string } | { readonly email: string }) =>
  'uid' in who ? db.global<Standing>(byUid, [who.uid]) : db.global<Standing>(byEmail, [who.email]);

const byKey = fixed(
  'auth.standingByKey',
  `SELECT ${STANDING}, k.id AS "keyId", k.expires_at AS "expiresAt", k.last_used_at AS "lastUsedAt" FROM organization o
   JOIN api_key k ON k.organization_id = o.id AND k.hash = $2 AND k.revoked_at IS NULL
   JOIN membership m ON m.organization_id = k.organization_id AND m.user_id = k.user_id AND m.is_active
   JOIN "user" u ON u.id = m.user_id
   WHERE o.uid = $1`,
);

/** The membership of an API key that is not revoked; its expiry is for the caller to judge. */
export const standingByKey = async (db: Database, organizationUid: string, hash: string) =>
  (await db.global<KeyStanding>(byKey, [organizationUid, hash]))[0] ?? null;

const touch = fixed(
  'auth.touchKey',
  'UPDATE api_key k SET last_used_at = $3 WHERE k.organization_id = $1 AND k.id = $2',
);

export const touchKey = (db: Reader, organizationId: bigint, keyId: bigint, at: Date) =>
  db.rows(touch, organizationId, [keyId, at]);
