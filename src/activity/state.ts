import type { RecordType } from '../db/generated/prisma/enums.ts';
import { stored } from './participants.ts';
import type { ActivityState, Named, Participant } from './rules.ts';
import type { OpenActivity } from './store.ts';

/** The account of an activity; null for a recorded one that matched none. */
export const accountOf = ({ accountId, accountUid }: OpenActivity): Named | null =>
  accountId === null || accountUid === null ? null : { id: accountId, uid: accountUid };

/** A row as what decisions are made of; its participants were looked up. */
export function stateOf(row: OpenActivity, participants: readonly Participant[]): ActivityState {
  const { type, status, visibility, title, description, activityTimestamp, duration, location } = row;
  const { linkedType, linkId, linkUid, attachmentUrls, tags } = row;
  return {
    ...{ type, status, visibility, title, description, activityTimestamp, duration, location, attachmentUrls, tags },
    participants,
    account: accountOf(row),
    link:
      linkedType === null || linkId === null || linkUid === null
        ? null
        : { type: linkedType, id: linkId, uid: linkUid, leadId: row.leadId },
  };
}

const idIn = (type: RecordType, { link }: ActivityState) => (link?.type === type ? link.id : null);

/** The columns that a state is kept in: an account of its own, and beside it only the record it is linked to, and the lead of that. */
export function columnsOfState(state: ActivityState) {
  const { account, link, participants, attachmentUrls, tags, ...own } = state;
  return {
    ...own,
    accountId: account?.id ?? null,
    linkedType: link?.type ?? null,
    contactId: idIn('CONTACT', state),
    leadId: link?.leadId ?? null,
    opportunityId: idIn('OPPORTUNITY', state),
    participants: participants.map((participant) => ({ ...stored(participant) })),
    attachmentUrls: [...attachmentUrls],
    tags: [...tags],
  };
}
