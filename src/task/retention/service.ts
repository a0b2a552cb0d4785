import type { Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import type { Batch } from '../../event/batch.ts';
import type { NewEvent } from '../../event/log.ts';
import type { Runtime } from '../../runtime.ts';
import { cutoffsAt, expiresAt } from './rules.ts';
import {
  BATCH,
  deleteExpired,
  type Expired,
  findExpired,
  lockExpired,
  type Preview,
  previewExpired,
  settingIn,
  settingOf,
} from './store.ts';

type Keeping = Pick<Runtime, 'binRetentionDays'>;

/** Deletes the rows of tasks that are kept no longer, a batch of them. The log tells that they are gone, and as what. */
export async function deleteSomeExpired(tx: Tx, { binRetentionDays }: Keeping): Promise<Batch> {
  const { taskRetentionDays, now } = await settingIn(tx);
  const terms = { taskRetentionDays, binRetentionDays };
  const cutoffs = cutoffsAt(terms, now);
  const found = await findExpired(tx, cutoffs);
  const expired = found.length === 0 ? [] : await lockExpired(tx, cutoffs, found);
  const ids = expired.map(({ id }) => id);
  if (ids.length > 0) await deleteExpired(tx, ids);
  const told = ({ id, uid, ...kept }: Expired): NewEvent => ({
    kind: 'TASK_DELETED',
    subject: { type: 'TASK', id, uid },
    // What tells it from a task that is put into the bin: this one will not come back.
    changes: [{ field: 'expiresAt', from: expiresAt(kept, terms), to: null }],
  });
  return {
    events: expired.map(told),
    before: new Map(expired.map(({ id, image }) => [id, image])),
    taken: found.length,
    more: found.length === BATCH,
  };
}

/** What retention would delete now. */
export async function previewRetention(
  { db, binRetentionDays }: Keeping & Pick<Runtime, 'db'>,
  { organizationId }: Viewer,
): Promise<Preview> {
  const { taskRetentionDays, now } = await settingOf(db, organizationId);
  return previewExpired(db, organizationId, cutoffsAt({ taskRetentionDays, binRetentionDays }, now));
}
