import { differences, type Outward, tagChanges } from '../../event/changes.ts';
import type { FieldChange, NewEvent, Subject } from '../../event/log.ts';

/** A record in the API's names and values, its tags apart. */
export interface Told {
  readonly fields: Outward;
  readonly tags: readonly string[];
}

/**
 * What a write to a record did, as events: one a kind that applies, each with its own part of the changes. Nothing when
 * nothing changed. `before` is null for a new record.
 */
export function recordEvents(subject: Subject, before: Told | null, after: Told): NewEvent[] {
  const tags = tagChanges(before?.tags ?? [], after.tags);
  const rest = [...differences(before?.fields ?? null, after.fields), ...tags.rest];
  const event = (kind: NewEvent['kind'], changes: readonly FieldChange[]): NewEvent => ({ kind, subject, changes });
  const added = tags.added.length > 0 ? [event('TAG_ADDED', tags.added)] : [];
  if (!before) return [event('RECORD_CREATED', rest), ...added];
  return rest.length > 0 ? [...added, event('RECORD_UPDATED', rest)] : added;
}
