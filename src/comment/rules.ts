import { isBlank, refusalsOf, refuseText } from '../limits.ts';
import { Invalid, NotFound, type Refusal } from '../refusals.ts';

const MAX_MENTIONS = 50;

/** Why a text cannot be a comment; null when it can. */
export const refuseBody = (body: string, path: readonly string[]): Refusal | null =>
  isBlank(body)
    ? new Invalid('A comment has at least one character that can be seen.', path)
    : refuseText(body, path, 'A comment');

/** Someone of the organization whose id stands among the mentions, and what they are. */
export interface Mentionable {
  readonly userId: bigint;
  readonly uid: string;
  /** Whether they are a person who is still here. */
  readonly isHere: boolean;
  /** Whether they may see what is commented. */
  readonly isSeeing: boolean;
}

/** Every reason why these cannot be mentioned; `found` has for each of them, in order, who it is, null for nobody. */
export function refuseMentions(found: readonly (Mentionable | null)[]): Refusal[] {
  const reason = (who: Mentionable | null, path: readonly string[]): Refusal | null => {
    if (who === null) return new NotFound('There is no such person in the organization.', path);
    if (!who.isHere) return new Invalid('They are no active person of the organization.', path);
    return who.isSeeing ? null : new Invalid('They may not see what you comment.', path);
  };
  return refusalsOf(...found.map((who, index) => reason(who, ['mentionIds', String(index)])));
}

/** At most 50, counted before anyone is looked up. */
export const refuseCount = (mentionIds: readonly string[]): Refusal | null =>
  mentionIds.length > MAX_MENTIONS ? new Invalid(`At most ${MAX_MENTIONS} mentions.`, ['mentionIds']) : null;

export interface Told {
  readonly userId: bigint;
  readonly isMentioned: boolean;
}

/** Who is told of a comment, each once: those who are mentioned, and those whom its subject concerns; never its author. */
export function toldOf(authorId: bigint, mentioned: readonly bigint[], concerned: readonly bigint[]): Told[] {
  const told = new Map<bigint, Told>(concerned.map((userId) => [userId, { userId, isMentioned: false }]));
  for (const userId of mentioned) told.set(userId, { userId, isMentioned: true });
  told.delete(authorId);
  return [...told.values()];
}
