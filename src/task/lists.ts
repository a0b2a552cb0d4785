import { sightOf } from '../auth/sight.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Reader } from '../db/database.ts';
import { Params } from '../db/params.ts';
import type { List, Walk } from '../graphql/paging.ts';
import { type Known, namedIn, openness, renderFilter, type TaskFilter } from './filter.ts';
import {
  boundary,
  comparator,
  FORM_CONDITIONS,
  type Form,
  isKeyOf,
  keyOf,
  orderBy,
  signatureOf,
  stagesOf,
  type TaskOrder,
} from './order.ts';
import { countTasks, knownIds, readTasks, TASK_COLUMNS, type Task } from './store.ts';
import { visibleTo } from './visible.ts';

export interface TaskListing {
  readonly filter: TaskFilter;
  readonly order: TaskOrder;
  readonly logCursor: string | null;
}

// These stand in the indexes' definitions word for word, or the planner does not find them (test/db/task-pages.test.ts).
const LISTED = 't.deleted_at IS NULL AND NOT t.is_queue_row';
const OPEN = `(t.status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD')) IS TRUE`;
const CLOSED = `(t.status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD')) IS FALSE`;

const matching = (viewer: Viewer, filter: TaskFilter, known: Known, params: Params): string =>
  [
    't.organization_id = $1',
    LISTED,
    visibleTo(sightOf(viewer), params),
    ...renderFilter(filter, known, viewer.userId, params),
  ].join(' AND ');

/**
 * One statement for a page. By date it has a branch for each form of date, which is one range of one index for the open
 * ones and one for the closed, merged and limited to the page: an ORDER BY over all of them together would read the whole
 * table. A later stage reads only what the earlier ones leave to the page.
 */
function pageStatement(viewer: Viewer, { filter, order }: TaskListing, known: Known, { from, backward, limit }: Walk) {
  const params = new Params();
  const where = matching(viewer, filter, known, params);
  const page = `${params.add(limit)}::bigint`;
  const branch = (form: Form | null, rest: string): string | null => {
    const behind = from === null ? 'true' : boundary(order, form, from, backward, params);
    if (behind === null) return null;
    const by = `ORDER BY ${orderBy(order, form, backward)}`;
    const range = (also: string) => `(SELECT t.* FROM task t WHERE ${where}${also} AND ${behind} ${by} LIMIT ${page})`;
    const apart = (form: Form, open: boolean) => ` AND ${FORM_CONDITIONS[form]} AND ${open ? OPEN : CLOSED}`;
    const ranges = form === null ? [range('')] : openness(filter).map((open) => range(apart(form, open)));
    return ranges.length === 0 ? null : `SELECT * FROM (${ranges.join(' UNION ALL ')}) t ${by} LIMIT ${rest}`;
  };
  const branches: { readonly name: string; readonly text: string }[] = [];
  for (const stage of stagesOf(order, backward)) {
    const read = branches.map(({ name }) => ` - (SELECT count(*) FROM ${name})`).join('');
    const rest = read === '' ? page : `GREATEST(0, ${page}${read})`;
    for (const form of stage) {
      const text = branch(form, rest);
      if (text !== null) branches.push({ name: `${form ?? 'all'}_tasks`, text });
    }
  }
  const written = branches.map(({ name, text }) => `${name} AS MATERIALIZED (${text})`).join(', ');
  const all = branches.map(({ name }) => `SELECT * FROM ${name}`).join(' UNION ALL ');
  return { text: all && `WITH ${written} SELECT ${TASK_COLUMNS} FROM (${all}) t`, params };
}

/** The tasks that a viewer sees, in an order, as one statement a page; what a filter names is looked up before, in one. */
export function taskList(db: Reader, viewer: Viewer, listing: TaskListing): List<Task> {
  const { organizationId } = viewer;
  const { filter, order, logCursor } = listing;
  let known: Promise<Known> | undefined;
  const lookUp = () => (known ??= knownIds(db, organizationId, namedIn(filter)));
  return {
    signature: signatureOf(order),
    keyOf: (task) => keyOf(order, task),
    isKey: isKeyOf(order),
    logCursor,
    read: async (walk) => {
      const { text, params } = pageStatement(viewer, listing, await lookUp(), walk);
      if (text === '') return [];
      const rows = await readTasks(db, organizationId, text, params.values);
      return rows.sort(comparator(order, walk.backward)).slice(0, walk.limit);
    },
    count: async () => {
      const params = new Params();
      const where = matching(viewer, filter, await lookUp(), params);
      return countTasks(db, organizationId, where, params.values);
    },
  };
}
