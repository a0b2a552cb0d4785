import { bins, type Comparison, everyFilter, hasWords, type Maybe, mustHold } from '../../db/filter.ts';
import type { TaskStatus } from '../../db/generated/prisma/enums.ts';
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
  | 'stageId'
  | 'activityId'
  | 'tag'
  | 'search'
  | 'bin';

/** What follows from what must hold: where a list has to look, and where it need not. */
export interface Reach {
  readonly statuses: readonly TaskStatus[];
  readonly forms: readonly Form[];
  /** Whether what is live, and what is in the bin. */
  readonly bins: readonly boolean[];
  readonly scope: Scope;
  /** Whether they are the viewer's by `isMe`, which the filter says in a way that no index knows. */
  readonly isMine: boolean;
  readonly narrow: readonly Narrow[];
  /** Whether they are of one stage, in which alone places mean something. */
  readonly isOfStage: boolean;
  /** Whether anything is asked of the date: then each form is asked in its own words. */
  readonly isDated: boolean;
}

const STATUSES: readonly TaskStatus[] = ['PENDING', 'IN_PROGRESS', 'ON_HOLD', 'COMPLETED', 'CANCELLED'];

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
const NARROW = ['id', 'contactId', 'leadId', 'opportunityId', 'creatorId', 'stageId', 'activityId', 'tag'] as const;

function scopeOf(musts: readonly TaskFilter[], of: Scope): Scope {
  if (of !== 'organization') return of;
  const byAssignee = musts.some(
    ({ assignee, membershipId }) => assignee?.eq != null || assignee?.isMe === true || membershipId?.eq != null,
  );
  if (byAssignee) return 'assignee';
  return musts.some(({ accountId }) => accountId?.eq != null) ? 'account' : 'organization';
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
    scope: scopeOf(musts, of),
    isMine: musts.some(({ assignee }) => assignee?.isMe === true),
    narrow: [
      ...NARROW.filter((name) => musts.some((must) => isNarrow(must[name]))),
      ...(musts.some(({ search }) => hasWords(search)) ? (['search'] as const) : []),
      ...(isBin ? (['bin'] as const) : []),
    ],
    isOfStage: of === 'stage' || musts.some(({ stageId }) => stageId?.eq != null || stageId?.in?.length === 1),
    isDated:
      view === 'INBOX' || view === 'FUTURE' || everyFilter(filter).some(({ date, due }) => date != null || due != null),
  };
}
