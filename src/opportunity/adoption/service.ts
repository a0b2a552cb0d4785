import type { Tx } from '../../db/database.ts';
import { type Batch, within } from '../../event/batch.ts';
import type { NewEvent } from '../../event/log.ts';
import { encodeId } from '../../ids.ts';
import { type Adopted, adoptOpportunities, findOrphaned } from './store.ts';

const told = ({ id, uid, accountUid, contactUid }: Adopted): NewEvent => ({
  kind: 'RECORD_UPDATED',
  subject: { type: 'OPPORTUNITY', id, uid },
  changes: [
    { field: 'accountId', from: null, to: encodeId('Account', accountUid) },
    ...(contactUid === null ? [] : [{ field: 'contactId', from: null, to: encodeId('Contact', contactUid) }]),
  ],
});

/**
 * Brings opportunities that came from a lead before it was converted, and belong to no account, to the one that it belongs
 * to since, and to the contact that it became unless they name another. One whose contact is at another account stays.
 */
export async function adoptSome(tx: Tx, leadId: bigint, accountId: bigint, now: Date, limit: number): Promise<Batch> {
  const { rows, more } = within(await findOrphaned(tx, leadId, accountId, limit + 1), limit);
  const ids = rows.map(({ id }) => id);
  const adopted = ids.length === 0 ? [] : await adoptOpportunities(tx, leadId, accountId, ids, now);
  // What cannot be adopted is not found again and again.
  return { events: adopted.map(told), before: new Map(), taken: ids.length, more: more && adopted.length > 0 };
}
