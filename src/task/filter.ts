import type { TaskKind, TaskStatus } from '../db/generated/prisma/enums.ts';
import type { Params } from '../db/params.ts';
import { type IdType, uidOf } from '../ids.ts';
import { isOpen } from './rules.ts';

type Maybe<T> = T | null | undefined;

export interface Comparison<Value> {
  readonly eq?: Maybe<Value>;
  readonly in?: Maybe<readonly Value[]>;
  readonly notIn?: Maybe<readonly Value[]>;
}

export interface IdComparison extends Comparison<string> {
  readonly isNull?: Maybe<boolean>;
}

/** What callers may ask of tasks, in the API's words. An absent or null condition does not filter. */
export interface TaskFilter {
  readonly id?: Maybe<Comparison<string>>;
  readonly _type?: Maybe<Comparison<TaskKind> & { readonly any?: Maybe<boolean> }>;
  readonly status?: Maybe<Comparison<TaskStatus>>;
  readonly assignee?: Maybe<IdComparison & { readonly isMe?: Maybe<boolean> }>;
  readonly accountId?: Maybe<IdComparison>;
}

const STATUSES: readonly TaskStatus[] = ['PENDING', 'IN_PROGRESS', 'ON_HOLD', 'COMPLETED', 'CANCELLED'];

const given = (comparison: Maybe<Comparison<string>>, type: IdType): string[] =>
  [comparison?.eq, ...(comparison?.in ?? []), ...(comparison?.notIn ?? [])]
    .filter((id) => id != null)
    .map((id) => uidOf(type, id))
    .filter((uid) => uid !== null);

/** The ULIDs whose inner ids the filter needs before it can be rendered. */
export const namedIn = (filter: TaskFilter) => ({
  users: given(filter.assignee, 'User'),
  accounts: given(filter.accountId, 'Account'),
});

/** Inner ids by ULID. What is missing is nobody's: it matches nothing. */
export interface Known {
  readonly users: ReadonlyMap<string, bigint>;
  readonly accounts: ReadonlyMap<string, bigint>;
}

/** `eq`, `in` and `notIn` of a column; complements take in what has no value. */
function compare<Value, Stored>(
  { eq, in: among, notIn }: Comparison<Value>,
  column: string,
  cast: string,
  stored: (values: readonly Value[]) => readonly Stored[],
  params: Params,
): string[] {
  const any = (values: readonly Value[]) => `${column} = ANY (${params.add([...stored(values)])}::${cast}[])`;
  const conditions: string[] = [];
  if (eq != null) {
    const [value] = stored([eq]);
    conditions.push(value === undefined ? 'false' : `${column} = ${params.add(value)}::${cast}`);
  }
  if (among != null) conditions.push(any(among));
  if (notIn != null) conditions.push(`(${any(notIn)}) IS NOT TRUE`);
  return conditions;
}

const lookedUp = (type: IdType, known: ReadonlyMap<string, bigint>) => (ids: readonly string[]) =>
  ids.map((id) => known.get(uidOf(type, id) ?? '')).filter((id) => id !== undefined);

const same = <Value>(values: readonly Value[]) => values;
const nullness = (isNull: Maybe<boolean>, column: string) =>
  isNull == null ? [] : [`${column} IS ${isNull ? '' : 'NOT '}NULL`];

/** The filter as conditions on `task t`, all of which must hold. Reads no table but that. */
export function renderFilter(filter: TaskFilter, known: Known, viewerId: bigint, params: Params): string[] {
  const { id, _type, status, assignee, accountId } = filter;
  const uids = (ids: readonly string[]) => ids.map((text) => uidOf('Task', text)).filter((uid) => uid !== null);
  const conditions: string[] = [];
  // Where a task came from is asked for expressly or it is a lead's [CLOSE-12].
  if (_type == null) conditions.push(`t.kind = 'LEAD'`);
  else conditions.push(...compare(_type, 't.kind', 'task_kind', same, params));
  if (id != null) conditions.push(...compare(id, 't.uid', 'text', uids, params));
  if (status != null) conditions.push(...compare(status, 't.status', 'task_status', same, params));
  if (assignee != null) {
    conditions.push(...compare(assignee, 't.assignee_id', 'bigint', lookedUp('User', known.users), params));
    conditions.push(...nullness(assignee.isNull, 't.assignee_id'));
    if (assignee.isMe != null) {
      const mine = `t.assignee_id = ${params.add(viewerId)}`;
      conditions.push(assignee.isMe ? mine : `(${mine}) IS NOT TRUE`);
    }
  }
  if (accountId != null) {
    conditions.push(...compare(accountId, 't.account_id', 'bigint', lookedUp('Account', known.accounts), params));
    conditions.push(...nullness(accountId.isNull, 't.account_id'));
  }
  return conditions;
}

/** Whether open and closed tasks can match: each is a range of its own in the indexes by date. */
export function openness({ status }: TaskFilter): readonly boolean[] {
  const { eq, in: among, notIn } = status ?? {};
  const possible = STATUSES.filter(
    (one) => (eq == null || one === eq) && (among == null || among.includes(one)) && !notIn?.includes(one),
  );
  return [true, false].filter((open) => possible.some((one) => isOpen(one) === open));
}
