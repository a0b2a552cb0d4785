import type { Database, Tx } from '../../db/database.ts';
import type { NotificationKind } from '../../db/generated/prisma/enums.ts';
import { fixed } from '../../db/statement.ts';

export interface ProfileRow {
  readonly uid: string;
  readonly name: string;
  readonly timeZone: string | null;
  readonly mutedKinds: readonly NotificationKind[];
}

const lock = fixed(
  'profile.lock',
  `SELECT m.uid, u.name, u.time_zone AS "timeZone", m.muted_kinds::text[] AS "mutedKinds"
   FROM membership m JOIN "user" u ON u.id = m.user_id
   WHERE m.organization_id = $1 AND m.user_id = $2 FOR NO KEY UPDATE`,
);

/** A member with what they say of themselves, held until the transaction ends. */
export const lockProfile = async (tx: Tx, userId: bigint): Promise<ProfileRow> =>
  (await tx.rows<ProfileRow>(lock, [userId]))[0] as ProfileRow;

/** A person's own, the same in all of their organizations. */
export const updatePerson = (
  { prisma }: Tx,
  id: bigint,
  data: { readonly name: string; readonly timeZone: string | null },
) => prisma.user.update({ where: { id }, data });

export const updateMuted = ({ prisma, organizationId }: Tx, userId: bigint, mutedKinds: readonly NotificationKind[]) =>
  prisma.membership.update({
    where: { organizationId_userId: { organizationId, userId } },
    data: { mutedKinds: [...mutedKinds] },
  });

const next = fixed(
  'profile.nextMembership',
  `SELECT m.organization_id AS "organizationId", m.uid FROM membership m
   WHERE m.user_id = $1 AND m.is_active AND m.organization_id > $2 ORDER BY m.organization_id LIMIT 1`,
);

/** The membership of a person in the next of their organizations, by inner ids; null after the last. */
export const nextMembership = async (db: Database, userId: bigint, after: bigint) =>
  (await db.global<{ readonly organizationId: bigint; readonly uid: string }>(next, [userId, after]))[0] ?? null;
