import type { Viewer } from '../../auth/viewer.ts';
import type { Reader } from '../../db/database.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { isIdPart, isTextPart, type Key, keyOfParts, type List, nothing } from '../../graphql/paging.ts';
import { isStorable } from '../../limits.ts';
import type { createRecordLoaders, RecordNode } from '../loaders.ts';
import { RECORD_NAMES } from '../names.ts';
import { countRecords, listRecords, type OfAccount, type RecordFilter } from './store.ts';

const PLURALS = { ACCOUNT: 'accounts', CONTACT: 'contacts', LEAD: 'leads', OPPORTUNITY: 'opportunities' } as const;

const ordered = (signature: string) => ({
  signature,
  keyOf: ({ name, id }: { readonly name: string; readonly id: bigint }): Key => [name, String(id)],
  isKey: keyOfParts(isTextPart, isIdPart),
});

const placeOf = (from: Key | null) => from && { name: String(from[0]), id: BigInt(from[1] as string) };

/** Records by name. Whoever has no CRM access sees none in a list; nor does one hold what no database can. */
export const recordList = <Type extends RecordType>(
  db: Reader,
  viewer: Viewer,
  type: Type,
  filter: RecordFilter,
): List<RecordNode<Type>> => ({
  ...ordered(`${PLURALS[type]}.name`),
  ...(viewer.crmAccess && isStorable(filter.search ?? '')
    ? {
        read: async ({ from, backward, limit }) => {
          const page = { ...filter, after: placeOf(from), backward, limit };
          const rows = await listRecords(db, viewer.organizationId, type, page);
          return rows.map((row) => ({ ...row, __typename: RECORD_NAMES[type] }));
        },
        count: () => countRecords(db, viewer.organizationId, type, filter),
      }
    : nothing),
});

/** An account's contacts or opportunities by name, without those in the bin. */
export const listOfAccount = <Type extends OfAccount>(
  loaders: ReturnType<typeof createRecordLoaders>,
  viewer: Viewer,
  type: Type,
  accountId: bigint,
): List<RecordNode<Type>> => ({
  ...ordered(`${PLURALS[type]}.name ${accountId}`),
  ...(viewer.crmAccess
    ? {
        read: async ({ from, backward, limit }) =>
          (await loaders
            .ofAccount(type, { after: placeOf(from), backward, limit })
            .load(accountId)) as readonly object[] as readonly RecordNode<Type>[],
        count: () => loaders.countOfAccount(type, accountId),
      }
    : nothing),
});
