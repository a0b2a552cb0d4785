import { z } from 'zod';
import { commit } from '../../event/log.ts';
import type { Kind } from '../../work/kind.ts';
import { actorKept, KeptActor, KeptType } from '../job.ts';
import { lockRecord } from '../store.ts';
import { RECORD_RELINK, relinkSome } from './service.ts';

const Payload = z.object({ type: KeptType, actor: KeptActor });

/**
 * Goes on giving a record's tasks, and what came from a lead, the links that derive from it, a batch a transaction. It reads the record as it is now:
 * done twice, or after another move, it does what is then right.
 */
export const relinkRecord: Kind = {
  name: RECORD_RELINK,
  async run(runtime, job) {
    const { type, actor } = Payload.parse(job.payload);
    const done = await commit(runtime, actorKept(job.organizationId, actor), runtime.now(), async (tx) => {
      const record = await lockRecord(tx, 'ALL', type, job.key);
      if (!record) return { ok: true, value: await job.done(tx), events: [] };
      const { events, before, more } = await relinkSome(tx, record, runtime.now());
      const value = more ? await job.again(tx, { inMs: 0 }, { type, actor }) : await job.done(tx);
      return { ok: true, at: runtime.now(), value, events, before };
    });
    if (!done.ok) throw new Error('A job was refused.');
    return done.value;
  },
};
