import type { FieldChange } from './log.ts';

/** A thing in the API's names and values: what the log tells of. */
export type Outward = Readonly<Record<string, unknown>>;

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** The fields that differ; of something new those that have a value. */
export const differences = (before: Outward | null, after: Outward): FieldChange[] =>
  Object.keys(after)
    .map((field) => ({ field, from: before?.[field] ?? null, to: after[field] ?? null }))
    .filter(({ from, to }) => !same(from, to) && !(from === null && Array.isArray(to) && to.length === 0));

/** Tags that came are one event's, tags that went, or changed places, the other's. */
export function tagChanges(before: readonly string[], after: readonly string[]) {
  const added = after.filter((tag) => !before.includes(tag));
  const between = [...before, ...added];
  return {
    added: added.length > 0 ? [{ field: 'tags', from: before, to: between }] : [],
    rest: same(between, after) ? [] : [{ field: 'tags', from: between, to: after }],
  };
}

/** What being put into the bin, or being taken out of it, changes of a task or an activity. */
export const binChanges = (from: Date | null, to: Date | null): FieldChange[] => [
  { field: 'isActive', from: from === null, to: to === null },
  { field: 'deletedAt', from, to },
];
