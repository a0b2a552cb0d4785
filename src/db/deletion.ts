import type { Tx } from './database.ts';
import { fixed } from './statement.ts';

// Of no organization: it only has to be a number that no other deletion has.
const next = fixed('deletion.next', `SELECT nextval('deletion') AS id WHERE $1::bigint IS NOT NULL`);

/** The number that marks every row which one deletion takes, so that restoring brings back exactly these. */
export async function nextDeletion(tx: Tx): Promise<bigint> {
  const [row] = (await tx.rows<{ id: bigint }>(next, [])) as [{ id: bigint }];
  return row.id;
}

/** The kind of job that carries out what one transaction did not get done; its key is the record's ULID. */
export const RECORD_DELETION = 'record.deletion';

/**
 * Whether the deletion that took a row is still being carried out, or undone: then it is not known yet whether the row
 * belongs into the bin. A condition on the row's alias.
 */
export const isUnsettled = (alias: string): string =>
  `(SELECT 1 FROM job j WHERE j.organization_id = $1 AND j.kind = '${RECORD_DELETION}'
     AND jsonb_exists(j.payload -> 'numbers', ${alias}.deletion_id::text) LIMIT 1) IS NOT NULL`;
