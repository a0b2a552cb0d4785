import { findActivity } from '../activity/service.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import { findAssignee } from '../organization/service.ts';
import { findLink } from '../record/service.ts';
import { Invalid, NotFound, type Refusal } from '../refusals.ts';
import { type Person, type Ref, refuseAssignee, type TaskLink } from './rules.ts';

/** What ids in an input turned out to mean, or why they mean nothing. */
export type Resolved<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

// Locks come in one order everywhere: the member, the record, the activity, pipelines, stages, tasks, and last the log's
// counter.

/** Why a task cannot be left to nobody; null where the organization allows that [THENA-T04]. */
export const refuseNobody = ({ requireAssignee }: Viewer, path: readonly string[]): Refusal | null =>
  requireAssignee ? new Invalid('This organization wants an assignee on every task.', path) : null;

/** The person of an id, who may be given tasks; null for nobody, where the organization allows that. */
export async function resolveAssignee(
  tx: Tx,
  viewer: Viewer,
  id: string | null,
  path: readonly string[],
): Promise<Resolved<Person | null>> {
  if (id === null) {
    const missing = refuseNobody(viewer, path);
    return missing ? { ok: false, refusals: [missing] } : { ok: true, value: null };
  }
  const member = await findAssignee(tx, id);
  if (!member) return { ok: false, refusals: [new NotFound('There is no such active member.', path)] };
  const refusal = refuseAssignee(member, path);
  return refusal ? { ok: false, refusals: [refusal] } : { ok: true, value: { id: member.userId, uid: member.userUid } };
}

/** The record of an id, which must not be in the bin. */
export async function resolveLink(
  tx: Tx,
  viewer: Viewer,
  id: string,
  path: readonly string[],
): Promise<Resolved<TaskLink>> {
  const link = await findLink(tx, viewer, id);
  if (!link)
    return { ok: false, refusals: [new NotFound('There is no such account, contact, lead or opportunity.', path)] };
  if (link.isDeleted) return { ok: false, refusals: [new Invalid('This record is deleted; restore it first.', path)] };
  return { ok: true, value: link };
}

/** The activity of an id, which must not be in the bin; null for none. */
export async function resolveActivity(
  tx: Tx,
  viewer: Viewer,
  id: string | null,
  path: readonly string[],
): Promise<Resolved<Ref | null>> {
  if (id === null) return { ok: true, value: null };
  const activity = await findActivity(tx, viewer, id);
  if (!activity) return { ok: false, refusals: [new NotFound('There is no such activity.', path)] };
  if (activity.isDeleted)
    return { ok: false, refusals: [new Invalid('This activity is deleted; restore it first.', path)] };
  return { ok: true, value: { id: activity.id, uid: activity.uid } };
}

interface NewLink {
  readonly linkedRecordId?: string | null | undefined;
  readonly accountId?: string | null | undefined;
}

/** The record of a new task: the one that is named, which `accountId` must not contradict, else the account [THENA-T02]. */
export async function resolveNewLink(
  tx: Tx,
  viewer: Viewer,
  { linkedRecordId, accountId }: NewLink,
  path: readonly string[],
): Promise<Resolved<TaskLink>> {
  if (linkedRecordId == null && accountId == null) {
    return {
      ok: false,
      refusals: [new Invalid('Name an account or another record to link the task to.', [...path, 'accountId'])],
    };
  }
  // The account first: whoever deletes it goes from there to its contacts and opportunities.
  const account = accountId == null ? null : await resolveAccount(tx, viewer, accountId, [...path, 'accountId']);
  if (linkedRecordId == null) return account as Resolved<TaskLink>;
  const record = await resolveLink(tx, viewer, linkedRecordId, [...path, 'linkedRecordId']);
  if (!record.ok || account === null) return record;
  if (!account.ok) return account;
  const contradicts = record.value.accountId !== account.value.id;
  return contradicts
    ? {
        ok: false,
        refusals: [new Invalid('The linked record does not belong to this account.', [...path, 'accountId'])],
      }
    : record;
}

/** An account, whatever is wrong with its id told alike. */
async function resolveAccount(
  tx: Tx,
  viewer: Viewer,
  id: string,
  path: readonly string[],
): Promise<Resolved<TaskLink>> {
  const account = await resolveLink(tx, viewer, id, path);
  const isOther = account.ok ? account.value.type !== 'ACCOUNT' : account.refusals[0] instanceof NotFound;
  return isOther ? { ok: false, refusals: [new NotFound('There is no such account.', path)] } : account;
}
