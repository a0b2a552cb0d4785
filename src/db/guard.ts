/** The models whose rows belong to no organization, or name it themselves. Every other query must say whose rows it means. */
const GLOBAL_MODELS = new Set(['User', 'Organization']);

type Args = { where?: Record<string, unknown>; data?: unknown; create?: Record<string, unknown> };

const isId = (value: unknown) => typeof value === 'bigint';

const whereNames = (where: Record<string, unknown> | undefined) =>
  where !== undefined &&
  (isId(where['organizationId']) ||
    Object.entries(where).some(
      ([key, value]) => key.startsWith('organizationId_') && isId((value as Record<string, unknown>)['organizationId']),
    ));

const dataNames = (data: unknown) =>
  (Array.isArray(data) ? data : [data]).every((row) =>
    isId((row as Record<string, unknown> | null)?.['organizationId']),
  );

/** Throws on a query of a tenant's model that does not name its organization by a plain, top-level value. */
export function assertOrganization(model: string, operation: string, args: Args): void {
  if (GLOBAL_MODELS.has(model)) return;
  const named = operation.startsWith('create')
    ? dataNames(args.data)
    : operation === 'upsert'
      ? whereNames(args.where) && dataNames(args.create)
      : whereNames(args.where);
  if (!named) throw new Error(`${model}.${operation} does not say of which organization.`);
}
