import { describe, expect, it } from 'vitest';
import type { Kind } from '../../src/work/kind.ts';
import { Failure } from '../../src/work/outcome.ts';
import { schedule } from '../../src/work/service.ts';
import { noting } from './noting.ts';
import { type StoredJob, useWorkplace } from './workplace.ts';

const workplace = useWorkplace();
const keys = async () => (await workplace().effects()).map(({ key }) => key);
const onlyJob = async () => (await workplace().jobs())[0] as StoredJob;

/** A kind that does as told, and remembers with what it was run. */
function telling(run: Kind['run'], more: Partial<Kind> = {}) {
  const runs: { attempt: number; payload: unknown }[] = [];
  const kind: Kind = {
    name: 'note',
    ...more,
    run(runtime, job) {
      runs.push({ attempt: job.attempt, payload: job.payload });
      return run(runtime, job);
    },
  };
  return { runs, kind };
}
const failing = (error: unknown, more?: Partial<Kind>) => telling(() => Promise.reject(error), more);

describe('a job', () => {
  it('is done once, and its row goes with its effect', async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization, { key: 'once' });
    workplace().worker([noting('worker')]);
    await expect.poll(keys).toEqual(['once']);
    expect(await workplace().jobs()).toEqual([]);
    expect(await workplace().effects()).toMatchObject([{ organizationId: organization, attempt: 1 }]);
  });

  it('is not there when the transaction that planned it was rolled back', async () => {
    const { db, runtime } = workplace();
    const organization = await workplace().organization();
    const work = db.transaction(organization, async (tx) => {
      schedule(runtime, tx, { kind: 'note', due: { inMs: 0 } });
      throw new Error('on purpose');
    });
    await expect(work).rejects.toThrow('on purpose');
    expect(workplace().rings).toBe(0);
    expect(await workplace().jobs()).toEqual([]);
    expect(await workplace().nextDueAt(organization)).toBeNull();
  });

  it('is due at an instant, or so long after the database’s now', async () => {
    const organization = await workplace().organization();
    const at = new Date('2031-02-03T04:05:06.789Z');
    await workplace().schedule(organization, { key: 'at', due: { at } });
    await workplace().schedule(organization, { key: 'in', due: { inMs: 60_000 } });
    const [first, second] = await workplace().jobs();
    expect(first?.due_at).toEqual(at);
    expect(await workplace().fromNow(second?.due_at)).toBeGreaterThan(55_000);
    expect(await workplace().nextDueAt(organization)).toEqual(second?.due_at);
  });

  it('of a kind and key is one: scheduling it again moves it, with what it is given', async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization, { key: 'a', due: { inMs: 3_600_000 }, payload: { n: 1 } });
    await workplace().schedule(organization, { key: 'b', due: { inMs: 3_600_000 } });
    const moved = new Date(Date.now() + 1_800_000);
    await workplace().schedule(organization, { key: 'a', due: { at: moved }, payload: { n: 2 } });
    expect(await workplace().jobs()).toMatchObject([{ key: 'a', due_at: moved, payload: { n: 2 } }, { key: 'b' }]);
    expect(await workplace().nextDueAt(organization)).toEqual(moved);
  });

  it('that is to be done at the latest then is not put off by that, but comes sooner', async () => {
    const organization = await workplace().organization();
    const [first, sooner] = [new Date(Date.now() + 1_800_000), new Date(Date.now() + 900_000)];
    const atLatest = (at: Date) => workplace().schedule(organization, { due: { at }, atLatest: true });
    await atLatest(first);
    await atLatest(new Date(Date.now() + 3_600_000));
    expect(await workplace().jobs()).toMatchObject([{ due_at: first }]);
    await atLatest(sooner);
    expect(await workplace().jobs()).toMatchObject([{ due_at: sooner }]);
    expect(await workplace().nextDueAt(organization)).toEqual(sooner);
  });

  it('that is to be done at the latest then, while it runs, runs again and says itself when it is due', async () => {
    const organization = await workplace().organization();
    const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const [soon, later] = [new Date(Date.now() + 900_000), new Date(Date.now() + 3_600_000)];
    const { runs, kind } = telling(async ({ db }, job) => {
      begun.resolve();
      await go.promise;
      // What the second run finds, the first cannot have seen.
      return db.transaction(job.organizationId, (tx) => job.again(tx, { at: runs.length > 1 ? soon : later }, {}));
    });
    await workplace().schedule(organization);
    workplace().worker([kind]);
    await begun.promise;
    await workplace().schedule(organization, { due: { at: soon }, atLatest: true });
    go.resolve();
    await expect.poll(() => workplace().jobs()).toMatchObject([{ due_at: soon, lease: null, rescheduled: false }]);
    expect(runs).toHaveLength(2);
  });

  it('is done when its time has come again, with the payload and all attempts, where its handler says so', async () => {
    const organization = await workplace().organization();
    const { runs, kind } = telling(({ db }, job) =>
      db.transaction(job.organizationId, (tx) => {
        const { left } = job.payload as { left: number };
        return left > 0 ? job.again(tx, { inMs: 0 }, { left: left - 1 }) : job.done(tx);
      }),
    );
    await workplace().schedule(organization, { payload: { left: 2 } });
    workplace().worker([kind]);
    await expect.poll(() => workplace().jobs()).toEqual([]);
    expect(runs).toEqual([2, 1, 0].map((left) => ({ attempt: 1, payload: { left } })));
  });

  it('that is scheduled anew while it runs ends that run, and runs again with what it was given then', async () => {
    const organization = await workplace().organization();
    const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { runs, kind } = telling(async (runtime, job) => {
      begun.resolve();
      await go.promise;
      return noting('worker').run(runtime, job);
    });
    await workplace().schedule(organization, { payload: { n: 1 } });
    workplace().worker([kind]);
    await begun.promise;
    await workplace().schedule(organization, { payload: { n: 2 } });
    go.resolve();
    await expect.poll(() => workplace().jobs()).toEqual([]);
    expect(runs).toEqual([1, 2].map((n) => ({ attempt: 1, payload: { n } })));
    expect(await workplace().effects()).toHaveLength(2);
  });

  it('that is moved to another day while it runs waits for that day, however that run ends', async () => {
    const organization = await workplace().organization();
    const at = new Date('2031-01-01T00:00:00Z');
    for (const [key, end] of [
      ['done', (runtime, job) => noting('worker').run(runtime, job)],
      ['again', ({ db }, job) => db.transaction(job.organizationId, (tx) => job.again(tx, { inMs: 0 }, { n: 0 }))],
      ['failed', () => Promise.reject(new Error('on purpose'))],
    ] as [string, Kind['run']][]) {
      const kind: Kind = {
        name: key,
        async run(runtime, job) {
          await workplace().schedule(organization, { kind: key, key, due: { at }, payload: { n: 1 } });
          return end(runtime, job);
        },
      };
      await workplace().schedule(organization, { kind: key, key });
      const worker = workplace().worker([kind]);
      const moved = { kind: key, due_at: at, payload: { n: 1 }, attempts: 0, lease: null, state: 'SCHEDULED' };
      const now = async () => (await workplace().jobs()).find((job) => job.key === key);
      await expect.poll(now).toMatchObject({ ...moved, rescheduled: false });
      await worker.stop();
    }
  });
});

describe('a job that fails', () => {
  /** As if the time until its next attempt had passed. */
  const comes = async (organization: bigint) => {
    await workplace().admin.query('UPDATE job SET due_at = now()');
    await workplace().admin.query('UPDATE organization_work SET next_due_at = now() WHERE organization_id = $1', [
      organization,
    ]);
  };

  it('and may be given up is tried again after longer and longer, and kept with its reason after the fifth time', async () => {
    const organization = await workplace().organization();
    const { runs, kind } = failing(new Failure('NO_MAILBOX', 'It is gone.'), { givesUp: true });
    await workplace().schedule(organization);
    const worker = workplace().worker([kind], { leaseMs: 1_000, pollMs: 200 });
    for (const [attempt, seconds] of [10, 20, 40, 80].entries()) {
      await expect.poll(async () => (await onlyJob()).error_code).toBe('NO_MAILBOX');
      const job = await onlyJob();
      expect(job).toMatchObject({ state: 'SCHEDULED', attempts: attempt + 1, lease: null });
      const inMs = await workplace().fromNow(job.due_at);
      expect(inMs).toBeGreaterThan(0.75 * seconds * 1_000);
      expect(inMs).toBeLessThanOrEqual(1.2 * seconds * 1_000);
      await workplace().admin.query('UPDATE job SET error_code = NULL, error_message = NULL');
      await comes(organization);
      worker.ring();
    }
    await expect.poll(async () => (await onlyJob()).state).toBe('FAILED');
    const kept = { attempts: 5, lease: null, error_code: 'NO_MAILBOX', error_message: 'It is gone.' };
    expect(await onlyJob()).toMatchObject(kept);
    expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
    const told = workplace().lines.filter(({ msg }) => msg.startsWith('A job has failed'));
    expect(told.map(({ level }) => level)).toEqual([40, 40, 40, 40, 50]);
    expect(told.at(-1)).toMatchObject({ kind: 'note', attempt: 5, msg: 'A job has failed for good.' });
    // When its last lease would have ended, it is seen that nothing is planned any more.
    await expect.poll(() => workplace().nextDueAt(organization), { timeout: 5_000 }).toBeNull();
  });

  it('counts its attempt when it is claimed, before anything is known of it', async () => {
    const organization = await workplace().organization();
    const begun = Promise.withResolvers<void>();
    await workplace().schedule(organization);
    const never = new Promise<void>(() => {});
    workplace().worker([
      noting('worker', () => {
        begun.resolve();
        return never;
      }),
    ]);
    await begun.promise;
    expect(await onlyJob()).toMatchObject({ attempts: 1, state: 'SCHEDULED' });
  });

  it('leaves nothing of its effect', async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization);
    const { kind } = telling(({ db }, job) =>
      db.transaction(job.organizationId, async (tx) => {
        await job.done(tx);
        throw new Error('after its end was written');
      }),
    );
    workplace().worker([kind]);
    await expect.poll(async () => (await onlyJob()).error_message).toBe('after its end was written');
    expect(await onlyJob()).toMatchObject({ state: 'SCHEDULED', attempts: 1, lease: null });
  });

  it('forgets its failures when it has succeeded', async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization);
    const { kind } = telling(({ db }, job) => {
      if (job.attempt === 1) throw new Error('once');
      return db.transaction(job.organizationId, (tx) => job.again(tx, { inMs: 3_600_000 }, {}));
    });
    const worker = workplace().worker([kind]);
    await expect.poll(async () => (await onlyJob()).attempts).toBe(1);
    await expect.poll(async () => (await onlyJob()).error_code).toBe('INTERNAL');
    await comes(organization);
    worker.ring();
    await expect.poll(async () => (await onlyJob()).error_code).toBeNull();
    expect(await onlyJob()).toMatchObject({ attempts: 0, error_message: null });
  });

  it('is tried again without end, at last once an hour, is told of as an error from the fifth time on, and done in the end', async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization);
    const { runs, kind } = telling((runtime, job) => {
      if (job.attempt < 1_000) throw new Error('on purpose');
      return noting('worker').run(runtime, job);
    });
    const worker = workplace().worker([kind], { pollMs: 200 });
    for (const [attempt, seconds] of [
      [4, 80],
      [5, 160],
      [6, 320],
      [999, 3_600],
    ] as const) {
      await workplace().admin.query('UPDATE job SET attempts = $1, error_code = NULL, error_message = NULL', [
        attempt - 1,
      ]);
      await comes(organization);
      worker.ring();
      await expect.poll(async () => (await onlyJob()).error_code).toBe('INTERNAL');
      expect(await onlyJob()).toMatchObject({ state: 'SCHEDULED', attempts: attempt, lease: null });
      const inMs = await workplace().fromNow((await onlyJob()).due_at);
      expect(inMs).toBeGreaterThan(0.75 * seconds * 1_000);
      expect(inMs).toBeLessThanOrEqual(1.2 * seconds * 1_000);
    }
    await comes(organization);
    worker.ring();
    await expect.poll(() => workplace().jobs()).toEqual([]);
    expect(await workplace().effects()).toMatchObject([{ attempt: 1_000 }]);
    expect(runs.map(({ attempt }) => attempt).slice(-5)).toEqual([4, 5, 6, 999, 1_000]);
    const told = workplace().lines.filter(({ attempt }) => attempt !== 1);
    expect(told.map(({ level, attempt, msg }) => [level, attempt, msg])).toEqual([
      [40, 4, 'A job has failed; it will be tried again.'],
      ...[5, 6, 999].map((attempt) => [50, attempt, 'A job keeps failing; it will be tried again.']),
    ]);
  });

  it('for good lives again when it is scheduled anew', async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization, { key: 'a' });
    await workplace().admin.query(
      `UPDATE job SET state = 'FAILED', attempts = 5, error_code = 'X', error_message = 'x'`,
    );
    const worker = workplace().worker([noting('worker')]);
    await expect.poll(() => workplace().sent.includes('work.put')).toBe(true);
    expect(await keys()).toEqual([]);
    await workplace().schedule(organization, { key: 'a' });
    worker.ring();
    await expect.poll(keys).toEqual(['a']);
  });
});

describe('a job of a kind that this process does not know', () => {
  it('is left to a newer one, and its attempts too', async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization, { kind: 'of tomorrow', payload: { n: 1 } });
    workplace().worker([noting('worker')]);
    await expect.poll(() => workplace().lines.length).toBe(1);
    await expect.poll(async () => (await onlyJob()).lease).toBeNull();
    expect(await onlyJob()).toMatchObject({ kind: 'of tomorrow', attempts: 0, state: 'SCHEDULED', payload: { n: 1 } });
    expect(await workplace().fromNow((await onlyJob()).due_at)).toBeGreaterThan(50_000);
  });
});
