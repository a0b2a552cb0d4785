import { generateKeyBetween } from 'fractional-indexing';
import { sightOf } from '../../auth/sight.ts';
import type { Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { uidOf } from '../../ids.ts';
import { Invalid, NotFound } from '../../refusals.ts';
import type { Resolved } from '../resolve.ts';
import { findCard, lastPlaces, placesBehind } from './store.ts';

/** Where in a stage: its beginning, its end, or directly behind another task. */
export type Spot = 'FIRST' | 'LAST' | { readonly behind: string };

/** Whose place it is to be; `position` is the one that it has in that stage already. */
interface Mover {
  readonly taskId: bigint;
  readonly position: string | null;
}

/** A place at the end of a stage whose places are held. */
export async function placeLast(tx: Tx, stageId: bigint, { taskId, position }: Mover): Promise<string> {
  const { taken, shown } = await lastPlaces(tx, stageId, taskId);
  const stands = position !== null && (shown === null || position > shown);
  return stands ? position : generateKeyBetween(taken, null);
}

/** A place directly behind a position; behind the empty one it is the first. */
async function placeBehind(tx: Tx, stageId: bigint, { taskId, position }: Mover, from: string): Promise<string> {
  const { taken, shown } = await placesBehind(tx, stageId, taskId, from);
  const stands = position !== null && position > from && (shown === null || position < shown);
  return stands ? position : generateKeyBetween(from || null, taken);
}

/** A place in a stage whose places are held; the one that a card has already, where it stands there. */
export async function findPlace(
  tx: Tx,
  viewer: Viewer,
  stageId: bigint,
  mover: Mover,
  spot: Spot,
): Promise<Resolved<string>> {
  if (spot === 'LAST') return { ok: true, value: await placeLast(tx, stageId, mover) };
  if (spot === 'FIRST') return { ok: true, value: await placeBehind(tx, stageId, mover, '') };
  const path = ['afterTaskId'];
  const uid = uidOf('Task', spot.behind);
  const card = uid === null ? null : await findCard(tx, sightOf(viewer), uid);
  if (!card) return { ok: false, refusals: [new NotFound('There is no such task.', path)] };
  const refuse = (why: string) => ({ ok: false, refusals: [new Invalid(why, path)] }) as const;
  if (card.id === mover.taskId) return refuse('A task cannot stand behind itself.');
  if (card.isDeleted) return refuse('This task is deleted.');
  if (card.stageId !== stageId || card.position === null) return refuse('This task is not in that stage.');
  return { ok: true, value: await placeBehind(tx, stageId, mover, card.position) };
}
