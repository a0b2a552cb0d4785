import { dateColumns, taskDateOf } from '../dates.ts';
import type { TaskState } from './rules.ts';
import type { LockedTask } from './store.ts';

/** A locked row as what decisions are made of. */
export function stateOf(row: LockedTask): TaskState {
  const { kind, type, category, status, priority, title, description, completedAt, statusBefore, outcome, tags } = row;
  const own = { kind, type, category, status, priority, title, description, completedAt, statusBefore, outcome, tags };
  const { linkedType, linkId, linkUid, accountId, leadId, attachmentUrls } = row;
  return {
    ...own,
    attachmentUrls,
    date: taskDateOf(row),
    completedBy: row.completedById === null ? null : { id: row.completedById, uid: row.completedByUid ?? '' },
    assignee: row.assigneeId === null ? null : { id: row.assigneeId, uid: row.assigneeUid ?? '' },
    link:
      linkedType === null || linkId === null || linkUid === null
        ? null
        : { type: linkedType, id: linkId, uid: linkUid, accountId, leadId },
  };
}

/** The columns that a state is kept in. */
export function columnsOfState(state: TaskState) {
  const { link, assignee, completedBy, date, tags, attachmentUrls, ...own } = state;
  return {
    ...own,
    ...dateColumns(date),
    tags: [...tags],
    attachmentUrls: [...attachmentUrls],
    completedById: completedBy?.id ?? null,
    assigneeId: assignee?.id ?? null,
    linkedType: link?.type ?? null,
    accountId: link?.accountId ?? null,
    contactId: link?.type === 'CONTACT' ? link.id : null,
    leadId: link?.leadId ?? null,
    opportunityId: link?.type === 'OPPORTUNITY' ? link.id : null,
  };
}
