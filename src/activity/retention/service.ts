import type { Tx } from '../../db/database.ts';
import { goneChange } from '../../event/changes.ts';
import type { NewEvent } from '../../event/log.ts';
import { encodeId } from '../../ids.ts';
import { emptyActivities } from './store.ts';

/** Deletes some activities for good that have been in the bin since an instant, and to which nothing refers. */
export async function deleteSomeActivities(tx: Tx, deletedUpTo: Date, after: bigint) {
  const { emptied, next } = await emptyActivities(tx, deletedUpTo, after);
  const events = emptied.map(
    ({ id, uid }): NewEvent => ({
      kind: 'ACTIVITY_DELETED',
      subject: { type: 'ACTIVITY', id, uid },
      changes: [goneChange(encodeId('Activity', uid))],
    }),
  );
  return { events, next };
}
