/** Someone whom an activity concerns, and who may see it. */
export interface Attendant {
  readonly userId: bigint;
  /** Else they created it and did not take part. */
  readonly isParticipant: boolean;
}

/** Who is told that an activity was completed: those who took part in it, never whoever completed it. */
export const toldOfCompletion = (attendants: readonly Attendant[], actorId: bigint): bigint[] =>
  attendants.filter(({ userId, isParticipant }) => isParticipant && userId !== actorId).map(({ userId }) => userId);
