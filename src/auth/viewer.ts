import type { ActorKind, MembershipKind, NotificationKind, Role, Weekday } from '../db/generated/prisma/enums.ts';

/** Who is calling, in which organization, and what they may: one membership, as it stood when it was read. */
export interface Viewer {
  readonly organizationId: bigint;
  readonly organizationUid: string;
  readonly organizationTimeZone: string;
  readonly weekStartsOn: Weekday;
  readonly requireAssignee: boolean;
  readonly userId: bigint;
  readonly userUid: string;
  readonly membershipUid: string;
  readonly membershipKind: MembershipKind;
  readonly role: Role;
  /** Sees all of the organization's records and tasks; without it only tasks assigned to or created by oneself. */
  readonly crmAccess: boolean;
  readonly mutedKinds: readonly NotificationKind[];
  /** The zone that days are judged in for this request. */
  readonly timeZone: string;
  /** The one that the request itself names, whatever the person chose; null when it names none. */
  readonly requestTimeZone: string | null;
  /** Whose API key stands beside the bearer token: the key's own user. Null without one, and for a key that acts itself. */
  readonly keyUserId: bigint | null;
  /** When the credentials end; null for those that do not. */
  readonly expiresAt: Date | null;
}

const ACTOR_KINDS: Record<MembershipKind, ActorKind> = { PERSON: 'USER', API_KEY: 'API_KEY', ASSISTANT: 'SYSTEM' };

/** The viewer as the one who does things. */
export const actorOf = ({ organizationId, userId, membershipKind }: Viewer) => ({
  organizationId,
  userId,
  kind: ACTOR_KINDS[membershipKind],
});
