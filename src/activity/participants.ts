import type { Participant } from './rules.ts';

/** A participant as the column keeps them: inner ids, and nothing that is not said. Who sees a private activity is read from `userId`. */
export interface StoredParticipant {
  readonly userId?: number;
  readonly contactId?: number;
  readonly name?: string;
  readonly email?: string;
  readonly attended?: boolean;
}

export const stored = ({ user, contact, name, email, attended }: Participant): StoredParticipant => ({
  ...(user && { userId: Number(user.id) }),
  ...(contact && { contactId: Number(contact.id) }),
  ...(name !== null && { name }),
  ...(email !== null && { email }),
  ...(attended !== null && { attended }),
});

/** What a row's column holds. */
export const participantsOf = ({ participants }: { readonly participants: unknown }) =>
  participants as readonly StoredParticipant[];

/** The inner ids that participants name, by what they are of. */
export const namedBy = (participants: readonly StoredParticipant[]) => ({
  userIds: participants.flatMap(({ userId }) => (userId === undefined ? [] : [BigInt(userId)])),
  contactIds: participants.flatMap(({ contactId }) => (contactId === undefined ? [] : [BigInt(contactId)])),
});
