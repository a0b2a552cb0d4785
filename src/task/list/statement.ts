import { everyFilter } from '../../db/filter.ts';
import { Params } from '../../db/params.ts';
import type { Walk } from '../../graphql/paging.ts';
import { type Reach, STATUSES } from '../filter/reach.ts';
import { type Branch, boundary, conditionsOf, formOf, orderBy, stagesOf, type TaskOrder } from '../order/order.ts';
import { type Asked, Matching } from './matching.ts';

/** A query over tasks and the parameters after the organization. */
export interface Query {
  /** Empty when nothing can match. */
  readonly text: string;
  readonly values: readonly unknown[];
  /** Whether its filter is a tree: of those there is no end, and none is worth preparing. */
  readonly isTree: boolean;
}

/** Whether there are indexes that hold what a list can be of in its order. */
function isIndexed({ scope, isOfSeveral, statuses, isOfStage }: Reach, { terms: [first] }: TaskOrder): boolean {
  if (isOfSeveral) return false;
  switch (first?.field) {
    case 'DATE':
      return scope !== 'stage';
    case 'COMPLETED_AT':
      return scope === 'organization' || statuses.every((status) => status === 'COMPLETED');
    case 'POSITION':
      return isOfStage;
    case 'CREATED_AT':
    case 'UPDATED_AT':
      return scope === 'organization';
    default:
      return false;
  }
}

const PLAIN_PARENTS = ['contact_id', 'lead_id', 'opportunity_id', 'activity_id', 'blocked_by', 'blocks'];

/**
 * How a list is read. Merged: each branch is one range of one index, limited to the page. Else gathered: what matches is
 * found first, by a condition that few tasks meet, and then sorted; an ORDER BY with a LIMIT would have the planner walk
 * the order instead and look for them one by one.
 */
function isMerged({ reach, sight, parent }: Asked, order: TaskOrder): boolean {
  const byPosition = order.terms[0]?.field === 'POSITION';
  // A stage's order is an index of its own, for which its tasks need not be gathered.
  const narrow = reach.narrow.filter((name) => !(byPosition && name === 'stageId'));
  if (narrow.length > 0 || (parent !== null && PLAIN_PARENTS.includes(parent))) return false;
  // Without CRM access one's own are few among all.
  if (sight !== 'ALL' && !byPosition) return false;
  return isIndexed(reach, order);
}

/** What matches, in parts that have nothing in common: to be gathered, or counted. */
export function parts(matching: Matching, { reach, sight, parent }: Asked): string[] {
  if (reach.narrow.length > 0 || (parent !== null && parent !== 'account_id')) return [matching.everything()];
  if (sight !== 'ALL') return matching.ofOwn(sight.userId);
  const isWhole = reach.scope === 'organization' && !reach.isDated && reach.statuses.length === STATUSES.length;
  return isWhole ? [matching.everything()] : matching.byDate();
}

const KEYS = 't.id, t.due_on, t.due_at, t.completed_at, t.created_at, t.updated_at, t.priority, t.position';

/** Whether tasks of a branch can match at all. */
function canMatch(branch: Branch, { statuses, forms, bins }: Reach): boolean {
  const form = formOf(branch);
  const completed = (name: string) => branch.some((group) => group.name === name);
  return (
    bins.length > 0 &&
    statuses.length > 0 &&
    forms.length > 0 &&
    (form === null || forms.includes(form)) &&
    !(completed('completed') && !statuses.includes('COMPLETED')) &&
    !(completed('uncompleted') && statuses.every((status) => status === 'COMPLETED'))
  );
}

/**
 * A page of tasks as a query of whole rows, in no order: each branch gives as many as a page has, of which the reader takes
 * the first. A later stage reads only what the earlier ones leave to the page.
 */
function pageOf(asked: Asked, order: TaskOrder, { from, backward, limit }: Walk, params: Params): string {
  const { reach } = asked;
  const merged = isMerged(asked, order);
  const matching = new Matching(asked, params);
  const page = params.add(limit, 'bigint');
  const byPosition = order.terms[0]?.field === 'POSITION';
  const apart = order.terms[0]?.field === 'DATE' ? matching.openness() : [];

  /** Where the tasks of a branch are, each a range of its own. */
  const ranges = (branch: Branch): string[][] => {
    if (!merged) return [[]];
    const form = formOf(branch);
    if (byPosition) return [[matching.everything()]];
    return reach.bins.flatMap((bin) =>
      bin || apart.length === 0
        ? [[matching.where(form, bin)]]
        : apart.map((open) => [matching.where(form, false), open]),
    );
  };
  const source = merged ? 'SELECT t.* FROM task t' : 'SELECT t.* FROM gathered t';

  const branches: { readonly name: string; readonly text: string }[] = [];
  for (const stage of stagesOf(order, backward)) {
    const read = branches.map(({ name }) => ` - (SELECT count(*) FROM ${name})`).join('');
    const rest = read === '' ? page : `GREATEST(0, ${page}${read})`;
    for (const branch of stage) {
      if (!canMatch(branch, reach)) continue;
      const behind = from === null ? 'true' : boundary(order, branch, from, backward, params);
      if (behind === null) continue;
      const by = `ORDER BY ${orderBy(order, branch, backward)}`;
      const read = ranges(branch).map((range) => {
        const where = [...range, ...conditionsOf(branch), behind].join(' AND ');
        return `(${source} WHERE ${where} ${by} LIMIT ${page})`;
      });
      const name = `${branch.map((group) => group.name).join('_')}_tasks`;
      branches.push({ name, text: `SELECT * FROM (${read.join(' UNION ALL ')}) t ${by} LIMIT ${rest}` });
    }
  }
  if (branches.length === 0) return '';
  const read = branches.map(({ name, text }) => `${name} AS MATERIALIZED (${text})`);
  const all = branches.map(({ name }) => `SELECT * FROM ${name}`).join(' UNION ALL ');
  if (merged) return `WITH ${read.join(', ')} SELECT t.* FROM (${all}) t`;
  const gathered = parts(matching, asked).map((where) => `SELECT ${KEYS} FROM task t WHERE ${where}`);
  return `WITH gathered AS MATERIALIZED (${gathered.join(' UNION ALL ')}), ${read.join(', ')}
    SELECT t.* FROM (${all}) k JOIN task t ON t.organization_id = $1 AND t.id = k.id`;
}

/** How many there are, as an expression of parts that have nothing in common. */
function countOf(asked: Asked, params: Params): string {
  const { reach } = asked;
  if (reach.bins.length === 0 || reach.statuses.length === 0) return '';
  const wheres = parts(new Matching(asked, params), asked);
  return wheres.map((where) => `(SELECT count(*) FROM task t WHERE ${where})`).join(' + ');
}

const OF = 'CROSS JOIN LATERAL';
const parents = (ids: readonly bigint[], params: Params) => `unnest(${params.add([...ids], 'bigint[]')}) AS of(id)`;

export const isTree = ({ filter }: Asked) => everyFilter(filter).length > 1;

/** One page of one list; the store says which columns of `t`. */
export function pageQuery(asked: Asked, order: TaskOrder, walk: Walk): Query {
  const params = new Params();
  const text = pageOf(asked, order, walk, params);
  return { text: text && `(${text}) t`, values: params.values, isTree: isTree(asked) };
}

/** The same page of each parent's list; `of.id` says whose. */
export function pagesQuery(asked: Asked, order: TaskOrder, walk: Walk, ids: readonly bigint[]): Query {
  const params = new Params();
  const of = parents(ids, params);
  const text = pageOf(asked, order, walk, params);
  return { text: text && `${of} ${OF} (${text}) t`, values: params.values, isTree: isTree(asked) };
}

/** What matches, in no order: so many at most. */
export function matchingQuery(asked: Asked, limit: number): Query {
  const params = new Params();
  const { bins, statuses, forms } = asked.reach;
  if (bins.length === 0 || statuses.length === 0 || forms.length === 0) return { text: '', values: [], isTree: true };
  const found = parts(new Matching(asked, params), asked).map((where) => `SELECT t.* FROM task t WHERE ${where}`);
  const text = `(${found.join(' UNION ALL ')} LIMIT ${params.add(limit, 'bigint')}) t`;
  return { text, values: params.values, isTree: isTree(asked) };
}

/** Those of some tasks that match. */
export function matchingAmong(asked: Asked, ids: readonly bigint[]): Query {
  const params = new Params();
  const among = `t.id = ANY (${params.add([...ids], 'bigint[]')})`;
  const text = `task t WHERE ${new Matching(asked, params).everything()} AND ${among}`;
  return { text, values: params.values, isTree: isTree(asked) };
}

/** Those of some tasks that match, by their ULIDs, and are no lead's. */
export function otherKindsAmong(asked: Asked, uids: readonly string[]): Query {
  const params = new Params();
  const among = `t.uid = ANY (${params.add([...uids], 'text[]')})`;
  const text = `task t WHERE ${new Matching(asked, params).everything()} AND t.kind <> 'LEAD' AND ${among}`;
  return { text, values: params.values, isTree: isTree(asked) };
}

export function countQuery(asked: Asked): Query {
  const params = new Params();
  return { text: countOf(asked, params), values: params.values, isTree: isTree(asked) };
}

/** The count of each parent's list; `of.id` says whose. */
export function countsQuery(asked: Asked, ids: readonly bigint[]): Query {
  const params = new Params();
  const of = parents(ids, params);
  const text = countOf(asked, params);
  return {
    text: text && `${of} ${OF} (SELECT (${text})::int AS count) c`,
    values: params.values,
    isTree: isTree(asked),
  };
}
