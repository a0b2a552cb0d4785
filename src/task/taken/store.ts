import { type Sight, sightParams } from '../../auth/sight.ts';
import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';
import { OPEN } from '../form.ts';
import { VISIBLE } from '../visible.ts';
import type { Claim } from './rules.ts';

const holding = (kind: string, condition: string) =>
  `SELECT t.id, t.uid, t.kind, t.thread_id AS "threadId", t.opportunity_id AS "opportunityId", ${VISIBLE} AS "isSeen"
   FROM task t WHERE t.organization_id = $1 AND t.kind = '${kind}' AND ${condition}
     AND ${OPEN} AND t.deleted_at IS NULL`;

const holders = fixed(
  'task.holders',
  `${holding('INCOMING_EMAIL', 't.thread_id = ANY ($4::text[])')}
   UNION ALL ${holding('OPPORTUNITY_DUE', 't.opportunity_id = ANY ($5::bigint[])')}`,
);

/** The open tasks of threads and opportunities. */
export const findHolders = (tx: Tx, sight: Sight, threadIds: readonly string[], opportunityIds: readonly bigint[]) =>
  tx.rows<Claim & { readonly isSeen: boolean }>(holders, [...sightParams(sight), threadIds, opportunityIds]);
