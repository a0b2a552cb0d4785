import { Prisma } from './generated/prisma/client.ts';

/** The models whose rows belong to no organization. Every other query must say whose rows it means. */
const GLOBAL_MODELS = new Set(['User', 'Organization']);

const LOGICAL = new Set(['AND', 'OR', 'NOT']);
const AGGREGATES = new Set(['_count', '_sum', '_avg', '_min', '_max']);

interface Row {
  readonly organizationId?: unknown;
}

/** Of whatever operation; as Prisma is handed them. */
interface Args {
  readonly include?: unknown;
  readonly select?: unknown;
  readonly where?: unknown;
  readonly cursor?: unknown;
  readonly having?: unknown;
  readonly orderBy?: unknown;
  readonly data?: unknown;
  readonly create?: unknown;
  readonly update?: unknown;
}

const COLUMNS = new Map<string, ReadonlySet<string>>(
  Object.values(Prisma.ModelName).map((model) => [model, new Set(Object.keys(Prisma[`${model}ScalarFieldEnum`]))]),
);

const each = (value: unknown): object[] =>
  (Array.isArray(value) ? value : [value]).filter((part) => part !== null && typeof part === 'object');

/** The first name that is no column of the model, nor a key of several (`organizationId_id`): a relation. */
function relationIn(columns: ReadonlySet<string>, value: unknown): string | undefined {
  for (const [name, inner] of each(value).flatMap((part) => Object.entries(part))) {
    if (LOGICAL.has(name)) {
      const within = relationIn(columns, inner);
      if (within) return within;
    } else if (inner !== undefined && !columns.has(name) && !name.split('_').every((part) => columns.has(part))) {
      return name;
    }
  }
  return undefined;
}

/** Where a query leaves its model, as `include`, a nested write, a condition or an order do. */
function wayOut(model: string, args: Args): string | undefined {
  if (args.include !== undefined) return 'include';
  const columns = COLUMNS.get(model) ?? new Set<string>();
  const { select, where, cursor, having, orderBy, data, create, update } = args;
  return (
    relationIn(columns, [where, cursor, data, create, update].flat()) ??
    relationIn(new Set([...columns, '_all']), select) ??
    // Of the groups' own rows; `select` says the same of relations.
    relationIn(new Set([...columns, ...AGGREGATES]), [having, orderBy].flat())
  );
}

/** Every organization that a where names at its top, where all conditions hold together. */
const namedByWhere = (where: unknown): unknown[] =>
  each(where)
    .flatMap((conditions) => Object.entries(conditions))
    .filter(([name]) => name === 'organizationId' || name.startsWith('organizationId_'))
    .map(([name, value]) => (name === 'organizationId' ? value : (value as Row).organizationId));

const namedByRows = (rows: unknown): unknown[] => each(rows).map((row: Row) => row.organizationId);

/** A change may repeat the organization; it must not move a row to another one. */
const namedByChange = (change: unknown): unknown[] =>
  namedByRows(each(change).filter((row) => 'organizationId' in row));

function namedBy(operation: string, { where, data, create, update }: Args): unknown[] {
  if (operation.startsWith('create')) return namedByRows(data);
  const named = namedByWhere(where);
  // What is written must not pass for what is meant.
  if (named.length === 0) return [];
  return [
    ...named,
    ...namedByChange(data),
    ...(operation === 'upsert' ? namedByRows(create) : []),
    ...namedByChange(update),
  ];
}

/**
 * Throws on a query of a tenant's model that does not name one organization, by plain values that bind all its rows; and
 * on any query that goes over a relation, since what it reads or writes there would be bound by nothing.
 */
export function assertOrganization(model: string, operation: string, args: Args = {}): void {
  const relation = wayOut(model, args);
  if (relation) throw new Error(`${model}.${operation} goes over a relation: ${relation}.`);
  if (GLOBAL_MODELS.has(model)) return;
  // No rows, no organization: `createMany` of an empty list writes nothing.
  if (Array.isArray(args.data) && args.data.length === 0) return;
  const [first, ...others] = namedBy(operation, args);
  if (typeof first !== 'bigint' || others.some((other) => other !== first)) {
    throw new Error(`${model}.${operation} does not say of which organization.`);
  }
}
