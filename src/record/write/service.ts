import { actorOf, type Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { NOTHING, together } from '../../event/batch.ts';
import { commit, type NewEvent, type Subject } from '../../event/log.ts';
import { newUid, uidOf } from '../../ids.ts';
import { findAssignee } from '../../organization/service.ts';
import { Invalid, NotFound, type Outcome, type Refusal, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { RECORD_NAMES } from '../names.ts';
import type { Noun } from '../noun.ts';
import { relink } from '../relink/service.ts';
import type { NamedRecord, Path, RecordState, Ref } from '../rules.ts';
import { findLink } from '../service.ts';
import type { RecordRows } from '../store.ts';
import { recordEvents } from './changes.ts';
import { nowFor, openRecord } from './open.ts';
import { insertRecord, namedBy, updateRecordRow } from './store.ts';

/** The ids that people write; absent leaves alone, null clears. */
export interface NamedIds {
  /** A User's id. */
  readonly ownerId?: string | null | undefined;
  readonly accountId?: string | null | undefined;
  readonly contactId?: string | null | undefined;
  readonly leadId?: string | null | undefined;
}

/** What people write of a record: its fields, with ids as they came. */
export type Words<State> = Omit<Partial<State>, 'owner' | 'account' | 'contact' | 'lead'> & NamedIds;

export interface RecordUpdate<State> {
  readonly id: string;
  readonly expectedVersion: number | null;
  readonly patch: Words<State>;
}

export interface Written {
  readonly uid: string;
}

interface Resolved {
  readonly owner?: Ref | null;
  readonly account?: NamedRecord | null;
  readonly contact?: NamedRecord | null;
  readonly lead?: NamedRecord | null;
}

/** An active member who is a person. */
async function resolveOwner(tx: Tx, id: string, path: Path): Promise<Ref | Refusal> {
  const member = await findAssignee(tx, id);
  if (!member) return new NotFound('There is no such active member.', path);
  if (member.kind !== 'PERSON') return new Invalid('Records belong to people, not to API keys or the assistant.', path);
  return { id: member.userId, uid: member.userUid };
}

/** A record that another one is to name: share-locked, so that neither its account nor its being there changes. */
async function resolveNamed(tx: Tx, viewer: Viewer, type: RecordType, id: string, path: Path) {
  const link = uidOf(RECORD_NAMES[type], id) === null ? null : await findLink(tx, viewer, id);
  const what = type.toLowerCase();
  if (!link) return new NotFound(`There is no such ${what}.`, path);
  if (link.isDeleted) return new Invalid(`This ${what} is deleted; restore it first.`, path);
  return { id: link.id, uid: link.uid, accountId: link.accountId };
}

const isRefusal = (found: object | null): found is Refusal => found !== null && 'code' in found;

// Locks come in one order: the member, the records (account, contact, lead, opportunity), their activities by id, then
// their tasks by id, jobs, and last the log's counter. But whom the system gives a task is known only once its record is
// held: they are held after it, by FOR SHARE as everywhere, and what takes more of a membership locks no record.
/** What the ids in an input mean, locked, and every reason why one of them means nothing. */
export async function resolve(tx: Tx, viewer: Viewer, ids: NamedIds, path: Path) {
  const found: Record<string, object | null> = {};
  const refusals: Refusal[] = [];
  const add = async (name: string, id: string | null | undefined, look: (id: string, at: Path) => Promise<object>) => {
    if (id === undefined) return;
    const one = id === null ? null : await look(id, [...path, `${name}Id`]);
    if (isRefusal(one)) refusals.push(one);
    else found[name] = one;
  };
  const record = (type: RecordType) => (id: string, at: Path) => resolveNamed(tx, viewer, type, id, at);
  await add('owner', ids.ownerId, (id, at) => resolveOwner(tx, id, at));
  await add('account', ids.accountId, record('ACCOUNT'));
  await add('contact', ids.contactId, record('CONTACT'));
  await add('lead', ids.leadId, record('LEAD'));
  return { resolved: found as Resolved, refusals };
}

const NAMED = { owner: 'User', account: 'Account', contact: 'Contact', lead: 'Lead' } as const;

/** What is named again, as it is already, is not judged again: it may have been deleted or deactivated since. */
const staysIn = (before: Resolved, ids: NamedIds) =>
  (Object.keys(NAMED) as (keyof typeof NAMED)[])
    .filter((name) => before[name] != null && uidOf(NAMED[name], ids[`${name}Id`] ?? '') === before[name].uid)
    .map((name) => `${name}Id`);

/** What people write of a record but for the ids. */
export const ownWords = <State>({ ownerId, accountId, contactId, leadId, ...own }: Words<State>) =>
  own as unknown as Partial<State>;

const told = <State extends RecordState>(noun: Pick<Noun<RecordType, State>, 'outward'>, state: State) => ({
  fields: noun.outward(state),
  tags: state.tags,
});

/** A record that is new, and what the log is told of it. */
export interface Added {
  readonly record: Ref;
  readonly events: readonly NewEvent[];
}

/** Puts a record there that its noun has judged, with what that entails, in a transaction that may do more. */
export async function addRecord<Type extends RecordType, State extends RecordState>(
  tx: Tx,
  viewer: Viewer,
  noun: Noun<Type, State>,
  state: State,
  now: Date,
): Promise<Added> {
  const uid = newUid();
  const row = { uid, creatorId: viewer.userId, columns: noun.columnsOf(state) };
  const id = await insertRecord(tx, noun.type, row, now);
  const record = { id, uid };
  const events = recordEvents({ type: noun.type, ...record }, null, told(noun, state));
  const entailed = await noun.entails?.(tx, viewer, { record, row: null, before: null, after: state, now });
  return { record, events: [...events, ...(entailed?.events ?? [])] };
}

/** Creates a record. */
export function createRecord<Type extends RecordType, State extends RecordState>(
  runtime: Runtime,
  viewer: Viewer,
  noun: Noun<Type, State>,
  words: Words<State>,
): Promise<Outcome<Written>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const { resolved, refusals } = await resolve(tx, viewer, words, []);
    const now = runtime.now();
    const applied = noun.apply(noun.blank, { ...ownWords(words), ...resolved }, []);
    if (!applied.ok || refusals.length > 0) return refused(...(applied.ok ? [] : applied.refusals), ...refusals);
    const { record, events } = await addRecord(tx, viewer, noun, applied.state, now);
    return { ok: true, at: now, value: { uid: record.uid }, events };
  });
}

/** A row that is held, as its noun knows it. */
export const stateOf = async <Type extends RecordType, State extends RecordState>(
  tx: Tx,
  noun: Noun<Type, State>,
  row: RecordRows[Type],
): Promise<State> => noun.stateOf(row, await namedBy(tx, row));

/** Writes columns that no patch of a caller's can; the version grows by one, and whoever calls tells of it. */
export const writeColumns = (tx: Tx, record: Subject & { readonly type: RecordType }, columns: object, now: Date) =>
  updateRecordRow(tx, record.type, record.id, columns as Readonly<Record<string, unknown>>, now);

/** Changes a record, and what its tasks derive from it. What changes nothing makes no event and no new version. */
export function updateRecord<Type extends RecordType, State extends RecordState>(
  runtime: Runtime,
  viewer: Viewer,
  noun: Noun<Type, State>,
  { id, expectedVersion, patch }: RecordUpdate<State>,
): Promise<Outcome<Written>> {
  const actor = actorOf(viewer);
  return commit(runtime, actor, runtime.now(), async (tx) => {
    const { resolved, refusals: found } = await resolve(tx, viewer, patch, ['patch']);
    const opened = await openRecord(tx, noun.type, id, expectedVersion);
    if (!opened.ok) return refused(opened.refusal);
    const { row } = opened;
    const now = nowFor(runtime, row);
    const before = await stateOf(tx, noun, row);
    const staying = staysIn(before as Resolved, patch);
    const refusals = found.filter(({ path }) => !staying.includes(path.at(-1) ?? ''));
    const applied = noun.apply(before, { ...ownWords(patch), ...resolved }, ['patch']);
    if (!applied.ok || refusals.length > 0) return refused(...(applied.ok ? [] : applied.refusals), ...refusals);
    const subject = { type: noun.type, id: row.id, uid: row.uid };
    const events = recordEvents(subject, told(noun, before), told(noun, applied.state));
    if (events.length === 0) return { ok: true, value: { uid: row.uid }, events };
    await updateRecordRow(tx, noun.type, row.id, noun.columnsOf(applied.state), now);
    const [from, to] = [noun.derived(before), noun.derived(applied.state)];
    const moved = from.accountId !== to.accountId || from.leadId !== to.leadId;
    const follow = moved ? await relink(runtime, tx, actor, { ...subject, ...to }, now) : null;
    const write = { record: { id: row.id, uid: row.uid }, row, before, after: applied.state, now };
    const entailed = (await noun.entails?.(tx, viewer, write)) ?? null;
    const tasks = together(follow ?? NOTHING, entailed ?? NOTHING);
    return { ok: true, at: now, value: { uid: row.uid }, events: [...events, ...tasks.events], before: tasks.before };
  });
}
