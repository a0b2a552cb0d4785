import { actorOf, type Viewer } from '../../auth/viewer.ts';
import { refuseBody } from '../../comment/rules.ts';
import { insertRemark } from '../../comment/service.ts';
import type { Tx } from '../../db/database.ts';
import { Outrun } from '../../db/faults.ts';
import { commit, type NewEvent } from '../../event/log.ts';
import { encodeId, uidOf } from '../../ids.ts';
import { textOrNone } from '../../limits.ts';
import { linkId } from '../../record/link.ts';
import { Invalid, NotFound, type Outcome, type Refusal, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { draftFollowUps, makeFollowUps, type Origin } from '../../task/follow-ups/service.ts';
import type { NewTask } from '../../task/service.ts';
import { activityEvents } from '../changes.ts';
import { nowFor, open } from '../open.ts';
import { resolveParticipants } from '../resolve.ts';
import { applyPatch, type ParticipantWords } from '../rules.ts';
import { untold } from '../service.ts';
import { stateOf } from '../state.ts';
import { lookAtActivity, type OpenActivity, updateActivityRow } from '../store.ts';

export interface ActivityCompletion {
  readonly id: string;
  readonly expectedVersion: number | null;
  readonly notes: string | null;
  /** Null leaves them as they are. */
  readonly participants: readonly ParticipantWords[] | null;
  readonly followUps: readonly NewTask[];
}

export interface Completed {
  readonly uid: string;
  readonly followUpUids: readonly string[];
}

const MAX_FOLLOW_UPS = 20;

/** The activity as its follow-ups come out of it. */
function originOf(activity: OpenActivity): Origin {
  const { id, uid, accountUid } = activity;
  const { link } = stateOf(activity, []);
  const account = accountUid === null ? null : encodeId('Account', accountUid);
  return { id, uid, recordId: link ? linkId(link) : account };
}

async function glimpse(tx: Tx, viewer: Viewer, id: string): Promise<Origin | null> {
  const uid = uidOf('Activity', id);
  const seen = uid === null ? null : await lookAtActivity(tx, viewer, uid);
  return seen && originOf(seen);
}

// The status is asked for by the mutation itself: what is wrong with it is wrong with which activity it is.
const without = (refusals: readonly Refusal[]): Refusal[] =>
  refusals.map((refusal) => (refusal.path[0] === 'status' ? new Invalid(refusal.message, ['id']) : refusal));

/**
 * Says that an activity took place: who was there, what was noted and what comes next, all in one transaction [THENA-A16,
 * THENA-A17, THENA-A18]. One that is completed already stays as it is, and nothing is made of it.
 */
export async function completeActivity(
  runtime: Runtime,
  viewer: Viewer,
  input: ActivityCompletion,
): Promise<Outcome<Completed>> {
  const { id, expectedVersion, participants: words, followUps } = input;
  const notes = textOrNone(input.notes);
  if (followUps.length > MAX_FOLLOW_UPS)
    return refused(new Invalid(`At most ${MAX_FOLLOW_UPS} follow-ups.`, ['followUps']));
  return commit<Completed>(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const origin = await glimpse(tx, viewer, id);
    if (!origin) return refused(new NotFound('There is no such activity.', ['id']));
    const drafts = await draftFollowUps(tx, viewer, origin, followUps);
    const opened = await open(tx, viewer, id, expectedVersion);
    if (!opened.ok) return refused(...opened.refusals);
    const row = opened.value;
    const { uid } = row;
    if (row.status === 'COMPLETED') return { ok: true, value: { uid, followUpUids: [] }, events: [] };
    if (originOf(row).recordId !== origin.recordId) throw new Outrun('The activity was linked anew.');

    const people = words && (await resolveParticipants(tx, words, row, ['participants']));
    const now = nowFor(runtime, row);
    const before = stateOf(row, people?.ok ? people.value.before : untold(row));
    const patch = { status: 'COMPLETED', ...(people?.ok && { participants: people.value.after }) } as const;
    const applied = applyPatch(before, patch, now, [], row.direction !== null);
    const wrongNotes = notes === null ? null : refuseBody(notes, ['notes']);
    const made = await makeFollowUps(tx, viewer, origin, drafts, now);
    const refusals = [
      ...(people?.ok === false ? people.refusals : []),
      ...(applied.ok ? [] : without(applied.refusals)),
      ...(wrongNotes ? [wrongNotes] : []),
      ...(made.ok ? [] : made.refusals),
    ];
    if (!applied.ok || !made.ok || refusals.length > 0) return refused(...refusals);

    const subject = { type: 'ACTIVITY', id: row.id, uid } as const;
    const events: NewEvent[] = activityEvents(subject, before, applied.state);
    await updateActivityRow(tx, row.id, applied.state, now);
    if (notes !== null) {
      const remark = { body: notes, mentioned: [], completes: true };
      events.push((await insertRemark(tx, viewer, subject, remark, now)).event);
    }
    const { uids: followUpUids, events: begun } = made.value;
    return { ok: true, at: now, value: { uid, followUpUids }, events: [...events, ...begun] };
  });
}
