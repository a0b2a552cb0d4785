import type { Tx } from '../../db/database.ts';
import { RECORD_DELETION } from '../../db/deletion.ts';
import { type Batch, inTurn } from '../../event/batch.ts';
import { commit } from '../../event/log.ts';
import type { Kind } from '../../work/kind.ts';
import { actorKept, DEPENDANTS_PER_TRANSACTION } from '../job.ts';
import type { RecordRows } from '../store.ts';
import { holdRecord } from '../write/store.ts';
import { restoreSome, takeSome } from './carry.ts';
import { Pending } from './pending.ts';

type Row = Pick<RecordRows['ACCOUNT'], 'id' | 'deletedAt' | 'deletionId'>;

/**
 * One step of what is left. Nothing says whether to delete or to restore but the record as it is now: what bears the
 * number of the deletion that it is in belongs into the bin, and what bears another one of these numbers goes wherever
 * its record is. So it ends right however often the record was deleted and restored meanwhile.
 */
function carryOn(tx: Tx, { type, numbers }: Left, { id, deletedAt, deletionId }: Row, now: Date): Promise<Batch> {
  const root = { type, id };
  const steps = numbers.map(
    (number) => (limit: number) =>
      deletedAt && number === deletionId
        ? takeSome(tx, root, { id: number, at: deletedAt }, now, limit)
        : restoreSome(tx, root, number, now, limit),
  );
  return inTurn(DEPENDANTS_PER_TRANSACTION, steps);
}

interface Left {
  readonly type: keyof RecordRows;
  readonly numbers: readonly bigint[];
}

/** Deletes or restores what belongs to a record, a batch a transaction, where one was not enough. */
export const carryOutDeletion: Kind = {
  name: RECORD_DELETION,
  async run(runtime, job) {
    const payload = Pending.parse(job.payload);
    const { type, actor } = payload;
    const done = await commit(runtime, actorKept(job.organizationId, actor), runtime.now(), async (tx) => {
      const record = await holdRecord(tx, type, job.key);
      if (!record) return { ok: true, value: await job.done(tx), events: [] };
      const now = runtime.now();
      const numbers = payload.numbers.map(BigInt);
      const { events, before, more } = await carryOn(tx, { type, numbers }, record, now);
      const value = more ? await job.again(tx, { inMs: 0 }, payload) : await job.done(tx);
      return { ok: true, at: now, value, events, before };
    });
    if (!done.ok) throw new Error('A job was refused.');
    return done.value;
  },
};
