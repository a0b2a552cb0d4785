import { bins, type Comparison, everyFilter, hasWords, type Maybe, mustHold } from '../../db/filter.ts';
import type { TaskStatus } from '../../db/generated/prisma/enums.ts';
import { OPEN_STATUSES } from '../door/rules.ts';
import { FORMS, type Form } from '../form.ts';
import { isOpen } from '../rules.ts';
import type { TaskFilter, TaskView } from './filter.ts';

/** Whose tasks a list can hold only; each has indexes of its own. */
export type Scope = 'organization' | 'assignee' | 'account' | 'stage';

/** A condition by which few tasks are found, whatever the order. */
type Narrow =
  | 'id'
  | 'contactId'
  | 'leadId'
  | 'opportunityId'
  | 'creatorId'
  | 'pipelineId'
  | 'stageId'
  | 'activityId'
  | 'tag'
  | 'search'
  | 'kind'
  | 'bin';

/** What follows from what must hold: where a list has to look, and where it need not. */
export interface Reach {
  readonly statuses: readonly TaskStatus[];
  readonly forms: readonly Form[];
  /** Whether what is live, and what is in the bin. */
  readonly bins: readonly boolean[];
  readonly scope: Scope;
  /** Whether they are of several accounts, each of which has an order of its own. */
  readonly isOfSeveral: boolean;
  readonly narrow: readonly Narrow[];
  /** Whether they are of one stage, in which alone places mean something. */
  readonly isOfStage: boolean;
  /** Whether anything is asked of the date: then each form is asked in its own words. */
  readonly isDated: boolean;
}

export const STATUSES: readonly TaskStatus[] = [...OPEN_STATUSES, 'COMPLETED', 'CANCELLED'];

const allows =
  (status: TaskStatus) =>
  ({ status: compared, isOpen: open, isComplete, due }: TaskFilter): boolean => {
    const { eq, in: among, notIn } = compared ?? {};
    return (
      (eq == null || status === eq) &&
      (among == null || among.includes(status)) &&
      !notIn?.includes(status) &&
      (open == null || isOpen(status) === open) &&
      (isComplete == null || (status === 'COMPLETED') === isComplete) &&
      (due !== 'OVERDUE' || isOpen(status))
    );
  };

const inView = (status: TaskStatus, view: Maybe<TaskView>) =>
  view == null || (view === 'ARCHIVE' ? status === 'COMPLETED' : isOpen(status));

function formsOf(musts: readonly TaskFilter[], view: Maybe<TaskView>): readonly Form[] {
  const dated =
    view === 'FUTURE' ||
    musts.some(
      ({ date, due }) =>
        due != null ||
        [date?.eq, date?.lt, date?.lte, date?.gt, date?.gte].some((bound) => bound != null) ||
        date?.isNull === false,
    );
  const undated = musts.some(({ date }) => date?.isNull === true);
  return FORMS.filter((form) => (form === 'undated' ? !dated : !undated));
}

const isNarrow = (comparison: Maybe<Comparison<string>>) => comparison?.eq != null || comparison?.in != null;
const NARROW = [
  'id',
  'contactId',
  'leadId',
  'opportunityId',
  'creatorId',
  'pipelineId',
  'stageId',
  'activityId',
  'tag',
] as const;

/** Whether what a filter lists is nothing that people created: only what the system makes, which is few. */
export const excludesLead = (filter: TaskFilter): boolean =>
  mustHold(filter).some(
    ({ _type }) =>
      (_type?.eq != null && _type.eq !== 'LEAD') ||
      (_type?.in != null && !_type.in.includes('LEAD')) ||
      _type?.notIn?.includes('LEAD'),
  );

const isOne = (comparison: Maybe<Comparison<string>>) => comparison?.eq != null;

function scopeOf(musts: readonly TaskFilter[], of: Scope): { readonly scope: Scope; readonly isOfSeveral: boolean } {
  if (of !== 'organization') return { scope: of, isOfSeveral: false };
  const byAssignee = musts.some(
    ({ assignee, membershipId }) => isOne(assignee) || assignee?.isMe === true || isOne(membershipId),
  );
  if (byAssignee) return { scope: 'assignee', isOfSeveral: false };
  const byAccount = musts.some(({ accountId }) => isNarrow(accountId));
  if (!byAccount) return { scope: 'organization', isOfSeveral: false };
  return { scope: 'account', isOfSeveral: !musts.some(({ accountId }) => isOne(accountId)) };
}

/** Of a list's filter and view; `of` is what the list hangs on, when it hangs on something. */
export function reachOf(filter: TaskFilter, view: Maybe<TaskView>, of: Scope = 'organization'): Reach {
  const musts = mustHold(filter);
  const holds = bins(filter);
  const isBin = holds.length === 1 && holds[0] === true;
  return {
    statuses: STATUSES.filter((status) => inView(status, view) && musts.every(allows(status))),
    forms: formsOf(musts, view),
    bins: holds,
    ...scopeOf(musts, of),
    narrow: [
      ...NARROW.filter((name) => musts.some((must) => isNarrow(must[name]))),
      ...(musts.some(({ search }) => hasWords(search)) ? (['search'] as const) : []),
      ...(excludesLead(filter) ? (['kind'] as const) : []),
      ...(isBin ? (['bin'] as const) : []),
    ],
    isOfStage: of === 'stage' || musts.some(({ stageId }) => isOne(stageId)),
    isDated:
      view === 'INBOX' || view === 'FUTURE' || everyFilter(filter).some(({ date, due }) => date != null || due != null),
  };
}
