import { z } from 'zod';
import { fixed } from '../db/statement.ts';
import type { Kind, When } from '../work/kind.ts';

const LOG_PRUNE = 'log.prune';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Events that one transaction reads, and deletes at most. */
const BATCH = 1_000;
/** After so many days what stayed is read once more: a task's row may be gone by now. */
const DAYS_PER_ROUND = 30;

// Reads on from where it stood, up to the first event that is too young. All that it touches is one range of keys, and the
// limit is written out, or PostgreSQL would plan for a tenth of the log. An event stays while its task has a row; the
// notifications of the range go in any case.
const prune = fixed(
  'event.prune',
  `WITH page AS (
     SELECT e.seq, e.at, e.subject_type, e.subject_id FROM event e
     WHERE e.organization_id = $1 AND e.seq > $2::bigint ORDER BY e.seq LIMIT ${BATCH}
   ), old AS (
     SELECT * FROM page WHERE seq < COALESCE(
       (SELECT min(seq) FROM page WHERE at >= statement_timestamp() - make_interval(days => $3::int)), 9223372036854775807)
   ), forgotten AS (
     DELETE FROM event e USING old
     WHERE e.organization_id = $1 AND e.seq > $2::bigint AND e.seq <= (SELECT max(seq) FROM old) AND e.seq = old.seq
       AND NOT (old.subject_type = 'TASK'
         AND EXISTS (SELECT 1 FROM task t WHERE t.organization_id = $1 AND t.id = old.subject_id))
     RETURNING e.seq
   ), untold AS (
     DELETE FROM notification n
     WHERE n.organization_id = $1 AND n.seq > $2::bigint AND n.seq <= (SELECT max(seq) FROM old)
     RETURNING n.seq
   )
   SELECT (SELECT count(*)::int FROM old) AS read, (SELECT max(seq) FROM old) AS "readTo",
     GREATEST((SELECT max(seq) FROM forgotten), (SELECT max(seq) FROM untold)) AS "prunedTo"`,
);

interface Pruned {
  readonly read: number;
  readonly readTo: bigint | null;
  /** The highest seq of which anything was deleted. */
  readonly prunedTo: bigint | null;
}

// The counter's row, last in its transaction; not even looked at twice when it need not be raised.
const raise = fixed(
  'event.raisePruned',
  'UPDATE organization_log SET pruned_to = $2::bigint WHERE organization_id = $1 AND pruned_to < $2::bigint',
);

/** How far the log has been read, and for how many days of this round. */
const Place = z.object({ readTo: z.string().regex(/^\d+$/), days: z.number().int() }).catch({ readTo: '0', days: 0 });
type Place = z.infer<typeof Place>;

/** Where to read on, and when: at once after a full batch, else tomorrow. */
export function afterBatch({ readTo, days }: Place, found: Pruned, dice: number): { due: When; place: Place } {
  const place = { readTo: String(found.readTo ?? readTo), days };
  if (found.read === BATCH) return { due: { inMs: 0 }, place };
  const due = { inMs: DAY_MS + (2 * dice - 1) * HOUR_MS };
  return { due, place: days + 1 < DAYS_PER_ROUND ? { ...place, days: days + 1 } : { readTo: '0', days: 0 } };
}

/** The job that every organization has from its beginning: some time of its first day, so that not all come at once. */
export const firstPrune = (dice: number) => ({ kind: LOG_PRUNE, due: { inMs: dice * DAY_MS } });

/**
 * Deletes what the log need not keep any more: events that are older and whose task, if they are about one, has no row;
 * and notifications that are older. A batch a transaction, all of it once a day.
 */
export const pruneLog = (retentionDays: number): Kind => ({
  name: LOG_PRUNE,
  run: ({ db }, job) =>
    db.transaction(job.organizationId, async (tx) => {
      const from = Place.parse(job.payload);
      const [found] = (await tx.rows<Pruned>(prune, [BigInt(from.readTo), retentionDays])) as [Pruned];
      const { due, place } = afterBatch(from, found, Math.random());
      const settled = await job.again(tx, due, place);
      if (found.prunedTo !== null) await tx.rows(raise, [found.prunedTo]);
      return settled;
    }),
});
