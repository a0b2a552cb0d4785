import type { Viewer } from '../../auth/viewer.ts';
import type { Tx } from '../../db/database.ts';
import { Outrun } from '../../db/faults.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { type Link, linkId } from '../../record/link.ts';
import { findLink } from '../../record/service.ts';
import { firstAble } from '../../task/made/service.ts';
import { resolveAssignee, resolveLink } from '../../task/resolve.ts';
import type { Person, TaskLink } from '../../task/rules.ts';
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

/** The record that was matched; one that has gone into the bin meanwhile is not matched again. */
async function holdMatch(tx: Tx, viewer: Viewer, match: Match): Promise<Link> {
  const link = await findLink(tx, viewer, linkId(match));
  if (!link || link.isDeleted) throw new Outrun('The record that was matched is deleted.');
  return link;
}

/**
 * The record that is named, else the one that was matched; and whoever is named, else its owner, else its account's. Whose
 * it is and how it is called is read once it is held, since both may change until then.
 */
export async function resolveWhom(
  tx: Tx,
  viewer: Viewer,
  { recordId, assigneeId }: WhomWords,
  match: Match | null,
): Promise<Resolved<Whom>> {
  const given = assigneeId === null ? null : await resolveAssignee(tx, viewer, assigneeId, ['assigneeId']);
  const named = recordId === null ? null : await resolveLink(tx, viewer, recordId, ['recordId']);
  const refusals = [given, named].flatMap((each) => (each?.ok === false ? each.refusals : []));
  if (refusals.length > 0) return { ok: false, refusals };
  const link = named?.ok ? named.value : match && (await holdMatch(tx, viewer, match));
  const owned = link && (await ownedBy(tx, link.type, link.id));
  if (given?.ok) return { ok: true, value: { link, name: owned?.name ?? null, assignee: given.value } };
  const [assignee = null] = owned ? await firstAble(tx, [[owned.ownerId, owned.accountOwnerId]]) : [];
  return { ok: true, value: { link, name: owned?.name ?? null, assignee } };
}
