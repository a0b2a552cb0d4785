import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tx } from '../../src/db/database.ts';
import { composed } from '../../src/db/statement.ts';
import type { Consequence } from '../../src/event/consequences.ts';
import { commit } from '../../src/event/log.ts';
import { merged, type NewJob, type Planned } from '../../src/work/job/rules.ts';
import { pendingJob, schedule } from '../../src/work/service.ts';
import { useWorkplace } from './workplace.ts';

// Jobs are planned at the end of the transaction, whenever it has decided so.

const workplace = useWorkplace();
const lock = composed('test.lock', 'SELECT 1 FROM organization WHERE id = $1 FOR NO KEY UPDATE');
const job = (key: string, more: Partial<NewJob> = {}): NewJob => ({
  kind: 'note',
  key,
  due: { inMs: 3_600_000 },
  ...more,
});
const planIn = (tx: Tx, key: string, more: Partial<NewJob> = {}) => schedule(workplace().runtime, tx, job(key, more));

describe('jobs that a transaction plans', () => {
  it('are written once, after all that follows and before the log, be they planned here or there', async () => {
    const organizationId = await workplace().organization();
    const follow =
      (key: string): Consequence =>
      async (tx, happened) => {
        planIn(tx, key);
        await tx.rows(lock);
        return happened;
      };
    const runtime = { ...workplace().runtime, ring: () => {}, consequences: [follow('b'), follow('a')] };
    const { userId } = await workplace().db.prisma.membership.findFirstOrThrow({ where: { organizationId } });
    const subject = { type: 'ORGANIZATION', id: organizationId, uid: 'o' } as const;
    workplace().statements.length = 0;
    await commit(runtime, { organizationId, userId, kind: 'SYSTEM' }, new Date(), async (tx) => {
      planIn(tx, 'c');
      planIn(tx, 'a', { due: { inMs: 0 } });
      return { ok: true, value: null, events: [{ kind: 'ORGANIZATION_CHANGED', subject, changes: [] }] };
    });
    const sent = ['BEGIN', 'test.lock', 'test.lock', 'work.schedule', 'event.append', 'COMMIT'];
    expect(workplace().sent).toEqual(sent);
    expect((await workplace().jobs()).map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });

  it('are planned as well where nothing is told of, and nothing is where nothing is planned', async () => {
    const organization = await workplace().organization();
    workplace().statements.length = 0;
    await workplace().schedule(organization, { key: 'alone', due: { inMs: 3_600_000 } });
    expect(workplace().sent).toEqual(['BEGIN', 'work.schedule', 'COMMIT']);
    workplace().statements.length = 0;
    await workplace().db.transaction(organization, (tx) => tx.rows(lock));
    expect(workplace().sent).toEqual(['BEGIN', 'test.lock', 'COMMIT']);
  });

  it('have nobody wait crosswise who plans one before a lock, and who plans one behind it', async () => {
    const organization = await workplace().organization();
    const [locked, planned] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { db } = workplace();
    const tries: string[] = [];
    const first = db.transaction(organization, async (tx) => {
      tries.push('first');
      planIn(tx, 'first');
      await locked.promise;
      planned.resolve();
      await tx.rows(lock);
    });
    const second = db.transaction(organization, async (tx) => {
      tries.push('second');
      await tx.rows(lock);
      locked.resolve();
      await planned.promise;
      planIn(tx, 'second');
    });
    await Promise.all([first, second]);
    // A deadlock would have had one of them begin anew.
    expect(tries.sort()).toEqual(['first', 'second']);
    expect((await workplace().jobs()).map(({ key }) => key).sort()).toEqual(['first', 'second']);
  });

  it('are told of to the same transaction, and to others once it is committed', async () => {
    const organization = await workplace().organization();
    const { db } = workplace();
    const pending = (tx: Tx) => pendingJob(tx, 'note', 'a');
    await db.transaction(organization, async (tx) => {
      expect(await pending(tx)).toBeNull();
      planIn(tx, 'a', { payload: { n: 1 } });
      expect(await pending(tx)).toEqual({ n: 1 });
      expect(await db.transaction(organization, pending)).toBeNull();
    });
    expect(await db.transaction(organization, pending)).toEqual({ n: 1 });
  });

  it('are the same as if they had been planned in a transaction each', async () => {
    const [apart, together] = [await workplace().organization(), await workplace().organization()];
    const start = Date.now() + 3_600_000;
    const planning = fc.record({
      key: fc.constantFrom('', 'a', 'b'),
      due: fc.integer({ min: 0, max: 5 }).map((n) => ({ at: new Date(start + n * 60_000) })),
      payload: fc.record({ n: fc.nat(9) }),
      atLatest: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(planning, { minLength: 1, maxLength: 6 }), async (plans) => {
        await workplace().admin.query('DELETE FROM job');
        for (const { key, ...more } of plans) await workplace().schedule(apart, { key, ...more });
        await workplace().db.transaction(together, async (tx) => {
          for (const { key, ...more } of plans) planIn(tx, key, more);
        });
        const text = 'SELECT key, due_at, payload FROM job WHERE organization_id = $1 ORDER BY key';
        const of = async (id: bigint) => (await workplace().admin.query(text, [id])).rows;
        const left = await of(together);
        expect(left.length).toBeGreaterThan(0);
        expect(left).toEqual(await of(apart));
      }),
      { numRuns: 25 },
    );
  });
});

describe('a job that is planned once more', () => {
  const [at, later] = [new Date('2031-01-01T00:00:00Z'), new Date('2031-01-02T00:00:00Z')];
  const left = (...plans: Partial<NewJob>[]) =>
    plans.reduce<Planned | undefined>((there, more) => merged(there, job('a', more)), undefined);

  it('is due when was said last, with what was given last', () => {
    const plans = [
      { due: { at }, payload: { n: 1 }, atLatest: true },
      { due: { inMs: 5 }, payload: { n: 2 } },
    ];
    expect(left(...plans)).toMatchObject({ due: { at: null, inMs: 5 }, payload: { n: 2 }, atLatest: false });
  });

  it('for at the latest then is due at the earliest, be it an instant or so long from now', () => {
    const due = (...dues: NewJob['due'][]) => left(...dues.map((each) => ({ due: each, atLatest: true })))?.due;
    expect(due({ at: later }, { at })).toEqual({ at, inMs: null });
    expect(due({ at }, { at: later }, { inMs: 9 }, { inMs: 7 }, { inMs: 8 })).toEqual({ at, inMs: 7 });
    // A job that there is already is put off by the first, and not by the second.
    expect(left({ due: { at: later } }, { due: { at }, atLatest: true })).toMatchObject({
      due: { at },
      atLatest: false,
    });
  });
});
