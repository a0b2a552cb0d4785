import type { Tx } from './database.ts';
import { fixed } from './statement.ts';

// Of no organization: it only has to be a number that no other deletion has.
const next = fixed('deletion.next', `SELECT nextval('deletion') AS id WHERE $1::bigint IS NOT NULL`);

/** The number that marks every row which one deletion takes, so that restoring brings back exactly these. */
export async function nextDeletion(tx: Tx): Promise<bigint> {
  const [row] = (await tx.rows<{ id: bigint }>(next, [])) as [{ id: bigint }];
  return row.id;
}
