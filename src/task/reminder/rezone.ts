import { z } from 'zod';
import type { Runtime } from '../../runtime.ts';
import type { Kind } from '../../work/kind.ts';
import { replan } from './follow.ts';
import { REMINDERS_REZONED } from './rules.ts';
import { tasksWaiting } from './store.ts';

const Payload = z.object({ after: z.string().regex(/^\d{1,18}$/) });

/** Tasks whose reminders one transaction plans anew. */
const BATCH = 500;

/**
 * Plans a person's reminders anew after they moved to another zone, a batch a transaction. It reads the zone as it is when
 * it runs: done twice, or after another move, it does what is then right. No task changes, so the log does not tell of it.
 */
export const rezoneReminders = (batch = BATCH): Kind => ({
  name: REMINDERS_REZONED,
  run(runtime: Runtime, job) {
    const { after } = Payload.parse(job.payload);
    return runtime.db.transaction(job.organizationId, async (tx) => {
      const found = await tasksWaiting(tx, BigInt(job.key), BigInt(after), batch);
      const last = found.at(-1);
      if (last === undefined) return job.done(tx);
      await replan(runtime, tx, found);
      return found.length < batch ? job.done(tx) : job.again(tx, { inMs: 0 }, { after: String(last) });
    });
  },
});
