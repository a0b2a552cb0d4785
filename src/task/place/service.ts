import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';
import { sightOf } from '../../auth/sight.ts';
import type { Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import type { NewEvent } from '../../event/log.ts';
import { uidOf } from '../../ids.ts';
import { Invalid, NotFound } from '../../refusals.ts';
import type { Resolved } from '../resolve.ts';
import { endsOf, findCard, lastPlaces, lockNeighbours, placesAround, placesBehind, replaceAll } from './store.ts';

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

/** Places at the end of stages that are held, for cards that come in this order: one statement for all of them. */
export async function placeEachLast(tx: Tx, stageIds: readonly bigint[]): Promise<string[]> {
  if (stageIds.length === 0) return [];
  const ends = new Map((await endsOf(tx, [...new Set(stageIds)])).map(({ id, taken }) => [id, taken]));
  return stageIds.map((id) => {
    const place = generateKeyBetween(ends.get(id) ?? null, null);
    ends.set(id, place);
    return place;
  });
}

/** A place that was found, and what had to be changed on other cards to make room. */
export interface Found {
  readonly position: string;
  readonly events: readonly NewEvent[];
  /** By task: its row before, as the database's JSON. */
  readonly before: ReadonlyMap<bigint, string>;
}

const unmoved = (position: string): Found => ({ position, events: [], before: new Map() });

/** Where cards are put between the same two again and again, places grow by a character every six times. */
const MAX_PLACE = 100;
/** How many cards on each side are given new places then. */
const RESPACED = 100;

/** A place directly behind a position; behind the empty one it is the first. */
async function placeBehind(tx: Tx, stageId: bigint, mover: Mover, from: string): Promise<Found> {
  const { taskId, position } = mover;
  const { taken, shown } = await placesBehind(tx, stageId, taskId, from);
  const stands = position !== null && position > from && (shown === null || position < shown);
  if (stands) return unmoved(position);
  const key = generateKeyBetween(from || null, taken);
  return key.length <= MAX_PLACE ? unmoved(key) : makeRoom(tx, stageId, mover, from);
}

/**
 * Gives the cards around a spot new places, evenly spaced, and one behind `from` to who comes. Their order stays; like
 * everything derived it raises neither their version nor `updatedAt`, but the log tells of it.
 *
 * The neighbours are locked by id, but after the mover, whatever its id: who needs room is known only once it is locked.
 * It is rare, and should it meet a transaction that locks the same tasks the other way, a deadlock is tried again.
 */
async function makeRoom(tx: Tx, stageId: bigint, mover: Mover, from: string): Promise<Found> {
  // One more on each side bounds the new places, unless the stage ends there. It is not locked: under the stage's lock no
  // card comes in or changes its place, and should the bound leave, what lies between stays free.
  const found = await placesAround(tx, stageId, mover.taskId, from, RESPACED + 1);
  const before = found.filter(({ position }) => position <= from).length;
  const low = before > RESPACED ? 1 : 0;
  const high = found.length - before > RESPACED ? found.length - 1 : found.length;
  const ends = [low === 1 ? found[0] : undefined, found[high]] as const;
  const near = found.slice(low, high).map(({ id }) => id);
  const inner = await lockNeighbours(tx, stageId, near);
  const keys = generateNKeysBetween(ends[0]?.position ?? null, ends[1]?.position ?? null, inner.length + 1);
  const [position] = keys.splice(before - low, 1) as [string];
  const moved = inner
    .map((card, index) => ({ ...card, to: keys[index] as string }))
    .filter(({ position: old, to }) => old !== to);
  const places = moved.map(({ id, to }) => ({ id, position: to }));
  // Where the new place happens to be the mover's own, its row is not written again and keeps it.
  await replaceAll(tx, stageId, places, position === mover.position ? [] : [mover.taskId]);
  const told = moved.filter(({ isQueueRow }) => !isQueueRow);
  return {
    position,
    before: new Map(told.map(({ id, image }) => [id, image])),
    events: told.map(({ id, uid, position: old, to }) => ({
      kind: 'TASK_UPDATED',
      subject: { type: 'TASK', id, uid },
      changes: [{ field: 'position', from: old, to }],
    })),
  };
}

/** A place in a stage whose places are held; the one that a card has already, where it stands there. */
export async function findPlace(
  tx: Tx,
  viewer: Viewer,
  stageId: bigint,
  mover: Mover,
  spot: Spot,
): Promise<Resolved<Found>> {
  if (spot === 'LAST') return { ok: true, value: unmoved(await placeLast(tx, stageId, mover)) };
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
