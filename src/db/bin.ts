import type { Tx } from './database.ts';
import { isUnsettled } from './deletion.ts';
import { fixed } from './statement.ts';

// What has been in the bin for long enough is deleted for good, once nothing refers to it any more.

type Table = 'account' | 'activity' | 'contact' | 'lead' | 'opportunity';

/** Rows of the bin that one transaction looks at. */
export const BIN_BATCH = 1_000;

/** A row that is gone for good. */
export interface Emptied {
  readonly id: bigint;
  readonly uid: string;
}

export interface Page {
  readonly emptied: readonly Emptied[];
  /** Where to read on; null at the bin's end. */
  readonly next: bigint | null;
}

/** Empties a page of a table's bin: what was deleted up to an instant, after a row. */
export type EmptyBin = (tx: Tx, deletedUpTo: Date, after: bigint) => Promise<Page>;

/**
 * Whether a row of `table` refers to `r` by `column`. Of EXISTS, PostgreSQL would read the whole table to know it of a
 * thousand rows; this it looks up by an index, one by one.
 */
export const refersBy = (table: string, column: string): string =>
  `(SELECT 1 FROM ${table} o WHERE o.organization_id = $1 AND o.${column} = r.id LIMIT 1) IS NOT NULL`;

/** Rows that belong to another and go with it, by the column that names that. */
interface Owned {
  readonly table: string;
  readonly column: string;
}

/**
 * How a table's bin is emptied. `references` are the conditions under which another row refers to `r`, rows of the bin
 * among them: while they are there they can come back. Their foreign keys hold it beside us.
 */
export function emptyBinOf(table: Table, references: readonly string[], owned: readonly Owned[] = []): EmptyBin {
  const isKept = `(${[...references, isUnsettled('r')].join(' OR ')})`;
  const isOwner = owned.map((each) => refersBy(each.table, each.column));
  // What is referred to stays for as long as that lasts: it is passed by, a page a time, and not looked for again.
  const page = fixed(
    `${table}.binned`,
    `SELECT r.id, ${isKept} AS "isKept" FROM ${table} r
     WHERE r.organization_id = $1 AND r.deleted_at <= $2::timestamptz AND r.id > $3::bigint ORDER BY r.id LIMIT ${BIN_BATCH}`,
  );
  // Judged again under the lock: what was restored meanwhile stays; and by what refers to it, and whether it is being restored, after the lock.
  const lock = fixed(
    `${table}.lockBinned`,
    `SELECT r.id FROM ${table} r
     WHERE r.organization_id = $1 AND r.id = ANY ($3::bigint[]) AND r.deleted_at <= $2::timestamptz
     ORDER BY r.id FOR NO KEY UPDATE`,
  );
  const empty = fixed(
    `${table}.emptyBin`,
    `DELETE FROM ${table} r WHERE r.organization_id = $1 AND r.id = ANY ($2::bigint[]) AND NOT (${[isKept, ...isOwner].join(' OR ')})
     RETURNING r.id, r.uid`,
  );
  // By the same condition, a statement before: what ceases to be referred to between the two stays until the next time.
  const forget = owned.map(({ table: own, column }) =>
    fixed(
      `${table}.empty.${own}`,
      `DELETE FROM ${own} w USING ${table} r WHERE w.organization_id = $1 AND r.organization_id = $1
         AND w.${column} = r.id AND r.id = ANY ($2::bigint[]) AND NOT ${isKept}`,
    ),
  );
  return async (tx, deletedUpTo, after) => {
    const read = await tx.rows<{ id: bigint; isKept: boolean }>(page, [deletedUpTo, after]);
    const next = read.length === BIN_BATCH ? (read.at(-1)?.id ?? null) : null;
    const free = read.filter((row) => !row.isKept).map(({ id }) => id);
    if (free.length === 0) return { emptied: [], next };
    const locked = await tx.rows<{ id: bigint }>(lock, [deletedUpTo, free]);
    for (const statement of forget) await tx.rows(statement, [locked.map(({ id }) => id)]);
    const emptied = await tx.rows<Emptied>(empty, [locked.map(({ id }) => id)]);
    return { emptied: emptied.sort((a, b) => Number(a.id - b.id)), next };
  };
}
