import type { FieldChange } from './log.ts';

/** A thing in the API's names and values: what the log tells of. */
export type Outward = Readonly<Record<string, unknown>>;

/** Whether two values are told alike. */
export const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;

/**
 * The fields that differ, of those that are asked for. `before` is null for what is new: of that, what is empty is not
 * told; of what is changed, an emptied list is.
 */
export const differences = (
  before: Outward | null,
  after: Outward,
  fields: readonly string[] = Object.keys(after),
): FieldChange[] =>
  fields
    .map((field) => ({ field, from: before?.[field] ?? null, to: after[field] ?? null }))
    .filter(({ from, to }) => !same(from, to) && !(before === null && isEmpty(to)));

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

/** What tells a thing that is gone for good from one that was put into the bin: this one will not come back. */
export const goneChange = (id: string): FieldChange => ({ field: 'id', from: id, to: null });
