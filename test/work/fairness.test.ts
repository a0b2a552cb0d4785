import { describe, expect, it } from 'vitest';
import { noting } from './noting.ts';
import { useWorkplace } from './workplace.ts';

const workplace = useWorkplace();

describe('an organization with much to do', () => {
  it('delays another by at most one batch', async () => {
    const busy = await workplace().organization();
    const other = await workplace().organization();
    await workplace().scheduleMany(busy, 300);
    const halfway = Promise.withResolvers<void>();
    let planned = Number.NaN;
    let count = 0;
    const kind = noting('worker', async () => {
      count += 1;
      if (count !== 130) return;
      // In the middle of a batch of the busy one.
      await workplace().schedule(other, { key: 'other' });
      planned = count;
      halfway.resolve();
    });
    workplace().worker([kind], { lanes: 1 });
    await halfway.promise;
    await expect.poll(() => workplace().jobs(), { timeout: 10_000 }).toEqual([]);
    const order = (await workplace().effects()).findIndex(({ key }) => key === 'other');
    expect(order).toBeGreaterThanOrEqual(planned);
    expect(order - planned).toBeLessThanOrEqual(20);
  });

  it('takes turns with the others, a batch each, and in the order of their due times', async () => {
    const organizations = [];
    for (const name of ['A', 'B', 'C']) organizations.push(await workplace().organization(name));
    for (const organization of organizations) await workplace().scheduleMany(organization, 60);
    workplace().worker([noting('worker')], { lanes: 1 });
    await expect.poll(() => workplace().jobs(), { timeout: 10_000 }).toEqual([]);
    const done = await workplace().effects();
    const turns = done.filter((_, index) => index % 20 === 0).map(({ organizationId }) => organizationId);
    expect(turns).toEqual([...organizations, ...organizations, ...organizations]);
    for (const organization of organizations) {
      const keys = done.filter(({ organizationId }) => organizationId === organization).map(({ key }) => key);
      expect(keys).toEqual(Array.from({ length: 60 }, (_, n) => `${n + 1}`));
    }
  });

  it('costs five statements and a transaction a batch, beside what its jobs do', async () => {
    const organization = await workplace().organization();
    await workplace().scheduleMany(organization, 40);
    workplace().statements.length = 0;
    workplace().worker([noting('worker')], { lanes: 1 });
    await expect.poll(() => workplace().jobs()).toEqual([]);
    await expect.poll(() => workplace().sent.at(-1)).toBe('work.take');
    const claim = ['work.take', 'BEGIN', 'work.lock', 'work.claim', 'work.next', 'work.put', 'COMMIT'];
    const job = ['BEGIN', 'test.effect', 'work.end', 'COMMIT'];
    const batch = [...claim, ...Array(20).fill(job).flat()];
    // A look that came before anything was due took nothing.
    const sent = workplace().sent.filter((name, at, all) => name !== 'work.take' || all[at + 1] !== 'work.take');
    expect(sent).toEqual([...batch, ...batch, 'work.take']);
  });
});
