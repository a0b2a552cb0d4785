import { type Sight, sightParams } from '../auth/sight.ts';
import type { Tx } from '../db/database.ts';
import { fixed } from '../db/statement.ts';

/** An activity as something that others point at. */
export interface ActivityLink {
  readonly id: bigint;
  readonly uid: string;
  readonly isDeleted: boolean;
}

/**
 * What a viewer may see of activities, as a condition on alias `a`, which `$2` (sees all), `$3` (their user, if not all)
 * and `$4` (their user) decide. A private one is its creator's and its participants'; without CRM access one sees those
 * that a task names which is assigned to or was created by oneself.
 */
export const VISIBLE_ACTIVITY = `(a.visibility = 'ORGANIZATION' OR a.creator_id = $4
    OR a.participants @> jsonb_build_array(jsonb_build_object('userId', $4::bigint)))
  AND ($2::boolean OR EXISTS (SELECT 1 FROM task vt WHERE vt.organization_id = $1 AND vt.activity_id = a.id
    AND (vt.assignee_id = $3 OR vt.creator_id = $3)))`;

const lock = fixed(
  'activity.lock',
  `SELECT a.id, a.uid, a.deleted_at IS NOT NULL AS "isDeleted" FROM activity a
   WHERE a.organization_id = $1 AND ${VISIBLE_ACTIVITY} AND a.uid = $5 FOR SHARE OF a`,
);

/** An activity that the viewer may see, share-locked: deleting it waits, or has happened and shows. */
export const lockActivity = async (tx: Tx, sight: Sight, userId: bigint, uid: string): Promise<ActivityLink | null> =>
  (await tx.rows<ActivityLink>(lock, [...sightParams(sight), userId, uid]))[0] ?? null;
