import { hashApiKey, newApiKey } from '../auth/secrets.ts';
import { actorOf, type Viewer } from '../auth/viewer.ts';
import type { Reader, Tx } from '../db/database.ts';
import type { Role } from '../db/generated/prisma/enums.ts';
import { commit } from '../event/log.ts';
import { firstPrune } from '../event/prune.ts';
import { encodeId, newUid, uidOf } from '../ids.ts';
import { OPPORTUNITY_DUE, untilNextRun } from '../opportunity/due/rules.ts';
import { type Outcome, refused } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import { firstRetention } from '../task/retention/rules.ts';
import { plan } from '../work/service.ts';
import { assistantOf, insertAssistant, insertOrganization, insertPerson, readAssistant } from './founding/store.ts';
import { refuseKey, refuseRevocation } from './rules.ts';
import { assistantNameOf } from './settings/rules.ts';
import {
  type AssigneeRow,
  findKeyByUid,
  insertKey,
  lockAssignee,
  lockMembers,
  revokeKey,
  timeZoneOf,
} from './store.ts';

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  readonly crmAccess: boolean;
  readonly expiresAt: Date | null;
}

/** The member behind a User's id, for as long as the transaction lasts; null for what names nobody active. */
export async function findAssignee(tx: Tx, id: string): Promise<AssigneeRow | null> {
  const uid = uidOf('User', id);
  const found = uid === null ? null : await lockAssignee(tx, uid);
  return found?.isActive ? found : null;
}

/** The organization's assistant, to whom all is attributed that the system does by itself. */
export const findAssistant = (tx: Tx): Promise<{ readonly id: bigint; readonly uid: string }> => assistantOf(tx);

/** The organization's zone, as it is now. */
export const findTimeZone = (tx: Tx): Promise<string> => timeZoneOf(tx);

/** The members behind users' inner ids, held against deactivation until the transaction ends, by those ids. */
export async function findMembers(tx: Tx, userIds: readonly bigint[]): Promise<ReadonlyMap<bigint, AssigneeRow>> {
  const rows = userIds.length === 0 ? [] : await lockMembers(tx, userIds);
  return new Map(rows.map((row) => [row.userId, row]));
}

/** The same before a transaction, for what the system does by itself. */
export const assistantIdOf = async (db: Reader, organizationId: bigint): Promise<bigint> =>
  (await readAssistant(db, organizationId)).id;

/** Makes a key, which is a member of its own. Its text is given back here and kept nowhere. */
export async function createApiKey(
  runtime: Runtime,
  viewer: Viewer,
  input: NewKey,
): Promise<Outcome<{ readonly uid: string; readonly secret: string }>> {
  const now = runtime.now();
  const refusals = refuseKey(input, now);
  if (refusals.length > 0) return refused(...refusals);
  const secret = newApiKey(viewer.organizationUid);
  const uid = newUid();
  return commit(runtime, actorOf(viewer), now, async (tx) => {
    const key = { ...input, name: input.name.trim(), uid, secret, hash: hashApiKey(runtime.apiKeySecret, secret) };
    const id = await insertKey(tx, key, now);
    const changes = [
      { field: 'name', from: null, to: key.name },
      { field: 'role', from: null, to: key.role },
      { field: 'crmAccess', from: null, to: key.crmAccess },
    ];
    const subject = { type: 'API_KEY', id, uid } as const;
    return { ok: true, value: { uid, secret }, events: [{ kind: 'API_KEY_CREATED', subject, changes }] };
  });
}

/** Ends a key at once: the next request with it is refused. */
export async function revokeApiKey(
  runtime: Runtime,
  viewer: Viewer,
  id: string,
): Promise<Outcome<{ readonly uid: string }>> {
  const now = runtime.now();
  return commit(runtime, actorOf(viewer), now, async (tx) => {
    const key = await findKeyByUid(tx, uidOf('ApiKey', id) ?? '');
    const refusal = refuseRevocation(key);
    if (refusal || !key) return refused(...(refusal ? [refusal] : []));
    await revokeKey(tx, key, now);
    const subject = { type: 'API_KEY', id: key.id, uid: key.uid } as const;
    const changes = [{ field: 'revokedAt', from: null, to: now }];
    return { ok: true, value: { uid: key.uid }, events: [{ kind: 'API_KEY_REVOKED', subject, changes }] };
  });
}

/** Founds an organization, with its log and its assistant, to whom all is attributed that the system does. */
export async function createOrganization(
  { db, now }: Pick<Runtime, 'db' | 'now'>,
  input: { readonly name: string; readonly timeZone: string },
): Promise<{ readonly id: bigint; readonly assistantId: bigint }> {
  const organization = await insertOrganization(db, { ...input, uid: newUid() }, now());
  const assistantId = await db.transaction(organization.id, async (tx) => {
    const assistant = { name: assistantNameOf(input.name), userUid: newUid(), uid: newUid() };
    const id = await insertAssistant(tx, assistant, now());
    plan(tx, firstPrune(Math.random()));
    const dueInMs = untilNextRun(now().getTime(), input.timeZone);
    plan(tx, { kind: OPPORTUNITY_DUE, due: { inMs: dueInMs } });
    plan(tx, firstRetention(Math.random()));
    return id;
  });
  return { id: organization.id, assistantId };
}

export interface NewMember {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly crmAccess: boolean;
  readonly timeZone?: string;
}

/** Makes someone a member of an organization; who has no account yet gets one. */
export async function addMember(
  runtime: Pick<Runtime, 'db' | 'ring' | 'now' | 'consequences'>,
  organization: { readonly id: bigint; readonly assistantId: bigint },
  input: NewMember,
): Promise<{ readonly userId: bigint; readonly userUid: string }> {
  const now = runtime.now();
  const actor = { organizationId: organization.id, userId: organization.assistantId, kind: 'SYSTEM' } as const;
  const added = await commit(runtime, actor, now, async (tx) => {
    const person = await insertPerson(
      tx,
      { ...input, email: input.email.toLowerCase(), userUid: newUid(), uid: newUid() },
      now,
    );
    const changes = [
      { field: 'user', from: null, to: encodeId('User', person.userUid) },
      { field: 'role', from: null, to: input.role },
      { field: 'crmAccess', from: null, to: input.crmAccess },
      { field: 'isActive', from: null, to: true },
    ];
    const subject = { type: 'MEMBERSHIP', id: person.userId, uid: person.uid } as const;
    return { ok: true, value: person, events: [{ kind: 'MEMBERSHIP_CHANGED', subject, changes }] };
  });
  if (!added.ok) throw new Error('A member was refused.');
  return added.value;
}
