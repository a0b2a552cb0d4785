import { commit } from '../../event/log.ts';
import { assistantIdOf } from '../../organization/service.ts';
import type { Kind } from '../../work/kind.ts';
import { DAY_MS, TASK_RETENTION, tomorrow } from './rules.ts';
import { deleteSomeExpired } from './service.ts';

/** Deletes what an organization keeps no longer, a batch a transaction, all of it once a day [CLOSE-04]. */
export const retainTasks: Kind = {
  name: TASK_RETENTION,
  everyMs: DAY_MS,
  async run(runtime, job) {
    const { organizationId } = job;
    const actor = { organizationId, userId: await assistantIdOf(runtime.db, organizationId), kind: 'SYSTEM' } as const;
    const done = await commit(runtime, actor, runtime.now(), async (tx) => {
      const { events, before, more } = await deleteSomeExpired(tx, runtime);
      const value = await job.again(tx, more ? { inMs: 0 } : tomorrow(Math.random()), {});
      return { ok: true, value, events, before };
    });
    if (!done.ok) throw new Error('A job was refused.');
    return done.value;
  },
};
