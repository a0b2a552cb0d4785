import type { Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import type { NewEvent } from '../../event/log.ts';
import { uidOf } from '../../ids.ts';
import { holdDoor } from '../door/service.ts';
import type { Resolved } from '../resolve.ts';
import type { Ref } from '../rules.ts';
import { type Draft, draft, insert, type NewTask, plan } from '../service.ts';
import { about } from './rules.ts';

/** An activity out of which tasks come, and the record that they are about unless they say. */
export interface Origin extends Ref {
  /** Null for one that was recorded and matched none. */
  readonly recordId: string | null;
}

/** Tasks that come out of an activity, whose members and records are found and held. */
export type Drafts = readonly Draft[];

/** What a follow-up does not say is as of the activity. */
function asOf({ uid, recordId }: Origin, { activityId, ...input }: NewTask): NewTask {
  const isNamed = activityId != null && uidOf('Activity', activityId) !== uid;
  return { ...about(input, recordId), ...(isNamed && { activityId }) };
}

/** To be called before the activity is locked: members and records come before it. */
export async function draftFollowUps(
  tx: Tx,
  viewer: Viewer,
  origin: Origin,
  inputs: readonly NewTask[],
): Promise<Drafts> {
  const drafts: Draft[] = [];
  for (const [index, input] of inputs.entries())
    drafts.push(await draft(tx, viewer, asOf(origin, input), ['followUps', String(index)]));
  return drafts;
}

export interface Made {
  readonly uids: readonly string[];
  readonly events: readonly NewEvent[];
}

/** Creates them, by the rules of `createTask`; all of them or none. */
export async function makeFollowUps(
  tx: Tx,
  viewer: Viewer,
  { id, uid }: Origin,
  drafts: Drafts,
  now: Date,
): Promise<Resolved<Made>> {
  const held = await holdDoor(
    tx,
    drafts.map(({ way }) => way),
  );
  const planned = drafts.map((each, index) => plan(viewer, each, held, held.places[index], now));
  const refusals = planned.flatMap((each) => (each.ok ? [] : each.refusals));
  if (refusals.length > 0) return { ok: false, refusals };
  const made: Awaited<ReturnType<typeof insert>>[] = [];
  for (const each of planned) {
    if (!each.ok) continue;
    const { state, notify } = each.value;
    made.push(await insert(tx, viewer, { state: { ...state, activity: state.activity ?? { id, uid } }, notify }, now));
  }
  return { ok: true, value: { uids: made.map(({ uid }) => uid), events: made.flatMap(({ events }) => events) } };
}
