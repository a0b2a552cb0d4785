import { z } from 'zod';
import { KeptActor, KeptType } from '../job.ts';

/** The deletions of a record that are not carried out, or not undone, to the end. */
export const Pending = z.object({
  type: KeptType,
  numbers: z.array(z.string().regex(/^\d+$/)),
  actor: KeptActor,
});

/** The numbers in a payload; none where there is no job. */
export const numbersOf = (payload: unknown): bigint[] =>
  payload === null ? [] : Pending.parse(payload).numbers.map(BigInt);
