import type { Sight } from '../auth/sight.ts';
import type { Parameters } from '../db/params.ts';

/** The one condition on `task t` that decides what a viewer sees; part of every list, count, lookup and judgement. */
export function visibleTo(sight: Sight, params: Parameters): string {
  if (sight === 'ALL') return 'true';
  const user = params.add(sight.userId, 'bigint');
  return `(t.assignee_id = ${user} OR t.creator_id = ${user})`;
}

/** The same for fixed statements, whose `$2` and `$3` are `sightParams`. */
export const VISIBLE = '($2::boolean OR t.assignee_id = $3 OR t.creator_id = $3)';
