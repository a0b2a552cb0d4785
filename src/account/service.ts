import { actorOf, type Viewer } from '../auth/viewer.ts';
import { commit } from '../event/log.ts';
import { encodeId, newUid } from '../ids.ts';
import { tidyTags } from '../limits.ts';
import { findAssignee } from '../organization/service.ts';
import { NotFound, type Outcome, refused } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import { type AccountInput, refuseAccount, tidyDomain } from './rules.ts';
import { insertAccount } from './store.ts';

export interface NewAccount extends AccountInput {
  /** A User's id. */
  readonly ownerId: string | null;
}

/** Creates an account. */
export async function createAccount(
  runtime: Runtime,
  viewer: Viewer,
  input: NewAccount,
): Promise<Outcome<{ readonly uid: string }>> {
  const refusals = refuseAccount(input);
  if (refusals.length > 0) return refused(...refusals);
  const now = runtime.now();
  const uid = newUid();
  return commit(runtime, actorOf(viewer), now, async (tx) => {
    const owner = input.ownerId === null ? null : await findAssignee(tx, input.ownerId);
    if (input.ownerId !== null && !owner) return refused(new NotFound('There is no such active member.', ['ownerId']));
    const account = { uid, name: input.name.trim(), domain: tidyDomain(input.domain), tags: tidyTags(input.tags) };
    const id = await insertAccount(tx, { ...account, ownerId: owner?.userId ?? null, creatorId: viewer.userId }, now);
    const created = {
      name: account.name,
      domain: account.domain,
      ownerId: owner && encodeId('User', owner.userUid),
      tags: account.tags,
    };
    const changes = Object.entries(created)
      .filter(([, to]) => to !== null && !(Array.isArray(to) && to.length === 0))
      .map(([field, to]) => ({ field, from: null, to }));
    const subject = { type: 'ACCOUNT', id, uid } as const;
    return { ok: true, value: { uid }, events: [{ kind: 'RECORD_CREATED', subject, changes }] } as const;
  });
}
