import type { Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { Outrun } from '../../db/faults.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { decodeId, encodeId } from '../../ids.ts';
import { findAssignee } from '../../organization/service.ts';
import { type Link, linkId, recordTypeOf } from '../../record/link.ts';
import { findLink } from '../../record/service.ts';
import { resolveAssignee, resolveLink } from '../../task/resolve.ts';
import { type Person, refuseAssignee, type TaskLink } from '../../task/rules.ts';
import type { Resolved } from '../resolve.ts';
import { ownedBy } from './store.ts';

/** What was said of whom a recording is about, with ids as they came. */
export interface WhomWords {
  readonly recordId: string | null;
  readonly assigneeId: string | null;
}

/** A contact or a lead that a number or an address was found to be of, not locked yet. */
export interface Match {
  readonly type: RecordType;
  readonly uid: string;
}

/** Whom it is about and who is to do something about it, held until the transaction ends. */
export interface Whom {
  readonly link: TaskLink | null;
  /** Of the record. */
  readonly name: string | null;
  readonly assignee: Person | null;
}

const named = (recordId: string): Match | null => {
  const decoded = decodeId(recordId);
  const type = decoded && recordTypeOf(decoded);
  return type ? { type, uid: decoded.uid } : null;
};

/** The owner, who could be given tasks a moment ago. */
async function holdOwner(tx: Tx, ownerUid: string): Promise<Person> {
  const member = await findAssignee(tx, encodeId('User', ownerUid));
  if (!member || refuseAssignee(member, [])) throw new Outrun('The owner can be given no tasks any more.');
  return { id: member.userId, uid: member.userUid };
}

/** The record that was matched; one that has gone into the bin meanwhile is not matched again. */
async function holdMatch(tx: Tx, viewer: Viewer, match: Match): Promise<Link> {
  const link = await findLink(tx, viewer, linkId(match));
  if (!link || link.isDeleted) throw new Outrun('The record that was matched is deleted.');
  return link;
}

/**
 * The record that is named, else the one that was matched; and whoever is named, else its owner, else its account's.
 * Members are locked before records, so that owners are glimpsed first.
 */
export async function resolveWhom(
  tx: Tx,
  viewer: Viewer,
  { recordId, assigneeId }: WhomWords,
  match: Match | null,
): Promise<Resolved<Whom>> {
  const about = recordId === null ? match : named(recordId);
  const owned = about && (await ownedBy(tx, about.type, about.uid));
  const given = assigneeId === null ? null : await resolveAssignee(tx, viewer, assigneeId, ['assigneeId']);
  const owner = given === null && owned?.ownerUid ? await holdOwner(tx, owned.ownerUid) : null;
  const link = recordId === null ? null : await resolveLink(tx, viewer, recordId, ['recordId']);
  const refusals = [given, link].flatMap((each) => (each?.ok === false ? each.refusals : []));
  if (refusals.length > 0) return { ok: false, refusals };
  const held = link?.ok ? link.value : match && (await holdMatch(tx, viewer, match));
  const assignee = given?.ok ? given.value : owner;
  return { ok: true, value: { link: held, name: owned?.name ?? null, assignee } };
}
