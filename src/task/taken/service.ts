import { sightOf } from '../../auth/sight.ts';
import type { Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { isDuplicate, Outrun } from '../../db/faults.ts';
import { encodeId } from '../../ids.ts';
import type { Conflict } from '../../refusals.ts';
import { type Claim, type Holder, placeOf, refuseTaken } from './rules.ts';
import { findHolders } from './store.ts';

/**
 * Of tasks that are about to be open, in this order, those whose place another one has, by their inner ids: one that is
 * open already, or one that stands before them. The tasks are locked; asks nothing of the database where none of them
 * takes a place.
 */
export async function findTaken(
  tx: Tx,
  viewer: Viewer,
  claims: readonly Claim[],
): Promise<ReadonlyMap<bigint, Holder>> {
  const claiming = claims.filter((claim) => placeOf(claim) !== null);
  if (claiming.length === 0) return new Map();
  const of = (kind: Claim['kind']) => claiming.filter((claim) => claim.kind === kind);
  const threads = of('INCOMING_EMAIL').flatMap(({ threadId }) => threadId ?? []);
  const opportunities = of('OPPORTUNITY_DUE').flatMap(({ opportunityId }) => opportunityId ?? []);
  const found = await findHolders(tx, sightOf(viewer), threads, opportunities);
  const holders = new Map<string | null, Holder>(
    found.map((row) => [placeOf(row), { id: row.id, key: row.isSeen ? encodeId('Task', row.uid) : null }]),
  );
  const taken = new Map<bigint, Holder>();
  for (const claim of claiming) {
    const place = placeOf(claim);
    const holder = holders.get(place);
    if (holder && holder.id !== claim.id) taken.set(claim.id, holder);
    else holders.set(place, { id: claim.id, key: encodeId('Task', claim.uid) });
  }
  return taken;
}

/** Why one task cannot be open; null when it can. `path` is that of what asks for it. */
export async function refusePlace(
  tx: Tx,
  viewer: Viewer,
  task: Claim,
  path: readonly string[],
): Promise<Conflict | null> {
  const holder = (await findTaken(tx, viewer, [task])).get(task.id);
  return holder ? refuseTaken(task, holder, path) : null;
}

const INDEXES = ['task_open_email', 'task_open_due'];

/**
 * A write that opens tasks, or brings them back. If someone takes the place of one at the same moment, the transaction
 * starts anew, and finds them there.
 */
export async function opening<Written>(write: Promise<Written>): Promise<Written> {
  try {
    return await write;
  } catch (error) {
    if (INDEXES.some((index) => isDuplicate(error, index))) throw new Outrun('The place of a task was taken.');
    throw error;
  }
}
