import { z } from 'zod';
import { commit } from '../../event/log.ts';
import { assistantIdOf } from '../../organization/service.ts';
import type { Kind } from '../../work/kind.ts';
import { FIRST, STAGES, TASK_RETENTION, tomorrow } from './rules.ts';
import { deleteSome } from './service.ts';

const Payload = z.object({ stage: z.enum(STAGES), after: z.string().regex(/^\d{1,18}$/) }).catch(FIRST);

/** Deletes what an organization keeps no longer, a batch a transaction, all of it once a day [CLOSE-04]. */
export const retainTasks: Kind = {
  name: TASK_RETENTION,
  async run(runtime, job) {
    const { organizationId } = job;
    const actor = { organizationId, userId: await assistantIdOf(runtime.db, organizationId), kind: 'SYSTEM' } as const;
    const done = await commit(runtime, actor, runtime.now(), async (tx) => {
      const { place, ...swept } = await deleteSome(tx, runtime, Payload.parse(job.payload));
      const value = await job.again(tx, place ? { inMs: 0 } : tomorrow(Math.random()), place ?? FIRST);
      return { ok: true, value, ...swept };
    });
    if (!done.ok) throw new Error('A job was refused.');
    return done.value;
  },
};
