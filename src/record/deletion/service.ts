import { actorOf, type Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { nextDeletion, RECORD_DELETION } from '../../db/deletion.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { NOTHING, together } from '../../event/batch.ts';
import { type Actor, commit } from '../../event/log.ts';
import { encodeId, uidOf } from '../../ids.ts';
import { Conflict, NotAllowed, type Outcome, type Refusal, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { pendingJob, schedule } from '../../work/service.ts';
import { keptActor } from '../job.ts';
import { RECORD_NAMES } from '../names.ts';
import type { Entailed, Noun } from '../noun.ts';
import type { RecordState } from '../rules.ts';
import type { RecordRows } from '../store.ts';
import { holdById, nowFor, openRecord } from '../write/open.ts';
import { namedBy, updateRecordRow } from '../write/store.ts';
import { deletedEvent, restoredEvent, restoreSome, takeSome } from './carry.ts';
import { numbersOf } from './pending.ts';
import { type AccountOf, type Child, shareAccountOf } from './store.ts';

interface Written {
  readonly uid: string;
}

/** What one transaction could not take is done by a job, with whatever another deletion of the record has left to do. */
async function leaveRest(runtime: Runtime, tx: Tx, actor: Actor, root: Rooted, deletionId: bigint): Promise<void> {
  const before = numbersOf(await pendingJob(tx, RECORD_DELETION, root.uid));
  const numbers = [...new Set([...before, deletionId])].map(String);
  const payload = { type: root.type, numbers, actor: keptActor(actor) };
  schedule(runtime, tx, { kind: RECORD_DELETION, key: root.uid, due: { inMs: 0 }, payload });
}

interface Rooted extends Written {
  readonly type: RecordType;
  readonly id: bigint;
}

/** Puts a record into the bin with all that belongs to it [CLOSE-59]. */
export function deleteRecord(
  runtime: Runtime,
  viewer: Viewer,
  type: RecordType,
  input: { readonly id: string; readonly expectedVersion: number | null },
): Promise<Outcome<Written>> {
  const actor = actorOf(viewer);
  return commit(runtime, actor, runtime.now(), async (tx) => {
    const opened = await openRecord(tx, type, input.id, input.expectedVersion);
    if (!opened.ok) return refused(opened.refusal);
    const { id, uid, updatedAt } = opened.row;
    const now = nowFor(runtime, { updatedAt });
    const deletion = { id: await nextDeletion(tx), at: now };
    await updateRecordRow(tx, type, id, { deletedAt: now, deletionId: deletion.id }, now);
    const root = { type, id, uid };
    const batch = await takeSome(tx, root, deletion, now);
    if (batch.more) await leaveRest(runtime, tx, actor, root, deletion.id);
    const events = [deletedEvent(type, { id, uid }, now), ...batch.events];
    return { ok: true, at: now, value: { uid }, events, before: batch.before };
  });
}

/** Why a contact or an opportunity cannot be restored: its account is in the bin. */
function refuseAccount(type: RecordType, row: RecordRows[RecordType], account: AccountOf | null): Refusal | null {
  const accountId = 'accountId' in row ? row.accountId : null;
  // It was moved between two statements, which a deleted record cannot be: it was restored and deleted meanwhile.
  if (accountId !== (account?.id ?? null)) return new Conflict('This record has just changed; try again.', ['id']);
  if (!account?.isDeleted) return null;
  const named = `${account.name} (${encodeId('Account', account.uid)})`;
  return new NotAllowed(`The account of this ${type.toLowerCase()} is deleted: restore ${named} first.`, ['id']);
}

const isChild = (type: RecordType): type is Child => type === 'CONTACT' || type === 'OPPORTUNITY';

/** What time has brought about while a record was in the bin, once its tasks are back. */
async function entailedBy<Type extends RecordType, State extends RecordState>(
  tx: Tx,
  viewer: Viewer,
  { stateOf, entails }: Noun<Type, State>,
  row: RecordRows[Type],
  now: Date,
): Promise<Entailed | null> {
  if (!entails) return null;
  const state = stateOf(row, await namedBy(tx, row));
  return entails(tx, viewer, { record: { id: row.id, uid: row.uid }, row, before: state, after: state, now });
}

/** Takes a record out of the bin, and exactly what its deletion took with it. One that is not deleted stays as it is. */
export function restoreRecord<Type extends RecordType, State extends RecordState>(
  runtime: Runtime,
  viewer: Viewer,
  noun: Noun<Type, State>,
  input: { readonly id: string },
): Promise<Outcome<Written>> {
  const actor = actorOf(viewer);
  const { type } = noun;
  return commit(runtime, actor, runtime.now(), async (tx) => {
    // The account before the record, as everywhere.
    const account = isChild(type) ? await shareAccountOf(tx, type, uidOf(RECORD_NAMES[type], input.id) ?? '') : null;
    const held = await holdById(tx, type, input.id);
    if (!held.ok) return refused(held.refusal);
    const { id, uid, deletedAt, deletionId, updatedAt } = held.row;
    if (!deletedAt) return { ok: true, value: { uid }, events: [] };
    const refusal = isChild(type) ? refuseAccount(type, held.row, account) : null;
    if (refusal) return refused(refusal);
    const now = nowFor(runtime, { updatedAt });
    await updateRecordRow(tx, type, id, { deletedAt: null, deletionId: null }, now);
    const root = { type, id, uid };
    const batch = deletionId === null ? null : await restoreSome(tx, root, deletionId, now);
    if (deletionId !== null && batch?.more) await leaveRest(runtime, tx, actor, root, deletionId);
    const entailed = await entailedBy(tx, viewer, noun, held.row, now);
    const { events, before } = together(batch ?? NOTHING, entailed ?? NOTHING);
    return {
      ok: true,
      at: now,
      value: { uid },
      events: [restoredEvent(type, { id, uid }, deletedAt), ...events],
      before,
    };
  });
}
