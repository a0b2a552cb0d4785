import type { Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import { uidOf } from '../ids.ts';
import { tidyText } from '../limits.ts';
import type { Link } from '../record/link.ts';
import { findLink } from '../record/service.ts';
import { Invalid, NotFound, type Refusal } from '../refusals.ts';
import { namedBy, participantsOf } from './participants.ts';
import { type Named, type Participant, type ParticipantWords, refuseLink, refuseParticipants } from './rules.ts';
import { findParticipants, type OpenActivity } from './store.ts';

/** What ids in an input turned out to mean, or why they mean nothing. */
export type Resolved<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

const refuse = (...refusals: readonly Refusal[]) => ({ ok: false, refusals }) as const;

/** The account of a new activity, which must not be in the bin [THENA-A02]. */
export async function resolveAccount(
  tx: Tx,
  viewer: Viewer,
  id: string,
  path: readonly string[],
): Promise<Resolved<Named>> {
  const account = uidOf('Account', id) === null ? null : await findLink(tx, viewer, id);
  if (!account) return refuse(new NotFound('There is no such account.', path));
  if (account.isDeleted) return refuse(new Invalid('This account is deleted; restore it first.', path));
  return { ok: true, value: { id: account.id, uid: account.uid } };
}

/** The record of an id, locked; whether an activity may be linked to it, `refuseLink` says. */
export async function resolveRecord(
  tx: Tx,
  viewer: Viewer,
  id: string,
  path: readonly string[],
): Promise<Resolved<Link>> {
  const link = await findLink(tx, viewer, id);
  return link
    ? { ok: true, value: link }
    : refuse(new NotFound('There is no such account, contact, lead or opportunity.', path));
}

/** The record that an activity at an account is to be linked to [THENA-A19]. */
export async function resolveLink(
  tx: Tx,
  viewer: Viewer,
  id: string,
  account: Named | null,
  path: readonly string[],
): Promise<Resolved<Link>> {
  const record = await resolveRecord(tx, viewer, id, path);
  const refusal = record.ok ? refuseLink(record.value, account, path) : null;
  return refusal ? refuse(refusal) : record;
}

const defined = <Value>(values: readonly (Value | null | undefined)[]) => values.filter((value) => value != null);

/** Those whom an input names, and those who took part before, as the log tells of them: in one statement. */
export async function resolveParticipants(
  tx: Tx,
  words: readonly ParticipantWords[],
  before: OpenActivity | null,
  path: readonly string[],
): Promise<Resolved<{ readonly before: readonly Participant[]; readonly after: readonly Participant[] }>> {
  const refusals = refuseParticipants(words, path);
  if (refusals.length > 0) return refuse(...refusals);
  const old = before ? participantsOf(before) : [];
  const uids = (type: 'User' | 'Contact', ids: readonly (string | null | undefined)[]) =>
    defined(defined(ids).map((id) => uidOf(type, id)));
  const found = await findParticipants(tx, {
    ...namedBy(old),
    userUids: uids(
      'User',
      words.map(({ userId }) => userId),
    ),
    contactUids: uids(
      'Contact',
      words.map(({ contactId }) => contactId),
    ),
  });
  const by = (of: 'user' | 'contact', key: 'id' | 'uid') =>
    new Map<unknown, Named>(
      found.filter((row) => row.of === of).map((row) => [row[key], { id: row.id, uid: row.uid }]),
    );
  const [users, contacts] = [by('user', 'uid'), by('contact', 'uid')];
  const [oldUsers, oldContacts] = [by('user', 'id'), by('contact', 'id')];
  const after = words.map(
    ({ userId, contactId, name, email, attended }): Participant => ({
      user: userId == null ? null : (users.get(uidOf('User', userId)) ?? null),
      contact: contactId == null ? null : (contacts.get(uidOf('Contact', contactId)) ?? null),
      name: tidyText(name),
      email: tidyText(email),
      attended: attended ?? null,
    }),
  );
  const missing = words.flatMap(({ userId, contactId }, index) =>
    defined([
      userId != null && !after[index]?.user
        ? new NotFound('There is no such person in the organization.', [...path, String(index), 'userId'])
        : null,
      contactId != null && !after[index]?.contact
        ? new NotFound('There is no such contact.', [...path, String(index), 'contactId'])
        : null,
    ]),
  );
  if (missing.length > 0) return refuse(...missing);
  const known = old.map(
    ({ userId, contactId, name, email, attended }): Participant => ({
      user: userId === undefined ? null : (oldUsers.get(BigInt(userId)) ?? null),
      contact: contactId === undefined ? null : (oldContacts.get(BigInt(contactId)) ?? null),
      name: name ?? null,
      email: email ?? null,
      attended: attended ?? null,
    }),
  );
  return { ok: true, value: { before: known, after } };
}
