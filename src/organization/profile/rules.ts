import { refusalsOf, refuseName } from '../../limits.ts';
import { Invalid, NotAllowed, type Refusal } from '../../refusals.ts';

/** What a person says of themselves; what is absent is left alone. */
export interface ProfilePatch {
  readonly name?: string | null;
  /** Null follows the organization's. */
  readonly timeZone?: string | null;
  readonly mutedKinds?: readonly string[] | null;
}

const refuseNull = (value: unknown, path: string, message: string): Refusal | null =>
  value === null ? new Invalid(message, [path]) : null;

/** Every reason why a person cannot say this of themselves. */
export function refuseProfile({ name, mutedKinds }: ProfilePatch, isPerson: boolean): Refusal[] {
  if (!isPerson) return [new NotAllowed('A key has no profile: its name is given when it is made.')];
  return refusalsOf(
    refuseNull(name, 'name', 'A person has a name.'),
    name == null ? null : refuseName(name, ['name']),
    refuseNull(mutedKinds, 'mutedKinds', 'Give an empty list to mute nothing.'),
  );
}
