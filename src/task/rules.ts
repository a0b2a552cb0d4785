import { momentOf, type TaskDate } from '../dates.ts';
import type {
  MembershipKind,
  Role,
  TaskCategory,
  TaskKind,
  TaskPriority,
  TaskStatus,
  TaskType,
} from '../db/generated/prisma/enums.ts';
import { refusalsOf, refuseName, refuseTags, refuseText, refuseUrls, textOrNone, tidyTags } from '../limits.ts';
import type { Board, StageFacts } from '../pipeline/rules.ts';
import { Invalid, NotAllowed, type Refusal } from '../refusals.ts';
import { addDays, type Day, dayAt, startOfDay } from '../time.ts';
import { type Asked, decide, OPEN_STATUSES, settled, standingOf } from './door/rules.ts';

/** Something that has an id inside and one outside. */
export interface Ref {
  readonly id: bigint;
  readonly uid: string;
}

/** Someone, inside and outside. */
export type Person = Ref;

/** A record that a task is linked to, and what derives from it. */
export interface TaskLink {
  readonly type: 'ACCOUNT' | 'CONTACT' | 'LEAD' | 'OPPORTUNITY';
  readonly id: bigint;
  readonly uid: string;
  readonly accountId: bigint | null;
  readonly leadId: bigint | null;
  /** Their ULIDs: what the log tells when they change by themselves. */
  readonly accountUid?: string | null;
  readonly leadUid?: string | null;
}

/** What decisions about a task are made of; never a row. */
export interface TaskState {
  readonly kind: TaskKind;
  readonly type: TaskType;
  readonly category: TaskCategory | null;
  readonly status: TaskStatus;
  readonly priority: TaskPriority;
  readonly title: string;
  readonly description: string | null;
  readonly date: TaskDate | null;
  readonly completedAt: Date | null;
  readonly completedBy: Person | null;
  /** What reopening restores. */
  readonly statusBefore: TaskStatus | null;
  readonly outcome: string | null;
  readonly link: TaskLink | null;
  /** The activity that it came out of. */
  readonly activity: Ref | null;
  /** The thread of e-mails that it is about; null for every kind but INCOMING_EMAIL and EMAIL_FOLLOWUP. */
  readonly threadId: string | null;
  readonly assignee: Person | null;
  readonly pipeline: Ref | null;
  readonly stage: Ref | null;
  /** Its place within the stage; null in none, and where one has still to be found. */
  readonly position: string | null;
  /** From where it came to the won stage: what reopening restores. */
  readonly stageBeforeId: bigint | null;
  readonly tags: readonly string[];
  readonly attachmentUrls: readonly string[];
}

/** What people may set; absent leaves it alone. */
export interface TaskPatch {
  readonly title?: string;
  readonly description?: string | null;
  readonly type?: TaskType;
  readonly category?: TaskCategory | null;
  readonly status?: TaskStatus;
  readonly isComplete?: boolean;
  /** Opens it again, a cancelled one too. */
  readonly reopens?: true;
  readonly priority?: TaskPriority;
  readonly date?: TaskDate | null;
  readonly assignee?: Person | null;
  readonly link?: TaskLink | null;
  readonly activity?: Ref | null;
  /** Null takes it out of its pipeline. */
  readonly pipeline?: Board | null;
  readonly stage?: StageFacts | null;
  readonly attachmentUrls?: readonly string[];
  readonly tags?: readonly string[];
  readonly outcome?: string | null;
}

/** Neither completed nor cancelled. */
export const isOpen = (status: TaskStatus): boolean => OPEN_STATUSES.includes(status);

/** Overdue: open, and its day is over or its instant past, where the viewer is. */
export const isOverdue = (status: TaskStatus, date: TaskDate | null, now: number, zone: string): boolean =>
  isOpen(status) && date !== null && ('day' in date ? date.day < dayAt(now, zone) : date.instant < now);

/** The view that a task is in [CLOSE-26, CLOSE-27, CLOSE-28]; null when it is cancelled. */
export function viewOf(status: TaskStatus, date: TaskDate | null, now: number, zone: string) {
  if (status === 'COMPLETED') return 'ARCHIVE';
  if (status === 'CANCELLED') return null;
  const tomorrow: Day = addDays(dayAt(now, zone), 1);
  const isFuture = date !== null && ('day' in date ? date.day >= tomorrow : date.instant >= startOfDay(tomorrow, zone));
  return isFuture ? 'FUTURE' : 'INBOX';
}

/** Its place in timelines: completion, else its date, a day being its start in the organization's zone, else creation. */
export const timelineAt = ({ completedAt, date }: TaskState, createdAt: Date, organizationZone: string): Date =>
  completedAt ?? (date ? new Date(momentOf(date, organizationZone)) : createdAt);

/** What every kind of task lets one change [CLOSE-34]. */
const ON_EVERY_KIND = new Set(['assignee', 'date', 'isComplete', 'reopens', 'status', 'outcome']);
/** How the API calls what we call otherwise. */
const API_NAMES: Readonly<Record<string, string>> = {
  activity: 'activityId',
  assignee: 'assigneeId',
  link: 'linkedRecordId',
  pipeline: 'pipelineId',
  stage: 'stageId',
};

const pathTo = (path: readonly string[], field: string) => [...path, API_NAMES[field] ?? field];

/** Title, description and the rest may change on LEAD only [CLOSE-35]. */
function refuseKind(kind: TaskKind, patch: TaskPatch, path: readonly string[]): Refusal[] {
  if (kind === 'LEAD') return [];
  const refusals: Refusal[] = Object.keys(patch)
    .filter((field) => !ON_EVERY_KIND.has(field))
    .map(
      (field) =>
        new NotAllowed(`On a task of kind ${kind} only assignee, date and completion can change.`, pathTo(path, field)),
    );
  if (patch.status !== undefined && patch.status !== 'COMPLETED' && patch.status !== 'PENDING') {
    refusals.push(new NotAllowed(`A task of kind ${kind} is only ever PENDING or COMPLETED.`, pathTo(path, 'status')));
  }
  return refusals;
}

function refuseValues(
  { title, description, tags, attachmentUrls, outcome }: TaskPatch,
  path: readonly string[],
): Refusal[] {
  return refusalsOf(
    title === undefined ? null : refuseName(title, [...path, 'title'], 'A title'),
    refuseText(description ?? null, [...path, 'description'], 'A description'),
    refuseText(outcome ?? null, [...path, 'outcome'], 'An outcome'),
    refuseTags(tags ?? [], [...path, 'tags']),
    refuseUrls(attachmentUrls ?? [], [...path, 'attachmentUrls']),
  );
}

export type Applied =
  | { readonly ok: true; readonly state: TaskState }
  | { readonly ok: false; readonly refusals: Refusal[] };

/**
 * The task after a patch, or every reason against it. `path` is where the patch stands in the mutation's input; `boards`
 * holds the pipelines that the task is in and that the patch names.
 */
export function applyPatch(
  state: TaskState,
  patch: TaskPatch,
  now: Date,
  by: Person,
  path: readonly string[],
  boards: readonly Board[] = [],
): Applied {
  const { status, isComplete, reopens, pipeline, stage, title, description, tags, outcome, ...rest } = patch;
  const asked: Asked = {
    ...(status !== undefined && { status }),
    ...(isComplete !== undefined && { isComplete }),
    ...(reopens && { reopens }),
    ...(pipeline !== undefined && { pipeline }),
    ...(stage !== undefined && { stage }),
  };
  const decided = Object.keys(asked).length > 0 ? decide(standingOf(state), asked, boards, path) : null;
  const refusals = [...refuseKind(state.kind, patch, path), ...refuseValues(patch, path)];
  if (decided && !decided.ok) refusals.push(...decided.refusals);
  if (refusals.length > 0 || decided?.ok === false) return { ok: false, refusals };
  const patched: TaskState = {
    ...state,
    ...rest,
    ...(title !== undefined && { title: title.trim() }),
    ...(description !== undefined && { description: textOrNone(description) }),
    ...(tags !== undefined && { tags: tidyTags(tags) }),
  };
  const after = decided ? settled(patched, decided, now, by) : patched;
  // An outcome belongs to a completion: without one there is nothing that it is the outcome of.
  const completes = after.status === 'COMPLETED' && state.status !== 'COMPLETED';
  return { ok: true, state: completes && outcome !== undefined ? { ...after, outcome: textOrNone(outcome) } : after };
}

/** A task before anything is set on it. */
export const blankTask: TaskState = {
  kind: 'LEAD',
  type: 'FOLLOW_UP',
  category: null,
  status: 'PENDING',
  priority: 'LOW',
  title: '',
  description: null,
  date: null,
  completedAt: null,
  completedBy: null,
  statusBefore: null,
  outcome: null,
  link: null,
  activity: null,
  threadId: null,
  assignee: null,
  pipeline: null,
  stage: null,
  position: null,
  stageBeforeId: null,
  tags: [],
  attachmentUrls: [],
};

/** Why someone cannot be given a task; null when they can. */
export function refuseAssignee(
  { kind, role }: { readonly kind: MembershipKind; readonly role: Role },
  path: readonly string[],
): Refusal | null {
  if (kind !== 'PERSON') return new Invalid('Tasks are assigned to people, not to API keys or the assistant.', path);
  return role === 'VIEWER' ? new Invalid('A viewer cannot be given tasks.', path) : null;
}
