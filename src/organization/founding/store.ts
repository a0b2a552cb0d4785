import type { Database, Reader, Tx } from '../../db/database.ts';
import type { Role } from '../../db/generated/prisma/enums.ts';
import { fixed } from '../../db/statement.ts';

/** An organization and its log. */
export const insertOrganization = (
  db: Database,
  organization: { readonly uid: string; readonly name: string; readonly timeZone: string },
  at: Date,
) =>
  db.prisma.$transaction(async (prisma) => {
    const founded = await prisma.organization.create({ data: { ...organization, createdAt: at } });
    await prisma.organizationLog.create({ data: { organizationId: founded.id } });
    return founded;
  });

interface NewAssistant {
  readonly name: string;
  readonly userUid: string;
  readonly uid: string;
}

const assistant = fixed(
  'organization.assistant',
  `SELECT u.id, u.uid FROM membership m JOIN "user" u ON u.id = m.user_id
   WHERE m.organization_id = $1 AND m.kind = 'ASSISTANT'`,
);

interface Assistant {
  readonly id: bigint;
  readonly uid: string;
}

/** The user to whom all is attributed that the system does. */
export const assistantOf = async (tx: Tx): Promise<Assistant> =>
  only(await tx.rows<Assistant>(assistant), tx.organizationId);

/** As `assistantOf`, outside of a transaction. */
export const readAssistant = async (db: Reader, organizationId: bigint): Promise<Assistant> =>
  only(await db.rows<Assistant>(assistant, organizationId), organizationId);

function only([row]: readonly Assistant[], organizationId: bigint): Assistant {
  if (!row) throw new Error(`Organization ${organizationId} has no assistant.`);
  return row;
}

export async function insertAssistant(tx: Tx, { name, userUid, uid }: NewAssistant, at: Date): Promise<bigint> {
  const { organizationId, prisma } = tx;
  const user = await prisma.user.create({ data: { uid: userUid, name, isSystem: true, createdAt: at } });
  const membership = { organizationId, userId: user.id, uid, createdAt: at };
  await prisma.membership.create({ data: { ...membership, kind: 'ASSISTANT', role: 'MEMBER' } });
  return user.id;
}

interface NewPerson {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly crmAccess: boolean;
  readonly timeZone?: string;
  readonly userUid: string;
  readonly uid: string;
}

export async function insertPerson(
  tx: Tx,
  { email, name, role, crmAccess, timeZone, userUid, uid }: NewPerson,
  at: Date,
) {
  const { organizationId, prisma } = tx;
  const user = await prisma.user.upsert({
    where: { email },
    create: { uid: userUid, email, name, timeZone: timeZone ?? null, createdAt: at },
    update: {},
  });
  await prisma.membership.create({ data: { organizationId, userId: user.id, uid, role, crmAccess, createdAt: at } });
  return { userId: user.id, userUid: user.uid, uid };
}
