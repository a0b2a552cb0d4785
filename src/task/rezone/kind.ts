import { z } from 'zod';
import type { Kind } from '../../work/kind.ts';
import { STAGES, TASK_REZONE } from './rules.ts';
import { rezoneSome } from './service.ts';

const Payload = z.object({ sweep: z.int(), stage: z.enum(STAGES), after: z.string().regex(/^\d{1,18}$/) });

/**
 * Brings what is stored by an organization's zone to where its new one has it, a batch a transaction. It reads the zone as
 * it is now: done twice, or after another change, it does what is then right.
 */
export const rezoneTasks: Kind = {
  name: TASK_REZONE,
  run: (runtime, job) =>
    runtime.db.transaction(job.organizationId, async (tx) => {
      const next = await rezoneSome(runtime, tx, Payload.parse(job.payload));
      return next ? job.again(tx, { inMs: next.inMs }, next.place) : job.done(tx);
    }),
};
