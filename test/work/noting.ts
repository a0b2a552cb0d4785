import { composed } from '../../src/db/statement.ts';
import type { Job, Kind } from '../../src/work/kind.ts';

export const effect = composed(
  'test.effect',
  'INSERT INTO effect (organization_id, key, by, attempt) VALUES ($1, $2, $3, $4)',
);

type Before = (job: Job) => Promise<void> | void;

/** A kind whose effect is a row that says who did what; `before` runs first, outside of the transaction. */
export const noting = (by: string, before: Before = () => {}): Kind => ({
  name: 'note',
  async run({ db }, job) {
    await before(job);
    return db.transaction(job.organizationId, async (tx) => {
      await tx.rows(effect, [job.key, by, job.attempt]);
      return job.done(tx);
    });
  },
});

/** The same without a fence: it writes its effect, and then looks whether the job is still its own. */
export const unfenced = (by: string, before: Before = () => {}): Kind => ({
  name: 'note',
  async run({ db }, job) {
    await before(job);
    await db.transaction(job.organizationId, (tx) => tx.rows(effect, [job.key, by, job.attempt]));
    return db.transaction(job.organizationId, (tx) => job.done(tx));
  },
});
