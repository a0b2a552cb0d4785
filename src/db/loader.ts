import DataLoader from 'dataloader';

/** A loader of rows by one key: one statement for all that are asked for together, each answered in its place. */
export const loaderBy = <Key, Row>(
  read: (keys: readonly Key[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => Key,
): DataLoader<Key, Row | null> =>
  new DataLoader<Key, Row | null>(async (keys) => {
    const rows = new Map((await read(keys)).map((row) => [keyOf(row), row]));
    return keys.map((key) => rows.get(key) ?? null);
  });
