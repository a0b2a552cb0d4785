import { columnsOf } from '../../db/columns.ts';
import type { Tx } from '../../db/database.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { fixed } from '../../db/statement.ts';
import { byRecordType, RECORD_NAMES } from '../names.ts';
import type { Named } from '../noun.ts';
import type { RecordRows } from '../store.ts';

// Only who sees all may write to records, so that nothing here asks who sees what.
const hold = byRecordType((type) =>
  fixed(
    `${type.toLowerCase()}.hold`,
    `SELECT ${columnsOf(RECORD_NAMES[type], 'r')} FROM ${type.toLowerCase()} r
     WHERE r.organization_id = $1 AND r.uid = $2 FOR NO KEY UPDATE`,
  ),
);

/** A record, locked until the transaction ends: nobody links anything to it meanwhile. */
export const holdRecord = async <Type extends RecordType>(tx: Tx, type: Type, uid: string) =>
  (await tx.rows<RecordRows[Type]>(hold[type], [uid]))[0] ?? null;

// Apart from the lock: joined to it, what a row names would be missing where it changed while one waited.
const named = fixed(
  'record.named',
  `SELECT u.id AS "ownerId", u.uid AS "ownerUid", a.id AS "accountId", a.uid AS "accountUid",
     c.id AS "contactId", c.uid AS "contactUid", c.account_id AS "contactAccountId",
     l.id AS "leadId", l.uid AS "leadUid", l.converted_account_id AS "leadAccountId"
   FROM (SELECT 1) one
   LEFT JOIN "user" u ON u.id = $2::bigint
   LEFT JOIN account a ON a.organization_id = $1 AND a.id = $3::bigint
   LEFT JOIN contact c ON c.organization_id = $1 AND c.id = $4::bigint
   LEFT JOIN lead l ON l.organization_id = $1 AND l.id = $5::bigint`,
);

type NamedRow = Readonly<Record<'ownerId' | 'accountId' | 'contactId' | 'leadId', bigint | null>> &
  Readonly<Record<'ownerUid' | 'accountUid' | 'contactUid' | 'leadUid', string | null>> &
  Readonly<Record<'contactAccountId' | 'leadAccountId', bigint | null>>;

type Naming = { readonly [Field in 'ownerId' | 'accountId' | 'contactId' | 'leadId']?: bigint | null };

const NOBODY: Named = { owner: null, account: null, contact: null, lead: null };

/** Whom and what a row names. */
export async function namedBy(tx: Tx, { ownerId, accountId, contactId, leadId }: Naming): Promise<Named> {
  const ids = [ownerId, accountId, contactId, leadId].map((id) => id ?? null);
  if (ids.every((id) => id === null)) return NOBODY;
  const [row] = (await tx.rows<NamedRow>(named, ids)) as [NamedRow];
  const of = <More extends object>(id: bigint | null, uid: string | null, more: More) =>
    id === null || uid === null ? null : { id, uid, ...more };
  return {
    owner: of(row.ownerId, row.ownerUid, {}),
    account: of(row.accountId, row.accountUid, { accountId: row.accountId }),
    contact: of(row.contactId, row.contactUid, { accountId: row.contactAccountId }),
    lead: of(row.leadId, row.leadUid, { accountId: row.leadAccountId }),
  };
}

/** The four tables as one: which columns a record has, its noun says. */
const tableOf = ({ prisma }: Tx, type: RecordType) =>
  ({ ACCOUNT: prisma.account, CONTACT: prisma.contact, LEAD: prisma.lead, OPPORTUNITY: prisma.opportunity })[
    type
  ] as unknown as Pick<Tx['prisma']['account'], 'create' | 'update'>;

type Columns = Readonly<Record<string, unknown>>;

export async function insertRecord(
  tx: Tx,
  type: RecordType,
  row: { readonly uid: string; readonly creatorId: bigint; readonly columns: Columns },
  at: Date,
): Promise<bigint> {
  const { columns, ...own } = row;
  const data = { ...columns, ...own, organizationId: tx.organizationId, createdAt: at, updatedAt: at };
  return (await tableOf(tx, type).create({ data: data as never, select: { id: true } })).id;
}

/** Writes columns; the version grows by one. */
export async function updateRecordRow(tx: Tx, type: RecordType, id: bigint, columns: Columns, at: Date): Promise<void> {
  const { organizationId } = tx;
  await tableOf(tx, type).update({
    where: { organizationId_id: { organizationId, id } },
    data: { ...columns, updatedAt: at, version: { increment: 1 } } as never,
    select: { id: true },
  });
}
