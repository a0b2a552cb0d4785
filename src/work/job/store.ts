import type { Database, Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';
import type { When } from '../kind.ts';
import type { AfterFailure, Told } from '../rules.ts';
import type { Lease } from '../source.ts';
import { nameOf, type Planned } from './rules.ts';

// All times are the database's: statement_timestamp(), which an index range can be bounded by, unlike clock_timestamp().

const due = (when: When) => ('at' in when ? [when.at, 0] : [null, when.inMs]);

// The organization's row is locked before the jobs', so that any two who schedule meet there and not crosswise: what is
// sorted is all there before the first job is written. One that is being run keeps its lease, and is due again when that
// run has ended.
const schedule = fixed(
  'work.schedule',
  `WITH given AS (
     SELECT g.kind, g.key, g.payload, LEAST(g.at, statement_timestamp() + g.in_ms * interval '1 millisecond') AS due_at
     FROM jsonb_to_recordset($2::jsonb) AS g(kind text, key text, payload jsonb, at timestamptz, in_ms float8)
   ), work AS (
     INSERT INTO organization_work (organization_id, next_due_at) SELECT $1::bigint, min(due_at) FROM given
     ON CONFLICT (organization_id) DO UPDATE SET next_due_at = LEAST(organization_work.next_due_at, EXCLUDED.next_due_at)
     RETURNING organization_id
   )
   INSERT INTO job (organization_id, kind, key, due_at, payload)
   SELECT $1::bigint, given.kind, given.key, given.due_at, given.payload FROM work, given
   ORDER BY given.kind COLLATE "C", given.key COLLATE "C"
   ON CONFLICT (organization_id, kind, key) DO UPDATE
   SET due_at = CASE WHEN job.kind || ' ' || job.key = ANY ($3::text[]) THEN LEAST(job.due_at, EXCLUDED.due_at) ELSE EXCLUDED.due_at END,
       payload = EXCLUDED.payload, attempts = 0, rescheduled = job.lease IS NOT NULL,
       state = 'SCHEDULED', error_code = NULL, error_message = NULL
   RETURNING (EXTRACT(epoch FROM job.due_at - statement_timestamp()) * 1000)::float8 AS "dueInMs"`,
);

/** Plans jobs, or moves those of their kinds and keys; answers how long it is until the first of them. */
export async function scheduleJobs(tx: Tx, jobs: readonly Planned[]): Promise<number> {
  const rows = jobs.map(({ kind, key, payload, due: { at, inMs } }) => ({ kind, key, payload, at, in_ms: inMs }));
  const latest = jobs.filter(({ atLatest }) => atLatest).map(nameOf);
  const planned = await tx.rows<{ dueInMs: number }>(schedule, [JSON.stringify(rows), latest]);
  return Math.min(...planned.map(({ dueInMs }) => dueInMs));
}

const pending = fixed('work.pending', 'SELECT payload FROM job WHERE organization_id = $1 AND kind = $2 AND key = $3');

/** What the job of a kind and key was given, failed ones included; null when there is none. */
export async function pendingPayload(tx: Tx, kind: string, key: string): Promise<unknown> {
  return (await tx.rows<{ payload: unknown }>(pending, [kind, key]))[0]?.payload ?? null;
}

// What a worker has lost is claimed alone: if it takes its worker down each time, it takes no innocent with it. Keys are
// looked up by = ANY: joined, they have PostgreSQL read all jobs of a busy organization.
const claim = fixed(
  'work.claim',
  `WITH lost AS (
     SELECT id FROM job
     WHERE organization_id = $1 AND lease IS NOT NULL AND leased_until <= statement_timestamp() AND due_at <= statement_timestamp()
     ORDER BY leased_until, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
   ), due AS (
     SELECT id FROM job
     WHERE organization_id = $1 AND state = 'SCHEDULED' AND lease IS NULL AND due_at <= statement_timestamp()
     ORDER BY due_at, id LIMIT CASE WHEN EXISTS (SELECT FROM lost) THEN 0 ELSE $4::int END FOR NO KEY UPDATE SKIP LOCKED
   )
   UPDATE job SET lease = $2::uuid, leased_until = statement_timestamp() + $3::float8 * interval '1 millisecond',
     attempts = attempts + 1, rescheduled = false
   WHERE organization_id = $1 AND id = ANY (ARRAY(SELECT id FROM lost UNION ALL SELECT id FROM due))
   RETURNING id, kind, key, payload, attempts AS attempt, due_at AS "dueAt",
     id = ANY (ARRAY(SELECT id FROM lost)) AS "wasLost"`,
);

export interface JobRow {
  readonly id: bigint;
  readonly kind: string;
  readonly key: string;
  readonly payload: unknown;
  readonly attempt: number;
  readonly dueAt: Date;
  /** Whoever had it has let its lease end. */
  readonly wasLost: boolean;
}

/** Due jobs that nobody holds, in the order in which they were due. */
export async function claimJobs(tx: Tx, { token, ms }: Lease, limit: number): Promise<JobRow[]> {
  const rows = await tx.rows<JobRow>(claim, [token, ms, limit]);
  return rows.sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime() || Number(a.id - b.id));
}

const next = fixed(
  'work.next',
  `SELECT LEAST(
     (SELECT due_at FROM job WHERE organization_id = $1 AND state = 'SCHEDULED' AND lease IS NULL ORDER BY due_at LIMIT 1),
     (SELECT min(GREATEST(leased_until, due_at)) FROM job WHERE organization_id = $1 AND lease IS NOT NULL)
   ) AS "dueAt"`,
);

interface Due {
  readonly dueAt: Date | null;
}

export const nextJobDue = async (tx: Tx): Promise<Date | null> => (await tx.rows<Due>(next))[0]?.dueAt ?? null;

// A row that its own final write has locked is left as it is, and told by the plain read to be still ours.
const renew = fixed(
  'work.renew',
  `WITH held AS (
     SELECT id FROM job WHERE organization_id = $1 AND id = ANY ($2::bigint[]) AND lease = $3::uuid
     FOR NO KEY UPDATE SKIP LOCKED
   ), renewed AS (
     UPDATE job SET leased_until = statement_timestamp() + $4::float8 * interval '1 millisecond'
     WHERE organization_id = $1 AND id = ANY (ARRAY(SELECT id FROM held))
   )
   SELECT id FROM job WHERE organization_id = $1 AND id = ANY ($2::bigint[]) AND lease = $3::uuid`,
);

export async function renewJobs(db: Database, { organizationId, token, ms }: Lease, ids: readonly bigint[]) {
  const rows = await db.rows<{ id: bigint }>(renew, organizationId, [ids, token, ms]);
  return new Set(rows.map(({ id }) => id));
}

const release = fixed(
  'work.release',
  `UPDATE job SET lease = NULL, leased_until = NULL, rescheduled = false,
     attempts = CASE WHEN $4::boolean THEN attempts ELSE GREATEST(attempts - 1, 0) END
   WHERE organization_id = $1 AND id = ANY ($2::bigint[]) AND lease = $3::uuid RETURNING due_at AS "dueAt"`,
);

export async function releaseJobs(
  db: Database,
  { organizationId, token }: Lease,
  ids: readonly bigint[],
  begun: boolean,
): Promise<Date | null> {
  const rows = await db.rows<{ dueAt: Date }>(release, organizationId, [ids, token, begun]);
  const first = Math.min(...rows.map(({ dueAt }) => dueAt.getTime()));
  return Number.isFinite(first) ? new Date(first) : null;
}

const end = fixed(
  'work.end',
  `DELETE FROM job WHERE organization_id = $1 AND id = $2 AND lease = $3::uuid AND NOT rescheduled RETURNING id`,
);

/** Deletes the job; false when the lease is lost, or it was scheduled anew. */
export const endJob = async (tx: Tx, { token }: Lease, id: bigint): Promise<boolean> =>
  (await tx.rows(end, [id, token])).length === 1;

// Scheduled anew while it was run, it keeps what it was given then.
const rearm = fixed(
  'work.rearm',
  `UPDATE job SET lease = NULL, leased_until = NULL, rescheduled = false, attempts = 0,
     error_code = NULL, error_message = NULL,
     due_at = CASE WHEN rescheduled THEN due_at
       ELSE COALESCE($4::timestamptz, statement_timestamp()) + $5::float8 * interval '1 millisecond' END,
     payload = CASE WHEN rescheduled THEN payload ELSE COALESCE($6::jsonb, payload) END
   WHERE organization_id = $1 AND id = $2 AND lease = $3::uuid RETURNING due_at AS "dueAt"`,
);

/** Makes the job due again, with another payload unless that is null; gives when, or null when the lease is lost. */
export async function rearmJob(tx: Tx, { token }: Lease, id: bigint, when: When, payload: object | null) {
  const params = [id, token, ...due(when), payload && JSON.stringify(payload)];
  return (await tx.rows<{ dueAt: Date }>(rearm, params))[0]?.dueAt ?? null;
}

const fail = fixed(
  'work.fail',
  `UPDATE job SET lease = NULL, leased_until = NULL, rescheduled = false, error_code = $4, error_message = $5,
     state = CASE WHEN rescheduled THEN state ELSE $6::job_state END,
     attempts = CASE WHEN rescheduled THEN attempts ELSE $7::int END,
     due_at = CASE WHEN rescheduled THEN due_at ELSE COALESCE(statement_timestamp() + $8::float8 * interval '1 millisecond', due_at) END
   WHERE organization_id = $1 AND id = $2 AND lease = $3::uuid
   RETURNING CASE WHEN state = 'SCHEDULED' THEN due_at END AS "dueAt"`,
);

/** Writes down a failed attempt and what follows; undefined when the lease is lost. */
export async function failJob(
  db: Database,
  { organizationId, token }: Lease,
  id: bigint,
  { code, message }: Told,
  after: AfterFailure,
): Promise<Due | undefined> {
  const { state, attempts, inMs } = after;
  return (await db.rows<Due>(fail, organizationId, [id, token, code, message, state, attempts, inMs]))[0];
}
