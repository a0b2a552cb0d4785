import { followOpportunity } from '../../activity/dependants/service.ts';
import type { Tx } from '../../db/database.ts';
import { type Batch, inTurn, type Step } from '../../event/batch.ts';
import type { Actor } from '../../event/log.ts';
import { adoptSome } from '../../opportunity/adoption/service.ts';
import type { Runtime } from '../../runtime.ts';
import { followAdopted } from '../../task/adopted/service.ts';
import { followRecord } from '../../task/dependants/service.ts';
import { schedule } from '../../work/service.ts';
import { DEPENDANTS_PER_TRANSACTION, keptActor } from '../job.ts';
import type { Link } from '../link.ts';

/** The kind of job that goes on where a record has more dependants than one transaction takes; its key is their ULID. */
export const RECORD_RELINK = 'record.relink';

type Moved = Pick<Link, 'type' | 'id' | 'uid' | 'accountId' | 'leadId'>;

/** Gives what is linked to a record the links that derive from it, as far as one transaction goes. */
export function relinkSome(tx: Tx, { type, id, accountId, leadId }: Moved, now: Date): Promise<Batch> {
  const steps: Step[] = [];
  if (type === 'OPPORTUNITY') steps.push((limit) => followOpportunity(tx, { id, leadId }, limit));
  if (type === 'LEAD' && accountId !== null) {
    steps.push((limit) => adoptSome(tx, id, accountId, now, limit));
    steps.push((limit) => followAdopted(tx, id, accountId, limit));
  }
  if (type !== 'ACCOUNT') steps.push((limit) => followRecord(tx, { type, id, accountId, leadId }, limit));
  return inTurn(DEPENDANTS_PER_TRANSACTION, steps);
}

/** The same in the transaction that moved the record, which holds its lock; a job does what is left. */
export async function relink(runtime: Runtime, tx: Tx, actor: Actor, record: Moved, now: Date): Promise<Batch> {
  const batch = await relinkSome(tx, record, now);
  if (batch.more) {
    const payload = { type: record.type, actor: keptActor(actor) };
    schedule(runtime, tx, { kind: RECORD_RELINK, key: record.uid, due: { inMs: 0 }, payload });
  }
  return batch;
}
