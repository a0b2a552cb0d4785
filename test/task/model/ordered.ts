import { startOfDay } from '../../../src/time.ts';
import type { ModelTask } from './judged.ts';

export interface Term {
  readonly field: 'DATE' | 'CREATED_AT' | 'UPDATED_AT' | 'COMPLETED_AT' | 'PRIORITY';
  readonly direction: 'ASC' | 'DESC';
}

const PRIORITIES = ['LOW', 'MEDIUM', 'HIGH'];

/** What a term compares, part by part; null comes last in both directions. */
const VALUES: Readonly<Record<Term['field'], (task: ModelTask, zone: string) => readonly (number | string)[] | null>> =
  {
    // A day is its midnight, and comes before an instant at the same moment; where a day was skipped two begin at once.
    DATE: ({ date }, zone) =>
      date === null ? null : typeof date === 'string' ? [startOfDay(date, zone), 0, date] : [date, 1, ''],
    CREATED_AT: ({ createdAt }) => [createdAt],
    UPDATED_AT: ({ updatedAt }) => [updatedAt],
    COMPLETED_AT: ({ completedAt }) => (completedAt === null ? null : [completedAt]),
    PRIORITY: ({ priority }) => [PRIORITIES.indexOf(priority)],
  };

const sign = (a: bigint | number | string, b: bigint | number | string) => (a < b ? -1 : a > b ? 1 : 0);

/** Tasks in an order as DESIGN 2 says it; at last by id, in the last term's direction. */
export function inModelOrder(tasks: readonly ModelTask[], terms: readonly Term[], zone: string): string[] {
  const compare = (a: ModelTask, b: ModelTask): number => {
    let along = 1;
    for (const { field, direction } of terms) {
      along = direction === 'DESC' ? -1 : 1;
      const [x, y] = [VALUES[field](a, zone), VALUES[field](b, zone)];
      const nulls = Number(x === null) - Number(y === null);
      if (nulls !== 0) return nulls;
      const differing = x?.findIndex((part, index) => part !== y?.[index]) ?? -1;
      if (x && y && differing >= 0) return sign(x[differing] as never, y[differing] as never) * along;
    }
    return sign(a.id, b.id) * along;
  };
  return tasks.toSorted(compare).map(({ key }) => key);
}
