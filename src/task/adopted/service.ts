import type { Tx } from '../../db/database.ts';
import { type Batch, within } from '../../event/batch.ts';
import { tellRelinked } from '../dependants/service.ts';
import { findStrayed, holdOpportunities, relinkAdopted } from './store.ts';

/**
 * Gives the tasks of a lead's opportunities that belong to its account the links that derive from these, as `followRecord`
 * does for those of one record.
 */
export async function followAdopted(tx: Tx, leadId: bigint, accountId: bigint, limit: number): Promise<Batch> {
  const { rows, more } = within(await findStrayed(tx, leadId, accountId, limit + 1), limit);
  if (rows.length === 0) return { events: [], before: new Map(), taken: 0, more };
  const opportunityIds = [...new Set(rows.map(({ opportunityId }) => opportunityId))];
  const held = await holdOpportunities(tx, leadId, accountId, opportunityIds);
  const ids = rows.map(({ id }) => id);
  const relinked = await relinkAdopted(
    tx,
    leadId,
    accountId,
    ids,
    held.map(({ id }) => id),
  );
  return { ...(await tellRelinked(tx, { accountId, leadId }, relinked)), taken: ids.length, more };
}
