import type { Reader } from '../../db/database.ts';
import { composed } from '../../db/statement.ts';
import { IS_CLOSED, IS_OPEN } from '../form.ts';
import type { Judged, Ranges } from './list.ts';

const tableOf = (rows: readonly string[]) =>
  `[${rows.map((row, index) => `{"ord":${index + 1},${row.slice(1)}`.replace(/,}$/, '}')).join()}]`;

/** How a list judged a task in one transaction: whether it matched before, and after. */
export interface Match {
  /** Which of the lists, from 1. */
  readonly ord: number;
  readonly seq: bigint;
  readonly before: boolean;
  readonly after: boolean;
}

/**
 * Of the events after one place up to another, those whose images match lists of one shape, by list and in order. What
 * the lists hold comes as rows; the images are records of the table's own type, so that the list's own words judge them.
 */
export function judge(
  db: Reader,
  organizationId: bigint,
  { shape, columns }: Judged,
  rows: readonly string[],
  after: bigint,
  to: bigint,
): Promise<Match[]> {
  const image = (column: string, isAfter: boolean) =>
    `SELECT told.seq AS image_seq, ${isAfter} AS is_after, r.* FROM told
     CROSS JOIN LATERAL jsonb_populate_record(NULL::task, told.${column}) AS r WHERE told.${column} IS NOT NULL`;
  const text = `WITH told AS MATERIALIZED (
      SELECT e.seq, e.image_before, e.image_after FROM event e
      WHERE e.organization_id = $1 AND e.seq > $2 AND e.seq <= $3 AND e.subject_type = 'TASK'
    ), image AS MATERIALIZED (${image('image_before', false)} UNION ALL ${image('image_after', true)})
    SELECT p.ord, t.image_seq AS seq, bool_or(NOT t.is_after) AS before, bool_or(t.is_after) AS after
    FROM jsonb_to_recordset($4::jsonb) AS p(${['ord int', ...columns].join(', ')}) JOIN image t ON ${shape}
    GROUP BY p.ord, t.image_seq ORDER BY p.ord, t.image_seq`;
  return db.rows<Match>(composed('task.judge', text), organizationId, [after, to, tableOf(rows)]);
}

/** A task that matches a list at one of two instants only. */
export interface Passed {
  readonly ord: number;
  readonly id: bigint;
  readonly uid: string;
  /** Whether at the later of the two. */
  readonly holds: boolean;
}

export interface Passing {
  /** Where the log stood. */
  readonly seq: bigint;
  /** The first instant, `to` or later, that an open task is due at; null when there is none. */
  readonly nextDue: Date | null;
  readonly passed: readonly Passed[];
}

/** Two judgements of one list, beside each other in one row. */
export interface Pair {
  readonly from: Judged;
  readonly to: Judged;
}

/** What is asked of lists of one shape, dates and bins. */
interface Asked {
  readonly pair: Pair;
  readonly rows: readonly string[];
  readonly ranges: Ranges;
  readonly bins: readonly boolean[];
  readonly now: number;
  readonly limit: number;
}

const LIVE = 't.deleted_at IS NULL';
const BIN = 't.deleted_at IS NOT NULL';

/**
 * What time alone moves into lists of one shape and out of them between two instants, with where the log stood: all of one
 * snapshot, so that what is written meanwhile is told either as an event or here. Only tasks dated in `ranges` are looked
 * at. At most `limit` rows.
 */
export async function readPassing(
  db: Reader,
  organizationId: bigint,
  { pair: { from, to }, rows, ranges: { days, instants }, bins: given, now, limit }: Asked,
): Promise<Passing> {
  // Where nothing can match, nothing does; but there is a next instant.
  const bins = given.length > 0 ? given : [false];
  // Each range of one index: open and closed apart, as they have them.
  const places = bins.flatMap((bin) => (bin ? [BIN] : [`${LIVE} AND ${IS_OPEN}`, `${LIVE} AND ${IS_CLOSED}`]));
  const ids = (column: string, low: string, high: string, type: string) =>
    places.map(
      (place) => `SELECT t.id FROM unnest(${low}::${type}[], ${high}::${type}[]) AS d(low, high)
        JOIN task t ON t.organization_id = $1 AND NOT t.is_queue_row AND ${place} AND t.${column} >= d.low AND t.${column} <= d.high`,
    );
  const near = [...ids('due_on', '$2', '$3', 'date'), ...ids('due_at', '$4', '$5', 'timestamptz')];
  const nextDue = bins.map(
    (bin) => `(SELECT min(t.due_at) FROM task t WHERE t.organization_id = $1 AND NOT t.is_queue_row
       AND ${bin ? BIN : LIVE} AND ${IS_OPEN} AND t.due_at >= $6::timestamptz)`,
  );
  const text = `WITH near AS MATERIALIZED (
      SELECT t.* FROM task t WHERE t.organization_id = $1 AND t.id = ANY (ARRAY(${near.join(' UNION ')}))
    ), passed AS (
      SELECT p.ord, t.id, t.uid, (${to.shape}) IS TRUE AS holds
      FROM jsonb_to_recordset($7::jsonb) AS p(${['ord int', ...from.columns, ...to.columns].join(', ')})
      JOIN near t ON ((${from.shape}) IS TRUE) <> ((${to.shape}) IS TRUE)
      ORDER BY p.ord, t.id LIMIT $8
    )
    SELECT l.last_seq AS seq, LEAST(${nextDue.join(', ')}) AS "nextDue", passed.*
    FROM organization_log l LEFT JOIN passed ON true WHERE l.organization_id = $1 ORDER BY passed.ord, passed.id`;
  const low = (ranges: readonly (readonly [string, string])[]) => ranges.map(([from]) => from);
  const high = (ranges: readonly (readonly [string, string])[]) => ranges.map(([, to]) => to);
  const found = await db.rows<Omit<Passing, 'passed'> & (Passed | { readonly ord: null })>(
    composed('task.passing', text),
    organizationId,
    [...[low(days), high(days), low(instants), high(instants)], ...[new Date(now), tableOf(rows), limit]],
  );
  const [first] = found;
  if (!first) throw new Error(`Organization ${organizationId} has no log.`);
  return {
    seq: first.seq,
    nextDue: first.nextDue,
    passed: found.filter((row): row is Passing & Passed => row.ord !== null),
  };
}
