import type { Reader } from '../../db/database.ts';
import { composed, shaped } from '../../db/statement.ts';
import { TASK_COLUMNS, type Task } from '../store.ts';

interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly isTree: boolean;
}

/** The few shapes that frontends come again with are prepared; what callers put together as trees is not. */
const paged = (name: string, text: string, isTree: boolean) => (isTree ? composed(name, text) : shaped(name, text));

/** Tasks of a page, in no order. */
export const readTasks = async (
  db: Reader,
  organizationId: bigint,
  { text, values, isTree }: Query,
): Promise<Task[]> =>
  text === '' ? [] : db.rows(paged('task.list', `SELECT ${TASK_COLUMNS} FROM ${text}`, isTree), organizationId, values);

export type OfParent<Row> = Row & { readonly of: bigint };

/** Tasks of a page of each parent's, in no order. */
export const readTasksOf = async (
  db: Reader,
  organizationId: bigint,
  { text, values, isTree }: Query,
): Promise<OfParent<Task>[]> =>
  text === ''
    ? []
    : db.rows(
        paged('task.lists', `SELECT of.id AS "of", ${TASK_COLUMNS} FROM ${text}`, isTree),
        organizationId,
        values,
      );

export async function countTasks(db: Reader, organizationId: bigint, { text, values }: Query): Promise<number> {
  if (text === '') return 0;
  const statement = composed('task.count', `SELECT (${text})::int AS count`);
  const [row] = await db.rows<{ count: number }>(statement, organizationId, values);
  return row?.count ?? 0;
}

/** How many tasks each parent has. */
export const countTasksOf = async (
  db: Reader,
  organizationId: bigint,
  { text, values }: Query,
): Promise<OfParent<{ readonly count: number }>[]> =>
  text === ''
    ? []
    : db.rows(composed('task.counts', `SELECT of.id AS "of", c.count FROM ${text}`), organizationId, values);

/** How many tasks there are of each group, in no order. */
export const countTasksBy = async (
  db: Reader,
  organizationId: bigint,
  { text, values }: Query,
): Promise<{ readonly key: string | null; readonly count: number }[]> =>
  text === '' ? [] : db.rows(composed('task.groups', text), organizationId, values);
