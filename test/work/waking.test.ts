import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { openDoorbell } from '../../src/event/doorbell.ts';
import type { Runtime } from '../../src/runtime.ts';
import { schedule } from '../../src/work/service.ts';
import { noting } from './noting.ts';
import { useWorkplace } from './workplace.ts';

const workplace = useWorkplace();
const HOUR = 3_600_000;
const looks = () => workplace().sent.filter((name) => name === 'work.take').length;

/** How long after its time each was done, in milliseconds by the database's clock. */
async function lateness(due: ReadonlyMap<string, Date>) {
  const done = await workplace().effects();
  return done.map(({ key, at }) => at.getTime() - (due.get(key)?.getTime() ?? Number.NaN));
}
const dueTimes = async () => new Map((await workplace().jobs()).map((job) => [job.key, job.due_at]));

afterEach(() => {
  vi.useRealTimers();
});

describe('a worker', () => {
  it('does a job within a second of its time, and never before', async () => {
    const organization = await workplace().organization();
    for (const inMs of [300, 600, 900]) await workplace().schedule(organization, { key: `${inMs}`, due: { inMs } });
    const due = await dueTimes();
    workplace().worker([noting('worker')]);
    await expect.poll(() => workplace().effects(), { timeout: 5_000 }).toHaveLength(3);
    for (const late of await lateness(due)) {
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(1_000);
    }
  });

  it('is woken by a job that is planned while it sleeps, at once and from another process', async () => {
    const organization = await workplace().organization();
    const { db, runtime, database } = workplace();
    const workerBell = openDoorbell(
      database.url,
      runtime.log,
      () => {},
      () => worker.ring(),
    );
    const otherBell = openDoorbell(database.url, runtime.log, () => {});
    const worker = workplace().worker([noting('worker')]);
    await expect.poll(looks).toBe(1);
    const listening = `SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE datname = current_database() AND query LIKE '%LISTEN%'`;
    await expect.poll(async () => (await workplace().admin.query(listening)).rows[0].count - 1).toBe(2);
    workplace().onRing = otherBell.ringWork;
    await workplace().schedule(organization, { key: 'now' });
    await expect.poll(() => workplace().effects(), { timeout: 1_000 }).toHaveLength(1);
    await workplace().schedule(organization, { key: 'soon', due: { inMs: 500 } });
    const due = await dueTimes();
    await expect.poll(() => workplace().effects(), { timeout: 2_000 }).toHaveLength(2);
    expect((await lateness(due))[1]).toBeLessThan(1_000);
    expect(db).toBe(runtime.db);
    await Promise.all([workerBell.close(), otherBell.close()]);
  });

  it('is not rung for what is due after it has looked again anyway', async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization, { due: { inMs: 30_500 } });
    expect(workplace().rings).toBe(0);
    await workplace().schedule(organization, { due: { inMs: 29_000 } });
    expect(workplace().rings).toBe(1);
  });

  it('sends one statement in half a minute, and no other, when nothing is due', async () => {
    for (let n = 0; n < 20; n += 1)
      await workplace().schedule(await workplace().organization(), { due: { inMs: HOUR } });
    const { runtime } = workplace();
    const asked: number[] = [];
    let looking = Promise.resolve<unknown>(null);
    const db = new Proxy(runtime.db, {
      get(target, name: keyof Database) {
        if (name !== 'global') return typeof target[name] === 'function' ? target[name].bind(target) : target[name];
        return (...args: Parameters<Database['global']>) => {
          asked.push(Date.now());
          const rows = target.global(...args);
          // It goes to sleep in the turn after the answer.
          looking = rows.then(() => turn());
          return rows;
        };
      },
    });
    const toFake = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] as const;
    vi.useFakeTimers({ toFake: [...toFake] });
    workplace().statements.length = 0;
    workplace().worker([noting('worker')], {}, { ...runtime, db } as Runtime);
    for (let second = 0; second < 300; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      await looking;
    }
    const pauses = asked.slice(1).map((at, index) => at - (asked[index] as number));
    expect(pauses.length).toBeGreaterThanOrEqual(9);
    for (const pause of pauses) {
      expect(pause).toBeGreaterThanOrEqual(26_000);
      expect(pause).toBeLessThanOrEqual(31_000);
    }
    expect(workplace().sent).toEqual(asked.map(() => 'work.take'));
  });

  it.each(['organization_work', 'job'])(
    'asks no more than twice in a tenth of a second for a row of %s that another transaction holds',
    async (table) => {
      const organization = await workplace().organization();
      await workplace().schedule(organization);
      await workplace().admin.query('BEGIN');
      await workplace().admin.query(`SELECT 1 FROM ${table} WHERE organization_id = $1 FOR UPDATE`, [organization]);
      const began = performance.now();
      workplace().worker([noting('worker')]);
      await expect.poll(looks).toBeGreaterThan(6);
      expect(looks()).toBeLessThanOrEqual(2 + (performance.now() - began) / 50);
      await workplace().admin.query('COMMIT');
      await expect.poll(() => workplace().effects()).toHaveLength(1);
    },
  );

  it('goes on when its connections have been cut', async () => {
    const organization = await workplace().organization();
    const worker = workplace().worker([noting('worker')]);
    await expect.poll(looks).toBe(1);
    await workplace().admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'taskwire'`);
    worker.ring();
    await workplace()
      .schedule(organization)
      .catch(() => workplace().schedule(organization));
    worker.ring();
    await expect.poll(() => workplace().effects(), { timeout: 5_000 }).toHaveLength(1);
  });

  it('loses no job that is planned while it claims, and committed after it has looked', async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization, { key: 'first' });
    const { runtime } = workplace();
    const commit = Promise.withResolvers<void>();
    let planning: Promise<void> | undefined;
    const db = new Proxy(runtime.db, {
      get(target, name: keyof Database) {
        if (name !== 'transaction')
          return typeof target[name] === 'function' ? target[name].bind(target) : target[name];
        return async (...args: Parameters<Database['transaction']>) => {
          const planned = Promise.withResolvers<void>();
          // Between its choice of the organization and its claim, once.
          planning ??= target.transaction(organization, async (tx) => {
            schedule(runtime, tx, { kind: 'note', key: 'second', due: { inMs: 0 } });
            await tx.finish();
            planned.resolve();
            await commit.promise;
          });
          await Promise.race([planned.promise, planning]);
          return target.transaction(...args);
        };
      },
    });
    workplace().worker([noting('worker')], {}, { ...runtime, db } as Runtime);
    const waits = `SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(async () => (await workplace().admin.query(waits)).rows[0].count).toBe(1);
    commit.resolve();
    await planning;
    const keys = async () => (await workplace().effects()).map(({ key }) => key).sort();
    await expect.poll(keys, { timeout: 1_500 }).toEqual(['first', 'second']);
  });

  it('loses no job that is planned while it claims, by fifty at once', async () => {
    const organization = await workplace().organization();
    const worker = workplace().worker([noting('a')]);
    workplace().worker([noting('b')]);
    workplace().onRing = () => worker.ring();
    await Promise.all(Array.from({ length: 50 }, (_, n) => workplace().schedule(organization, { key: `${n}` })));
    await expect.poll(() => workplace().effects(), { timeout: 5_000 }).toHaveLength(50);
    expect(await workplace().jobs()).toEqual([]);
  });
});

describe('the clock', () => {
  it.each([-10, 10])('of a worker may be %i minutes off: it does the same at the same time', async (minutes) => {
    const organization = await workplace().organization();
    const now = () => new Date();
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * 60_000 });
    await workplace().schedule(organization, { due: { inMs: 500 } });
    const due = await dueTimes();
    const kind = noting('worker', async () => {
      begun.resolve();
      await go.promise;
    });
    workplace().worker([kind], {}, { ...workplace().runtime, now });
    await begun.promise;
    const [claimed] = await workplace().jobs();
    const left = await workplace().fromNow(claimed?.leased_until);
    expect(left).toBeGreaterThan(25_000);
    expect(left).toBeLessThanOrEqual(30_000);
    go.resolve();
    await expect.poll(() => workplace().effects()).toHaveLength(1);
    const [late] = await lateness(due);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(1_000);
  });
});
