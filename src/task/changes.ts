import { formatTaskDate } from '../dates.ts';
import type { EventKind } from '../db/generated/prisma/enums.ts';
import type { FieldChange, NewEvent, NewNotification, Subject } from '../event/log.ts';
import { encodeId } from '../ids.ts';
import { linkId } from '../record/link.ts';
import type { TaskState } from './rules.ts';

type Outward = Readonly<Record<string, unknown>>;

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
  assigneeId: state.assignee && encodeId('User', state.assignee.uid),
  attachmentUrls: state.attachmentUrls,
});

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

function differences(before: Outward | null, after: Outward, fields: readonly string[]): FieldChange[] {
  return fields
    .map((field) => ({ field, from: before?.[field] ?? null, to: after[field] ?? null }))
    .filter(({ from, to }) => !same(from, to) && !(from === null && Array.isArray(to) && to.length === 0));
}

const COMPLETION = ['status', 'completedAt', 'completedBy', 'outcome'];
const ASSIGNMENT = ['assigneeId'];
const OWN_KIND = new Set([...COMPLETION, ...ASSIGNMENT]);

/** Tags that came are one event's, tags that went the other's. */
function tagChanges(before: readonly string[], after: readonly string[]) {
  const added = after.filter((tag) => !before.includes(tag));
  const between = [...before, ...added];
  return {
    added: added.length > 0 ? [{ field: 'tags', from: before, to: between }] : [],
    rest: same(between, after) ? [] : [{ field: 'tags', from: between, to: after }],
  };
}

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
  const plain = Object.keys(to).filter((field) => !OWN_KIND.has(field));
  const tags = tagChanges(before?.tags ?? [], after.tags);
  const rest = [...differences(from, to, turned ? plain : [...plain, ...COMPLETION]), ...tags.rest];
  const completion = turned ? differences(from, to, COMPLETION) : [];
  const parts: { readonly kind: EventKind; readonly changes: readonly FieldChange[] }[] = [
    { kind: 'TAG_ADDED', changes: tags.added },
    { kind: 'TASK_UPDATED', changes: before ? rest : [] },
    { kind: 'TASK_ASSIGNED', changes: differences(from, to, ASSIGNMENT) },
    { kind: 'TASK_COMPLETED', changes: isComplete ? completion : [] },
    { kind: 'TASK_REOPENED', changes: wasComplete ? completion : [] },
  ];
  const told = parts.filter(({ changes }) => changes.length > 0);
  if (!before) told.unshift({ kind: 'TASK_CREATED', changes: rest });
  return told.map(({ kind, changes }) => ({ kind, subject, changes, notify: notifyOf(kind) }));
}
