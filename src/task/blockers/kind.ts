import { z } from 'zod';
import { inBatch } from '../../event/batch.ts';
import { commit } from '../../event/log.ts';
import { actorKept, KeptActor } from '../../record/job.ts';
import type { Kind } from '../../work/kind.ts';
import { BLOCKER_RECOUNT, DEPENDANTS, recountSome } from './follow.ts';

const Id = z.string().regex(/^\d{1,18}$/);
const Payload = z.object({
  ids: z.array(Id),
  completed: z.array(Id),
  after: Id,
  batchId: z.string().nullable(),
  actor: KeptActor,
});

/**
 * Goes on counting the open blockers of tasks that wait for what was completed, opened, deleted or restored, a batch a
 * transaction. It counts what is there when it runs: done twice, or after another change, it does what is then right.
 */
export const recountBlocked = (most = DEPENDANTS): Kind => ({
  name: BLOCKER_RECOUNT,
  async run(runtime, job) {
    const { actor: kept, after, batchId, ...given } = Payload.parse(job.payload);
    const turned = { ids: given.ids.map(BigInt), completed: given.completed.map(BigInt) };
    const actor = actorKept(job.organizationId, kept);
    const done = await commit(runtime, actor, runtime.now(), async (tx) => {
      const at = runtime.now();
      const ways = { most, waits: true };
      const { events, before, more, last } = await recountSome(tx, turned, BigInt(after), { actor, at }, ways);
      const rest = { ...given, after: String(last), batchId, actor: kept };
      const value = more ? await job.again(tx, { inMs: 0 }, rest) : await job.done(tx);
      return { ok: true, at, value, events: inBatch(events, batchId), before };
    });
    if (!done.ok) throw new Error('A job was refused.');
    return done.value;
  },
});
