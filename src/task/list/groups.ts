import { TaskPriority, TaskStatus, TaskType } from '../../db/generated/prisma/enums.ts';
import { Params } from '../../db/params.ts';
import { encodeId } from '../../ids.ts';
import { DUE_GROUPS, dueGroup } from '../filter/dates.ts';
import { type Asked, Matching } from './matching.ts';
import { isTree, parts, type Query } from './statement.ts';

export type GroupBy = 'STATUS' | 'STAGE' | 'ASSIGNEE' | 'DUE_GROUP' | 'TYPE' | 'PRIORITY';

/** What tasks are grouped by: the values of an expression over `t`, or something that a column of `t` names. */
type Grouping =
  | { readonly keys: readonly string[]; readonly key: (asked: Asked, params: Params) => string }
  /** `of` joins `r` by `g.key`. */
  | { readonly type: 'Stage' | 'User'; readonly column: string; readonly of: string };

const GROUPINGS: Readonly<Record<GroupBy, Grouping>> = {
  STATUS: { keys: Object.values(TaskStatus), key: () => 't.status' },
  TYPE: { keys: Object.values(TaskType), key: () => 't.type' },
  PRIORITY: { keys: Object.values(TaskPriority), key: () => 't.priority' },
  DUE_GROUP: { keys: DUE_GROUPS, key: dueGroup },
  STAGE: { type: 'Stage', column: 't.stage_id', of: 'stage r ON r.organization_id = $1 AND r.id = g.key' },
  ASSIGNEE: { type: 'User', column: 't.assignee_id', of: '"user" r ON r.id = g.key' },
};

/** Counts by what an enum says or by the ULID of what is named, null for tasks that name none; in no order. */
export function groupsQuery(asked: Asked, groupBy: GroupBy): Query {
  const params = new Params();
  const { bins, statuses } = asked.reach;
  const nothing = { text: '', values: [], isTree: false };
  if (bins.length === 0 || statuses.length === 0) return nothing;
  const grouping = GROUPINGS[groupBy];
  const key = 'key' in grouping ? grouping.key(asked, params) : grouping.column;
  const wheres = parts(new Matching(asked, params), asked);
  if (wheres.length === 0) return nothing;
  const counted = wheres.map(
    (where) => `SELECT ${key} AS key, count(*) AS count FROM task t WHERE ${where} GROUP BY 1`,
  );
  const groups = `SELECT u.key, sum(u.count)::int AS count FROM (${counted.join(' UNION ALL ')}) u GROUP BY u.key`;
  return {
    text:
      'key' in grouping
        ? `SELECT g.key::text AS key, g.count FROM (${groups}) g`
        : `SELECT r.uid AS key, g.count FROM (${groups}) g LEFT JOIN ${grouping.of}`,
    values: params.values,
    isTree: isTree(asked),
  };
}

/** How many tasks of a group there are. */
export interface GroupCount {
  readonly key: string | null;
  readonly count: number;
}

const byCount = (a: GroupCount, b: GroupCount) =>
  Number(a.key === null) - Number(b.key === null) || b.count - a.count || ((a.key ?? '') < (b.key ?? '') ? -1 : 1);

/**
 * Counts as callers get them: every value of an enum, in its order, also where there are none; of what has an id those
 * that there are, most first, and what names none at last.
 */
export function groupsOf(groupBy: GroupBy, found: readonly GroupCount[]): GroupCount[] {
  const grouping = GROUPINGS[groupBy];
  if ('key' in grouping) {
    const counts = new Map(found.map(({ key, count }) => [key, count]));
    return grouping.keys.map((key) => ({ key, count: counts.get(key) ?? 0 }));
  }
  return found
    .map(({ key, count }) => ({ key: key === null ? null : encodeId(grouping.type, key), count }))
    .toSorted(byCount);
}
