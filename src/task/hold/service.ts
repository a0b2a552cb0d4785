import { sightOf } from '../../auth/sight.ts';
import type { Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { uidOf } from '../../ids.ts';
import { NotAllowed, NotFound } from '../../refusals.ts';
import type { Resolved } from '../resolve.ts';
import { type HeldTask, lockHeld } from './store.ts';

/** A task that the viewer may see and that is not in the bin, locked: its row stays as it is. `path` is that of its id. */
export async function holdTask(
  tx: Tx,
  viewer: Viewer,
  id: string,
  path: readonly string[],
): Promise<Resolved<HeldTask>> {
  const uid = uidOf('Task', id);
  const task = uid === null ? null : await lockHeld(tx, sightOf(viewer), uid);
  if (!task) return { ok: false, refusals: [new NotFound('There is no such task.', path)] };
  if (task.isDeleted) return { ok: false, refusals: [new NotAllowed('This task is deleted; restore it first.', path)] };
  return { ok: true, value: task };
}
