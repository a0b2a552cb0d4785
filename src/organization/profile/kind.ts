import { z } from 'zod';
import { commit } from '../../event/log.ts';
import { rezoned } from '../../task/reminder/rules.ts';
import type { Kind } from '../../work/kind.ts';
import { schedule } from '../../work/service.ts';
import { PROFILE_SPREAD, personChanged } from './service.ts';
import { nextMembership } from './store.ts';

const Id = z.string().regex(/^\d{1,18}$/);
const Text = z.string().nullable();
const Payload = z.object({
  userId: Id,
  changes: z.array(z.object({ field: z.string(), from: Text, to: Text })),
  after: Id,
});

/**
 * Tells a person's organizations, one after the other, that they have another name or zone: the log of those that do not
 * know yet, and the reminders that go by the zone. A worker that ends between an organization and the next may tell the
 * log twice; it never leaves one out.
 */
export const spreadProfile: Kind = {
  name: PROFILE_SPREAD,
  async run(runtime, job) {
    const { db } = runtime;
    const { userId: id, changes, after } = Payload.parse(job.payload);
    const userId = BigInt(id);
    const next = await nextMembership(db, userId, BigInt(after));
    if (!next) return db.transaction(job.organizationId, (tx) => job.done(tx));
    const { organizationId, uid } = next;
    const isToldAlready = organizationId === job.organizationId;
    await commit(runtime, { organizationId, userId, kind: 'USER' }, runtime.now(), async (tx) => {
      if (changes.some(({ field }) => field === 'timeZone')) schedule(runtime, tx, rezoned(userId));
      return { ok: true, value: null, events: isToldAlready ? [] : [personChanged(userId, uid, changes)] };
    });
    const rest = { userId: id, changes, after: String(organizationId) };
    return db.transaction(job.organizationId, (tx) => job.again(tx, { inMs: 0 }, rest));
  },
};
