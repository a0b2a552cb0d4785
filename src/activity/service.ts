import { sightOf } from '../auth/sight.ts';
import { actorOf, type Viewer } from '../auth/viewer.ts';
import type { Reader, Tx } from '../db/database.ts';
import { commit } from '../event/log.ts';
import { newUid, uidOf } from '../ids.ts';
import { type Outcome, refused } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import { activityEvents } from './changes.ts';
import { accountFollowing, follow, holdFallback } from './linking/service.ts';
import { nowFor, open } from './open.ts';
import { participantsOf } from './participants.ts';
import { type Resolved, resolveAccount, resolveLink, resolveParticipants, resolveRecord } from './resolve.ts';
import {
  type ActivityPatch,
  type ActivityRecord,
  type ActivityState,
  applyPatch,
  type Participant,
  type ParticipantWords,
  refuseLink,
} from './rules.ts';
import { accountOf, stateOf } from './state.ts';
import {
  type ActivityLink,
  activitiesByIds,
  insertActivity,
  lockActivity,
  type OpenActivity,
  updateActivityRow,
} from './store.ts';

/** What people write: like a patch, with ids as they came. */
export interface ActivityWords extends Omit<ActivityPatch, 'link' | 'participants'> {
  readonly linkedRecordId?: string | null | undefined;
  readonly participants?: readonly ParticipantWords[] | undefined;
}

export interface NewActivity extends ActivityWords {
  readonly accountId: string;
  readonly activityTimestamp: Date;
  readonly duration: number;
  readonly location: string;
}

export interface ActivityUpdate {
  readonly id: string;
  readonly expectedVersion: number | null;
  readonly patch: ActivityWords;
}

export interface Written {
  readonly uid: string;
}

/**
 * The activity of an id, held against deletion until the transaction ends. Null for what is no activity, or not for the
 * viewer to see.
 */
export async function findActivity(tx: Tx, viewer: Viewer, id: string): Promise<ActivityLink | null> {
  const uid = uidOf('Activity', id);
  return uid === null ? null : lockActivity(tx, sightOf(viewer), viewer.userId, uid);
}

/** Those of some activities that the viewer may see. */
export async function seenActivities(db: Reader, viewer: Viewer, ids: readonly bigint[]): Promise<ReadonlySet<bigint>> {
  const found = await activitiesByIds(db, viewer.organizationId, viewer, ids);
  return new Set(found.map(({ id }) => id));
}

const blank: Omit<ActivityState, 'activityTimestamp' | 'duration' | 'location'> = {
  account: null,
  link: null,
  type: 'CALL',
  status: 'PENDING',
  visibility: 'ORGANIZATION',
  title: null,
  description: null,
  participants: [],
  attachmentUrls: [],
  tags: [],
};

const isSameRecord = (a: ActivityRecord, b: ActivityRecord | null) => a.type === b?.type && a.id === b.id;
const recordOf = ({ type, id, uid, leadId }: ActivityRecord): ActivityRecord => ({ type, id, uid, leadId });
const refusalsIn = (...parts: readonly (Resolved<unknown> | { readonly ok: true } | null)[]) =>
  parts.flatMap((part) => (part !== null && !part.ok ? part.refusals : []));

/** Logs an activity, or plans one [THENA-A02]. */
export async function createActivity(runtime: Runtime, viewer: Viewer, input: NewActivity): Promise<Outcome<Written>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const { accountId, linkedRecordId, participants: words = [], ...patch } = input;
    const account = await resolveAccount(tx, viewer, accountId, ['accountId']);
    const link =
      linkedRecordId == null
        ? null
        : await resolveLink(tx, viewer, linkedRecordId, account.ok ? account.value : null, ['linkedRecordId']);
    const people = await resolveParticipants(tx, words, null, ['participants']);
    const now = runtime.now();
    const { activityTimestamp, duration, location } = patch;
    const applied = applyPatch({ ...blank, activityTimestamp, duration, location }, patch, now, []);
    const refusals = [...refusalsIn(account, link, people), ...(applied.ok ? [] : applied.refusals)];
    if (!account.ok || !people.ok || !applied.ok || refusals.length > 0) return refused(...refusals);
    const state: ActivityState = {
      ...applied.state,
      account: account.value,
      link: link?.ok ? recordOf(link.value) : null,
      participants: people.value.after,
    };
    const uid = newUid();
    const id = await insertActivity(tx, state, { uid, creatorId: viewer.userId }, now);
    return { ok: true, at: now, value: { uid }, events: activityEvents({ type: 'ACTIVITY', id, uid }, null, state) };
  });
}

/**
 * Changes an activity. What changes nothing makes no event and no new version. Its account never changes [THENA-A24],
 * but that of one that was recorded: it follows the record that it is linked to, since the first one was only matched.
 */
export async function updateActivity(
  runtime: Runtime,
  viewer: Viewer,
  input: ActivityUpdate,
): Promise<Outcome<Written>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const { linkedRecordId, participants: words, ...patch } = input.patch;
    const path = ['patch', 'linkedRecordId'];
    // Records are locked before the activity, as everywhere; whether it may be linked to it shows once both are.
    const record = linkedRecordId == null ? null : await resolveRecord(tx, viewer, linkedRecordId, path);
    const fallback = linkedRecordId === null ? await holdFallback(tx, viewer, input.id) : null;
    const opened = await open(tx, viewer, input.id, input.expectedVersion);
    if (!opened.ok) return refused(...opened.refusals);
    const row = opened.value;
    const people = words === undefined ? null : await resolveParticipants(tx, words, row, ['patch', 'participants']);
    const now = nowFor(runtime, row);
    const before = stateOf(row, people?.ok ? people.value.before : untold(row));
    // A link that stays is not judged again: its record may have moved on since.
    const next = record?.ok && !isSameRecord(record.value, before.link) ? record.value : null;
    const linkRefusal = next && refuseLink(next, row.direction === null ? accountOf(row) : null, path);
    const applied = applyPatch(
      before,
      {
        ...patch,
        ...(linkedRecordId === null && { link: null }),
        ...(next && { link: recordOf(next) }),
        ...(people?.ok && { participants: people.value.after }),
      },
      now,
      ['patch'],
      row.direction !== null,
    );
    const refusals = [
      ...refusalsIn(record, people),
      ...(linkRefusal ? [linkRefusal] : []),
      ...(applied.ok ? [] : applied.refusals),
    ];
    if (!applied.ok || refusals.length > 0) return refused(...refusals);
    const { id, uid } = row;
    const named = record?.ok ? record.value : null;
    const after = { ...applied.state, account: accountFollowing(row, named, next !== null) };
    const events = activityEvents({ type: 'ACTIVITY', id, uid }, before, after);
    if (events.length > 0) await updateActivityRow(tx, id, after, now);
    const followed = await follow(tx, row, [before, after], named, fallback, now);
    return { ok: true, at: now, value: { uid }, events: [...events, ...followed.events], before: followed.before };
  });
}

/** Participants of whom nothing is to be told, since they stay: no ULIDs were looked up. */
export const untold = (row: OpenActivity): Participant[] =>
  participantsOf(row).map(({ userId, contactId, name, email, attended }) => ({
    user: userId === undefined ? null : { id: BigInt(userId), uid: '' },
    contact: contactId === undefined ? null : { id: BigInt(contactId), uid: '' },
    name: name ?? null,
    email: email ?? null,
    attended: attended ?? null,
  }));
