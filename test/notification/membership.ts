import type { Role } from '../../src/db/generated/prisma/enums.ts';
import { commit, type NewEvent } from '../../src/event/log.ts';
import { uidOf } from '../../src/ids.ts';
import type { Caller, Gateway } from '../support/gateway.ts';
import type { Office } from './office.ts';

/** Someone's inner id. */
export async function userIdOf({ app }: Gateway, { userId }: Caller): Promise<bigint> {
  const uid = uidOf('User', userId) as string;
  return (await app.runtime.db.prisma.user.findUniqueOrThrow({ where: { uid } })).id;
}

interface Change {
  readonly isActive?: boolean;
  readonly crmAccess?: boolean;
  readonly role?: Role;
}

/** Changes what someone is, with its event, as an administrator would. */
export async function changeMembership(gateway: Gateway, { organization }: Office, who: Caller, change: Change) {
  const userId = await userIdOf(gateway, who);
  const organizationId = organization.id;
  const actor = { organizationId, userId: organization.assistantId, kind: 'SYSTEM' } as const;
  await commit(gateway.app.runtime, actor, new Date(), async ({ prisma }) => {
    const { uid } = await prisma.membership.update({
      where: { organizationId_userId: { organizationId, userId } },
      data: change,
    });
    const changes = Object.entries(change).map(([field, to]) => ({ field, from: null, to }));
    const event: NewEvent = { kind: 'MEMBERSHIP_CHANGED', subject: { type: 'MEMBERSHIP', id: userId, uid }, changes };
    return { ok: true, value: null, events: [event] };
  });
}

/** Tells someone of a task that is not theirs any more, as a late delivery would; `ring: false` leaves it for the next ring. */
export async function tellOf(gateway: Gateway, { organization }: Office, who: Caller, taskId: string, ring = true) {
  const { runtime } = gateway.app;
  const uid = uidOf('Task', taskId) as string;
  const organizationId = organization.id;
  const where = { organizationId_uid: { organizationId, uid } };
  const { id } = await runtime.db.prisma.task.findUniqueOrThrow({ where, select: { id: true } });
  const notify = [{ userId: await userIdOf(gateway, who), kind: 'TASK_ASSIGNED' as const }];
  const event: NewEvent = { kind: 'TASK_ASSIGNED', subject: { type: 'TASK', id, uid }, changes: [], notify };
  const actor = { organizationId, userId: organization.assistantId, kind: 'SYSTEM' } as const;
  const silent = { db: runtime.db, ring: () => {}, consequences: [] };
  await commit(ring ? runtime : silent, actor, new Date(), async () => ({ ok: true, value: null, events: [event] }));
}
