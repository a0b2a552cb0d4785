import { refusalsOf, refuseName } from '../limits.ts';
import { Conflict, Invalid, NotFound, type Refusal } from '../refusals.ts';

export interface KeyInput {
  readonly name: string;
  readonly expiresAt: Date | null;
}

/** Every reason why a key cannot be made like this. */
export function refuseKey({ name, expiresAt }: KeyInput, now: Date): Refusal[] {
  return refusalsOf(
    refuseName(name, ['name']),
    expiresAt && expiresAt <= now ? new Invalid('A key expires in the future, or never.', ['expiresAt']) : null,
  );
}

/** Why a key cannot be revoked; null when it can. Revoking twice is answered as what it is. */
export function refuseRevocation(key: { readonly revokedAt: Date | null } | null): Refusal | null {
  if (!key) return new NotFound('There is no such API key.', ['id']);
  return key.revokedAt ? new Conflict('This key is revoked already.', ['id']) : null;
}
