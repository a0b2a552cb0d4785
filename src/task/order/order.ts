import type { Maybe } from '../../db/filter.ts';
import type { Params } from '../../db/params.ts';
import { isIdPart, type Key, type KeyPart, keyOfParts } from '../../graphql/paging.ts';
import type { TaskView } from '../filter/filter.ts';
import type { Form } from '../form.ts';
import { FIELDS, type Group, type Ordered, type OrderField } from './fields.ts';

export type { OrderField };

export interface OrderTerm {
  readonly field: OrderField;
  readonly direction: 'ASC' | 'DESC';
}

/** An order of tasks, in the zone in which a day has its midnight. It ends in `id`, in the last term's direction. */
export interface TaskOrder {
  readonly terms: readonly OrderTerm[];
  readonly zone: string;
}

/** A group of each term: tasks that are in one order of columns throughout. */
export type Branch = readonly Group[];

/** How tasks are listed where nobody says how. */
export const defaultTerms = (view: Maybe<TaskView>): readonly OrderTerm[] =>
  view === 'ARCHIVE' ? [{ field: 'COMPLETED_AT', direction: 'DESC' }] : [{ field: 'DATE', direction: 'ASC' }];

/** The branches that an order reads, along a walk, in stages: what is in a later stage comes behind all of an earlier one. */
export function stagesOf({ terms }: TaskOrder, backward: boolean): readonly (readonly Branch[])[] {
  const [first, ...rest] = terms.map(({ field }) => FIELDS[field].stages);
  const combined = (heads: readonly Group[]): Branch[] =>
    rest.reduce<Branch[]>(
      (branches, stages) => branches.flatMap((branch) => stages.flat().map((group) => [...branch, group])),
      heads.map((group) => [group]),
    );
  const stages = (first ?? []).map(combined);
  return backward ? stages.reverse() : stages;
}

export const formOf = (branch: Branch): Form | null => branch.find(({ form }) => form !== undefined)?.form ?? null;

/** What tells a branch from the others, as conditions. */
export const conditionsOf = (branch: Branch): string[] => branch.flatMap(({ condition }) => condition ?? []);

/** What cursors of an order carry of it: days lie elsewhere in another zone. */
export const signatureOf = ({ terms, zone }: TaskOrder): string => {
  const byDate = terms.some(({ field }) => field === 'DATE');
  const named = terms.map(({ field, direction }) => `${field}.${direction}`);
  return ['tasks', ...named, ...(byDate ? [zone] : [])].join(' ');
};

/** A task's place: for each term its value, a date being a day, milliseconds or nothing; then its id. */
export const keyOf = ({ terms }: TaskOrder, task: Ordered): Key => [
  ...terms.map(({ field }) => FIELDS[field].part(task)),
  String(task.id),
];

/** Whether a key could be of this order. */
export const isKeyOf = ({ terms }: TaskOrder) =>
  keyOfParts(...terms.map(({ field }) => FIELDS[field].isPart), isIdPart);

/** Each term of a branch with its direction along the walk. */
const walked = ({ terms }: TaskOrder, branch: Branch, backward: boolean) =>
  terms.map(({ field, direction }, index) => ({
    field: FIELDS[field],
    group: branch[index] as Group,
    ascending: (direction === 'ASC') !== backward,
  }));

/** ORDER BY of one branch. */
export function orderBy(order: TaskOrder, branch: Branch, backward: boolean): string {
  const terms = walked(order, branch, backward).map(({ group, ascending }) => ({ column: group.column, ascending }));
  const last = terms.at(-1);
  return [...terms, { column: 't.id', ascending: last?.ascending ?? true }]
    .filter(({ column }) => column !== null)
    .map(({ column, ascending }) => `${column} ${ascending ? 'ASC' : 'DESC'}`)
    .join(', ');
}

/** The condition on one branch for rows behind a cursor; null when there are none. */
export function boundary(order: TaskOrder, branch: Branch, key: Key, backward: boolean, params: Params): string | null {
  const terms = walked(order, branch, backward);
  const idAscending = terms.at(-1)?.ascending ?? true;
  // Added where it is used: a parameter that no branch mentions is an error to PostgreSQL.
  const id = () => params.add(key.at(-1), 'bigint');

  const behind = (index: number): string | null => {
    const term = terms[index];
    if (!term) return `t.id ${idAscending ? '>' : '<'} ${id()}`;
    const beyond = term.field.beyond(term.group, key[index] as KeyPart, term.ascending, backward, order.zone);
    if (beyond.kind === 'all') return 'true';
    if (beyond.kind === 'none') return null;
    if (beyond.kind !== 'range') return behind(index + 1);
    const { column, operator, strict, type } = beyond;
    const value = params.add(beyond.value, type);
    if (strict) return `${column} ${operator} ${value}`;
    // A comparison of rows bounds the index; the same said with OR reads it from its start.
    if (index === terms.length - 1) return `(${column}, t.id) ${operator} (${value}, ${id()})`;
    const rest = behind(index + 1);
    return `(${column} ${operator}= ${value} AND (${column} ${operator} ${value}${rest === null ? '' : ` OR ${rest}`}))`;
  };
  return behind(0);
}

/** Which of two tasks comes first on a walk. */
export function comparator(order: TaskOrder, backward: boolean): (a: Ordered, b: Ordered) => number {
  const { zone, terms } = order;
  const along = backward ? -1 : 1;
  const compare = <Value extends number | bigint | string>(a: Value, b: Value) => (a < b ? -1 : a > b ? 1 : 0);
  const ranks = new Map<Ordered, readonly (readonly (number | string)[] | null)[]>();
  const ranksOf = (task: Ordered) => {
    const found = ranks.get(task) ?? terms.map(({ field }) => FIELDS[field].rank(task, zone));
    ranks.set(task, found);
    return found;
  };
  return (a, b) => {
    const [ofA, ofB] = [ranksOf(a), ranksOf(b)];
    let sign = along;
    for (const [index, { direction }] of terms.entries()) {
      sign = direction === 'ASC' ? along : -along;
      const [x, y] = [ofA[index] ?? null, ofB[index] ?? null];
      if (x === null || y === null) {
        const result = (Number(x === null) - Number(y === null)) * along;
        if (result !== 0) return result;
        continue;
      }
      for (const [part, value] of x.entries()) {
        const result = compare(value, y[part] as typeof value) * sign;
        if (result !== 0) return result;
      }
    }
    return compare(a.id, b.id) * sign;
  };
}
