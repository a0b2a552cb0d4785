import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/work/kind.ts';
import { noting } from './noting.ts';
import { useWorkplace } from './workplace.ts';

const workplace = useWorkplace();
const keys = async () => (await workplace().effects()).map(({ key, by }) => `${key} by ${by}`);

/** A worker in the middle of its first job of twenty. */
async function busyWorker() {
  const organization = await workplace().organization();
  await workplace().scheduleMany(organization, 20);
  const [begun, go] = [Promise.withResolvers<Job>(), Promise.withResolvers<void>()];
  const worker = workplace().worker([
    noting('stopping', async (job) => {
      begun.resolve(job);
      await go.promise;
    }),
  ]);
  return { organization, worker, job: await begun.promise, go: go.resolve };
}

describe('stopping a worker', () => {
  it('ends what runs, and gives back the rest with its attempts', async () => {
    const { organization, worker, go } = await busyWorker();
    const stopped = worker.stop();
    go();
    await stopped;
    expect(await keys()).toEqual(['1 by stopping']);
    const left = await workplace().jobs();
    expect(left).toHaveLength(19);
    for (const job of left) expect(job).toMatchObject({ lease: null, leased_until: null, attempts: 0 });
    // The others are told, and find it due.
    expect(workplace().rings).toBe(1);
    expect(await workplace().fromNow(await workplace().nextDueAt(organization))).toBeLessThan(0);
  });

  it('waits no longer than it may, and gives back what runs too', async () => {
    const { worker, job, go } = await busyWorker();
    await worker.stop(50);
    expect(job.signal.aborted).toBe(true);
    expect(await workplace().jobs()).toHaveLength(20);
    expect((await workplace().jobs())[0]).toMatchObject({ key: '1', lease: null, attempts: 1, error_code: null });
    workplace().worker([noting('other')]);
    await expect.poll(() => workplace().jobs()).toEqual([]);
    // What could not be waited for writes nothing any more.
    const sent = workplace().statements.length;
    go();
    await expect.poll(() => workplace().sent.slice(sent).includes('ROLLBACK')).toBe(true);
    expect(await keys()).toEqual(Array.from({ length: 20 }, (_, n) => `${n + 1} by other`));
  });

  it('is done at once when it sleeps, and begins nothing afterwards', async () => {
    const organization = await workplace().organization();
    const worker = workplace().worker([noting('worker')]);
    await expect.poll(() => workplace().sent).toContain('work.take');
    await worker.stop();
    await workplace().schedule(organization);
    workplace().statements.length = 0;
    worker.ring();
    worker.start();
    await worker.stop();
    expect(workplace().statements).toEqual([]);
    expect(await workplace().jobs()).toMatchObject([{ attempts: 0, lease: null }]);
  });

  it('in the middle of a claim gives all of it back', async () => {
    const organization = await workplace().organization();
    await workplace().scheduleMany(organization, 5);
    await workplace().admin.query('BEGIN');
    await workplace().admin.query('LOCK TABLE job IN EXCLUSIVE MODE');
    const worker = workplace().worker([noting('worker')]);
    await expect.poll(() => workplace().sent).toContain('work.claim');
    const stopped = worker.stop();
    await workplace().admin.query('COMMIT');
    await stopped;
    expect(await workplace().effects()).toEqual([]);
    const left = await workplace().jobs();
    expect(left).toHaveLength(5);
    for (const job of left) expect(job).toMatchObject({ lease: null, attempts: 0 });
  });
});
