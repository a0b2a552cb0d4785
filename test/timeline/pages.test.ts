import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Known, useWorld, type World } from '../task/world.ts';
import { page, pageErrors, plantActivities, plantTasks } from './timelines.ts';

const world = useWorld();
const seed = process.env['SEED'] ? { seed: Number(process.env['SEED']) } : {};

/** Walks a timeline from one of its ends to the other in pages of these sizes; the ids are newest first either way. */
async function walk(record: Known, sizes: readonly number[], backward: boolean, between = async () => {}) {
  const ids: string[] = [];
  let cursor: string | null = null;
  for (let turn = 0; ; turn += 1) {
    const size = sizes[turn % sizes.length] as number;
    const at = backward ? { last: size, before: cursor } : { first: size, after: cursor };
    const found = await page(world(), world().admin, record, at);
    if (backward) ids.unshift(...found.ids);
    else ids.push(...found.ids);
    expect(backward ? found.hasNextPage : found.hasPreviousPage).toBe(cursor !== null);
    expect(found.ids.length).toBeLessThanOrEqual(size);
    cursor = (backward ? found.startCursor : found.endCursor) ?? null;
    if (!(backward ? found.hasPreviousPage : found.hasNextPage)) return ids;
    expect(found.ids.length).toBe(size);
    await between();
  }
}

/** Four moments, so that many entries are level. */
const moments = [0, 1, 1_000, 86_400_000].map((n) => new Date(Date.UTC(2026, 0, 1) + n));
const sketch = fc.record({
  isTask: fc.boolean(),
  at: fc.constantFrom(...moments),
  /** To what it is linked; `strange` to another account. */
  on: fc.constantFrom('ACCOUNT', 'CONTACT', 'LEAD', 'OPPORTUNITY', 'strange'),
  fate: fc.constantFrom('live', 'live', 'live', 'bin', 'queue'),
});
type Sketch = ReturnType<typeof sketch.generate>['value'];

/** A record of each kind; the contact and the opportunity are the account's, and the opportunity is the lead's. */
async function family(w: World) {
  const ACCOUNT = await w.record('ACCOUNT');
  const CONTACT = await w.record('CONTACT', { accountId: ACCOUNT.id });
  const LEAD = await w.record('LEAD');
  const OPPORTUNITY = await w.record('OPPORTUNITY', { accountId: ACCOUNT.id, leadId: LEAD.id });
  return { ACCOUNT, CONTACT, LEAD, OPPORTUNITY, strange: await w.record('ACCOUNT') };
}
type Family = Awaited<ReturnType<typeof family>>;

/** The links of what is linked to a record, derived ones too. */
function linksOf(records: Family, on: Sketch['on']) {
  const { ACCOUNT, CONTACT, LEAD, OPPORTUNITY, strange } = records;
  return {
    ACCOUNT: { linkedType: 'ACCOUNT' as const, accountId: ACCOUNT.id },
    CONTACT: { linkedType: 'CONTACT' as const, accountId: ACCOUNT.id, contactId: CONTACT.id },
    LEAD: { linkedType: 'LEAD' as const, leadId: LEAD.id },
    OPPORTUNITY: {
      linkedType: 'OPPORTUNITY' as const,
      accountId: ACCOUNT.id,
      leadId: LEAD.id,
      opportunityId: OPPORTUNITY.id,
    },
    strange: { linkedType: 'ACCOUNT' as const, accountId: strange.id },
  }[on];
}

/** In whose timelines it stands. */
const HOMES: Readonly<Record<Sketch['on'], readonly (keyof Family)[]>> = {
  ACCOUNT: ['ACCOUNT'],
  CONTACT: ['ACCOUNT', 'CONTACT'],
  LEAD: ['LEAD'],
  OPPORTUNITY: ['ACCOUNT', 'LEAD', 'OPPORTUNITY'],
  strange: ['strange'],
};

async function plant(w: World, sketches: readonly Sketch[]) {
  const records = await family(w);
  const rowOf = ({ at, on, fate }: Sketch) => ({
    ...linksOf(records, on),
    at,
    deletedAt: fate === 'bin' ? at : null,
  });
  const [tasks, activities] = [sketches.filter(({ isTask }) => isTask), sketches.filter(({ isTask }) => !isTask)];
  const planted = [
    ...(await plantTasks(
      w,
      tasks.map((each) => ({ ...rowOf(each), isQueueRow: each.fate === 'queue' })),
    )),
    ...(await plantActivities(w, activities.map(rowOf))),
  ];
  const entries = [...tasks, ...activities].map((each, index) => ({ ...each, ...(planted[index] as Known) }));
  const expected = (type: keyof Family) =>
    entries
      .filter(({ fate, isTask }) => fate !== 'bin' && !(fate === 'queue' && isTask))
      .filter(({ on }) => HOMES[on].includes(type))
      .sort((a, b) => b.at.getTime() - a.at.getTime() || Number(a.isTask) - Number(b.isTask) || (a.id < b.id ? 1 : -1))
      .map(({ key }) => key);
  return { records, expected };
}

describe('a timeline [THENA-A01]', () => {
  it('in pages of any size, either way, is the activities and tasks of the record merged by hand', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(sketch, { maxLength: 40 }), sizes, fc.boolean(), async (sketches, sizes, backward) => {
        const { records, expected } = await plant(world(), sketches);
        for (const type of ['ACCOUNT', 'CONTACT', 'LEAD', 'OPPORTUNITY'] as const) {
          expect(await walk(records[type], sizes, backward), type).toEqual(expected(type));
          expect((await page(world(), world().admin, records[type])).totalCount).toBe(expected(type).length);
        }
      }),
      { numRuns: 25, ...seed },
    );
  }, 60_000);

  it('keeps a walk whole while entries come before and behind it', async () => {
    const account = await world().record('ACCOUNT');
    const links = { linkedType: 'ACCOUNT', accountId: account.id } as const;
    const at = (n: number) => new Date(Date.UTC(2026, 0, 10, 0, 0, 0, n));
    const some = Array.from({ length: 12 }, (_, n) => ({ ...links, at: at(n >> 2) }));
    const there = [...(await plantTasks(world(), some)), ...(await plantActivities(world(), some))].map(
      ({ key }) => key,
    );
    for (const backward of [false, true]) {
      let more = 0;
      const seen = await walk(account, [5], backward, async () => {
        // One on either side of all, and one on each moment; a walk sees those that lie ahead of it.
        more += 1;
        if (more > 3) return;
        const rows = [-1, 0, 1, 2, 3].map((n) => ({ ...links, at: at(n) }));
        await plantTasks(world(), rows);
        await plantActivities(world(), rows);
      });
      expect(new Set(seen).size).toBe(seen.length);
      expect(there.filter((key) => !seen.includes(key))).toEqual([]);
    }
  });

  it('has 25 entries a page when nobody says how many', async () => {
    const account = await world().record('ACCOUNT');
    const some = Array.from({ length: 15 }, (_, n) => ({ accountId: account.id, at: new Date(n) }));
    await plantTasks(
      world(),
      some.map((row) => ({ ...row, linkedType: 'ACCOUNT' as const })),
    );
    await plantActivities(world(), some);
    const found = await page(world(), world().admin, account);
    expect([found.ids.length, found.hasNextPage, found.totalCount]).toEqual([25, true, 30]);
  });

  it('takes no cursor that is none or of another list, and no page beyond 100', async () => {
    const account = await world().record('ACCOUNT');
    const bad = (argument: string) => [expect.objectContaining({ code: 'BAD_USER_INPUT', argument })];
    const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
    const refused = (args: object) => pageErrors(world(), world().admin, account, args);
    expect(await refused({ after: cursor('timeline', 5, 'TASK', '7') })).toEqual([]);
    for (const after of [
      'junk',
      cursor('tasks', 5, 'TASK', '7'),
      cursor('timeline', 5, 'NOTE', '7'),
      cursor('timeline', '5', 'TASK', '7'),
      cursor('timeline', 5, 'TASK', '-7'),
      cursor('timeline', 5, 'TASK'),
      cursor('timeline', 1e300, 'TASK', '7'),
    ]) {
      expect(await refused({ after }), after).toEqual(bad('after'));
      expect(await refused({ last: 1, before: after }), after).toEqual(bad('before'));
    }
    expect(await refused({ first: 0 })).toEqual(bad('first'));
    expect(await refused({ first: 101 })).toEqual(bad('first'));
    expect(await refused({ last: 101 })).toEqual(bad('last'));
    expect(await refused({ first: 1, last: 1 })).toEqual(bad('last'));
  });
});
