import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activityEvents } from '../../src/activity/changes.ts';
import {
  type ActivityPatch,
  type ActivityState,
  applyPatch,
  type ParticipantWords,
  refuseLink,
  refuseParticipants,
} from '../../src/activity/rules.ts';

const NOW = new Date('2026-02-01T12:00:00Z');
const uid = (n: number) => String(n).padStart(26, '0');
const named = fc.integer({ min: 1, max: 3 }).map((n) => ({ id: BigInt(n), uid: uid(n) }));
const tags = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 });
const participant = fc.record({
  user: fc.option(named),
  contact: fc.constant(null),
  name: fc.option(fc.constantFrom('Ida', 'Max')),
  email: fc.constant(null),
  attended: fc.option(fc.boolean()),
});
const own = {
  link: fc.option(
    fc.tuple(named, fc.constantFrom('CONTACT', 'LEAD')).map(([of, type]) => ({ ...of, type, leadId: null })),
  ),
  type: fc.constantFrom('CALL', 'MEETING'),
  status: fc.constantFrom('PENDING', 'COMPLETED', 'CANCELLED'),
  visibility: fc.constantFrom('ORGANIZATION', 'PRIVATE'),
  title: fc.option(fc.constantFrom('One', 'Two')),
  description: fc.option(fc.constantFrom('Long', 'Longer')),
  activityTimestamp: fc.integer({ min: -3, max: 3 }).map((hours) => new Date(NOW.getTime() + hours * 3_600_000)),
  duration: fc.integer({ min: 0, max: 10080 }),
  location: fc.constantFrom('Phone', 'Hall'),
  participants: fc.array(participant, { maxLength: 2 }),
  attachmentUrls: fc.constantFrom([], ['https://x.example']),
  tags,
} as const;
const patch = fc.record(own, { requiredKeys: [] }) as fc.Arbitrary<ActivityPatch>;
/** States that could be in the database: what took place is over. */
const state = (fc.record({ account: named, ...own }) as fc.Arbitrary<ActivityState>).map((any) =>
  any.status === 'COMPLETED' && any.activityTimestamp > NOW ? { ...any, activityTimestamp: NOW } : any,
);
const subject = { type: 'ACTIVITY', id: 1n, uid: uid(1) } as const;

describe('a patch of an activity', () => {
  it('gives what it says and leaves the rest, the account always; or says that what is completed is still to come', () => {
    fc.assert(
      fc.property(state, patch, (before, change) => {
        const applied = applyPatch(before, change, NOW, ['patch']);
        const wanted = { ...before, ...change };
        const isEarly = wanted.status === 'COMPLETED' && wanted.activityTimestamp > NOW;
        if (!applied.ok) {
          const at = change.activityTimestamp === undefined ? 'status' : 'activityTimestamp';
          expect(applied.refusals).toMatchObject([{ code: 'INVALID', path: ['patch', at] }]);
        } else expect(applied.state).toEqual(wanted);
        expect(applied.ok).toBe(!isEarly);
        // What was recorded tells its time by itself.
        expect(applyPatch(before, change, NOW, [], true).ok).toBe(true);
      }),
    );
  });

  it('done twice changes nothing the second time, and makes no event', () => {
    fc.assert(
      fc.property(state, patch, (before, change) => {
        const once = applyPatch(before, change, NOW, []);
        if (!once.ok) return;
        const twice = applyPatch(once.state, change, NOW, []);
        expect(twice).toEqual(once);
        expect(activityEvents(subject, once.state, once.state)).toEqual([]);
      }),
    );
  });
});

describe('the events of an activity', () => {
  it('tell of each field that changed, once, and lead from what was to what is', () => {
    fc.assert(
      fc.property(fc.option(state), state, (before, after) => {
        const events = activityEvents(subject, before, { ...after, account: before?.account ?? after.account });
        const kinds = events.map(({ kind }) => kind);
        expect(
          ['ACTIVITY_LOGGED', 'TAG_ADDED', 'ACTIVITY_UPDATED'].filter((kind) => kinds.includes(kind as never)),
        ).toEqual(kinds);
        expect(kinds.includes('ACTIVITY_LOGGED')).toBe(before === null);
        const changes = events.flatMap((event) => event.changes);
        for (const { from, to } of changes) expect(JSON.stringify(from)).not.toBe(JSON.stringify(to));
        const others = changes.filter(({ field }) => field !== 'tags').map(({ field }) => field);
        expect(new Set(others).size).toBe(others.length);
        const ofTags = changes.filter(({ field }) => field === 'tags').map(({ from, to }) => [from ?? [], to] as const);
        const last = ofTags.reduce<unknown>((held, [from, to]) => {
          expect(from).toEqual(held);
          return to;
        }, before?.tags ?? []);
        expect(last).toEqual(after.tags);
        const told = (field: keyof ActivityState) =>
          JSON.stringify(before?.[field] ?? null) !== JSON.stringify(after[field] ?? null);
        if (before) {
          for (const field of ['title', 'status', 'duration', 'location', 'visibility', 'activityTimestamp'] as const) {
            expect(others.includes(field), field).toBe(told(field));
          }
        }
      }),
    );
  });
});

describe('participants', () => {
  const words = fc.record(
    {
      userId: fc.option(fc.constantFrom('u1', 'u2')),
      contactId: fc.option(fc.constantFrom('c1', 'c2')),
      name: fc.option(fc.constantFrom('Ida', ' ')),
      email: fc.option(fc.constantFrom('a@x.example', ' A@x.example ', 'b@x.example', '')),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<ParticipantWords>;

  it('are each someone, of one kind, and there once', () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 4 }), (all) => {
        const refused = new Set(
          refuseParticipants(all, ['participants']).map(({ path }) => path.slice(0, 2).join('.')),
        );
        all.forEach((one, index) => {
          const email = one.email?.trim().toLowerCase() || null;
          const isSomeone =
            one.userId != null || one.contactId != null || (one.name?.trim() ?? '') !== '' || email !== null;
          const isBoth = one.userId != null && one.contactId != null;
          const isTwice = all
            .slice(0, index)
            .some(
              (other) =>
                (one.userId != null && other.userId === one.userId) ||
                (one.contactId != null && other.contactId === one.contactId) ||
                (email !== null && other.email?.trim().toLowerCase() === email),
            );
          expect(refused.has(`participants.${index}`)).toBe(!isSomeone || isBoth || isTwice);
        });
      }),
    );
  });
});

describe('a link', () => {
  it('is to a record of the activity’s account or of none, and not to one in the bin', () => {
    const link = { type: 'LEAD', id: 9n, uid: uid(9), leadId: 9n, isDeleted: false } as const;
    const refuses = (accountId: bigint | null, account: bigint | null, isDeleted = false) =>
      refuseLink({ ...link, accountId, isDeleted }, account === null ? null : { id: account }, ['x'])?.code ?? null;
    expect([refuses(1n, 1n), refuses(null, 1n), refuses(2n, null), refuses(null, null)]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect([refuses(2n, 1n), refuses(1n, 1n, true), refuses(null, 1n, true)]).toEqual([
      'INVALID',
      'INVALID',
      'INVALID',
    ]);
  });
});
