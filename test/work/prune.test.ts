import { beforeEach, describe, expect, it } from 'vitest';
import { pruneLog } from '../../src/event/prune.ts';
import { nameOf } from '../support/gateway.ts';
import { useWorkplace } from './workplace.ts';

const workplace = useWorkplace();
let organization: bigint;
let assistant: bigint;

beforeEach(async () => {
  const { admin } = workplace();
  organization = await workplace().organization();
  const { rows } = await admin.query('SELECT user_id FROM membership WHERE organization_id = $1', [organization]);
  assistant = rows[0].user_id;
});

const query = async (text: string, values: unknown[] = []) =>
  (await workplace().admin.query(text, [organization, ...values])).rows;

/** Appends one event for each: how many days old, and of what. A number is a task's id. Each tells somebody. */
async function happened(...events: [days: number, subject: number | 'ACCOUNT' | 'MEMBERSHIP'][]) {
  for (const [days, subject] of events) {
    const type = typeof subject === 'number' ? 'TASK' : subject;
    await query(
      `WITH log AS (UPDATE organization_log SET last_seq = last_seq + 1 WHERE organization_id = $1 RETURNING last_seq),
        told AS (INSERT INTO notification (organization_id, user_id, seq, kind, actor_id, created_at)
          SELECT $1, $2, last_seq, 'TASK_ASSIGNED', $2, now() - make_interval(secs => $3 * 86400.0) FROM log)
       INSERT INTO event (organization_id, seq, kind, at, actor_id, actor_kind, subject_type, subject_id, subject_uid, changes)
       SELECT $1, last_seq, 'TASK_UPDATED', now() - make_interval(secs => $3 * 86400.0), $2, 'SYSTEM', $4, $5, 'x', '[]' FROM log`,
      [assistant, days, type, typeof subject === 'number' ? subject : 1],
    );
  }
}
const lives = (id: number, organizationId = organization) =>
  workplace().admin.query(
    `INSERT INTO task (organization_id, id, uid, title, creator_id, timeline_at, created_at, updated_at)
     SELECT $1, $2::bigint, 'task_' || $2::bigint, 'T', user_id, now(), now(), now() FROM membership WHERE organization_id = $1`,
    [organizationId, id],
  );
const seqs = async (table: 'event' | 'notification') =>
  (await query(`SELECT seq::int FROM ${table} WHERE organization_id = $1 ORDER BY seq`)).map(({ seq }) => seq);
const prunedTo = async () =>
  (await query('SELECT pruned_to::int FROM organization_log WHERE organization_id = $1'))[0].pruned_to;
const place = async () => (await query('SELECT payload FROM job WHERE organization_id = $1'))[0].payload;

/** Prunes until it waits for tomorrow. */
async function pruned(days = 90, payload?: object) {
  await workplace().schedule(organization, { kind: 'log.prune', ...(payload && { payload }) });
  const worker = workplace().worker([pruneLog(days)]);
  const due = `SELECT due_at > now() + interval '22 hours' AS tomorrow, lease FROM job WHERE organization_id = $1`;
  await expect.poll(async () => (await query(due))[0], { timeout: 10_000 }).toEqual({ tomorrow: true, lease: null });
  await worker.stop();
}

describe('pruning the log', () => {
  it('deletes what is older, but for the events of tasks that have a row', async () => {
    await lives(1);
    await happened(
      [100, 1],
      [99, 2],
      [98, 'ACCOUNT'],
      [97, 'MEMBERSHIP'],
      [91, 1],
      [90.01, 2],
      [89.9, 2],
      [1, 'ACCOUNT'],
    );
    await pruned();
    expect(await seqs('event')).toEqual([1, 5, 7, 8]);
    expect(await prunedTo()).toBe(6);
  });

  it('deletes every notification that is older, and counts it: a replay from before it would miss it', async () => {
    await lives(1);
    await happened([100, 2], [99, 1], [1, 1]);
    await pruned();
    expect(await seqs('event')).toEqual([2, 3]);
    expect(await seqs('notification')).toEqual([3]);
    expect(await prunedTo()).toBe(2);
  });

  it('keeps a task’s events for a row of its own organization only', async () => {
    await lives(1, await workplace().organization('Other'));
    await happened([100, 1]);
    await pruned();
    expect(await seqs('event')).toEqual([]);
  });

  it('leaves the logs of others alone', async () => {
    await happened([100, 'ACCOUNT']);
    const mine = organization;
    organization = await workplace().organization('Other');
    await pruned();
    organization = mine;
    expect(await seqs('event')).toEqual([1]);
    expect(await prunedTo()).toBe(0);
  });

  it('keeps as many days as it is told', async () => {
    await happened([3, 'ACCOUNT'], [1.5, 'ACCOUNT'], [0.5, 'ACCOUNT']);
    await pruned(2);
    expect(await seqs('event')).toEqual([2, 3]);
    await pruned(1);
    expect(await seqs('event')).toEqual([3]);
  });

  it('ends at the first event that is too young, and reads on from there the next day', async () => {
    await lives(1);
    await happened([100, 1], [99, 'ACCOUNT'], [10, 1], [95, 'ACCOUNT']);
    await pruned();
    expect(await seqs('event')).toEqual([1, 3, 4]);
    expect(await place()).toEqual({ readTo: '2', days: 1 });
    await query(`UPDATE event SET at = now() - interval '91 days' WHERE organization_id = $1 AND seq = 3`);
    await pruned(90, await place());
    expect(await seqs('event')).toEqual([1, 3]);
    expect(await place()).toEqual({ readTo: '4', days: 2 });
    expect(await prunedTo()).toBe(4);
  });

  it('finds what stayed, once in thirty days, when its task’s row is gone, and lowers nothing', async () => {
    await lives(1);
    await happened([100, 1], [99, 'ACCOUNT'], [1, 1]);
    await pruned();
    await query('DELETE FROM task WHERE organization_id = $1');
    await pruned(90, await place());
    expect(await seqs('event')).toEqual([1, 3]);
    await pruned(90, { readTo: '2', days: 29 });
    expect(await place()).toEqual({ readTo: '0', days: 0 });
    await pruned(90, await place());
    expect(await seqs('event')).toEqual([3]);
    expect(await prunedTo()).toBe(2);
  });

  it('begins again where its payload is not to be read', async () => {
    await happened([100, 'ACCOUNT']);
    await pruned(90, { readTo: 'far' });
    expect(await seqs('event')).toEqual([]);
  });

  it('has nothing to do in an empty log', async () => {
    await pruned();
    expect(await prunedTo()).toBe(0);
    expect(await place()).toEqual({ readTo: '0', days: 1 });
  });

  it('goes on at once, a thousand events a transaction, until it has read them all', async () => {
    await query(
      `INSERT INTO event (organization_id, seq, kind, at, actor_id, actor_kind, subject_type, subject_id, subject_uid, changes)
       SELECT $1, n, 'TASK_UPDATED', now() - interval '100 days', $2, 'SYSTEM',
         CASE WHEN n % 2 = 0 THEN 'ACCOUNT' ELSE 'TASK' END::subject_type, 1, 'x', '[]' FROM generate_series(1, 2500) n`,
      [assistant],
    );
    await query('UPDATE organization_log SET last_seq = 2500 WHERE organization_id = $1');
    await lives(1);
    workplace().statements.length = 0;
    await pruned();
    const sent = workplace().statements.map(({ text }) => nameOf(text));
    expect(sent.filter((name) => name === 'event.prune')).toHaveLength(3);
    expect((await seqs('event')).filter((seq) => seq % 2 === 0)).toEqual([]);
    expect(await seqs('event')).toHaveLength(1_250);
    expect(await prunedTo()).toBe(2_500);
    // The counter's row comes last, so that writers wait for nothing but the commit.
    const at = sent.indexOf('event.prune');
    expect(sent.slice(at - 1, at + 4)).toEqual(['BEGIN', 'event.prune', 'work.rearm', 'event.raisePruned', 'COMMIT']);
  });

  it('does not touch the counter when it deletes nothing', async () => {
    await lives(1);
    await happened([100, 1]);
    await pruned();
    workplace().statements.length = 0;
    await pruned(90, { readTo: '0', days: 0 });
    expect(workplace().sent).not.toContain('event.raisePruned');
  });

  it('keeps nothing of a batch whose worker has lost its lease', async () => {
    await happened([100, 'ACCOUNT']);
    await workplace().schedule(organization, { kind: 'log.prune' });
    const prune = pruneLog(90);
    const robbed = {
      ...prune,
      run: async (...given: Parameters<typeof prune.run>) => {
        await query('UPDATE job SET lease = gen_random_uuid() WHERE organization_id = $1');
        return prune.run(...given);
      },
    };
    workplace().worker([robbed]);
    await expect.poll(() => workplace().lines.map(({ msg }) => msg)).toEqual([expect.stringMatching(/^Fenced/)]);
    expect(await seqs('event')).toEqual([1]);
    expect(await prunedTo()).toBe(0);
  });
});

describe('every organization', () => {
  it('has its log pruned from some time of its first day on', async () => {
    const { createOrganization } = await import('../../src/organization/service.ts');
    const { id } = await createOrganization(workplace().runtime, { name: 'New', timeZone: 'UTC' });
    const { rows } = await workplace().admin.query('SELECT * FROM job WHERE organization_id = $1', [id]);
    const job = rows.find(({ kind }) => kind === 'log.prune');
    expect(job).toMatchObject({ key: '', attempts: 0 });
    const inMs = await workplace().fromNow(job.due_at);
    expect(inMs).toBeGreaterThan(-1_000);
    expect(inMs).toBeLessThanOrEqual(86_400_000);
    expect(await workplace().nextDueAt(id)).toEqual(rows.map(({ due_at }) => due_at).sort((a, b) => a - b)[0]);
  });
});
