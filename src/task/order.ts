import { momentOf, type TaskDate, taskDateOf } from '../dates.ts';
import type { Params } from '../db/params.ts';
import { isIdPart, isInstantPart, type Key, type KeyPart, keyOfParts } from '../graphql/paging.ts';
import { isDay, lastDayBegun, startOfDay } from '../time.ts';
import type { Task } from './store.ts';

export type OrderField = 'DATE' | 'CREATED_AT';

export interface OrderTerm {
  readonly field: OrderField;
  readonly direction: 'ASC' | 'DESC';
}

/** An order of tasks, in the zone in which a day has its midnight. It ends in `id`, in the last term's direction. */
export interface TaskOrder {
  readonly terms: readonly OrderTerm[];
  readonly zone: string;
}

/** The three forms of date: each is a branch of its own, one range of one index. */
export type Form = 'day' | 'instant' | 'undated';
const FORMS: readonly Form[] = ['day', 'instant', 'undated'];
const DATE_COLUMNS = { day: 't.due_on', instant: 't.due_at', undated: null } as const;

export const FORM_CONDITIONS: Readonly<Record<Form, string>> = {
  day: 't.due_on IS NOT NULL',
  instant: 't.due_at IS NOT NULL',
  undated: 't.due_on IS NULL AND t.due_at IS NULL',
};

/**
 * The branches that an order reads, along a walk, in stages: what is in a later stage comes behind all of an earlier one.
 * One branch, of every form, when it does not go by date.
 */
export function stagesOf({ terms }: TaskOrder, backward: boolean): readonly (readonly (Form | null)[])[] {
  if (!terms.some(({ field }) => field === 'DATE')) return [[null]];
  if (terms[0]?.field !== 'DATE') return [FORMS];
  const stages: Form[][] = [['day', 'instant'], ['undated']];
  return backward ? stages.reverse() : stages;
}

/** What cursors of an order carry of it: days lie elsewhere in another zone. */
export const signatureOf = ({ terms, zone }: TaskOrder): string => {
  const byDate = terms.some(({ field }) => field === 'DATE');
  return ['tasks', ...terms.map(({ field, direction }) => `${field}.${direction}`), ...(byDate ? [zone] : [])].join(
    ' ',
  );
};

const formOf = (date: TaskDate | null): Form => (date === null ? 'undated' : 'day' in date ? 'day' : 'instant');

/** A task's place: for each term its value, a date being a day, milliseconds or nothing; then its id. */
export function keyOf({ terms }: TaskOrder, task: Task): Key {
  const date = taskDateOf(task);
  const dated = date && ('day' in date ? date.day : date.instant);
  return [...terms.map(({ field }) => (field === 'DATE' ? dated : task.createdAt.getTime())), String(task.id)];
}

const isDatePart = (part: KeyPart | undefined) =>
  part === null || (typeof part === 'string' ? isDay(part) : isInstantPart(part));

/** Whether a key could be of this order. */
export const isKeyOf = ({ terms }: TaskOrder) =>
  keyOfParts(...terms.map(({ field }) => (field === 'DATE' ? isDatePart : isInstantPart)), isIdPart);

const formOfPart = (part: KeyPart): Form => (part === null ? 'undated' : typeof part === 'string' ? 'day' : 'instant');

/** What lies behind a cursor in one term of one branch: everything, nothing, or what compares so; and what is level with it. */
type Beyond =
  | { readonly kind: 'all' | 'none' | 'level' }
  /** `column operator value`; `strict` has no level rows. */
  | {
      readonly kind: 'range';
      readonly column: string;
      readonly operator: string;
      readonly value: unknown;
      readonly strict: boolean;
    };

/** DATE: a day counts as its midnight in the zone and comes before an instant at the same moment [CLOSE-07]; undated last. */
function beyondDate(form: Form, value: KeyPart, ascending: boolean, backward: boolean, zone: string): Beyond {
  const at = formOfPart(value);
  if (at === 'undated') return { kind: form === 'undated' ? 'level' : backward ? 'all' : 'none' };
  if (form === 'undated') return { kind: backward ? 'none' : 'all' };
  const range = { kind: 'range', column: DATE_COLUMNS[form] } as const;
  const operator = ascending ? '>' : '<';
  if (form === at) {
    return { ...range, operator, value: form === 'day' ? value : new Date(value as number), strict: false };
  }
  if (form === 'instant') {
    const start = new Date(startOfDay(value as string, zone));
    return { ...range, operator: ascending ? '>=' : '<', value: start, strict: true };
  }
  return { ...range, operator: ascending ? '>' : '<=', value: lastDayBegun(value as number, zone), strict: true };
}

/** Each term of a branch as a column with its direction along the walk; the date's is null where the branch has no date. */
const walked = ({ terms }: TaskOrder, form: Form | null, backward: boolean) =>
  terms.map(({ field, direction }) => ({
    field,
    column: field === 'DATE' ? DATE_COLUMNS[form ?? 'undated'] : 't.created_at',
    ascending: (direction === 'ASC') !== backward,
  }));

/** ORDER BY of one branch. */
export function orderBy(order: TaskOrder, form: Form | null, backward: boolean): string {
  const terms = walked(order, form, backward);
  const last = terms.at(-1);
  return [...terms, { column: 't.id', ascending: last?.ascending ?? true }]
    .filter(({ column }) => column !== null)
    .map(({ column, ascending }) => `${column} ${ascending ? 'ASC' : 'DESC'}`)
    .join(', ');
}

/** The condition on one branch for rows behind a cursor; null when there are none. */
export function boundary(
  order: TaskOrder,
  form: Form | null,
  key: Key,
  backward: boolean,
  params: Params,
): string | null {
  const terms = walked(order, form, backward);
  const idAscending = terms.at(-1)?.ascending ?? true;
  // Added where it is used: a parameter that no branch mentions is an error to PostgreSQL.
  const id = () => params.add(BigInt(key.at(-1) as string));

  const behind = (index: number): string | null => {
    const term = terms[index];
    const part = key[index] as KeyPart;
    if (!term) return `t.id ${idAscending ? '>' : '<'} ${id()}`;
    const beyond: Beyond =
      term.field === 'DATE'
        ? beyondDate(form ?? 'undated', part, term.ascending, backward, order.zone)
        : {
            kind: 'range',
            column: 't.created_at',
            operator: term.ascending ? '>' : '<',
            value: new Date(part as number),
            strict: false,
          };
    if (beyond.kind === 'all') return 'true';
    if (beyond.kind === 'none') return null;
    if (beyond.kind !== 'range') return behind(index + 1);
    const { column, operator, strict } = beyond;
    const value = params.add(beyond.value);
    if (strict) return `${column} ${operator} ${value}`;
    // A comparison of rows bounds the index; the same said with OR reads it from its start.
    if (index === terms.length - 1) return `(${column}, t.id) ${operator} (${value}, ${id()})`;
    const rest = behind(index + 1);
    return `(${column} ${operator}= ${value} AND (${column} ${operator} ${value}${rest === null ? '' : ` OR ${rest}`}))`;
  };
  return behind(0);
}

/** Which of two tasks comes first on a walk. */
export function comparator(order: TaskOrder, backward: boolean): (a: Task, b: Task) => number {
  const { zone, terms } = order;
  const along = backward ? -1 : 1;
  const compare = (a: number | bigint | string, b: number | bigint | string) => (a < b ? -1 : a > b ? 1 : 0);
  const dates = new Map<Task, { readonly date: TaskDate | null; readonly moment: number; readonly form: number }>();
  const dateOf = (task: Task) => {
    const found = dates.get(task);
    if (found) return found;
    const date = taskDateOf(task);
    const made = { date, moment: date ? momentOf(date, zone) : 0, form: FORMS.indexOf(formOf(date)) };
    dates.set(task, made);
    return made;
  };
  const byDate = (a: Task, b: Task, sign: number) => {
    const [x, y] = [dateOf(a), dateOf(b)];
    if (!x.date || !y.date) return (Number(!x.date) - Number(!y.date)) * along;
    // Where a zone skipped a day, two days begin at one moment: then the calendar decides.
    const day = (date: TaskDate) => ('day' in date ? date.day : '');
    return (compare(x.moment, y.moment) || compare(x.form, y.form) || compare(day(x.date), day(y.date))) * sign;
  };
  return (a, b) => {
    let sign = along;
    for (const { field, direction } of terms) {
      sign = direction === 'ASC' ? along : -along;
      const result =
        field === 'DATE' ? byDate(a, b, sign) : compare(a.createdAt.getTime(), b.createdAt.getTime()) * sign;
      if (result !== 0) return result;
    }
    return compare(a.id, b.id) * sign;
  };
}
