import { columnsOf } from '../../db/columns.ts';
import type { Reader } from '../../db/database.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { escapeLike } from '../../db/like.ts';
import { Params } from '../../db/params.ts';
import { composed, fixed } from '../../db/statement.ts';
import { RECORD_NAMES } from '../names.ts';
import { SEARCHED } from '../searched.ts';
import type { RecordRows } from '../store.ts';

export interface RecordFilter {
  readonly search: string | null;
  readonly deleted: 'EXCLUDE' | 'INCLUDE' | 'ONLY';
}

/** A stretch of a list by name. */
export interface NamePage {
  readonly after: { readonly name: string; readonly id: bigint } | null;
  readonly backward: boolean;
  readonly limit: number;
}

/** What an account has lists of. */
export type OfAccount = 'CONTACT' | 'OPPORTUNITY';

const BIN = { EXCLUDE: 'AND r.deleted_at IS NULL', INCLUDE: '', ONLY: 'AND r.deleted_at IS NOT NULL' };

const tableOf = (type: RecordType) => type.toLowerCase();

function matching(type: RecordType, { search, deleted }: RecordFilter, params: Params): string {
  const where = `r.organization_id = $1 ${BIN[deleted]}`;
  if (search === null) return where;
  return `${where} AND ${SEARCHED[type]} LIKE search_form(${params.add(`%${escapeLike(search)}%`, 'text')})`;
}

/** The condition that begins behind `after`, and the order, in the walk's direction. */
function byName({ after, backward }: NamePage, params: Params) {
  const [beyond, direction] = backward ? ['<', 'DESC'] : ['>', 'ASC'];
  return {
    behind: after ? `AND (r.name, r.id) ${beyond} (${params.add(after.name)}, ${params.add(after.id)})` : '',
    order: `ORDER BY r.name ${direction}, r.id ${direction}`,
  };
}

/** Records of one kind by name, in the walk's direction. */
export function listRecords<Type extends RecordType>(
  db: Reader,
  organizationId: bigint,
  type: Type,
  { limit, ...page }: RecordFilter & NamePage,
): Promise<RecordRows[Type][]> {
  const params = new Params();
  const where = matching(type, page, params);
  const { behind, order } = byName({ ...page, limit }, params);
  const text = `SELECT ${columnsOf(RECORD_NAMES[type], 'r')} FROM ${tableOf(type)} r
    WHERE ${where} ${behind} ${order} LIMIT ${params.add(limit)}`;
  return db.rows(composed(`${tableOf(type)}.list`, text), organizationId, params.values);
}

export async function countRecords(db: Reader, organizationId: bigint, type: RecordType, filter: RecordFilter) {
  const params = new Params();
  const text = `SELECT count(*)::int AS count FROM ${tableOf(type)} r WHERE ${matching(type, filter, params)}`;
  const statement = composed(`${tableOf(type)}.count`, text);
  const [row] = await db.rows<{ count: number }>(statement, organizationId, params.values);
  return row?.count ?? 0;
}

/** The same page of each account's contacts or opportunities, without those in the bin, in one statement for all. */
export function listOfAccounts<Type extends OfAccount>(
  db: Reader,
  organizationId: bigint,
  type: Type,
  accountIds: readonly bigint[],
  page: NamePage,
): Promise<RecordRows[Type][]> {
  const params = new Params();
  const accounts = params.add([...accountIds]);
  const { behind, order } = byName(page, params);
  const text = `SELECT r.* FROM unnest(${accounts}::bigint[]) AS of(id) CROSS JOIN LATERAL (
      SELECT ${columnsOf(RECORD_NAMES[type], 'r')} FROM ${tableOf(type)} r
      WHERE r.organization_id = $1 AND r.account_id = of.id AND r.deleted_at IS NULL ${behind}
      ${order} LIMIT ${params.add(page.limit)}
    ) r ${order}`;
  return db.rows(composed(`${tableOf(type)}.ofAccounts`, text), organizationId, params.values);
}

const countsOf = (type: OfAccount) =>
  fixed(
    `${tableOf(type)}.countOfAccounts`,
    `SELECT r.account_id AS "accountId", count(*)::int AS count FROM ${tableOf(type)} r
     WHERE r.organization_id = $1 AND r.account_id = ANY ($2::bigint[]) AND r.deleted_at IS NULL GROUP BY r.account_id`,
  );
const counts = { CONTACT: countsOf('CONTACT'), OPPORTUNITY: countsOf('OPPORTUNITY') };

export const countOfAccounts = (db: Reader, organizationId: bigint, type: OfAccount, accountIds: readonly bigint[]) =>
  db.rows<{ accountId: bigint; count: number }>(counts[type], organizationId, [accountIds]);
