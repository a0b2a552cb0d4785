import { deleteSomeActivities } from '../../activity/retention/service.ts';
import type { Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { goneChange } from '../../event/changes.ts';
import type { NewEvent } from '../../event/log.ts';
import { encodeId } from '../../ids.ts';
import { deleteSomeRecords } from '../../record/retention/service.ts';
import type { Runtime } from '../../runtime.ts';
import { cutoffsAt, expiresAt, nextPlace, type Place, type Terms } from './rules.ts';
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

/** What one step deleted; `next` is the row after which to go on with the same things, null when there are no more. */
interface Swept {
  readonly events: readonly NewEvent[];
  readonly before?: ReadonlyMap<bigint, string>;
  readonly next: bigint | null;
}

async function deleteSomeTasks(tx: Tx, terms: Terms, now: Date): Promise<Swept> {
  const cutoffs = cutoffsAt(terms, now);
  const found = await findExpired(tx, cutoffs);
  const expired = found.length === 0 ? [] : await lockExpired(tx, cutoffs, found);
  const ids = expired.map(({ id }) => id);
  if (ids.length > 0) await deleteExpired(tx, ids);
  const told = ({ id, uid, ...kept }: Expired): NewEvent => ({
    kind: 'TASK_DELETED',
    subject: { type: 'TASK', id, uid },
    changes: [goneChange(encodeId('Task', uid)), { field: 'expiresAt', from: expiresAt(kept, terms), to: null }],
  });
  return {
    events: expired.map(told),
    before: new Map(expired.map(({ id, image }) => [id, image])),
    // What was found is gone, or is kept by now: there is no place to go on from.
    next: found.length === BATCH ? 0n : null,
  };
}

/**
 * Deletes what is kept no longer: tasks, then activities and records that nothing refers to any more, in the order in which
 * they refer to each other; of one kind and a batch at most, since locks are taken in another order. Tells where to go on;
 * null when all is done.
 */
export async function deleteSome(tx: Tx, { binRetentionDays }: Keeping, from: Place) {
  const { taskRetentionDays, now } = await settingIn(tx);
  const terms = { taskRetentionDays, binRetentionDays };
  const { deleted } = cutoffsAt(terms, now);
  for (let place: Place | null = from; place; ) {
    const { stage, after } = place;
    const swept: Swept =
      stage === 'TASK'
        ? await deleteSomeTasks(tx, terms, now)
        : stage === 'ACTIVITY'
          ? await deleteSomeActivities(tx, deleted, BigInt(after))
          : await deleteSomeRecords(tx, stage, deleted, BigInt(after));
    const { events, before, next } = swept;
    place = nextPlace(stage, next);
    if (events.length > 0 || next !== null) return { events, ...(before && { before }), place };
  }
  return { events: [], place: null };
}

/** What retention would delete now. */
export async function previewRetention(
  { db, binRetentionDays }: Keeping & Pick<Runtime, 'db'>,
  { organizationId }: Viewer,
): Promise<Preview> {
  const { taskRetentionDays, now } = await settingOf(db, organizationId);
  return previewExpired(db, organizationId, cutoffsAt({ taskRetentionDays, binRetentionDays }, now));
}
