import type { TaskDate } from '../../dates.ts';
import {
  type Comparison,
  type Deleted,
  everyFilter,
  type InstantComparison,
  type Maybe,
  type NullableComparison,
  type TextComparison,
  type Tree,
} from '../../db/filter.ts';
import { checkFilter } from '../../db/filter-limits.ts';
import type {
  RecordType,
  TaskCategory,
  TaskKind,
  TaskPriority,
  TaskStatus,
  TaskType,
} from '../../db/generated/prisma/enums.ts';
import { idsIn } from '../../db/known-ids.ts';
import { Fault } from '../../refusals.ts';

export type TaskView = 'INBOX' | 'FUTURE' | 'ARCHIVE';
export type DueBucket = 'OVERDUE' | 'TODAY' | 'THIS_WEEK';

export interface DateComparison {
  readonly eq?: Maybe<TaskDate>;
  readonly lt?: Maybe<TaskDate>;
  readonly lte?: Maybe<TaskDate>;
  readonly gt?: Maybe<TaskDate>;
  readonly gte?: Maybe<TaskDate>;
  readonly isNull?: Maybe<boolean>;
}

/** What callers may ask of tasks, in the API's words. An absent or null condition does not filter. */
export interface TaskFilter extends Tree<TaskFilter> {
  readonly id?: Maybe<Comparison<string>>;
  readonly _type?: Maybe<Comparison<TaskKind> & { readonly any?: Maybe<boolean> }>;
  readonly type?: Maybe<Comparison<TaskType>>;
  readonly category?: Maybe<NullableComparison<TaskCategory>>;
  readonly audience?: Maybe<'CUSTOMER' | 'INTERNAL'>;
  readonly status?: Maybe<Comparison<TaskStatus>>;
  readonly priority?: Maybe<Comparison<TaskPriority>>;
  readonly isComplete?: Maybe<boolean>;
  readonly isOpen?: Maybe<boolean>;
  readonly isBlocked?: Maybe<boolean>;
  readonly date?: Maybe<DateComparison>;
  readonly due?: Maybe<DueBucket>;
  readonly createdAt?: Maybe<InstantComparison>;
  readonly updatedAt?: Maybe<InstantComparison>;
  readonly completedAt?: Maybe<InstantComparison>;
  readonly assignee?: Maybe<NullableComparison<string> & { readonly isMe?: Maybe<boolean> }>;
  readonly membershipId?: Maybe<Comparison<string>>;
  readonly creatorId?: Maybe<Comparison<string>>;
  readonly leadId?: Maybe<NullableComparison<string>>;
  readonly accountId?: Maybe<NullableComparison<string>>;
  readonly contactId?: Maybe<NullableComparison<string>>;
  readonly opportunityId?: Maybe<NullableComparison<string>>;
  readonly activityId?: Maybe<NullableComparison<string>>;
  readonly linkedRecordType?: Maybe<NullableComparison<RecordType>>;
  readonly pipelineId?: Maybe<NullableComparison<string>>;
  readonly stageId?: Maybe<NullableComparison<string>>;
  readonly automationId?: Maybe<NullableComparison<string>>;
  readonly tag?: Maybe<TextComparison>;
  readonly search?: Maybe<string>;
  readonly deleted?: Maybe<Deleted>;
}

/** Refuses what asks for too much, or for nothing that means something, before anything is read. */
export function checkTaskFilter(filter: TaskFilter, argument = 'filter'): void {
  checkFilter(filter, argument);
  const visit = ({ _type, and, or, not }: TaskFilter, at: string): void => {
    if (_type?.any === false) {
      throw new Fault('BAD_USER_INPUT', 'any: false means nothing; leave it out.', { argument: `${at}._type.any` });
    }
    and?.forEach((inner, index) => {
      visit(inner, `${at}.and.${index}`);
    });
    or?.forEach((inner, index) => {
      visit(inner, `${at}.or.${index}`);
    });
    if (not != null) visit(not, `${at}.not`);
  };
  visit(filter, argument);
}

/** Whether where tasks came from is asked for anywhere; where it is not, they are a lead's [CLOSE-12]. */
export const asksForKinds = (filter: TaskFilter): boolean =>
  everyFilter(filter).some(({ _type }) => _type != null && Object.values(_type).some((value) => value != null));

/** All ids that are looked up before the filter is rendered; a task's own is compared as it is. */
export const idsNamed = (filter: TaskFilter): string[] =>
  everyFilter(filter).flatMap((each) =>
    [
      each.assignee,
      each.membershipId,
      each.creatorId,
      each.leadId,
      each.accountId,
      each.contactId,
      each.opportunityId,
      each.activityId,
      each.pipelineId,
      each.stageId,
    ].flatMap(idsIn),
  );
