import { columnsOf } from '../db/columns.ts';
import type { Reader, Tx } from '../db/database.ts';
import type { Account } from '../db/generated/prisma/client.ts';
import { escapeLike } from '../db/like.ts';
import { Params } from '../db/params.ts';
import { composed } from '../db/statement.ts';

export interface AccountFilter {
  readonly search: string | null;
  readonly deleted: 'EXCLUDE' | 'INCLUDE' | 'ONLY';
}

export interface AccountPage extends AccountFilter {
  readonly after: { readonly name: string; readonly id: bigint } | null;
  readonly backward: boolean;
  readonly limit: number;
}

const BIN = { EXCLUDE: 'AND r.deleted_at IS NULL', INCLUDE: '', ONLY: 'AND r.deleted_at IS NOT NULL' };

function matching({ search, deleted }: AccountFilter, params: Params): string {
  const where = `r.organization_id = $1 ${BIN[deleted]}`;
  if (search === null) return where;
  const like = params.add(`%${escapeLike(search)}%`);
  return `${where} AND (r.name ILIKE ${like} OR r.domain ILIKE ${like})`;
}

/** Accounts by name, in the walk's direction. */
export function listAccounts(db: Reader, organizationId: bigint, page: AccountPage): Promise<Account[]> {
  const params = new Params();
  const where = matching(page, params);
  const [beyond, direction] = page.backward ? ['<', 'DESC'] : ['>', 'ASC'];
  const bound = page.after
    ? `AND (r.name, r.id) ${beyond} (${params.add(page.after.name)}, ${params.add(page.after.id)})`
    : '';
  const text = `SELECT ${columnsOf('Account', 'r')} FROM account r WHERE ${where} ${bound}
    ORDER BY r.name ${direction}, r.id ${direction} LIMIT ${params.add(page.limit)}`;
  return db.rows<Account>(composed('account.list', text), organizationId, params.values);
}

export async function countAccounts(db: Reader, organizationId: bigint, filter: AccountFilter): Promise<number> {
  const params = new Params();
  const text = `SELECT count(*)::int AS count FROM account r WHERE ${matching(filter, params)}`;
  const [row] = await db.rows<{ count: number }>(composed('account.count', text), organizationId, params.values);
  return row?.count ?? 0;
}

export interface NewAccountRow {
  readonly uid: string;
  readonly name: string;
  readonly domain: string | null;
  readonly ownerId: bigint | null;
  readonly tags: readonly string[];
  readonly creatorId: bigint;
}

export async function insertAccount({ organizationId, prisma }: Tx, row: NewAccountRow, at: Date): Promise<bigint> {
  const data = { ...row, tags: [...row.tags], organizationId, createdAt: at, updatedAt: at };
  return (await prisma.account.create({ data })).id;
}
