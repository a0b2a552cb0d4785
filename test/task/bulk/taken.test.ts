import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newUid } from '../../../src/ids.ts';
import { linkedTo, made } from '../kinds/planted.ts';
import { type Known, useWorld } from '../world.ts';
import { written } from '../writes.ts';
import { bulkOf, changed, refusals } from './asked.ts';

const world = useWorld();
let session: pg.Client;
beforeAll(async () => {
  session = new pg.Client({ connectionString: world().gateway.database.url });
  await session.connect();
});
afterAll(() => session.end());

const reopen = (...tasks: readonly Known[]) => {
  const filter = { id: { in: tasks.map(({ key }) => key) }, _type: { any: true } };
  return bulkOf(world(), world().admin).update({ filter, set: { isComplete: false } });
};

describe.each(['INCOMING_EMAIL', 'OPPORTUNITY_DUE'] as const)('an %s that has a place', (kind) => {
  /** Tasks that take one place together, one of each status. */
  async function rivals(...statuses: readonly ('PENDING' | 'COMPLETED')[]): Promise<Known[]> {
    const place =
      kind === 'INCOMING_EMAIL'
        ? { threadId: newUid() }
        : linkedTo('OPPORTUNITY', await world().record('OPPORTUNITY', { name: newUid() }));
    const tasks: Known[] = [];
    for (const status of statuses) tasks.push(await made(world(), kind, { ...place, status }));
    return tasks;
  }

  it('is not reopened in bulk where another open one has it: both are named, nothing is changed', async () => {
    const [done, open] = (await rivals('COMPLETED', 'PENDING')) as [Known, Known];
    const [free] = (await rivals('COMPLETED')) as [Known];
    const before = await written(world());
    const answer = await reopen(done, free);
    expect(refusals(answer)).toEqual([`CONFLICT filter.${done.key}`]);
    expect(answer.errors[0]?.message).toContain(open.key);
    expect(await written(world())).toEqual(before);
    expect(changed(await reopen(free)).updated).toBe(1);
  });

  it('is reopened once of several at once: the others are refused by the first', async () => {
    const [one, two] = (await rivals('COMPLETED', 'COMPLETED')) as [Known, Known];
    const answer = await reopen(one, two);
    expect(refusals(answer)).toEqual([`CONFLICT filter.${two.key}`]);
    expect(answer.errors[0]?.message).toContain(one.key);
    expect(changed(await reopen(two)).updated).toBe(1);
  });

  it('is refused where another takes it at the same moment', async () => {
    const [one, two] = (await rivals('COMPLETED', 'COMPLETED')) as [Known, Known];
    await session.query('BEGIN');
    await session.query(
      `UPDATE task SET status = 'PENDING', completed_at = NULL, completed_by_id = NULL WHERE id = $1`,
      [two.id],
    );
    const asked = reopen(one);
    const waiting = async () =>
      (
        await session.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
      ).rowCount;
    await expect.poll(waiting).toBe(1);
    await session.query('COMMIT');
    const answer = await asked;
    expect(refusals(answer)).toEqual([`CONFLICT filter.${one.key}`]);
    expect(answer.errors[0]?.message).toContain(two.key);
  });
});
