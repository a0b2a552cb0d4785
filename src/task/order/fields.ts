import { momentOf, parseTaskDate, taskDateOf } from '../../dates.ts';
import { isInstantPart, isTextPart, type KeyPart } from '../../graphql/paging.ts';
import { isDay, lastDayBegun, startOfDay } from '../../time.ts';
import { FORM_CONDITIONS, type Form } from '../form.ts';
import type { Task } from '../store.ts';

/** What of a task any order reads. */
export type Ordered = Pick<
  Task,
  'id' | 'dueOn' | 'dueAt' | 'completedAt' | 'createdAt' | 'updatedAt' | 'priority' | 'position'
>;

export type OrderField = 'DATE' | 'CREATED_AT' | 'UPDATED_AT' | 'COMPLETED_AT' | 'PRIORITY' | 'POSITION';

/** Tasks that an index holds in the order of one column, or, with none, level with each other. */
export interface Group {
  readonly name: string;
  /** How they are told from the field's other groups; null where there are none. */
  readonly condition: string | null;
  readonly column: string | null;
  readonly type: string;
  /** Of DATE only. */
  readonly form?: Form;
}

/** Where rows of a group lie along a walk, seen from a key: all behind it, none, level with it, or from a value on. */
export type Beyond =
  | { readonly kind: 'all' | 'none' | 'level' }
  /** `column operator value`; `strict` has no level rows. */
  | {
      readonly kind: 'range';
      readonly column: string;
      readonly operator: string;
      readonly value: unknown;
      readonly type: string;
      readonly strict: boolean;
    };

/** One thing that tasks are ordered by. */
export interface Field {
  /** In stages: what is in a later one comes behind all of an earlier one, in both directions [null keys last]. */
  readonly stages: readonly (readonly Group[])[];
  readonly isPart: (part: KeyPart | undefined) => boolean;
  /** A task's value as cursors carry it; null when it has none. */
  readonly part: (task: Ordered) => KeyPart;
  readonly beyond: (group: Group, part: KeyPart, ascending: boolean, backward: boolean, zone: string) => Beyond;
  /** What values are compared by, one after the other; null when a task has none. */
  readonly rank: (task: Ordered, zone: string) => readonly (number | string)[] | null;
}

/** What lies beyond a value in its own column. */
function beyondIn({ column, type }: Group, value: unknown, ascending: boolean): Beyond {
  if (column === null) throw new Error('A group of no column has no values.');
  return { kind: 'range', column, type, operator: ascending ? '>' : '<', value, strict: false };
}

/** A column that every task has. */
const plain = (
  column: string,
  type: string,
  isPart: Field['isPart'],
  part: (task: Ordered) => string | number,
  {
    value = (key: string | number): unknown => key,
    rank = (task: Ordered): readonly (string | number)[] => [part(task)],
  } = {},
): Field => ({
  stages: [[{ name: 'all', condition: null, column, type }]],
  isPart,
  part,
  beyond: (group, key, ascending) => beyondIn(group, value(key as string | number), ascending),
  rank,
});

const instant = (key: KeyPart) => new Date(key as number).toISOString();
const atInstant = (column: string, of: (task: Ordered) => Date) =>
  plain(column, 'timestamptz', isInstantPart, (task) => of(task).getTime(), { value: instant });

/** Where a value and the lack of one meet: what has none comes last, along the list. */
const beyondNull = (isNull: boolean, wasNull: boolean, backward: boolean): Beyond | null => {
  if (isNull && wasNull) return { kind: 'level' };
  if (isNull) return { kind: backward ? 'none' : 'all' };
  if (wasNull) return { kind: backward ? 'all' : 'none' };
  return null;
};

const COMPLETED_AT: Field = {
  stages: [
    [{ name: 'completed', condition: 't.completed_at IS NOT NULL', column: 't.completed_at', type: 'timestamptz' }],
    [{ name: 'uncompleted', condition: 't.completed_at IS NULL', column: null, type: 'timestamptz' }],
  ],
  isPart: (part) => part === null || isInstantPart(part),
  part: ({ completedAt }) => completedAt?.getTime() ?? null,
  beyond: (group, key, ascending, backward) =>
    beyondNull(group.column === null, key === null, backward) ?? beyondIn(group, instant(key), ascending),
  rank: ({ completedAt }) => completedAt && [completedAt.getTime()],
};

const PRIORITIES = ['LOW', 'MEDIUM', 'HIGH'];
const PRIORITY = plain(
  't.priority',
  'task_priority',
  (part) => typeof part === 'string' && PRIORITIES.includes(part),
  ({ priority }) => priority,
  { rank: ({ priority }) => [PRIORITIES.indexOf(priority)] },
);

// Positions sort as bytes, as the column does. Those of one stage are all there are, and each has one.
const POSITION = plain('t.position', 'text', isTextPart, ({ position }) => position ?? '', {
  rank: ({ position }) => [Buffer.from(position ?? '').toString('hex')],
});

const dateGroup = (form: Form, column: string | null, type: string): Group => ({
  name: form,
  condition: FORM_CONDITIONS[form],
  column,
  type,
  form,
});
const formOfPart = (part: KeyPart): Form => (part === null ? 'undated' : typeof part === 'string' ? 'day' : 'instant');

/** Days that a task can have: a little within those that there are. */
const isDatedDay = (part: string) => isDay(part) && parseTaskDate(part) !== null;

/** A day counts as its midnight in the zone and comes before an instant at the same moment [CLOSE-07]; undated last. */
const DATE: Field = {
  stages: [
    [dateGroup('day', 't.due_on', 'date'), dateGroup('instant', 't.due_at', 'timestamptz')],
    [dateGroup('undated', null, 'date')],
  ],
  isPart: (part) => part === null || (typeof part === 'string' ? isDatedDay(part) : isInstantPart(part)),
  part: (task) => {
    const date = taskDateOf(task);
    return date && ('day' in date ? date.day : date.instant);
  },
  beyond: (group, key, ascending, backward, zone) => {
    const at = formOfPart(key);
    const byNull = beyondNull(group.column === null, at === 'undated', backward);
    if (byNull) return byNull;
    if (at === group.form) return beyondIn(group, at === 'day' ? key : instant(key), ascending);
    const { column, type } = group as Group & { readonly column: string };
    if (group.form === 'instant') {
      const value = new Date(startOfDay(key as string, zone)).toISOString();
      return { kind: 'range', column, type, operator: ascending ? '>=' : '<', value, strict: true };
    }
    const value = lastDayBegun(key as number, zone);
    return { kind: 'range', column, type, operator: ascending ? '>' : '<=', value, strict: true };
  },
  // Where a zone skipped a day, two days begin at one moment: then the calendar decides.
  rank: (task, zone) => {
    const date = taskDateOf(task);
    return date && [momentOf(date, zone), 'day' in date ? 0 : 1, 'day' in date ? date.day : ''];
  },
};

export const FIELDS: Readonly<Record<OrderField, Field>> = {
  DATE,
  CREATED_AT: atInstant('t.created_at', ({ createdAt }) => createdAt),
  UPDATED_AT: atInstant('t.updated_at', ({ updatedAt }) => updatedAt),
  COMPLETED_AT,
  PRIORITY,
  POSITION,
};
