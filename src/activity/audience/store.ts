import { activityVisibleTo } from '../../auth/activity-sight.ts';
import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';
import type { Attendant } from './rules.ts';

const VISIBLE = activityVisibleTo({ all: 'm.crm_access', user: 'm.user_id', viewer: 'm.user_id' });

const attendants = fixed(
  'activity.attendants',
  `SELECT a.id AS "activityId", m.user_id AS "userId",
     a.participants @> jsonb_build_array(jsonb_build_object('userId', m.user_id)) AS "isParticipant"
   FROM activity a
   CROSS JOIN LATERAL (
     SELECT a.creator_id AS user_id
     UNION SELECT (p.who ->> 'userId')::bigint FROM jsonb_array_elements(a.participants) AS p (who)
   ) named
   JOIN membership m ON m.organization_id = a.organization_id AND m.user_id = named.user_id
   WHERE a.organization_id = $1 AND a.id = ANY ($2::bigint[]) AND m.is_active AND m.kind = 'PERSON' AND ${VISIBLE}
   ORDER BY a.id, m.user_id`,
);

/** Who created activities or takes part in them, of those who are here and may see them. */
export const findAttendants = (tx: Tx, activityIds: readonly bigint[]) =>
  tx.rows<Attendant & { readonly activityId: bigint }>(attendants, [activityIds]);
