/** Someone who hears of a task by watching it or by having it, and may see it. */
export interface Onlooker {
  readonly userId: bigint;
  readonly isWatching: boolean;
  readonly isAssignee: boolean;
}

/** What else the write that completed a task did. */
export interface Completing {
  readonly actorId: bigint;
  /** Whether the task was assigned anew with it. */
  readonly isAssigned: boolean;
  /** Who is told of that. */
  readonly told: ReadonlySet<bigint>;
}

/**
 * Who is told that a task was completed [THENA-T29]: whoever watches it and whoever has it, never whoever did it. Whoever is
 * assigned with the same write learns of that, which says more.
 */
export const toldOfCompletion = (onlookers: readonly Onlooker[], { actorId, isAssigned, told }: Completing): bigint[] =>
  onlookers
    .filter(({ isWatching, isAssignee }) => isWatching || (isAssignee && !isAssigned))
    .map(({ userId }) => userId)
    .filter((userId) => userId !== actorId && !told.has(userId));
