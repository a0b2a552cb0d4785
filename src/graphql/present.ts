/** A row that a foreign key promises: its absence is a bug, and is said as one. */
export function present<Row>(row: Row | null): Row {
  if (row === null) throw new Error('A row that is referred to is missing.');
  return row;
}
