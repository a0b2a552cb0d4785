import type { FieldChange } from './log.ts';

/** A thing in the API's names and values: what the log tells of. */
export type Outward = Readonly<Record<string, unknown>>;

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const isNothing = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);

/** What became different, field by field. `before` is null for what is new: of that, what is empty is not told. */
export const differences = (before: Outward | null, after: Outward): FieldChange[] =>
  Object.entries(after)
    .map(([field, to]) => ({ field, from: before?.[field] ?? null, to: to ?? null }))
    .filter(({ from, to }) => !same(from, to) && !(before === null && isNothing(to)));

/** Tags that came are one event's, tags that went, or changed their order, the other's. */
export function tagChanges(before: readonly string[], after: readonly string[]) {
  const added = after.filter((tag) => !before.includes(tag));
  const between = [...before, ...added];
  return {
    added: added.length > 0 ? [{ field: 'tags', from: before, to: between }] : [],
    rest: same(between, after) ? [] : [{ field: 'tags', from: between, to: after }],
  };
}
