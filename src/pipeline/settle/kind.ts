import { z } from 'zod';
import { commit } from '../../event/log.ts';
import { newUid } from '../../ids.ts';
import { actorKept, KeptActor } from '../../record/job.ts';
import type { Kind } from '../../work/kind.ts';
import { lockPipelines } from '../store.ts';
import { PIPELINE_SETTLE, settleSome } from './service.ts';

const Id = z.string().regex(/^\d+$/);
const Payload = z.object({
  ...{ id: Id, targetId: Id.nullable(), actor: KeptActor, userUid: z.string() },
  // Planned by an older version, it has none of these yet.
  isWonNew: z.boolean().default(true),
  batchId: z.string().default(newUid),
  mark: z.object({ stageUid: z.string(), position: z.string() }).nullable().default(null),
});

/**
 * Goes on bringing a pipeline's tasks to where they belong, a batch a transaction. It reads the pipeline as it is now: done
 * twice, or after another change, it does what is then right.
 */
export const settlePipeline: Kind = {
  name: PIPELINE_SETTLE,
  async run(runtime, job) {
    const payload = Payload.parse(job.payload);
    const { id, targetId, userUid: uid, batchId, isWonNew } = payload;
    const actor = actorKept(job.organizationId, payload.actor);
    const done = await commit(runtime, actor, runtime.now(), async (tx) => {
      const ids = [id, targetId].filter((each) => each !== null).map(BigInt);
      const locked = await lockPipelines(tx, { ids, uids: [], stageUids: [] });
      const pipeline = locked.find((each) => each.id === BigInt(id));
      const target = locked.find((each) => targetId !== null && each.id === BigInt(targetId)) ?? null;
      // Deleted since this was planned: that deletion has planned it anew, with the pipeline that its tasks come to.
      if (!pipeline || (pipeline.deletedAt && !target)) return { ok: true, value: await job.done(tx), events: [] };
      const now = new Date(Math.max(runtime.now().getTime(), pipeline.updatedAt.getTime()));
      const by = { actor, uid, batchId, mark: payload.mark };
      const { events, before, more, mark } = await settleSome(tx, by, { pipeline, target, isWonNew }, now);
      const value = more ? await job.again(tx, { inMs: 0 }, { ...payload, mark }) : await job.done(tx);
      return { ok: true, at: now, value, events, before };
    });
    if (!done.ok) throw new Error('A job was refused.');
    return done.value;
  },
};
