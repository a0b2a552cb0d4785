import { encodeId } from '../ids.ts';
import type { Runtime } from '../runtime.ts';
import type { Examples } from '../tabs.ts';
import { ADMIN, findPerson, MEMBER } from './cast.ts';

/** What GraphiQL's tabs begin with where the demo is; null where it is not. `sign` makes a person's token. */
export async function findExamples(
  runtime: Runtime,
  sign: (userUid: string) => Promise<string>,
): Promise<Examples | null> {
  const [admin, member] = [await findPerson(runtime, ADMIN), await findPerson(runtime, MEMBER)];
  if (!admin || !member) return null;
  const { organizationId } = admin.viewer;
  const account = await runtime.db.prisma.account.findFirst({ where: { organizationId }, orderBy: { id: 'asc' } });
  return {
    adminToken: await sign(admin.viewer.userUid),
    memberToken: await sign(member.viewer.userUid),
    memberId: member.userId,
    accountId: account && encodeId('Account', account.uid),
  };
}
