import { dateColumns, taskDateOf } from '../dates.ts';
import type { Ref, TaskState } from './rules.ts';
import type { LockedTask } from './store.ts';

/** Which of a row's ids is the record that it is linked to. */
const DIRECT = { ACCOUNT: 'accountId', CONTACT: 'contactId', LEAD: 'leadId', OPPORTUNITY: 'opportunityId' } as const;

const ref = (id: bigint | null, uid: string | null): Ref | null => (id === null ? null : { id, uid: uid ?? '' });

/** A locked row as what decisions are made of. */
export function stateOf(row: LockedTask): TaskState {
  const { kind, type, category, status, priority, title, description, completedAt, statusBefore, outcome, tags } = row;
  const own = { kind, type, category, status, priority, title, description, completedAt, statusBefore, outcome, tags };
  const { linkedType, accountId, leadId, accountUid, leadUid, attachmentUrls, position, stageBeforeId, threadId } = row;
  const linkId = linkedType && row[DIRECT[linkedType]];
  return {
    ...own,
    attachmentUrls,
    position,
    stageBeforeId,
    threadId,
    date: taskDateOf(row),
    completedBy: ref(row.completedById, row.completedByUid),
    activity: ref(row.activityId, row.activityUid),
    assignee: ref(row.assigneeId, row.assigneeUid),
    pipeline: ref(row.pipelineId, row.pipelineUid),
    stage: ref(row.stageId, row.stageUid),
    link:
      linkedType === null || linkId === null
        ? null
        : { type: linkedType, id: linkId, uid: row.linkUid ?? '', accountId, leadId, accountUid, leadUid },
  };
}

/** The columns that a state is kept in. */
export function columnsOfState(state: TaskState) {
  const { link, activity, assignee, completedBy, pipeline, stage, date, tags, attachmentUrls, ...own } = state;
  return {
    ...own,
    ...dateColumns(date),
    tags: [...tags],
    attachmentUrls: [...attachmentUrls],
    completedById: completedBy?.id ?? null,
    activityId: activity?.id ?? null,
    assigneeId: assignee?.id ?? null,
    pipelineId: pipeline?.id ?? null,
    stageId: stage?.id ?? null,
    linkedType: link?.type ?? null,
    accountId: link?.accountId ?? null,
    contactId: link?.type === 'CONTACT' ? link.id : null,
    leadId: link?.leadId ?? null,
    opportunityId: link?.type === 'OPPORTUNITY' ? link.id : null,
  };
}
