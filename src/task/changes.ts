import { formatTaskDate } from '../dates.ts';
import type { EventKind } from '../db/generated/prisma/enums.ts';
import { differences, type Outward, same, tagChanges } from '../event/changes.ts';
import type { FieldChange, NewEvent, NewNotification, Subject } from '../event/log.ts';
import { encodeId, type IdType } from '../ids.ts';
import { linkId } from '../record/link.ts';
import type { TaskState } from './rules.ts';

/** A task in the API's names and values: what the log tells of. */
const outward = (state: TaskState): Outward => ({
  title: state.title,
  description: state.description,
  type: state.type,
  category: state.category,
  status: state.status,
  priority: state.priority,
  date: state.date && formatTaskDate(state.date),
  completedAt: state.completedAt,
  completedBy: state.completedBy && encodeId('User', state.completedBy.uid),
  outcome: state.outcome,
  linkedRecordId: state.link && linkId(state.link),
  activityId: state.activity && encodeId('Activity', state.activity.uid),
  assigneeId: state.assignee && encodeId('User', state.assignee.uid),
  pipelineId: state.pipeline && encodeId('Pipeline', state.pipeline.uid),
  stageId: state.stage && encodeId('Stage', state.stage.uid),
  position: state.position,
  attachmentUrls: state.attachmentUrls,
});

/** What derives from a link, inside and outside. Its contact and its opportunity are only ever the link itself. */
const derived = ({ link }: TaskState) =>
  ({
    accountId: { id: link?.accountId ?? null, uid: link?.accountUid ?? null, type: 'Account' },
    contactId: { id: link?.type === 'CONTACT' ? link.id : null, uid: link?.uid ?? null, type: 'Contact' },
    leadId: { id: link?.leadId ?? null, uid: link?.leadUid ?? null, type: 'Lead' },
    opportunityId: { id: link?.type === 'OPPORTUNITY' ? link.id : null, uid: link?.uid ?? null, type: 'Opportunity' },
  }) as const;

/** The derived links that changed while the link itself did not; where it did, they follow from it. */
function derivedChanges(before: TaskState | null, after: TaskState): FieldChange[] {
  if (!before?.link || !after.link || linkId(before.link) !== linkId(after.link)) return [];
  const [from, to] = [derived(before), derived(after)];
  const shown = ({ uid, id, type }: { uid: string | null; id: bigint | null; type: IdType }) =>
    id === null || uid === null ? null : encodeId(type, uid);
  return (['accountId', 'contactId', 'leadId', 'opportunityId'] as const)
    .filter((field) => from[field].id !== to[field].id)
    .map((field) => ({ field, from: shown(from[field]), to: shown(to[field]) }));
}

const COMPLETION = ['status', 'completedAt', 'completedBy', 'outcome'];
const ASSIGNMENT = ['assigneeId'];
const PLACE = ['pipelineId', 'stageId', 'position'];
const OWN_KIND = new Set([...COMPLETION, ...ASSIGNMENT, ...PLACE]);

/**
 * What a write to a task did, as events: one a kind that applies, each with its own part of the changes, in the log's
 * order. Nothing when nothing changed. `before` is null for a new task.
 */
export function taskEvents(
  subject: Subject,
  before: TaskState | null,
  after: TaskState,
  notifyOf: (kind: EventKind) => readonly NewNotification[],
): NewEvent[] {
  const [from, to] = [before && outward(before), outward(after)];
  const wasComplete = before?.status === 'COMPLETED';
  const isComplete = after.status === 'COMPLETED';
  const turned = wasComplete !== isComplete;
  const moved = !same(from?.['stageId'], to['stageId']) || !same(from?.['pipelineId'], to['pipelineId']);
  const plain = Object.keys(to).filter((field) => !OWN_KIND.has(field));
  const plainly = [...plain, ...(turned ? [] : COMPLETION), ...(moved ? [] : PLACE)];
  const tags = tagChanges(before?.tags ?? [], after.tags);
  const rest = [...differences(from, to, plainly), ...derivedChanges(before, after), ...tags.rest];
  const completion = turned ? differences(from, to, COMPLETION) : [];
  const parts: { readonly kind: EventKind; readonly changes: readonly FieldChange[] }[] = [
    { kind: 'TAG_ADDED', changes: tags.added },
    { kind: 'TASK_UPDATED', changes: before ? rest : [] },
    { kind: 'TASK_ASSIGNED', changes: differences(from, to, ASSIGNMENT) },
    { kind: 'TASK_COMPLETED', changes: isComplete ? completion : [] },
    { kind: 'TASK_REOPENED', changes: wasComplete ? completion : [] },
    { kind: 'TASK_STAGE_CHANGED', changes: moved ? differences(from, to, PLACE) : [] },
  ];
  const told = parts.filter(({ changes }) => changes.length > 0);
  if (!before) told.unshift({ kind: 'TASK_CREATED', changes: rest });
  return told.map(({ kind, changes }) => ({ kind, subject, changes, notify: notifyOf(kind) }));
}
