import { differences, type Outward, tagChanges } from '../event/changes.ts';
import type { NewEvent, Subject } from '../event/log.ts';
import { encodeId } from '../ids.ts';
import { linkId } from '../record/link.ts';
import type { ActivityState, Participant } from './rules.ts';

const participant = ({ user, contact, name, email, attended }: Participant) => ({
  userId: user && encodeId('User', user.uid),
  contactId: contact && encodeId('Contact', contact.uid),
  name,
  email,
  attended,
});

/** An activity in the API's names and values. */
const outward = ({ account, link, participants, tags: _, ...own }: ActivityState): Outward => ({
  accountId: account && encodeId('Account', account.uid),
  linkedRecordId: link && linkId(link),
  ...own,
  participants: participants.map(participant),
});

/** What a write to an activity did, as events in the log's order; none when nothing changed. `before` is null for a new one. */
export function activityEvents(subject: Subject, before: ActivityState | null, after: ActivityState): NewEvent[] {
  const tags = tagChanges(before?.tags ?? [], after.tags);
  const rest = [...differences(before && outward(before), outward(after)), ...tags.rest];
  const added = tags.added.length > 0 ? [{ kind: 'TAG_ADDED', subject, changes: tags.added } as const] : [];
  if (!before) return [{ kind: 'ACTIVITY_LOGGED', subject, changes: rest }, ...added];
  return [...added, ...(rest.length > 0 ? [{ kind: 'ACTIVITY_UPDATED', subject, changes: rest } as const] : [])];
}
