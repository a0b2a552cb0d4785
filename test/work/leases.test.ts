import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Job, Kind } from '../../src/work/kind.ts';
import { noting, unfenced } from './noting.ts';
import { useWorkplace } from './workplace.ts';

const workplace = useWorkplace();
const HOUR = 3_600_000;
/** A worker that hears nothing more of its leases, as if its process stood still or was gone. */
const frozen = { leaseMs: 400, heartbeatMs: HOUR, lanes: 1 };
/** One that looks often, so that a test is quick. */
const eager = { leaseMs: 10_000, pollMs: 50, lanes: 1 };

const effects = async () => (await workplace().effects()).map(({ key, by }) => `${key} by ${by}`);
const never = new Promise<void>(() => {});

/** Holds up the first attempt of a key until it is let go. */
function held(key = '') {
  const [begun, go] = [Promise.withResolvers<Job>(), Promise.withResolvers<void>()];
  const before = async (job: Job) => {
    if (job.key !== key) return;
    begun.resolve(job);
    await go.promise;
  };
  return { begun: begun.promise, go: go.resolve, before };
}

describe('a claim', () => {
  it('is nobody else’s: of four workers with four lanes each, none does what another does', async () => {
    const organizations = [await workplace().organization(), await workplace().organization()];
    const running = new Set<string>();
    const twice: string[] = [];
    const before = async ({ organizationId, key }: Job) => {
      const name = `${organizationId}/${key}`;
      if (running.has(name)) twice.push(name);
      running.add(name);
      await turn();
    };
    for (const organization of organizations) await workplace().scheduleMany(organization, 150);
    for (const by of ['a', 'b', 'c', 'd']) workplace().worker([noting(by, before)]);
    await expect.poll(() => workplace().jobs(), { timeout: 15_000 }).toEqual([]);
    expect(twice).toEqual([]);
    const done = await workplace().effects();
    expect(done).toHaveLength(300);
    expect(new Set(done.map(({ by }) => by)).size, 'workers that did something').toBeGreaterThan(1);
    expect(workplace().lines).toEqual([]);
  });

  it('is kept by its heartbeat for as long as it takes', async () => {
    const organization = await workplace().organization();
    const { begun, go, before } = held();
    await workplace().schedule(organization);
    workplace().worker([noting('slow', before)], { leaseMs: 500, heartbeatMs: 100 });
    await begun;
    workplace().worker([noting('other')], eager);
    const [claimed] = await workplace().jobs();
    const past = async () => (await workplace().fromNow(claimed?.leased_until)) < -500;
    await expect.poll(past, { timeout: 5_000 }).toBe(true);
    go();
    await expect.poll(effects).toEqual([' by slow']);
    expect(await workplace().jobs()).toEqual([]);
  });

  it('is kept for what waits in its batch, too', async () => {
    const organization = await workplace().organization();
    const { begun, go, before } = held('1');
    await workplace().scheduleMany(organization, 3);
    workplace().worker([noting('slow', before)], { leaseMs: 500, heartbeatMs: 100 });
    await begun;
    workplace().worker([noting('other')], eager);
    const [claimed] = await workplace().jobs();
    const past = async () => (await workplace().fromNow(claimed?.leased_until)) < -500;
    await expect.poll(past, { timeout: 5_000 }).toBe(true);
    go();
    await expect.poll(effects).toEqual(['1 by slow', '2 by slow', '3 by slow']);
  });

  it('ends with its lease, and another worker takes over', async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization);
    const { begun, before } = held();
    workplace().worker([noting('lost', before)], frozen);
    await begun;
    workplace().worker([noting('other')], eager);
    await expect.poll(effects, { timeout: 5_000 }).toEqual([' by other']);
    expect(await workplace().effects()).toMatchObject([{ attempt: 2 }]);
  });

  it('ends with its lease for a worker, too, that slept when it was made and heard of nothing', async () => {
    const organization = await workplace().organization();
    const sleeping = { leaseMs: 1_500, pollMs: 1_500 };
    workplace().worker([noting('other')], sleeping);
    await expect.poll(() => workplace().sent).toContain('work.take');
    await workplace().schedule(organization);
    const { begun, before } = held();
    workplace().worker([noting('lost', before)], { ...frozen, leaseMs: 1_500 });
    await begun;
    const [lost] = await workplace().jobs();
    await expect.poll(effects, { timeout: 5_000 }).toEqual([' by other']);
    const late = Number((await workplace().effects())[0]?.at) - Number(lost?.leased_until);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(1_000);
  });

  it('is told to let go when a heartbeat finds it lost', async () => {
    const organization = await workplace().organization();
    await workplace().scheduleMany(organization, 2);
    const { begun, go, before } = held('1');
    workplace().worker([noting('lost', before)], { ...frozen, heartbeatMs: 1_500 });
    const { signal } = await begun;
    workplace().worker([noting('other')], eager);
    await expect.poll(effects, { timeout: 5_000 }).toEqual(['1 by other', '2 by other']);
    expect(signal.aborted).toBe(false);
    await expect.poll(() => signal.aborted, { timeout: 5_000 }).toBe(true);
    go();
    await expect.poll(() => workplace().lines.map(({ msg }) => msg)).toEqual([expect.stringMatching(/^Fenced/)]);
    expect(await effects()).toEqual(['1 by other', '2 by other']);
  });
});

describe('a worker that was paused past its lease', () => {
  const paused = async (kind: typeof noting) => {
    const organization = await workplace().organization();
    await workplace().schedule(organization);
    const { begun, go, before } = held();
    workplace().worker([kind('paused', before)], frozen);
    await begun;
    workplace().worker([noting('other')], eager);
    await expect.poll(effects, { timeout: 5_000 }).toEqual([' by other']);
    go();
    await expect.poll(() => workplace().lines.map(({ msg }) => msg)).toEqual([expect.stringMatching(/^Fenced/)]);
    return effects();
  };

  it('writes nothing more', async () => {
    expect(await paused(noting)).toEqual([' by other']);
  });

  it('would double its effect without the fence', async () => {
    expect(await paused(unfenced)).toEqual([' by other', ' by paused']);
  });

  it('does not end what another does at the moment', async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization);
    const [first, second] = [held(), held()];
    workplace().worker([noting('paused', first.before)], frozen);
    await first.begun;
    workplace().worker([noting('other', second.before)], eager);
    await second.begun;
    first.go();
    await expect.poll(() => workplace().lines.map(({ msg }) => msg)).toEqual([expect.stringMatching(/^Fenced/)]);
    expect(await effects()).toEqual([]);
    second.go();
    await expect.poll(effects).toEqual([' by other']);
  });

  it('leaves to its day what was moved to another day meanwhile', async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization);
    const { begun, before } = held();
    workplace().worker([noting('lost', before)], frozen);
    await begun;
    const at = new Date('2031-01-01T00:00:00Z');
    await workplace().schedule(organization, { due: { at } });
    workplace().worker([noting('other')], eager);
    // Somebody has looked after the end of the lease, and found nothing to do.
    await expect.poll(() => workplace().nextDueAt(organization), { timeout: 5_000 }).toEqual(at);
    expect(await workplace().jobs()).toMatchObject([{ due_at: at, attempts: 0 }]);
  });

  it('writes no failure over what the other has done', async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization);
    const { begun, go, before } = held();
    const failing = async (job: Job) => {
      await before(job);
      throw new Error('on purpose');
    };
    workplace().worker([noting('paused', failing)], frozen);
    await begun;
    const other = held();
    workplace().worker([noting('other', other.before)], eager);
    await other.begun;
    go();
    await expect.poll(() => workplace().lines.map(({ msg }) => msg)).toEqual([expect.stringMatching(/^Fenced/)]);
    expect(await workplace().jobs()).toMatchObject([{ attempts: 2, error_code: null }]);
    other.go();
    await expect.poll(effects).toEqual([' by other']);
  });
});

describe('a job that takes its worker down', () => {
  it('takes nothing else with it, and is given up after five if it may be', async () => {
    const organization = await workplace().organization();
    await workplace().scheduleMany(organization, 20);
    const poison: Kind = { ...noting('worker', ({ key }) => (key === '3' ? never : undefined)), givesUp: true };
    // Each that takes it stands still for good.
    for (let worker = 1; worker <= 6; worker += 1) workplace().worker([poison], { ...frozen, pollMs: 50 });
    const left = async () => (await workplace().jobs()).map(({ key, state, error_code }) => [key, state, error_code]);
    await expect.poll(left, { timeout: 15_000 }).toEqual([['3', 'FAILED', 'LOST']]);
    expect(await workplace().jobs()).toMatchObject([{ attempts: 5, lease: null }]);
    const done = await workplace().effects();
    expect(done).toHaveLength(19);
    // Those that were claimed with it were lost once; from then on each is claimed alone.
    expect(done.filter(({ attempt }) => attempt > 2)).toEqual([]);
  });

  it('and may not be given up waits after five as if it had failed, and is begun again then', async () => {
    const organization = await workplace().organization();
    await workplace().scheduleMany(organization, 1);
    const lost = `lease = gen_random_uuid(), leased_until = now() - interval '1 second'`;
    await workplace().admin.query(`UPDATE job SET attempts = 5, ${lost}`);
    const worker = workplace().worker([noting('worker')], eager);
    const code = async () => (await workplace().jobs()).map(({ error_code }) => error_code);
    await expect.poll(code).toEqual(['LOST']);
    const [job] = await workplace().jobs();
    expect(job).toMatchObject({ attempts: 6, state: 'SCHEDULED', lease: null });
    expect(await workplace().fromNow(job?.due_at)).toBeGreaterThan(200_000);
    expect(await effects()).toEqual([]);
    await workplace().admin.query('UPDATE job SET due_at = now()');
    await workplace().admin.query('UPDATE organization_work SET next_due_at = now()');
    worker.ring();
    await expect.poll(effects).toEqual(['1 by worker']);
  });

  it('or never ends, has failed when its time is over', async () => {
    const organization = await workplace().organization();
    await workplace().scheduleMany(organization, 2);
    let signal: AbortSignal | undefined;
    const hanging = noting('worker', (job) => {
      if (job.key !== '1') return;
      signal = job.signal;
      return never;
    });
    workplace().worker([hanging], { budgetMs: 200 });
    await expect.poll(effects).toEqual(['2 by worker']);
    expect(await workplace().jobs()).toMatchObject([{ key: '1', attempts: 1, error_code: 'TIMED_OUT', lease: null }]);
    expect(signal?.aborted).toBe(true);
  });
});
