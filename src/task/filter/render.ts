import {
  compare,
  compareDeleted,
  compareInstants,
  compareTexts,
  compareWords,
  flag,
  renderTree,
} from '../../db/filter.ts';
import type { TaskCategory } from '../../db/generated/prisma/enums.ts';
import type { KnownIds } from '../../db/known-ids.ts';
import type { Parameters } from '../../db/params.ts';
import { type IdType, uidOf } from '../../ids.ts';
import { type Form, IS_OPEN } from '../form.ts';
import { type Calendar, compareDate, compareDue } from './dates.ts';
import { asksForKinds, type TaskFilter } from './filter.ts';

/** Who asks, where and when; and the inner ids of what they name. */
export interface Asking extends Calendar {
  readonly viewerId: bigint;
  readonly known: KnownIds;
}

const AUDIENCES: Readonly<Record<'CUSTOMER' | 'INTERNAL', readonly TaskCategory[]>> = {
  CUSTOMER: ['FOLLOW_UP_CALL', 'ACCOUNT_REVIEW', 'TRAINING_SESSION', 'ISSUE_RESOLUTION'],
  INTERNAL: ['TEAM_UPDATE', 'RESOURCE_ALLOCATION', 'PROCESS_REVIEW', 'DOCUMENTATION_UPDATE'],
};

const taskUids = (ids: readonly string[]) => ids.flatMap((id) => uidOf('Task', id) ?? []);

/**
 * The filter as conditions on `task t`, all of which must hold. Reads no column of another table, so that the same text
 * judges rows that are nowhere but in the log. Conditions on the date are those of one form, so that a range of dates is
 * a range of that form's index; with null they hold for any.
 */
export function renderFilter(filter: TaskFilter, form: Form | null, asking: Asking, params: Parameters): string[] {
  const conditions = renderTree(filter, (node) => renderNode(node, form, asking, params));
  // Where a task came from is asked for expressly or it is a lead's [CLOSE-12].
  return asksForKinds(filter) ? conditions : [`t.kind = 'LEAD'`, ...conditions];
}

function renderNode(node: TaskFilter, form: Form | null, asking: Asking, params: Parameters): string[] {
  const { known, viewerId } = asking;
  const id = (comparison: TaskFilter['accountId'], column: string, type: IdType) =>
    compare(comparison, `t.${column}`, 'bigint', params, known.of(type));
  const audience = node.audience && { in: AUDIENCES[node.audience] };
  return [
    ...compare(node.id, 't.uid', 'text', params, taskUids),
    ...compare(node._type, 't.kind', 'task_kind', params),
    ...compare(node.type, 't.type', 'task_type', params),
    ...compare(node.category, 't.category', 'task_category', params),
    ...compare(audience, 't.category', 'task_category', params),
    ...compare(node.status, 't.status', 'task_status', params),
    ...compare(node.priority, 't.priority', 'task_priority', params),
    ...flag(node.isComplete, `t.status = 'COMPLETED'`, params),
    ...flag(node.isOpen, IS_OPEN, params),
    ...flag(node.isBlocked, 't.open_blockers > 0', params),
    ...compareDate(node.date, form, asking, params),
    ...compareDue(node.due, form, asking, params),
    ...compareInstants(node.createdAt, 't.created_at', params),
    ...compareInstants(node.updatedAt, 't.updated_at', params),
    ...compareInstants(node.completedAt, 't.completed_at', params),
    ...id(node.assignee, 'assignee_id', 'User'),
    ...(node.assignee?.isMe == null
      ? []
      : flag(node.assignee.isMe, `(t.assignee_id = ${params.add(viewerId, 'bigint')}) IS TRUE`, params)),
    ...id(node.membershipId, 'assignee_id', 'Membership'),
    ...id(node.creatorId, 'creator_id', 'User'),
    ...id(node.leadId, 'lead_id', 'Lead'),
    ...id(node.accountId, 'account_id', 'Account'),
    ...id(node.contactId, 'contact_id', 'Contact'),
    ...id(node.opportunityId, 'opportunity_id', 'Opportunity'),
    ...id(node.activityId, 'activity_id', 'Activity'),
    ...compare(node.linkedRecordType, 't.linked_type', 'record_type', params),
    ...id(node.pipelineId, 'pipeline_id', 'Pipeline'),
    ...id(node.stageId, 'stage_id', 'Stage'),
    ...id(node.automationId, 'automation_id', 'Automation'),
    ...compareTexts(node.tag, 't.tags', params),
    ...compareWords(node.search, `t.title || ' ' || coalesce(t.description, '')`, params),
    ...compareDeleted(node.deleted, 't.deleted_at', params),
  ];
}
