import type { Viewer } from './viewer.ts';

/** What someone sees: all of an organization, or only what their own tasks name. */
export type Sight = 'ALL' | { readonly userId: bigint };

export const sightOf = ({ crmAccess, userId }: Pick<Viewer, 'crmAccess' | 'userId'>): Sight =>
  crmAccess ? 'ALL' : { userId };

/** A sight as the two parameters of a fixed statement: sees all, else whose. */
export const sightParams = (sight: Sight): [boolean, bigint] => (sight === 'ALL' ? [true, 0n] : [false, sight.userId]);

/** One of something for each sight: those who see everything share theirs. */
export function bySight<Made>(make: (sight: Sight) => Made): (sight: Sight) => Made {
  const made = new Map<bigint | 'ALL', Made>();
  return (sight) => {
    const key = sight === 'ALL' ? 'ALL' : sight.userId;
    const found = made.get(key) ?? make(sight);
    made.set(key, found);
    return found;
  };
}
