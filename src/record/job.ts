import { z } from 'zod';
import type { Actor } from '../event/log.ts';
import { RECORD_TYPES } from './names.ts';

/** Rows that one transaction takes along with a record; what is more is done by a job, as many at a time. */
export const DEPENDANTS_PER_TRANSACTION = 1_000;

/** Whoever began it, as a job's payload keeps them: all that the job does is theirs. */
export const KeptActor = z.object({
  userId: z.string().regex(/^\d+$/),
  kind: z.enum(['USER', 'API_KEY', 'AUTOMATION', 'SYSTEM']),
});

export const KeptType = z.enum(Object.values(RECORD_TYPES));

export const keptActor = ({ userId, kind }: Actor): z.infer<typeof KeptActor> => ({ userId: String(userId), kind });

export const actorKept = (organizationId: bigint, { userId, kind }: z.infer<typeof KeptActor>): Actor => ({
  organizationId,
  userId: BigInt(userId),
  kind,
});
