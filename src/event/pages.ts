import type { Viewer } from '../auth/viewer.ts';
import type { Reader } from '../db/database.ts';
import { fixed } from '../db/statement.ts';
import { EVENT_COLUMNS, type EventRow } from './history.ts';
import { EVENT_VISIBLE, eventSightParams } from './sight.ts';

/** Events that one page looks at, at most: whoever sees few of them must not wait for a walk through the whole log. */
const STRETCH = 2_000;

// The log's ends and the rows come from one snapshot. Past `pruned_to` the log has no gap, so that a range of seqs bounds
// what is read.
const page = fixed(
  'event.page',
  `WITH ends AS MATERIALIZED (
     SELECT l.last_seq, l.pruned_to, COALESCE($6::bigint, l.pruned_to) AS "after" FROM organization_log l
     WHERE l.organization_id = $1
   ), here AS MATERIALIZED (
     SELECT ends.*, z."to", (SELECT t.at FROM event t WHERE t.organization_id = $1 AND t.seq = z."to") AS "toAt"
     FROM ends CROSS JOIN LATERAL (SELECT LEAST(ends.last_seq, ends."after" + ${STRETCH}) AS "to") z
   )
   SELECT here."to", here."toAt", here.last_seq AS "lastSeq", here."after" < here.pruned_to AS pruned, p.*
  FROM here LEFT JOIN LATERAL (
     SELECT ${EVENT_COLUMNS} FROM event e
     WHERE e.organization_id = $1 AND e.seq > here."after" AND e.seq <= here."to" AND ${EVENT_VISIBLE}
     ORDER BY e.seq LIMIT $7
   ) p ON true ORDER BY p.seq`,
);

type Found = EventRow & {
  readonly to: bigint;
  readonly toAt: Date | null;
  readonly lastSeq: bigint;
  readonly pruned: boolean;
};

/** A stretch of the log as someone sees it. */
export interface Stretch {
  readonly events: readonly EventRow[];
  /** How far it reaches, what is hidden included; and when that happened, null at the beginning of all. */
  readonly to: bigint;
  readonly toAt: Date | null;
  readonly lastSeq: bigint;
  /** Whether anything after the place was deleted. */
  readonly pruned: boolean;
}

/** What the viewer sees of the events after a place, or of all that is kept, oldest first, at most `limit`. */
export async function readStretch(db: Reader, viewer: Viewer, after: bigint | null, limit: number): Promise<Stretch> {
  const rows = await db.rows<Found>(page, viewer.organizationId, [...eventSightParams(viewer), after, limit]);
  const [first] = rows;
  if (!first) throw new Error(`Organization ${viewer.organizationId} has no log.`);
  const { to, toAt, lastSeq, pruned } = first;
  return { events: first.seq === null ? [] : rows, to, toAt, lastSeq, pruned };
}

const count = fixed(
  'event.count',
  `SELECT count(*)::int AS count FROM organization_log l
   JOIN event e ON e.organization_id = l.organization_id AND e.seq > l.pruned_to
   WHERE l.organization_id = $1 AND ${EVENT_VISIBLE}`,
);

/** How many events there are that the viewer sees, of all that can be paged. */
export async function countEvents(db: Reader, viewer: Viewer): Promise<number> {
  const [row] = await db.rows<{ count: number }>(count, viewer.organizationId, eventSightParams(viewer));
  return row?.count ?? 0;
}
