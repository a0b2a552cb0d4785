import type { Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { Outrun } from '../../db/faults.ts';
import type { NewEvent } from '../../event/log.ts';
import { newUid } from '../../ids.ts';
import { activityEvents } from '../changes.ts';
import type { ActivityState, Named } from '../rules.ts';
import { insertRecorded, type RecordedColumns } from './store.ts';
import type { Whom } from './whom.ts';

/** Something that was recorded, tidied. */
export interface Log
  extends RecordedColumns,
    Pick<ActivityState, 'title' | 'description' | 'participants' | 'duration'> {
  readonly at: Date;
}

const PLACES = { CALL: 'Phone', EMAIL: 'Email', SMS: 'SMS' } as const;
/** What the log tells of a recorded activity besides what it tells of every one. */
const ALSO = ['direction', 'threadId', 'remotePhone', 'localPhone'] as const;

/** Writes down the activity. Somebody who records the same at once begins anew, and finds it recorded. */
export async function log(
  tx: Tx,
  viewer: Viewer,
  { at, title, description, participants, duration, ...recorded }: Log,
  { link }: Whom,
  now: Date,
): Promise<Named & { readonly events: readonly NewEvent[] }> {
  const { accountId = null, accountUid = null } = link ?? {};
  const state: ActivityState = {
    ...{ title, description, participants, duration, activityTimestamp: at },
    ...{ type: recorded.recording, status: 'COMPLETED', visibility: 'ORGANIZATION' },
    location: PLACES[recorded.recording],
    account: accountId === null || accountUid === null ? null : { id: accountId, uid: accountUid },
    link: link && { type: link.type, id: link.id, uid: link.uid, leadId: link.leadId },
    attachmentUrls: [],
    tags: [],
  };
  const uid = newUid();
  const id = await insertRecorded(tx, state, recorded, { uid, creatorId: viewer.userId }, now);
  if (id === null) throw new Outrun('It was recorded at the same time.');
  const also = ALSO.filter((field) => recorded[field] !== null).map((field) => {
    return { field, from: null, to: recorded[field] };
  });
  const events = activityEvents({ type: 'ACTIVITY', id, uid }, null, state);
  return {
    id,
    uid,
    events: events.map((event, at) => (at ? event : { ...event, changes: [...event.changes, ...also] })),
  };
}
